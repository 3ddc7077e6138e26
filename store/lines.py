"""Lines that people wrote to Filrouge in tickets, as they stand there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, insert, or_, select, update

from domain.lines import Line
from domain.work import ItemRef
from store.columns import clean
from store.tables import command, comment


def keep(connection: Connection, ref: ItemRef, standing: Sequence[Line], heard_to: datetime, at: datetime) -> int:
    """Put what stands in a ticket beside what was known of it; how many lines are new."""
    table = command.c
    query = select(table.number, table.comment, table.said).where(
        table.source == ref.source, table.id == ref.id, table.ended_at.is_(None)
    )
    known = {(where, said): number for number, where, said in connection.execute(query)}
    here = {(one.comment, clean(one.said)): one for one in standing}
    ended = [number for line, number in known.items() if line not in here]
    if ended:
        connection.execute(update(command).where(table.number.in_(ended)).values(ended_at=at))
    new = [
        {
            "source": ref.source,
            "id": ref.id,
            "comment": one.comment,
            "said": said,
            "author": one.author,
            "allowed": one.allowed,
            "at": one.at,
            "known_at": at,
        }
        for (_, said), one in here.items()
        if (one.comment, said) not in known
    ]
    if new:
        connection.execute(insert(command), new)
    mine = and_(comment.c.source == ref.source, comment.c.id == ref.id)
    connection.execute(update(comment).where(mine).values(heard_to=heard_to))
    return len(new)


def standing(connection: Connection, at: datetime | None) -> dict[ItemRef, list[Line]]:
    """By item the lines that stand in it now, or that were known to stand there at an instant, oldest first."""
    table = command.c
    stands: ColumnElement[bool] = table.ended_at.is_(None)
    if at is not None:
        stands = and_(table.known_at <= at, or_(stands, table.ended_at > at))
    query = select(command).where(stands).order_by(table.source, table.id, table.at, table.number)
    found: dict[ItemRef, list[Line]] = defaultdict(list)
    for row in connection.execute(query):
        found[ItemRef(row.source, row.id)].append(Line(ItemRef(row.source, row.id), *row[3:]))
    return dict(found)
