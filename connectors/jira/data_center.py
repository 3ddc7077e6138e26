"""A pull from Jira Data Center: slices by id, each with its change logs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from connectors.jira import jql
from connectors.jira.cursor import Cursor, advance, finish, milliseconds
from connectors.jira.payload import history
from connectors.jira.run import Run
from connectors.port import Page
from domain.errors import ProtocolError

SEARCHED = 200  # issues a slice; servers cap it without a word


def pull(run: Run, cursor: Cursor, warnings: Sequence[str]) -> Iterator[Page]:
    """The pages of one scan; every page's cursor is a place to go on from, the last one's that of the next scan.

    `startAt` beyond 10,000 fails on newer versions, and the order is unstable while issues change (API_FACTS): so
    every slice begins after the last id of the one before, at startAt 0. What changes behind the scan is found by
    the next one, which goes back to the server's time at this one's start, less the overlap.
    """
    early = run.again(cursor.aside)
    floor = None if cursor.floor is None else milliseconds(cursor.floor)
    total: int | None = None
    while True:
        told = _slice(run, floor, cursor.reached)
        issues = told["issues"]
        remaining = told.get("total")
        if total is None and isinstance(remaining, int):
            total = remaining
        records = [*early, *run.records(pair for issue in issues if (pair := _whole(run, issue)) is not None)]
        early = []
        if not issues or (isinstance(remaining, int) and remaining <= len(issues)):
            done = finish(cursor, cursor.started, sorted(run.aside))
            yield run.page(records, done.to_json(), total, [*warnings, *run.doubts(cursor.first)])
            return
        cursor = advance(cursor, str(_last(run, issues, cursor.reached)), sorted(run.aside))
        yield run.page(records, cursor.to_json(), total)


def _slice(run: Run, floor: int | None, last: str | None) -> dict[str, Any]:
    body = {
        "jql": jql.slice_after(run.part, floor, last),
        "startAt": 0,
        "maxResults": SEARCHED,
        "fields": run.fields.wanted,
        "expand": ["changelog"],  # a list in a POST, where a GET wants commas (API_SHAPES)
    }
    answer = run.client.ask("search", 2, body, what="search", accept=(400,))
    return run.found(answer, first=True)


def _last(run: Run, issues: Sequence[dict[str, Any]], reached: str | None) -> int:
    """The greatest id of a slice; ProtocolError when the slice is not the next one by id."""
    ids = [int(issue["id"]) for issue in issues]
    if ids != sorted(ids) or (reached is not None and ids[0] <= int(reached)):
        raise ProtocolError(
            f"Source {run.options.source}, search: the site does not order issues by id, so nothing guarantees that "
            "all of them would be read; stopped."
        )
    return ids[-1]


def _whole(run: Run, issue: dict[str, Any]) -> tuple[Any, list[dict[str, Any]]] | None:
    """An issue with its whole change log; read again on its own when the search cut the log."""
    log = issue.get("changelog") or {}
    histories = log.get("histories") or []
    if int(log.get("total") or 0) > len(histories):
        return run.issue(str(issue["id"]))
    return issue, [history(entry) for entry in histories]
