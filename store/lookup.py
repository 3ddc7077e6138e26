"""Work items by a key, as people write it."""

from __future__ import annotations

from sqlalchemy import Connection, or_, select, tuple_

from domain.work import ItemRef, WorkItem
from store.columns import clean
from store.rows import ITEM_COLUMNS, item_of
from store.tables import item_key, work_item


def by_key(connection: Connection, key: str, source: str | None) -> list[WorkItem]:
    """As `Reader.find`."""
    folded = clean(key).casefold()
    item = work_item.c
    named = select(item_key.c.source, item_key.c.id).where(item_key.c.folded == folded)
    # An id in another case than its tracker's is found by its key alone: no tracker we know has letters in ids.
    query = select(*ITEM_COLUMNS).where(
        or_(tuple_(item.source, item.id).in_(named), item.id.in_({key, key.lower(), key.upper()}))
    )
    if source is not None:
        query = query.where(item.source == source)
    found = [item_of(row) for row in connection.execute(query.order_by(item.source, item.id))]
    former = {ItemRef(*row) for row in connection.execute(named)}

    def rank(one: WorkItem) -> tuple[bool, int]:
        if one.key.casefold() == folded:
            return one.deleted is not None, 0
        return one.deleted is not None, 1 if one.ref in former else 2

    best = min(map(rank, found), default=None)
    return [one for one in found if rank(one) == best]
