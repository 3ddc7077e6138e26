"""Reading: every question the store answers, all from one consistent state."""

from __future__ import annotations

import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, and_, func, or_, select, tuple_

from domain.effect import Effect
from domain.findings import Sighting
from domain.lines import Line
from domain.strategy import DatedValue
from domain.tags import Assignment
from domain.vocabulary import Vocabulary
from domain.work import ItemRef, Transition, WorkItem
from store import check, comments, deliveries, lines, lookup, marks, overview, plain, readings, reports, snapshot, words
from store.columns import clean
from store.kept import (
    DeliveryKey,
    RevisionKind,
    Snapshot,
    SourceCounts,
    StoredComment,
    StoredDelivery,
    StoredMark,
    StoredPayload,
    StoredReport,
    StoredRevision,
    StoredRun,
    StoredSetAside,
    StoredWrite,
    WriteState,
)
from store.overview import Overview
from store.rows import ASSIGNMENT_COLUMNS, ENTRY_COLUMNS, ITEM_COLUMNS, assignment_of, histories_of, item_of
from store.tables import (
    assignment,
    comment,
    cursor,
    item_key,
    raw_payload,
    revision,
    run,
    set_aside,
    transition,
    work_item,
)
from store.unit import by_source

AT_ONCE = 2_000  # rows fetched at a time


