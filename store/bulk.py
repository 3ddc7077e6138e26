"""Thousands of rows by the driver's own executemany, or COPY on PostgreSQL, converted column by column.

SQLAlchemy says the statement and how each column's values are converted; doing that row by row, as it would, costs
four times as much as the insert itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import islice
from typing import Any

from sqlalchemy import Column, Connection, Dialect, Table
from sqlalchemy.dialects import postgresql, sqlite

from store.columns import Together
from store.copy import copy_rows

MANY = 5_000  # rows of one executemany


@dataclass(frozen=True)
class Statement:
    """An insert in the driver's own SQL; `convert` has one entry a column (None: the value goes as it is)."""

    sql: str
    names: tuple[str, ...]
    convert: tuple[Callable[[Sequence[Any]], Iterable[Any]] | None, ...]
    by_name: bool


def insert_rows(
    connection: Connection,
    table: Table,
    rows: Iterable[Sequence[Any]],
    *,
    replace: bool = False,
    at_once: int = MANY,
) -> None:
    """Insert rows, each with a value for every column of the table; with `replace`, over those of the same key.

    They are taken and sent `at_once` at a time.
    """
    rest = iter(rows)
    while some := list(islice(rest, at_once)):
        statement = _statement(table, connection.dialect, replace)
        columns: Iterator[Iterable[Any]] = (
            values if convert is None else convert(values)
            for convert, values in zip(statement.convert, zip(*some, strict=True), strict=True)
        )
        ready: list[Any] = list(zip(*columns, strict=True))
        if statement.by_name and not replace:
            copy_rows(connection, table, ready)
            continue
        if statement.by_name:
            ready = [dict(zip(statement.names, row, strict=True)) for row in ready]
        connection.exec_driver_sql(statement.sql, ready)


@lru_cache(maxsize=128)
def _statement(table: Table, dialect: Dialect, replace: bool) -> Statement:
    insert: Any = postgresql.insert(table) if dialect.name == "postgresql" else sqlite.insert(table)
    if replace:
        keys = [column.name for column in table.primary_key]
        others = {column.name: insert.excluded[column.name] for column in table.c if column.name not in keys}
        insert = insert.on_conflict_do_update(index_elements=keys, set_=others)
    names = tuple(column.name for column in table.c)
    compiled = insert.compile(dialect=dialect, column_keys=names)
    # The driver of SQLite takes values by place, in the order in which the statement names them.
    assert compiled.positiontup is None or tuple(compiled.positiontup) == names
    return Statement(
        sql=str(compiled),
        names=names,
        convert=tuple(_converter(column, dialect) for column in table.c),
        by_name=compiled.positiontup is None,
    )


def _converter(column: Column[Any], dialect: Dialect) -> Callable[[Sequence[Any]], Iterable[Any]] | None:
    """How a whole column's values are converted: our own types do it together, SQLAlchemy's one by one."""
    if isinstance(column.type, Together):
        return partial(column.type.together, dialect=dialect)
    one = column.type.dialect_impl(dialect).bind_processor(dialect)
    return None if one is None else partial(map, one)
