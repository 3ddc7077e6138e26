"""Comments: what shall be written into tickets, row by row, and what stands there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, select, update

from domain.effect import Effect
from domain.work import ItemRef
from store.bulk import insert_rows
from store.columns import clean
from store.kept import UNCLEAR, Purpose, StoredComment, StoredWrite, WriteAction, WriteOutcome, WriteState
from store.tables import comment, outbox


def begin_write(
    connection: Connection,
    ref: ItemRef,
    action: WriteAction,
    *,
    marker: str,
    body: str,
    digest: str,
    why: str,
    purpose: Purpose,
    at: datetime,
) -> int:
    """A new row of the outbox for a write that is sent next, at an instant; its number."""
    row = insert(outbox).values(
        source=ref.source,
        id=ref.id,
        action=action,
        marker=marker,
        body=clean(body),
        digest=digest,
        why=clean(why),
        purpose=purpose,
        state="trying",
        attempts=1,
        at=at,
        tried_at=at,
    )
    return int(connection.execute(row.returning(outbox.c.number)).scalar_one())


def end_write(connection: Connection, number: int, state: WriteState, at: datetime, problem: str | None) -> None:
    """Note what became of a write; `at` is when it was sent, for one that was."""
    values: dict[str, Any] = {"state": state, "problem": None if problem is None else clean(problem)}
    if state == "sent":
        values["sent_at"] = at
    connection.execute(update(outbox).where(outbox.c.number == number).values(**values))


def keep_comment(connection: Connection, one: StoredComment) -> None:
    """Keep what stands at a ticket, in the place of what was known of it."""
    values = (one.comment, one.marker, one.digest, one.state, one.posted_at, one.edited_at, one.stamp)
    body = None if one.body is None else clean(one.body)
    insert_rows(connection, comment, [(*one.ref, *values, body, one.heard_to)], replace=True)


def comments(connection: Connection, source: str | None) -> Iterator[StoredComment]:
    """What is known of every comment of ours, in order of (source, id)."""
    query = select(comment).order_by(comment.c.source, comment.c.id)
    if source is not None:
        query = query.where(comment.c.source == source)
    for row in connection.execute(query):
        yield StoredComment(ItemRef(row.source, row.id), *row[2:])


def writes(
    connection: Connection, source: str | None, states: Collection[WriteState], since: datetime | None
) -> Iterator[StoredWrite]:
    """Rows of the outbox in these states, oldest first; only those sent for the last time at `since` or later."""
    query = select(outbox).where(outbox.c.state.in_(sorted(states))).order_by(outbox.c.number)
    if source is not None:
        query = query.where(outbox.c.source == source)
    if since is not None:
        query = query.where(outbox.c.tried_at >= since)
    for row in connection.execute(query):
        yield StoredWrite(row.number, ItemRef(row.source, row.id), *row[3:])


def spent(connection: Connection, since: datetime) -> dict[ItemRef, int]:
    """How many posts and edits each item got since an instant, those that may have arrived included."""
    query = (
        select(outbox.c.source, outbox.c.id, func.count())
        .where(
            outbox.c.tried_at >= since,
            outbox.c.action.in_(("post", "edit")),
            outbox.c.state.in_((*UNCLEAR, "sent")),
        )
        .group_by(outbox.c.source, outbox.c.id)
    )
    return {ItemRef(source, item): count for source, item, count in connection.execute(query)}


def unsettled(connection: Connection) -> Iterator[StoredWrite]:
    """Posts and edits that were sent and of which nothing came yet, oldest first."""
    query = select(outbox).where(
        outbox.c.state == "sent", outbox.c.action.in_(("post", "edit")), outbox.c.outcome.is_(None)
    )
    for row in connection.execute(query.order_by(outbox.c.number)):
        yield StoredWrite(row.number, ItemRef(row.source, row.id), *row[3:])


def settle(connection: Connection, outcomes: Mapping[int, WriteOutcome], at: datetime) -> None:
    """Note by number what came of writes, and when that was known."""
    if outcomes:
        known = update(outbox).where(outbox.c.number == bindparam("write"))
        rows = [{"write": number, "outcome": outcome, "outcome_at": at} for number, outcome in outcomes.items()]
        connection.execute(known, rows)


def effect(connection: Connection, since: datetime, at: datetime) -> Effect:
    """What came, as far as it was known at an instant, of the comments written since another one."""
    query = (
        select(outbox.c.source, outbox.c.id, outbox.c.purpose, outbox.c.outcome, outbox.c.outcome_at)
        .where(
            outbox.c.state == "sent",
            outbox.c.action.in_(("post", "edit")),
            outbox.c.sent_at >= since,
            outbox.c.sent_at <= at,
        )
        .order_by(outbox.c.number)
    )
    asked: dict[ItemRef, str | None] = {}
    told: dict[ItemRef, str | None] = {}
    for source, item, purpose, outcome, known_at in connection.execute(query):
        known = outcome if known_at is not None and known_at <= at else None
        ref = ItemRef(source, item)
        told[ref] = known
        if purpose == "asks" and asked.get(ref) != "mapped":
            asked[ref] = known
    came = Counter(asked.values())
    return Effect(
        tickets=len(told),
        asked=len(asked),
        mapped=came["mapped"],
        ignored=came["ignored"],
        waiting=came[None],
        muted=sum(1 for one in told.values() if one == "muted"),
        removed=sum(1 for one in told.values() if one == "removed"),
        edited=sum(1 for one in told.values() if one == "edited"),
    )


def ignored(connection: Connection) -> dict[ItemRef, int]:
    """How many writes into each ticket were ignored since the last one that led to a mapping."""
    counted: dict[ItemRef, int] = {}
    query = select(outbox.c.source, outbox.c.id, outbox.c.outcome).where(outbox.c.outcome.is_not(None))
    for source, item, outcome in connection.execute(query.order_by(outbox.c.number)):
        ref = ItemRef(source, item)
        counted[ref] = counted.get(ref, 0) + 1 if outcome == "ignored" else 0
    return counted
