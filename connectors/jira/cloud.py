"""A pull from Jira Cloud: ids first, by thousands; then issues and change logs side by side, by these ids."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from connectors import jsontext
from connectors.jira import jql
from connectors.jira.changelog import Logs, fetch
from connectors.jira.cursor import Cursor, advance, finish, milliseconds
from connectors.jira.payload import updated_of
from connectors.jira.run import Run
from connectors.jira.tokens import Tokens
from connectors.jira.values import instant
from connectors.port import Page
from connectors.threads import threads
from domain.work import Record

LISTED = 5_000  # ids a page; the server decides, and gives about as many (API_FACTS)
LOT = 1_000  # issues a page of ours: as many as one request for change logs may name
READ = 100  # issues of a bulk read by id
THREADS = 8  # that wait for the site; one gate lets them through
CROWD = 500  # issues in the overlap from which on only those are read that may have changed
RETREAT = timedelta(minutes=1)  # before the place where an interrupted scan goes on: JQL may round to the minute

Issue = dict[str, Any]


def pull(run: Run, cursor: Cursor, warnings: Sequence[str]) -> Iterator[Page]:
    """The pages of one scan; every page's cursor is a place to go on from, the last one's that of the next scan.

    Ids come in the order of creation, which no later change can upset (docs/adr/0006).
    """
    with _threads() as pool:
        yield from _scan(run, cursor, warnings, pool)


def _scan(run: Run, cursor: Cursor, warnings: Sequence[str], pool: ThreadPoolExecutor) -> Iterator[Page]:
    early = run.again(cursor.aside)
    lower, after, created = cursor.floor, None, None
    counting = pool.submit(approximate_count, run, jql.oldest_first(run.part, _ms(lower), None))
    if cursor.reached is not None:
        created = instant(int(cursor.reached)) - RETREAT
    elif _crowded(run, cursor, counting):
        assert lower is not None
        for records in _changed_in_crowd(run, lower, pool):
            yield run.page([*early, *records], cursor.to_json(), counting.result())
            early = []
        lower, after = None, cursor.mark
    query = jql.oldest_first(run.part, _ms(lower), _ms(created), after=_ms(after))
    seen: datetime | None = None
    for lot in _read(run, pool, search_ids(run, query)):
        read = _records(run, lot)
        records, early = [*early, *read], []
        known = [record.item.updated_at for record in read]
        seen = max(known if seen is None else [seen, *known], default=None)
        if not lot.last:
            # Ids come in the order of creation, so the greatest is among those of the last request.
            cursor = advance(cursor, _reached(lot.issues[-READ:], cursor.reached), sorted(run.aside))
            yield run.page(records, cursor.to_json(), counting.result())
            continue
        done = finish(cursor, seen, sorted(run.aside))
        yield run.page(records, done.to_json(), counting.result(), [*warnings, *run.doubts(cursor.first)])


def search_ids(run: Run, query: str) -> Iterator[str]:
    """The id of every issue that a query finds, read as they are asked for.

    A short page, or an empty one with a token, is not the last. Raises ConfigurationError when the site rejects the
    admin's part of the query.
    """
    tokens = Tokens(run.options.source, "search")
    token: str | None = None
    while True:
        body: dict[str, Any] = {"jql": query, "maxResults": LISTED, "fields": ["id"]}
        if token is not None:
            body["nextPageToken"] = token
        answer = run.client.ask("search/jql", 3, body, what="search", accept=(400,))
        told = run.found(answer, first=token is None)
        yield from (str(issue["id"]) for issue in told["issues"])
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


def _crowded(run: Run, cursor: Cursor, counting: Future[int | None]) -> bool:
    """Whether the overlap alone holds so many issues that reading them all again would be waste.

    Never in the daily look further back, and never in a first scan.
    """
    if cursor.floor is None or cursor.daily:
        return False
    total = counting.result()
    if total is None or total <= CROWD:
        return False
    later = approximate_count(run, jql.oldest_first(run.part, None, None, after=_ms(cursor.mark)))
    return later is not None and total - later > CROWD


def _changed_in_crowd(run: Run, lower: datetime, pool: ThreadPoolExecutor) -> Iterator[list[Record]]:
    """Of the issues that changed from `lower` on, those that the store does not hold in such a state.

    An issue that the store holds with an `updated` from before `lower` has changed; one that it holds from within the
    overlap is taken for unchanged until the daily look further back reads it again.
    """

    def doubtful() -> Iterator[str]:
        listed = search_ids(run, jql.oldest_first(run.part, _ms(lower), None))
        while some := list(islice(listed, LOT)):
            held = run.held(some)
            yield from (one for one in some if one not in held or not _is_from(held[one], lower))

    for lot in _read(run, pool, doubtful()):
        if lot.issues:
            yield _records(run, lot)


def _is_from(raw: bytes, lower: datetime) -> bool:
    updated = updated_of(raw)
    return updated is not None and instant(updated) >= lower


@dataclass
class _Lot:
    """Up to a thousand issues with their change logs."""

    issues: list[Issue]
    logs: Logs
    last: bool


def _read(run: Run, pool: ThreadPoolExecutor, ids: Iterator[str]) -> Iterator[_Lot]:
    """The issues of these ids by the thousand, in their order; the next ones are read while these are worked on.

    What is gone by now is left out. At least one lot comes, which may be empty. No request of the next lot is sent
    before this one is whole: where a budget ends or the site gives out, no lot is left half read behind another.
    """

    def begin() -> tuple[list[Future[list[Issue]]], Future[Logs], bool]:
        told = list(islice(ids, LOT))
        some = list(dict.fromkeys(told))
        # When everything is asked for anew, nothing that we hold counts: the logs need not wait for the issues.
        early = pool.submit(fetch, run, some) if run.anew else None
        parts = [some[start : start + READ] for start in range(0, len(some), READ)]
        read = [pool.submit(_issues, run, part) for part in parts]
        # Threads take work in turn, so every part of the lot is under way when this begins to wait for them.
        return read, early or pool.submit(_logs, run, read), len(told) == LOT

    more = True
    coming = pool.submit(begin)
    while more:
        read, logs, more = coming.result()
        issues, told = _together(read), logs.result()
        if more:
            coming = pool.submit(begin)
        yield _Lot(issues, told, last=not more)


def _together(parts: Iterable[Future[list[Issue]]]) -> list[Issue]:
    return [issue for part in parts for issue in part.result()]


def in_bulk(run: Run, ids: Sequence[str]) -> dict[str, Any]:
    """Jira's answer about up to READ ids: `issues` are those that are there, `issueErrors` some of the others."""
    body = {"issueIdsOrKeys": ids, "fields": run.fields.wanted}
    return run.found(run.client.ask("issue/bulkfetch", 3, body, what="issues"))


