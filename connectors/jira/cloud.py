"""A pull from Jira Cloud: oldest change first by token, change logs in bulk, a page of records at a time."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from connectors.jira import jql
from connectors.jira.changelog import fetch
from connectors.jira.cursor import Cursor, advance, finish, milliseconds
from connectors.jira.payload import updated_of
from connectors.jira.run import Run
from connectors.jira.tokens import Tokens
from connectors.jira.values import instant
from connectors.port import Page
from domain.work import Record

SEARCHED = 100  # issues a page with fields; the server decides, and gives about as many (API_FACTS)
LISTED = 5_000  # issues a page with ids alone
BUFFER = 1_000  # issues whose change logs are read together
READ = 100  # issues of a bulk read by id
CROWD = 500  # issues in the overlap from which on only those are read that may have changed
RETREAT = timedelta(minutes=1)  # before the place where an interrupted scan goes on: JQL may round to the minute

Issue = dict[str, Any]


def pull(run: Run, cursor: Cursor, warnings: Sequence[str]) -> Iterator[Page]:
    """The pages of one scan; every page's cursor is a place to go on from, the last one's that of the next scan."""
    early = run.again(cursor.aside)
    lower, after = cursor.floor, None
    total = approximate_count(run, jql.changed(run.part, _ms(lower)))
    if cursor.reached is not None:
        lower = instant(int(cursor.reached)) - RETREAT
    elif _crowded(run, cursor, total):
        assert lower is not None
        for records in _changed_in_crowd(run, lower):
            yield run.page([*early, *records], cursor.to_json(), total)
            early = []
        lower, after = None, cursor.mark
    query = jql.changed(run.part, _ms(lower), after=_ms(after))
    for issues, last in _buffers(search(run, query, run.fields.wanted)):
        records = [*early, *_with_logs(run, issues)]
        early = []
        reached = _reached(issues, cursor.reached)
        if not last:
            cursor = advance(cursor, reached, sorted(run.aside))
            yield run.page(records, cursor.to_json(), total)
            continue
        seen = instant(int(reached)) if reached is not None else None
        done = finish(cursor, seen, sorted(run.aside))
        yield run.page(records, done.to_json(), total, [*warnings, *run.doubts(cursor.first)])


def search(run: Run, query: str, fields: Sequence[str], size: int = SEARCHED) -> Iterator[Issue]:
    """Every issue that a query finds. A short page, or an empty one with a token, is not the last.

    Raises ConfigurationError when the site rejects the admin's part of the query.
    """
    tokens = Tokens(run.options.source, "search")
    token: str | None = None
    while True:
        body: dict[str, Any] = {"jql": query, "maxResults": size, "fields": list(fields)}
        if token is not None:
            body["nextPageToken"] = token
        answer = run.client.ask("search/jql", 3, body, what="search", accept=(400,))
        told = run.found(answer, first=token is None)
        yield from told["issues"]
        if told.get("isLast") is True:
            return
        token = tokens.next(told.get("nextPageToken"))
        if token is None:
            return


def approximate_count(run: Run, query: str) -> int | None:
    """How many issues a query will find, about; None when the site does not say."""
    bare = query.partition(" ORDER BY ")[0]
    answer = run.client.ask("search/approximate-count", 3, {"jql": bare}, what="count", accept=(400, 403, 404, 410))
    told = answer.json() if answer.status == 200 else None
    count = told.get("count") if isinstance(told, dict) else None
    return count if isinstance(count, int) else None


def _crowded(run: Run, cursor: Cursor, total: int | None) -> bool:
    """Whether the overlap alone holds so many issues that reading them all again would be waste.

    Never in the daily look further back, and never in a first scan.
    """
    if cursor.floor is None or cursor.daily or total is None or total <= CROWD:
        return False
    later = approximate_count(run, jql.changed(run.part, None, after=_ms(cursor.mark)))
    return later is not None and total - later > CROWD


def _changed_in_crowd(run: Run, lower: datetime) -> Iterator[list[Record]]:
    """Of the issues that changed from `lower` on, those that the store does not hold in such a state.

    Ids alone come by thousands. An issue that the store holds with an `updated` from before `lower` has changed; one
    that it holds from within the overlap is taken for unchanged until the daily look further back reads it again.
    """
    ids = (str(issue["id"]) for issue in search(run, jql.changed(run.part, _ms(lower)), ["id"], LISTED))
    while chunk := list(islice(ids, BUFFER)):
        held = run.held(chunk)
        doubtful = [one for one in chunk if one not in held or not _is_from(held[one], lower)]
        issues: list[Issue] = []
        for start in range(0, len(doubtful), READ):
            part = doubtful[start : start + READ]
            body = {"issueIdsOrKeys": part, "fields": run.fields.wanted}
            issues += run.found(run.client.ask("issue/bulkfetch", 3, body, what="issues"))["issues"]
        if issues:
            yield _with_logs(run, issues)


def _is_from(raw: bytes, lower: datetime) -> bool:
    updated = updated_of(raw)
    return updated is not None and instant(updated) >= lower


def _buffers(issues: Iterator[Issue]) -> Iterator[tuple[list[Issue], bool]]:
    """The issues by the thousand, each with whether it is the last lot; of an issue met twice the later counts."""
    lot = list(islice(issues, BUFFER))
    while True:
        more = list(islice(issues, 1)) if len(lot) >= BUFFER else []
        yield list({str(issue["id"]): issue for issue in lot}.values()), not more
        if not more:
            return
        lot = [*more, *islice(issues, BUFFER - 1)]


def _with_logs(run: Run, issues: Sequence[Issue]) -> list[Record]:
    """Records of issues with their change logs; the log of an issue that did not change is the one we hold.

    When everything is asked for anew, nothing that we hold counts.
    """
    logs: dict[str, list[dict[str, Any]]] = {}
    for start in range(0, 0 if run.anew else len(issues), READ):
        part = {str(issue["id"]): issue for issue in issues[start : start + READ]}
        for one, raw in run.held(list(part)).items():
            document = json.loads(raw)
            histories = (document.get("changelog") or {}).get("histories")
            same = (document.get("fields") or {}).get("updated") == part[one]["fields"].get("updated")
            if same and isinstance(histories, list):
                logs[one] = histories
    missing = [one for issue in issues if (one := str(issue["id"])) not in logs]
    if missing:
        logs.update(fetch(run, missing))
    return run.records((issue, logs.pop(str(issue["id"]))) for issue in issues if str(issue["id"]) in logs)


def _reached(issues: Iterable[Issue], reached: str | None) -> str | None:
    """The greatest `updated` so far, as epoch milliseconds in text."""
    known = [int(reached)] if reached is not None else []
    for issue in issues:
        try:
            known.append(milliseconds(instant((issue.get("fields") or {}).get("updated"))))
        except ValueError:
            continue  # such an issue is set aside; it cannot say how far we came
    return str(max(known)) if known else None


def _ms(moment: datetime | None) -> int | None:
    return None if moment is None else milliseconds(moment)
