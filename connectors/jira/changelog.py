"""The change logs of up to a thousand issues at a time (Jira Cloud's bulk read)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from connectors.jira.payload import history
from connectors.jira.run import Run
from connectors.jira.tokens import Tokens

ISSUES = 1_000  # a request, at most
ENTRIES = 10_000  # a page of the answer, at most
REFUSED = (400, 403, 404)


@dataclass
class Logs:
    """Change logs by issue id; `refused` are ids whose log may not be read, with the reason."""

    histories: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)


def fetch(run: Run, ids: Sequence[str]) -> Logs:
    """Every issue's whole change log, oldest first; an issue without changes has an empty one.

    Entries come sorted by date, so an issue's are spread over the pages (API_FACTS). Should the server refuse a
    request because of one issue in it, that one is found by halving.
    """
    logs = Logs({one: [] for one in ids})
    for start in range(0, len(ids), ISSUES):
        _fetch(run, ids[start : start + ISSUES], logs)
    return logs


def _fetch(run: Run, ids: Sequence[str], logs: Logs) -> None:
    for part in _pages(run, ids):
        if part is None and len(ids) == 1:
            logs.refused[ids[0]] = "its change log may not be read"
            logs.histories.pop(ids[0], None)
        elif part is None:
            middle = len(ids) // 2
            for half in (ids[:middle], ids[middle:]):
                for one in half:
                    logs.histories[one] = []
                _fetch(run, half, logs)
        else:
            for told in part:
                found = logs.histories.get(str(told.get("issueId")))
                if found is not None:
                    found += [history(entry) for entry in told.get("changeHistories") or ()]


def _pages(run: Run, ids: Sequence[str]) -> Iterator[Sequence[Mapping[str, Any]] | None]:
    """The parts of the answer; a single None when the request was refused."""
    what = "change logs"
    tokens = Tokens(run.options.source, what)
    token: str | None = None
    while True:
        body: dict[str, Any] = {"issueIdsOrKeys": list(ids), "maxResults": ENTRIES}
        if token is not None:
            body["nextPageToken"] = token
        answer = run.client.ask("changelog/bulkfetch", 3, body, what=what, accept=REFUSED)
        if answer.status in REFUSED:
            yield None
            return
        told = answer.json() or {}
        yield told.get("issueChangeLogs") or []
        token = tokens.next(told.get("nextPageToken"))
        if token is None:
            return