def _issues(run: Run, ids: Sequence[str]) -> list[Issue]:
    issues: list[Issue] = in_bulk(run, ids)["issues"]
    return issues


def _records(run: Run, lot: _Lot) -> list[Record]:
    run.aside.update(lot.logs.refused)
    found = lot.logs.histories
    return run.records((issue, found.pop(one)) for issue in lot.issues if (one := str(issue["id"])) in found)


def _logs(run: Run, parts: Iterable[Future[list[Issue]]]) -> Logs:
    """The change logs of issues: of one that did not change it is the log that we hold."""
    logs = Logs()
    updated = {str(issue["id"]): (issue.get("fields") or {}).get("updated") for issue in _together(parts)}
    for one, raw in run.held(list(updated)).items():
        document = jsontext.read(raw)
        histories = (document.get("changelog") or {}).get("histories")
        if (document.get("fields") or {}).get("updated") == updated[one] and isinstance(histories, list):
            logs.histories[one] = histories
    missing = [one for one in updated if one not in logs.histories]
    if missing:
        more = fetch(run, missing)
        logs.histories |= more.histories
        logs.refused |= more.refused
    return logs


def _reached(issues: Iterable[Issue], reached: str | None) -> str | None:
    """The greatest `created` so far, as epoch milliseconds in text."""
    known = [int(reached)] if reached is not None else []
    for issue in issues:
        try:
            known.append(milliseconds(instant((issue.get("fields") or {}).get("created"))))
        except ValueError:
            continue  # such an issue is set aside; it cannot say how far we came
    return str(max(known)) if known else None


def _ms(moment: datetime | None) -> int | None:
    return None if moment is None else milliseconds(moment)


@contextmanager
def _threads() -> Iterator[ThreadPoolExecutor]:
    """Threads that send nothing more once the block has ended, however it ends."""
    pool = threads(THREADS, "jira")
    try:
        yield pool
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
