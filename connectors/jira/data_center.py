"""A pull from Jira Data Center: slices in the order of creation, each with its change logs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from connectors.ahead import ahead
from connectors.jira import jql
from connectors.jira.cursor import Cursor, advance, finish, milliseconds
from connectors.jira.payload import history
from connectors.jira.run import Run
from connectors.jira.values import instant
from connectors.port import Page
from domain.errors import ProtocolError

SEARCHED = 200  # issues a slice; servers cap it without a word
LISTED = 1_000  # issues a slice with nothing but their creation
SLICES = 1_000_000  # of one scan
EMPTY = 3  # slices without an issue, in a row, of which the site says that more follows

Issue = dict[str, Any]


def pull(run: Run, cursor: Cursor, warnings: Sequence[str]) -> Iterator[Page]:
    """The pages of one scan; every page's cursor is a place to go on from, the last one's that of the next scan.

    What changes behind the scan is found by the next one, which goes back to the server's time at this one's start,
    less the overlap.
    """
    early = run.again(cursor.aside)
    total: int | None = None
    for issues, reached, counted, last in ahead(_slices(run, cursor)):
        total = counted if total is None else total
        records = [*early, *run.records(pair for issue in issues if (pair := _whole(run, issue)) is not None)]
        early = []
        if last:
            done = finish(cursor, cursor.started, sorted(run.aside))
            yield run.page(records, done.to_json(), total, [*warnings, *run.doubts(cursor.first)])
            return
        cursor = advance(cursor, reached, sorted(run.aside))
        yield run.page(records, cursor.to_json(), total)


def census(run: Run) -> Iterator[Sequence[str]]:
    """The ids of every issue in scope, by the same slices as a pull, without anything else of them."""
    for issues, _, _, _ in _slices(run, Cursor("", mark=run.site.now, deep=run.site.now), listing=True):
        yield [str(issue["id"]) for issue in issues]


def _slices(
    run: Run, cursor: Cursor, *, listing: bool = False
) -> Iterator[tuple[list[Issue], str | None, int | None, bool]]:
    """(issues not met before, the creation up to which all was read, the first total, whether it is the last slice).

    `startAt` beyond 10,000 fails on newer versions, and the order is unstable while issues change (API_FACTS): so
    each slice begins at the last creation of the one before, which never changes, and `startAt` only parts issues
    that were created in the same second.
    """
    floor = None if cursor.floor is None else milliseconds(cursor.floor)
    reached, start, total = cursor.reached, 0, None
    met: set[str] = set()  # of the slices so far that may come again: those of the last second
    empty = 0
    for _ in range(SLICES):
        told = _search(run, jql.oldest_first(run.part, floor, int(reached) if reached else None), start, listing)
        issues: list[Issue] = told["issues"]
        remaining = told.get("total")
        if total is None and isinstance(remaining, int):
            total = remaining
        last = start + len(issues) >= remaining if isinstance(remaining, int) else not issues
        if not issues and not last:
            # To end here would leave the rest unread without a word.
            empty += 1
            if empty > EMPTY:
                raise ProtocolError(
                    f"Source {run.options.source}, search: the site says that {remaining} issues match and gives none "
                    "of them. What was read so far is kept; try again later."
                )
            continue
        empty = 0
        fresh = [issue for issue in issues if str(issue["id"]) not in met]
        if last:
            yield fresh, reached, total, True
            return
        created = _creations(run, issues)
        met |= {str(issue["id"]) for issue in issues}
        if reached is None or created[-1] // 1000 > int(reached) // 1000:
            reached, start = str(created[-1]), 0
            met = {str(one["id"]) for one, at in zip(issues, created, strict=True) if at // 1000 == created[-1] // 1000}
        else:
            start += len(issues)
        if fresh:
            yield fresh, reached, total, False
    raise ProtocolError(f"Source {run.options.source}, search: no end after {SLICES} slices; stopped.")


def _search(run: Run, query: str, start: int, listing: bool) -> dict[str, Any]:
    body = {
        "jql": query,
        "startAt": start,
        "maxResults": LISTED if listing else SEARCHED,
        "fields": ["created"] if listing else run.fields.wanted,
        "expand": [] if listing else ["changelog"],  # a list in a POST, where a GET wants commas (API_SHAPES)
    }
    return run.found(run.client.ask("search", 2, body, what="search", accept=(400,)), first=True)


def _creations(run: Run, issues: Sequence[Issue]) -> list[int]:
    """Each issue's creation in epoch milliseconds; ProtocolError when a slice is not in that order, to the second."""
    created = [milliseconds(instant(issue["fields"].get("created"))) for issue in issues]
    seconds = [at // 1000 for at in created]
    if seconds != sorted(seconds):
        raise ProtocolError(
            f"Source {run.options.source}, search: the site does not give issues in the order asked for, so nothing "
            "guarantees that all of them would be read; stopped."
        )
    return created


def _whole(run: Run, issue: dict[str, Any]) -> tuple[Any, list[dict[str, Any]]] | None:
    """An issue with its whole change log; read again on its own when the search cut the log."""
    log = issue.get("changelog") or {}
    histories = log.get("histories") or []
    if int(log.get("total") or 0) > len(histories):
        return run.issue(str(issue["id"]))
    return issue, [history(entry) for entry in histories]
