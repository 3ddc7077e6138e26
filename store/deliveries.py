"""Reports on their way to channels: a row before anything is sent, and what became of it."""

from __future__ import annotations

import zlib
from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.elements import ColumnElement

from domain.errors import LeaseError
from store.columns import clean
from store.kept import DeliveryKey, DeliveryState, StoredDelivery
from store.tables import delivery


def put(
    connection: Connection, key: DeliveryKey, parcel: bytes, digest: str, at: datetime, over: Collection[DeliveryState]
) -> None:
    """Write down that a parcel waits, unless that report, week and channel has one in a state that is not in `over`.

    A parcel of the same digest that waits, is under way or has arrived stays as it is.
    """
    table = delivery.c
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    named = dict(zip(("report", "label", "channel"), map(clean, key), strict=True))
    fresh = {"state": "waiting", "digest": digest, "parcel": zlib.compress(parcel), "attempts": 0, "at": at}
    empty = {"tried_at": None, "sent_at": None, "problem": None}
    put_down = dialect.insert(delivery).values(**named, **fresh, **empty)
    replaced = or_(table.digest != digest, table.state.in_(("failed", "unclear")))
    connection.execute(
        put_down.on_conflict_do_update(
            index_elements=list(named), set_={**fresh, **empty}, where=and_(table.state.in_(sorted(over)), replaced)
        )
    )


def stored(connection: Connection, key: DeliveryKey | None) -> list[StoredDelivery]:
    """Every delivery, or that of one key, by the instant at which it was written down."""
    query = select(delivery).order_by(delivery.c.at, delivery.c.report, delivery.c.label, delivery.c.channel)
    if key is not None:
        query = query.where(_is(key))
    return [
        StoredDelivery(
            DeliveryKey(*row[:3]), row.state, row.digest, row.parcel and zlib.decompress(row.parcel), *row[6:]
        )
        for row in connection.execute(query)
    ]


def begin(connection: Connection, known: StoredDelivery, state: DeliveryState, at: datetime) -> None:
    """Note that a waiting parcel is tried, or handed over; LeaseError when it is another one by now."""
    values: dict[str, Any] = {"state": state, "tried_at": at}
    if state == "waiting":
        values["attempts"] = delivery.c.attempts + 1
    mine = and_(_is(known.key), delivery.c.state == "waiting", delivery.c.digest == known.digest)
    if not connection.execute(update(delivery).where(mine).values(**values)).rowcount:
        raise LeaseError("The report was made anew while it waited; the new one is sent next.")


def end(connection: Connection, known: StoredDelivery, state: DeliveryState, at: datetime, problem: str | None) -> None:
    """Note what became of a parcel, unless it is another one by now; `at` is when it arrived, if it has."""
    values: dict[str, Any] = {"state": state, "problem": None if problem is None else clean(problem)}
    if state == "sent":
        values |= {"sent_at": at, "parcel": None}
    mine = and_(_is(known.key), delivery.c.digest == known.digest)
    connection.execute(update(delivery).where(mine).values(**values))


def _is(key: DeliveryKey) -> ColumnElement[bool]:
    table = delivery.c
    return and_(table.report == clean(key.report), table.label == clean(key.label), table.channel == clean(key.channel))
