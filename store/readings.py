"""Readings of key results that addresses answered with, each with when it was first seen there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import Connection, insert, select

from domain.strategy import DatedValue
from store.tables import reading

Origin = tuple[str, str]  # a key result's id and the address


def keep(connection: Connection, origin: Origin, said: Sequence[DatedValue], at: datetime) -> int:
    """Keep what an address said at an instant beside what it said before; how many readings are new or changed.

    A day that is no longer told keeps its value, since many addresses tell the last weeks only. Of two readings of
    one day in one answer the later one counts.
    """
    known = {one.on: one.value for one in known_at(connection, at).get(origin, ())}
    told = {one.on: one.value for one in said}
    rows = [
        {"key_result": origin[0], "origin": origin[1], "on": day, "value": value, "seen_at": at}
        for day, value in sorted(told.items())
        if known.get(day) != value
    ]
    if rows:
        connection.execute(insert(reading), rows)
    return len(rows)


def known_at(connection: Connection, at: datetime) -> Mapping[Origin, Sequence[DatedValue]]:
    """By origin its readings as they were known at an instant, in the order of their days.

    What the first answer of an address held is known for all the time before it, as first revisions are (ADR 0002).
    """
    first: dict[Origin, datetime] = {}
    days: dict[Origin, dict[date, float]] = defaultdict(dict)
    for row in connection.execute(select(reading).order_by(reading.c.seen_at, reading.c.id)):
        origin = (row.key_result, row.origin)
        if row.seen_at <= max(at, first.setdefault(origin, row.seen_at)):
            days[origin][row.on] = row.value
    return {origin: [DatedValue(*day) for day in sorted(found.items())] for origin, found in days.items()}
