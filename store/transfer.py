"""Everything of one store into another, of either database, all of it or nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from domain.errors import ConfigurationError
from store.open import Store
from store.plain import names
from store.unit import Unit


def copy_store(origin: Store, target: Store, *, replace: bool = False) -> dict[str, int]:
    """Copy every table as it stands at one instant into an empty store; how many rows each table has now.

    `replace` empties the target first, in the same transaction. ConfigurationError when the target is not empty, or is
    the origin.
    """
    if origin.address == target.address:
        raise ConfigurationError(f"{target.address} is the workspace's own store; name the one to import from.")
    with filling(target, replace=replace) as unit, origin.reading() as reader:
        for table in names():
            unit.insert_plain(table, reader.plain_rows(table))
        return unit.plain_counts()


@contextmanager
def filling(store: Store, *, replace: bool) -> Iterator[Unit]:
    """A transaction that loads a store from empty while nobody else writes; new rows are numbered after its own.

    ConfigurationError when the store holds something, unless that is to be replaced.
    """
    with store.writing() as unit:
        unit.shut_out_writers()
        filled = {table: count for table, count in unit.plain_counts().items() if count}
        if filled and not replace:
            table, count = next(iter(filled.items()))
            raise ConfigurationError(
                f"The store {store.address} is not empty ({count:,} rows in {table}); import into an empty one: give "
                "`store:` in filrouge.yaml a new address, or say --replace to lose what it holds."
            )
        if filled:
            unit.empty()
        yield unit
        unit.count_on()