class Reader:
    """One consistent read; its iterators end with the block that opened it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def cursor(self, source: str) -> Mapping[str, Any] | None:
        """Where the next pull of a source goes on; None before its first page."""
        found: Mapping[str, Any] | None = self._connection.scalar(
            select(cursor.c.cursor).where(cursor.c.source == source)
        )
        return found

    def context(self, source: str) -> Mapping[str, Any] | None:
        """What conversion of a source's payloads needs; None before its first page."""
        found: Mapping[str, Any] | None = self._connection.scalar(
            select(cursor.c.context).where(cursor.c.source == source)
        )
        return found

    def raw(self, source: str, ids: Collection[str]) -> dict[str, bytes]:
        """The raw payloads of those of the items that are stored."""
        found = {}
        for of, some in by_source(ItemRef(source, item) for item in ids):
            query = select(raw_payload.c.id, raw_payload.c.payload).where(
                raw_payload.c.source == of, raw_payload.c.id.in_(some)
            )
            found.update({item: zlib.decompress(payload) for item, payload in self._connection.execute(query)})
        return found

    def payloads(self, source: str, size: int = 500) -> Iterator[list[StoredPayload]]:
        """Every raw payload of a source in order of id, at most `size` at a time, read as they are asked for."""
        query = (
            select(raw_payload.c.id, raw_payload.c.payload, work_item.c.deleted)
            .join(work_item, and_(work_item.c.source == raw_payload.c.source, work_item.c.id == raw_payload.c.id))
            .where(raw_payload.c.source == source)
            .order_by(raw_payload.c.id)
        )
        some: list[StoredPayload] = []
        for item, packed, gone in self._stream(query):
            some.append(StoredPayload(item, zlib.decompress(packed), gone))
            if len(some) == size:
                yield some
                some = []
        if some:
            yield some

    def written_since(self, source: str, instant: datetime) -> Iterator[tuple[str, str, bool]]:
        """Of every item of a source that was created by an instant: id, key, and whether it was kept anew since."""
        item = work_item.c
        query = select(item.id, item.key, item.seen_at).where(item.source == source, item.created_at <= instant)
        for one, key, seen_at in self._stream(query.order_by(item.id)):
            yield one, key, seen_at > instant

    def roll(self, source: str) -> Iterator[tuple[str, str, bool]]:
        """Every item of a source: id, project, and whether it is marked as deleted."""
        item = work_item.c
        query = select(item.id, item.project, item.deleted.is_not(None)).where(item.source == source)
        for one, project, gone in self._stream(query):
            yield one, project, bool(gone)

    def items(
        self,
        *,
        source: str | None = None,
        project: str | None = None,
        level: int | None = None,
        keys: Collection[str] | None = None,
        deleted: bool = False,
    ) -> Iterator[WorkItem]:
        """Work items as they stand, in order of (source, id); with `deleted` also those marked as deleted.

        `project` and `keys` (present keys) ignore case. Rows are read as they are asked for.
        """
        query = select(*ITEM_COLUMNS)
        if source is not None:
            query = query.where(work_item.c.source == source)
        if project is not None:
            # Neither database folds letters beyond ASCII here, so the exact word counts as well.
            query = query.where(or_(work_item.c.project == project, func.lower(work_item.c.project) == project.lower()))
        if level is not None:
            query = query.where(work_item.c.level == level)
        if keys is not None:
            folded = sorted({clean(key).casefold() for key in keys})
            present = select(item_key.c.source, item_key.c.id).where(
                item_key.c.folded.in_(folded), item_key.c.key == work_item.c.key
            )
            query = query.where(tuple_(work_item.c.source, work_item.c.id).in_(present))
        if not deleted:
            query = query.where(work_item.c.deleted.is_(None))
        for row in self._stream(query.order_by(work_item.c.source, work_item.c.id)):
            yield item_of(row)

    def items_of(self, refs: Iterable[ItemRef], *, deleted: bool = False) -> dict[ItemRef, WorkItem]:
        """Those of the items that are there, in order of (source, id); with `deleted` also those marked as deleted."""
        found: dict[ItemRef, WorkItem] = {}
        for source, ids in by_source(refs):
            query = select(*ITEM_COLUMNS).where(work_item.c.source == source, work_item.c.id.in_(ids))
            if not deleted:
                query = query.where(work_item.c.deleted.is_(None))
            for row in self._connection.execute(query.order_by(work_item.c.id)):
                item = item_of(row)
                found[item.ref] = item
        return found

    def histories(
        self,
        refs: Iterable[ItemRef] | None,
        *,
        fields: Collection[str] | None = None,
        until: datetime | None = None,
    ) -> Iterator[tuple[ItemRef, tuple[Transition, ...]]]:
        """The histories of items (None: of all), oldest entry first, in order of (source, id).

        Only entries of `fields`, at or before `until`; items without such an entry do not come.
        """
        query = _entries()
        if fields is not None:
            query = query.where(transition.c.field.in_(sorted(fields)))
        if until is not None:
            query = query.where(transition.c.at <= until)
        if refs is None:
            yield from histories_of(self._stream(query))
            return
        for source, ids in by_source(refs):
            mine = query.where(transition.c.source == source, transition.c.id.in_(ids))
            yield from histories_of(self._stream(mine))

    def find(self, key: str, source: str | None = None) -> list[WorkItem]:
        """The items that a key names, ignoring case, in order of (source, id).

        What has it as its present key comes first; if nothing has, what once had it; if nothing had, what has it as
        its id. Deleted items come only when nothing else does.
        """
        return lookup.by_key(self._connection, key, source)

    def snapshot(self, as_of: datetime, since: datetime | None = None) -> Snapshot:
        """Every item that existed at an instant as it stood then, with its history up to then.

        With `since` only what was open then or changed since, with all that is above and below it.
        """
        if since is None:
            return snapshot.everything(self._stream, as_of)
        return snapshot.reach(self._connection, as_of, since)

    def words_besides(
        self, as_of: datetime, since: datetime, kinds: Collection[str], items: Collection[ItemRef]
    ) -> Vocabulary:
        """The words of these kinds that items had at an instant which existed then and are not among those given.

        `items` are those of a snapshot as of that instant since the other one.
        """
        return snapshot.words_besides(self._connection, as_of, since, kinds, items)

    def words_seen(self, at: datetime, kinds: Collection[str]) -> Vocabulary:
        """The words of these kinds that some item had at or before an instant."""
        return words.seen_by(self._connection, at, kinds)

    def assignments(self) -> dict[ItemRef, Assignment]:
        """What the mapping last said of each item, in order of (source, id)."""
        table = assignment.c
        query = select(table.source, table.id, *ASSIGNMENT_COLUMNS).order_by(table.source, table.id)
        return {ItemRef(row[0], row[1]): assignment_of(row[2:]) for row in self._stream(query)}

    def revision_at(self, kind: RevisionKind, instant: datetime) -> StoredRevision | None:
        """The newest revision first seen at or before an instant; else the earliest, said to be `later`."""
        table = revision.c
        query = select(table.text, table.digest, table.at).where(table.kind == kind)
        before = query.where(table.at <= instant).order_by(table.at.desc(), table.id.desc()).limit(1)
        row = self._connection.execute(before).first()
        if row is not None:
            return StoredRevision(*row, later=False)
        row = self._connection.execute(query.order_by(table.at, table.id).limit(1)).first()
        return None if row is None else StoredRevision(*row, later=True)

    def revision_of(self, kind: RevisionKind, digest: str, instant: datetime) -> StoredRevision | None:
        """The revision of that digest, as last seen at or before an instant, else as first seen; None: there is none.

        That its text has this digest is not looked at.
        """
        table = revision.c
        query = select(table.text, table.digest, table.at).where(table.kind == kind, table.digest == digest)
        rows = self._connection.execute(query.order_by(table.at, table.id)).all()
        seen = [row for row in rows if row.at <= instant]
        if seen:
            return StoredRevision(*seen[-1], later=False)
        return StoredRevision(*rows[0], later=True) if rows else None

    def runs(self, kind: str | None = None, subject: str | None = None, *, limit: int = 50) -> list[StoredRun]:
        """The last runs, newest first."""
        query = _runs(kind, subject).limit(limit)
        return [StoredRun(*row) for row in self._connection.execute(query)]

    def last_run(
        self, kind: str, subject: str, *, outcome: str | None = None, until: datetime | None = None
    ) -> StoredRun | None:
        """The run that started last, of that outcome if given, and finished at or before `until` if given."""
        query = _runs(kind, subject).limit(1)
        if outcome is not None:
            query = query.where(run.c.outcome == outcome)
        if until is not None:
            query = query.where(run.c.finished_at <= until)
        row = self._connection.execute(query).first()
        return None if row is None else StoredRun(*row)

    def earlier_report(self, report_id: str, *, before: datetime, as_of: datetime) -> StoredReport | None:
        """The report of that id, by `as_of`, of the nearest window that began before `before`; None when there is none.

        Of several reports of that window the one with the latest as_of counts, and of those the one made last.
        """
        return reports.earlier(self._connection, report_id, before, as_of)

    def newest_report(self, report_id: str, *, begun: datetime, until: datetime) -> StoredReport | None:
        """The newest report of the newest window that starts from `begun` to `until`, both included; None: none."""
        return reports.newest(self._connection, report_id, begun, until)

    def reports(self, report_id: str, label: str) -> list[StoredReport]:
        """Every report of that id and window, in the order in which they were made."""
        return reports.made(self._connection, report_id, label)

    def document(self, number: int) -> bytes:
        """The document of a stored report."""
        return reports.document_of(self._connection, number)

    def sightings(self, number: int) -> list[Sighting]:
        """The findings of a stored report, in their order."""
        return reports.sightings(self._connection, number)

    def set_aside(self, source: str) -> list[StoredSetAside]:
        """The items of a source that could not be read when last tried, in order of id."""
        table = set_aside.c
        query = (
            select(table.id, table.reason, table.first_at, table.last_at, table.times)
            .where(table.source == source)
            .order_by(table.id)
        )
        return [StoredSetAside(*row) for row in self._connection.execute(query)]

    def readings(self, at: datetime) -> Mapping[tuple[str, str], Sequence[DatedValue]]:
        """By key result and address the readings known from it at an instant, in the order of their days."""
        return readings.known_at(self._connection, at)

    def lines(self, at: datetime | None = None) -> dict[ItemRef, list[Line]]:
        """What stands in tickets for us, oldest first; with `at` as it was known at that instant."""
        return lines.standing(self._connection, at)

    def unheard(self, source: str) -> list[WorkItem]:
        """The tickets of a source that have our comment and changed since their comments were last read."""
        changed = or_(comment.c.heard_to.is_(None), work_item.c.updated_at > comment.c.heard_to)
        query = (
            select(*ITEM_COLUMNS)
            .join(comment, and_(comment.c.source == work_item.c.source, comment.c.id == work_item.c.id))
            .where(work_item.c.source == source, work_item.c.deleted.is_(None), comment.c.state != "withdrawn", changed)
            .order_by(work_item.c.id)
        )
        return [item_of(row) for row in self._connection.execute(query)]

    def comments(self, source: str | None = None) -> dict[ItemRef, StoredComment]:
        """What is known of every comment of ours, in order of (source, id)."""
        return {one.ref: one for one in comments.comments(self._connection, source)}

    def writes(
        self, states: Collection[WriteState], *, source: str | None = None, since: datetime | None = None
    ) -> list[StoredWrite]:
        """Rows of the outbox in these states, oldest first; only those last sent at `since` or later if given."""
        return list(comments.writes(self._connection, source, states, since))

    def unsettled(self) -> list[StoredWrite]:
        """Posts and edits that were sent and of which nothing came yet, oldest first."""
        return list(comments.unsettled(self._connection))

    def effect(self, since: datetime, at: datetime) -> Effect:
        """What came, as far as it was known at an instant, of the comments written since another one."""
        return comments.effect(self._connection, since, at)

    def ignored(self) -> dict[ItemRef, int]:
        """How many of our writes into each ticket were ignored since the last one that led to a mapping."""
        return comments.ignored(self._connection)

    def writes_since(self, since: datetime) -> dict[ItemRef, int]:
        """How many posts and edits each item got since an instant, those that may have arrived included."""
        return comments.spent(self._connection, since)

    def marks(self, source: str | None = None) -> dict[ItemRef, list[StoredMark]]:
        """What is known of our marks on each ticket, in order of (source, id, kind, name)."""
        return marks.marks(self._connection, source)

    def written_projects(self) -> set[tuple[str, str]]:
        """Source and project of every ticket where a comment or a mark of ours was written, and not withdrawn since."""
        return marks.projects(self._connection)

    def deliveries(self, key: DeliveryKey | None = None) -> list[StoredDelivery]:
        """Every delivery, or that of one key, by the instant at which it was written down."""
        return deliveries.stored(self._connection, key)

    def parcel(self, known: StoredDelivery) -> bytes | None:
        """What a delivery that waits is to send; None when it is another one by now, or waits no more."""
        return deliveries.parcel(self._connection, known)

    def counts(self) -> dict[str, SourceCounts]:
        """How much is stored of each source that has items, in order of its id."""
        return overview.counts(self._connection)

    def overview(self) -> Overview:
        """What there is of each kind, in numbers, without going through histories."""
        return overview.overview(self._connection)

    def damage(self) -> Iterator[str]:
        """What a quick look finds wrong with the database itself: one sentence each."""
        return check.damage(self._connection)

    def faults(self) -> Iterator[str]:
        """One sentence for each fault of the store."""
        return check.faults(self._connection)

    def plain_rows(self, table: str) -> Iterator[Sequence[Any]]:
        """Every row of a table in order of its key, in values that JSON can say."""
        return plain.rows(self._connection, table)

    def plain_counts(self) -> dict[str, int]:
        """How many rows each table has."""
        return plain.counts(self._connection)

    def _stream(self, query: Select[Any]) -> Iterator[Any]:
        """Rows fetched as they are asked for, so that memory does not grow with the answer."""
        with self._connection.execute(query, execution_options={"yield_per": AT_ONCE}) as result:
            yield from result


def _entries() -> Select[Any]:
    table = transition.c
    return select(table.source, table.id, *ENTRY_COLUMNS).order_by(table.source, table.id, table.sequence)


def _runs(kind: str | None, subject: str | None) -> Select[Any]:
    table = run.c
    query = select(
        table.id, table.kind, table.subject, table.started_at, table.finished_at, table.outcome, table.summary
    )
    if kind is not None:
        query = query.where(table.kind == kind)
    if subject is not None:
        query = query.where(table.subject == subject)
    return query.order_by(table.started_at.desc(), table.id.desc())
