"""Writing: everything that one transaction may do."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Table, bindparam, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from domain.findings import Sighting
from domain.lines import Line
from domain.strategy import DatedValue
from domain.tags import Assignment
from domain.work import ItemRef, Record, Transition
from store import comments, deliveries, leases, lines, marks, plain, readings, reports, words
from store.bulk import insert_rows
from store.columns import clean
from store.kept import (
    DeliveryKey,
    DeliveryState,
    Fence,
    Outcome,
    PageCount,
    Purpose,
    RevisionKind,
    StoredComment,
    StoredDelivery,
    StoredLease,
    StoredMark,
    WriteAction,
    WriteOutcome,
    WriteState,
)
from store.page import Changes, Held, decide, key_rows, mark_deleted, newest
from store.rows import ENTRY_COLUMNS, Row, assignment_row
from store.tables import (
    assignment,
    cursor,
    item_key,
    keepsake,
    raw_payload,
    revision,
    set_aside,
    transition,
    work_item,
)
from store.tables import run as run_table

SOME = 1_000  # ids of one IN


class Unit:
    """One transaction; the store commits it when its block ends, and takes everything back when that raises."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def save_page(
        self,
        source: str,
        *,
        run: int | None,
        records: Sequence[Record],
        cursor: Mapping[str, Any] | None,
        context: Mapping[str, Any],
        deleted: Sequence[tuple[str, datetime]] = (),
        set_aside: Sequence[tuple[str, str]] = (),
        at: datetime,
        again: bool = False,
        fence: Fence | None = None,
    ) -> PageCount:
        """Keep one page of a pull with the cursor from which the pull goes on; None leaves the cursor where it is.

        `deleted` are ids with the instant of their deletion, said after the page's records; unknown ids and items
        that are deleted already are left as they are. `set_aside` are ids that could not be read, with the reason.
        `at` is now. Items of unchanged content (raw payload and context) are skipped unless `again` (a conversion
        has changed); the newest `updated_at` wins. Storing a page twice changes nothing. LeaseError when the lease of
        `fence` has gone to somebody else.
        """
        chosen = newest(records)
        self._take_turns({clean(source), *(ref.source for ref in chosen)})
        if fence is not None:
            leases.check(self._connection, fence)
        gone = {ItemRef(clean(source), clean(item)): when for item, when in deleted}
        held = self._held([*chosen, *gone])
        changes = decide(chosen, gone, held, self._ours, context=context, run=run, at=at, again=again)
        done = {*changes.rewritten, *(ref for ref in chosen if ref not in held)}
        marks = {
            ref: when for ref, when in gone.items() if ref in held and held[ref].deleted is None and ref not in done
        }
        changes.keys = key_rows(records, held)
        mark_deleted(changes, marks, self._stored_histories(list(marks)), at)
        self._write(changes, held)
        self._set_aside(source, chosen, set_aside, at)
        if cursor is not None:
            self._save_cursor(source, cursor, context, at, run)
        return changes.count

    def server_time(self) -> datetime | None:
        """The present instant by PostgreSQL's clock, the same for every machine; None on SQLite, which has none."""
        if self._connection.dialect.name != "postgresql":
            return None
        now: datetime = self._connection.execute(select(func.clock_timestamp())).scalar_one()
        return now.astimezone(UTC)

    def take_lease(self, name: str, holder: str, now: datetime, seconds: float) -> Fence | None:
        """Take a lease until `now` + `seconds` unless somebody holds it; None when somebody does."""
        return leases.take(self._connection, name, holder, now, seconds)

    def renew_lease(self, fence: Fence, now: datetime, seconds: float) -> bool:
        """Hold a lease until `now` + `seconds`; False when it has gone to somebody else."""
        return leases.renew(self._connection, fence, now, seconds)

    def release_lease(self, fence: Fence) -> None:
        """Give a lease back; one that has gone to somebody else is left alone."""
        leases.release(self._connection, fence)

    def lease(self, name: str) -> StoredLease | None:
        """The lease of a name as it stands, also one that ran out; None when it was never taken."""
        return leases.stored(self._connection, name)

    def forget_set_aside(self, source: str, ids: Iterable[str]) -> None:
        """Items that were set aside and are not there any more, so that nobody tries them again."""
        for of, some in by_source(ItemRef(clean(source), clean(item)) for item in ids):
            self._connection.execute(delete(set_aside).where(set_aside.c.source == of, set_aside.c.id.in_(some)))

    def start_run(self, kind: str, subject: str, at: datetime) -> int:
        """Record that a run began; its number."""
        result = self._connection.execute(
            insert(run_table).values(kind=kind, subject=subject, started_at=at, summary={}).returning(run_table.c.id)
        )
        return int(result.scalar_one())

    def finish_run(self, run: int, at: datetime, outcome: Outcome, summary: Mapping[str, Any]) -> None:
        """Record how a run ended; `summary` is JSON."""
        self._connection.execute(
            update(run_table)
            .where(run_table.c.id == run)
            .values(finished_at=at, outcome=outcome, summary=dict(summary))
        )

    def record_revision(self, kind: RevisionKind, text: str, digest: str, at: datetime) -> None:
        """Keep a revision as first seen at an instant, unless the newest of its kind has the same digest."""
        newest_digest = self._connection.scalar(
            select(revision.c.digest).where(revision.c.kind == kind).order_by(revision.c.id.desc()).limit(1)
        )
        if newest_digest != digest:
            self._connection.execute(insert(revision).values(kind=kind, text=text, digest=digest, at=at))

    def keep_readings(self, key_result: str, origin: str, said: Sequence[DatedValue], at: datetime) -> int:
        """Keep the readings that an address gave at an instant; how many are new or changed."""
        return readings.keep(self._connection, (key_result, origin), said, at)

    def keepsake(self, name: str, proposal: str) -> str:
        """The text kept under a name as long as the store lives; the first proposal stays."""
        self._connection.execute(
            self._upserting(keepsake).values(name=name, text=proposal).on_conflict_do_nothing(index_elements=["name"])
        )
        return str(self._connection.scalar(select(keepsake.c.text).where(keepsake.c.name == name)))

    def replace_assignments(self, tags: Mapping[ItemRef, Assignment], *, mapping: str, strategy: str) -> None:
        """Put these assignments in the place of all that were there; `mapping` and `strategy` are digests.

        Every item has to be in the store.
        """
        if self._connection.dialect.name == "postgresql":
            # Of two processes that map the store at once the second waits, and then sees what the first wrote.
            self._connection.execute(select(func.pg_advisory_xact_lock(func.hashtext(assignment.name))))
        self._connection.execute(delete(assignment))
        rows = (assignment_row(ref, said, mapping=mapping, strategy=strategy) for ref, said in tags.items())
        insert_rows(self._connection, assignment, rows)

    def save_report(
        self,
        report_id: str,
        label: str,
        window_from: datetime,
        as_of: datetime,
        document: bytes,
        findings: Sequence[Sighting],
    ) -> None:
        """Keep a report and its findings in their order, unless the newest of that window and instant is the same."""
        reports.save(self._connection, report_id, label, window_from, as_of, document, findings)

    def begin_write(
        self,
        ref: ItemRef,
        action: WriteAction,
        fence: Fence,
        *,
        marker: str,
        body: str,
        digest: str,
        why: str,
        purpose: Purpose,
        at: datetime,
    ) -> int:
        """A row of the outbox for a write that is sent next; its number. The marker is no other row's.

        LeaseError when the lease of `fence` has gone to somebody else.
        """
        leases.check(self._connection, fence)
        return comments.begin_write(
            self._connection, ref, action, marker=marker, body=body, digest=digest, why=why, purpose=purpose, at=at
        )

    def check_lease(self, fence: Fence) -> None:
        """LeaseError when the lease of `fence` has gone to somebody else."""
        leases.check(self._connection, fence)

    def end_write(self, number: int, state: WriteState, at: datetime, problem: str | None = None) -> None:
        """Note what became of a write; `at` is when it was sent, for one that was."""
        comments.end_write(self._connection, number, state, at, problem)

    def settle_writes(self, outcomes: Mapping[int, WriteOutcome], at: datetime) -> None:
        """Note by number what came of writes, and when that was known."""
        comments.settle(self._connection, outcomes, at)

    def keep_comment(self, comment: StoredComment) -> None:
        """Keep what stands at a ticket, in the place of what was known of it."""
        comments.keep_comment(self._connection, comment)

    def keep_marks(self, ref: ItemRef, known: Sequence[StoredMark], fence: Fence) -> None:
        """Keep these marks of a ticket in the place of all that were known; LeaseError when the lease has gone."""
        leases.check(self._connection, fence)
        marks.keep(self._connection, ref, known)

    def keep_lines(self, ref: ItemRef, standing: Sequence[Line], heard_to: datetime, at: datetime) -> int:
        """Note every line that stands in a ticket whose comments were read as of its change `heard_to`.

        Lines that are known stay as they are, those that are not here any more ended `at`; how many are new.
        """
        return lines.keep(self._connection, ref, standing, heard_to, at)

    def put_delivery(
        self, key: DeliveryKey, parcel: bytes, digest: str, at: datetime, over: Collection[DeliveryState]
    ) -> None:
        """Write down that a parcel waits, unless that report, week and channel has one in a state not in `over`."""
        deliveries.put(self._connection, key, parcel, digest, at, over)

    def begin_delivery(self, known: StoredDelivery, state: DeliveryState, fence: Fence, at: datetime) -> None:
        """Note that a waiting parcel is tried (`waiting`) or handed over (`sending`).

        LeaseError when the lease of `fence` has gone to somebody else, or the parcel is another one by now.
        """
        leases.check(self._connection, fence)
        deliveries.begin(self._connection, known, state, at)

    def end_delivery(
        self, known: StoredDelivery, state: DeliveryState, fence: Fence, at: datetime, problem: str | None = None
    ) -> None:
        """Note what became of a parcel; `at` is when it arrived, if it has, which counts whoever has the lease.

        LeaseError in any other case, when the lease of `fence` has gone to somebody else.
        """
        if state != "sent":
            leases.check(self._connection, fence)
        deliveries.end(self._connection, known, state, at, problem)

    def shut_out_writers(self) -> None:
        """Until this transaction ends nobody else writes."""
        plain.shut_out_writers(self._connection)

    def empty(self) -> None:
        """Remove every row of every table."""
        plain.empty(self._connection)

    def plain_counts(self) -> dict[str, int]:
        """How many rows each table has."""
        return plain.counts(self._connection)

    def insert_plain(self, table: str, rows: Iterable[Sequence[Any]]) -> None:
        """Insert rows as `Reader.plain_rows` gives them; ValueError or TypeError for a value of the wrong kind."""
        plain.insert(self._connection, table, rows)

    def count_on(self) -> None:
        """Number new rows after those that were inserted with their numbers."""
        plain.count_on(self._connection)

    def _take_turns(self, sources: Iterable[str]) -> None:
        """Pages of one source follow each other, also when several processes write to PostgreSQL."""
        if self._connection.dialect.name == "postgresql":
            for source in sorted(sources):
                self._connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(source, 2))))

    def _held(self, refs: Iterable[ItemRef]) -> dict[ItemRef, Held]:
        held: dict[ItemRef, Held] = {}
        columns = (work_item.c.key, work_item.c.digest, work_item.c.updated_at, work_item.c.deleted, work_item.c.run)
        for source, ids in by_source(refs):
            query = select(work_item.c.id, *columns).where(work_item.c.source == source, work_item.c.id.in_(ids))
            for item, *values in self._connection.execute(query):
                held[ItemRef(source, item)] = Held(*values)
        return held

    def _ours(self, refs: Sequence[ItemRef]) -> dict[ItemRef, list[Transition]]:
        return {ref: [entry for entry, _ in entries] for ref, entries in self._stored(refs, only_ours=True).items()}

    def _stored_histories(self, refs: Sequence[ItemRef]) -> dict[ItemRef, list[tuple[Transition, bool]]]:
        return self._stored(refs, only_ours=False)

    def _stored(self, refs: Sequence[ItemRef], *, only_ours: bool) -> dict[ItemRef, list[tuple[Transition, bool]]]:
        found: dict[ItemRef, list[tuple[Transition, bool]]] = defaultdict(list)
        table = transition.c
        for source, ids in by_source(refs):
            query = select(table.id, table.ours, *ENTRY_COLUMNS).where(table.source == source, table.id.in_(ids))
            if only_ours:
                query = query.where(table.ours)
            for item, ours, *entry in self._connection.execute(query.order_by(table.id, table.sequence)):
                found[ItemRef(source, item)].append((Transition(*entry), ours))
        return found

    def _write(self, changes: Changes, held: Mapping[ItemRef, Held]) -> None:
        self._put(work_item, changes.items, held)
        if changes.marked:
            table = work_item.c
            mark = update(work_item).where(table.source == bindparam("item_source"), table.id == bindparam("item_id"))
            self._connection.execute(mark.values(deleted=bindparam("when"), settled_at=None), changes.marked)
        self._put(raw_payload, changes.payloads, held)
        self._put(item_key, changes.keys, held)
        for source, ids in by_source(changes.rewritten):
            self._connection.execute(delete(transition).where(transition.c.source == source, transition.c.id.in_(ids)))
        insert_rows(self._connection, transition, changes.entries)
        words.keep(self._connection, changes.words)

    def _put(self, table: Table, rows: Sequence[Row], held: Mapping[ItemRef, Held]) -> None:
        """Insert rows that begin with source and id; those of items that are held replace what is there."""
        if self._connection.dialect.name != "postgresql":
            insert_rows(self._connection, table, rows, replace=True)
            return
        # What cannot meet an older row goes by COPY, which is why the first load is quick.
        known: list[Row] = []
        new: list[Row] = []
        for row in rows:
            (known if ItemRef(clean(row[0]), clean(row[1])) in held else new).append(row)
        insert_rows(self._connection, table, new)
        insert_rows(self._connection, table, known, replace=True)

    def _set_aside(self, source: str, read: Iterable[ItemRef], aside: Sequence[tuple[str, str]], at: datetime) -> None:
        for of, ids in by_source(read):
            self._connection.execute(delete(set_aside).where(set_aside.c.source == of, set_aside.c.id.in_(ids)))
        rows = [
            {"source": source, "id": item, "reason": reason, "first_at": at, "last_at": at, "times": 1}
            for item, reason in dict(aside).items()
        ]
        if rows:
            statement = self._upserting(set_aside)
            new = statement.excluded
            values = {"reason": new.reason, "last_at": new.last_at, "times": set_aside.c.times + 1}
            self._connection.execute(
                statement.on_conflict_do_update(index_elements=["source", "id"], set_=values), rows
            )

    def _upserting(self, table: Table) -> postgresql.Insert | sqlite.Insert:
        """An insert that can say what happens on a conflict, in this database's dialect."""
        return postgresql.insert(table) if self._connection.dialect.name == "postgresql" else sqlite.insert(table)

    def _save_cursor(
        self, source: str, at_cursor: Mapping[str, Any], context: Mapping[str, Any], at: datetime, run_id: int | None
    ) -> None:
        row = (source, dict(at_cursor), dict(context), at, run_id)
        insert_rows(self._connection, cursor, [row], replace=True)


def by_source(refs: Iterable[ItemRef]) -> Iterator[tuple[str, list[str]]]:
    """Each source with its ids, in order of (source, id), at most SOME at a time."""
    groups: dict[str, set[str]] = defaultdict(set)
    for source, item in refs:
        groups[source].add(item)
    for source in sorted(groups):
        ids = sorted(groups[source])
        for start in range(0, len(ids), SOME):
            yield source, ids[start : start + SOME]
