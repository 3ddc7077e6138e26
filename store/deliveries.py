"""Reports on their way to channels: a row before anything is sent, and what became of it."""

from __future__ import annotations

import zlib
from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.elements import ColumnElement

from domain.errors import LeaseError
from store.columns import clean
from store.kept import DeliveryKey, DeliveryState, StoredDelivery
from store.tables import delivery

COLUMNS = [column for column in delivery.c if column is not delivery.c.parcel]


def put(
    connection: Connection, key: DeliveryKey, parcel: bytes, digest: str, at: datetime, over: Collection[DeliveryState]
) -> None:
    """Write down that a parcel waits, unless that report, week and channel has one in a state that is not in `over`."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    named = dict(zip(("report", "label", "channel"), map(clean, key), strict=True))
    fresh = {"state": "waiting", "digest": digest, "parcel": zlib.compress(parcel), "attempts": 0, "at": at}
    fresh |= {"tried_at": None, "sent_at": None, "problem": None}
    written = dialect.insert(delivery).values(**named, **fresh)
    connection.execute(
        written.on_conflict_do_update(index_elements=list(named), set_=fresh, where=delivery.c.state.in_(sorted(over)))
    )


def stored(connection: Connection, key: DeliveryKey | None) -> list[StoredDelivery]:
    """Every delivery, or that of one key, by the instant at which it was written down."""
    query = select(*COLUMNS).order_by(delivery.c.at, delivery.c.report, delivery.c.label, delivery.c.channel)
    if key is not None:
        query = query.where(_is(key))
    return [StoredDelivery(DeliveryKey(*row[:3]), *row[3:]) for row in connection.execute(query)]


def parcel(connection: Connection, known: StoredDelivery) -> bytes | None:
    """What a delivery that waits is to send; None when it is another one by now, or waits no more."""
    packed = connection.scalar(select(delivery.c.parcel).where(_same(known)))
    return None if packed is None else zlib.decompress(packed)


def begin(connection: Connection, known: StoredDelivery, state: DeliveryState, at: datetime) -> None:
    """Note that a waiting parcel is tried, or handed over; LeaseError when it is another one by now."""
    values: dict[str, Any] = {"state": state, "tried_at": at}
    if state == "waiting":
        values["attempts"] = delivery.c.attempts + 1
    waits = and_(_same(known), delivery.c.state == "waiting")
    if not connection.execute(update(delivery).where(waits).values(**values)).rowcount:
        raise LeaseError("the report was made anew while it waited; the new one is sent next.")


def end(connection: Connection, known: StoredDelivery, state: DeliveryState, at: datetime, problem: str | None) -> None:
    """Note what became of a parcel, unless it is another one by now; `at` is when it arrived, if it has."""
    values: dict[str, Any] = {"state": state, "problem": None if problem is None else clean(problem)}
    if state != "waiting":
        values["parcel"] = None
    if state == "sent":
        values["sent_at"] = at
    connection.execute(update(delivery).where(_same(known)).values(**values))


def _same(known: StoredDelivery) -> ColumnElement[bool]:
    return and_(_is(known.key), delivery.c.digest == known.digest)


def _is(key: DeliveryKey) -> ColumnElement[bool]:
    table = delivery.c
    return and_(table.report == clean(key.report), table.label == clean(key.label), table.channel == clean(key.channel))
