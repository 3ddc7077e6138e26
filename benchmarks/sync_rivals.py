"""The two ways of reading a site that `benchmarks/sync.py` holds Filrouge against: a floor, and an obvious script."""

from __future__ import annotations

import json
import sqlite3
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

THREADS = 8
FIELDS = [
    *("summary", "status", "issuetype", "project", "priority", "labels", "components", "fixVersions", "assignee"),
    *("parent", "created", "updated", "resolution", "resolutiondate", "statuscategorychangedate", "issuelinks"),
    *("customfield_10001", "customfield_10016", "customfield_10020", "customfield_10026"),
]
QUERY = 'project in ("SHOP") ORDER BY created ASC, id ASC'
TABLES = """
CREATE TABLE issue (id TEXT PRIMARY KEY, key TEXT, project TEXT, type TEXT, status TEXT, summary TEXT, created TEXT,
  updated TEXT, points REAL, raw BLOB);
CREATE TABLE entry (issue TEXT, sequence INTEGER, at INTEGER, field TEXT, before TEXT, after TEXT,
  PRIMARY KEY (issue, sequence));
"""


def floor(url: str, token: str, folder: Path) -> int:
    """The same pages in eight threads, as fast as Python gets them into SQLite; the number of requests.

    urllib3, orjson, executemany; no policy for errors, no place to go on from, nothing made of the JSON but columns.
    """
    import orjson  # noqa: PLC0415 # each rival runs in a process of its own, and pays for its own imports
    import urllib3  # noqa: PLC0415 # as above

    pool = urllib3.PoolManager(maxsize=THREADS, headers={"Authorization": f"Bearer {token}"})
    requests = 0

    def ask(path: str, body: dict[str, Any]) -> Any:
        nonlocal requests
        requests += 1
        answer = pool.request(
            "POST",
            f"{url}/rest/api/3/{path}",
            body=orjson.dumps(body),
            headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
        )
        assert answer.status == 200, answer.status
        return orjson.loads(answer.data)

    def ids() -> Iterator[str]:
        body: dict[str, Any] = {"jql": QUERY, "maxResults": 5000, "fields": ["id"]}
        while True:
            told = ask("search/jql", body)
            yield from (issue["id"] for issue in told["issues"])
            if "nextPageToken" not in told:
                return
            body["nextPageToken"] = told["nextPageToken"]

    def logs(some: list[str]) -> list[Any]:
        body: dict[str, Any] = {"issueIdsOrKeys": some, "maxResults": 10_000}
        found: list[Any] = []
        while True:
            told = ask("changelog/bulkfetch", body)
            found += told["issueChangeLogs"]
            if "nextPageToken" not in told:
                return found
            body["nextPageToken"] = told["nextPageToken"]

    database = sqlite3.connect(folder / "floor.db")
    database.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;" + TABLES)
    with ThreadPoolExecutor(THREADS) as threads:
        waiting: deque[tuple[Future[list[Any]], list[Future[Any]]]] = deque()
        for some in chunks(ids(), 1000):
            parts = [
                threads.submit(ask, "issue/bulkfetch", {"issueIdsOrKeys": part, "fields": FIELDS})
                for part in chunks(iter(some), 100)
            ]
            waiting.append((threads.submit(logs, some), parts))
            if len(waiting) > 1:
                entries, parts = waiting.popleft()
                _keep(
                    database,
                    orjson.dumps,
                    entries.result(),
                    (issue for part in parts for issue in part.result()["issues"]),
                )
        for entries, parts in waiting:
            _keep(
                database, orjson.dumps, entries.result(), (issue for part in parts for issue in part.result()["issues"])
            )
    database.close()
    return requests


def _keep(database: sqlite3.Connection, dumps: Callable[[Any], bytes], entries: Any, issues: Iterable[Any]) -> None:
    histories = {log["issueId"]: log["changeHistories"] for log in entries}
    rows = []
    changes = []
    for issue in issues:
        fields = issue["fields"]
        own = issue["changelog"] = histories.get(issue["id"], [])
        parts = (fields["project"]["key"], fields["issuetype"]["name"], fields["status"]["name"], fields["summary"])
        dates = (fields["created"], fields["updated"], fields["customfield_10026"])
        rows.append((issue["id"], issue["key"], *parts, *dates, dumps(issue)))
        place = 0
        for entry in own:
            for item in entry["items"]:
                changes.append(
                    (issue["id"], place, entry["created"], item["field"], item["fromString"], item["toString"])
                )
                place += 1
    with database:
        database.executemany("INSERT INTO issue VALUES (?,?,?,?,?,?,?,?,?,?)", rows)
        database.executemany("INSERT INTO entry VALUES (?,?,?,?,?,?)", changes)


def script(url: str, token: str, folder: Path) -> int:
    """What one writes on a first afternoon: the package's own paging and its Resources, change logs along with them.

    It is told no more than it asks for: Jira cuts the change log that comes with a search. The number of requests is
    the least that its paging can take.
    """
    from jira import JIRA  # noqa: PLC0415 # each rival runs in a process of its own, and pays for its own imports

    client = JIRA(server=url, token_auth=token)
    issues = client.enhanced_search_issues(QUERY, maxResults=0, fields="*all", expand="changelog")
    database = sqlite3.connect(folder / "script.db")
    database.executescript(TABLES)
    with database:
        for issue in issues:
            fields = issue.fields
            row = (issue.id, issue.key, fields.project.key, fields.issuetype.name, fields.status.name, fields.summary)
            more = (fields.created, fields.updated, fields.customfield_10026, json.dumps(issue.raw))
            database.execute("INSERT INTO issue VALUES (?,?,?,?,?,?,?,?,?,?)", (*row, *more))
            place = 0
            for history in issue.changelog.histories:
                for item in history.items:
                    change = (issue.id, place, history.created, item.field, item.fromString, item.toString)
                    database.execute("INSERT INTO entry VALUES (?,?,?,?,?,?)", change)
                    place += 1
    database.close()
    return -(-len(issues) // 100)


def chunks(values: Iterator[str], size: int) -> Iterator[list[str]]:
    """The values in lists of at most `size`."""
    some: list[str] = []
    for value in values:
        some.append(value)
        if len(some) == size:
            yield some
            some = []
    if some:
        yield some


RIVALS: dict[str, Callable[[str, str, Path], int]] = {"floor": floor, "script": script}
