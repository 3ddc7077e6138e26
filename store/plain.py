"""Every table's rows in values that JSON can say and that are the same on both databases."""

# ruff: noqa: ARG002 # SQLAlchemy passes the dialect to every conversion; most of ours give the same on both
from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Date,
    Dialect,
    LargeBinary,
    MetaData,
    Table,
    Text,
    delete,
    func,
    select,
    text,
    type_coerce,
)
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.types import TypeDecorator, TypeEngine

from store.bulk import insert_rows
from store.columns import EPOCH, MICROSECOND, Instant
from store.tables import metadata

AT_ONCE = 500  # rows fetched or inserted at a time; a payload may be large


class Microseconds(TypeDecorator[int]):
    """What `Instant` keeps, as microseconds since 1970."""

    impl = BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return TIMESTAMP(timezone=True) if dialect.name == "postgresql" else BigInteger()

    def process_bind_param(self, value: int | None, dialect: Dialect) -> Any:
        if value is None or dialect.name != "postgresql":
            return value
        return EPOCH + timedelta(microseconds=value)

    def process_result_value(self, value: Any, dialect: Dialect) -> int | None:
        return (value - EPOCH) // MICROSECOND if isinstance(value, datetime) else value


class Base64(TypeDecorator[str]):
    """Bytes as Base64."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        return None if value is None else b64decode(value, validate=True)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> str | None:
        return None if value is None else b64encode(value).decode("ascii")


class IsoDate(TypeDecorator[str]):
    """A day as YYYY-MM-DD."""

    impl = Date
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> date | None:
        return None if value is None else date.fromisoformat(value)

    def process_result_value(self, value: date | None, dialect: Dialect) -> str | None:
        return None if value is None else value.isoformat()


def columns_of(table: str) -> list[str]:
    """The names of a table's columns, in the order of its rows; KeyError when there is no such table."""
    return [column.name for column in metadata.tables[table].c]


def names() -> list[str]:
    """Every table, each after those that it refers to."""
    return [table.name for table in metadata.sorted_tables]


def rows(connection: Connection, table: str) -> Iterator[Sequence[Any]]:
    """Every row of a table in order of its key, fetched as they are asked for."""
    kept = metadata.tables[table]
    wanted = [type_coerce(column, _plain(column)).label(column.name) for column in kept.c]
    query = select(*wanted).order_by(*kept.primary_key)
    with connection.execute(query, execution_options={"yield_per": AT_ONCE}) as result:
        yield from result


def insert(connection: Connection, table: str, some: Iterable[Sequence[Any]]) -> None:
    """Insert rows of `rows` as they are; ValueError or TypeError for a value that is none of its column's."""
    insert_rows(connection, _twin(table), some, at_once=AT_ONCE)


def counts(connection: Connection) -> dict[str, int]:
    """How many rows each table has."""
    return {
        table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
        for table in metadata.sorted_tables
    }


def empty(connection: Connection) -> None:
    """Remove every row of every table."""
    for table in reversed(metadata.sorted_tables):
        connection.execute(delete(table))


def shut_out_writers(connection: Connection) -> None:
    """Until the transaction ends nobody else writes; on SQLite that is so anyway."""
    if connection.dialect.name == "postgresql":
        tables = ", ".join(f'"{name}"' for name in names())
        connection.execute(text(f"LOCK TABLE {tables} IN SHARE ROW EXCLUSIVE MODE"))


def count_on(connection: Connection) -> None:
    """Let PostgreSQL number new rows after those that were inserted; SQLite looks by itself."""
    if connection.dialect.name != "postgresql":
        return
    for table in metadata.sorted_tables:
        number = table.autoincrement_column
        if number is not None:
            last = select(func.max(number)).scalar_subquery()
            sequence = func.pg_get_serial_sequence(table.name, number.name)
            connection.execute(select(func.setval(sequence, func.coalesce(last, 1), last.is_not(None))))


def _plain(column: Column[Any]) -> TypeEngine[Any]:
    kind = column.type
    if isinstance(kind, Instant):
        return Microseconds()
    if isinstance(kind, TypeDecorator):
        return Text()  # all others of ours are kept as text
    if isinstance(kind, LargeBinary):
        return Base64()
    return IsoDate() if isinstance(kind, Date) else kind


@cache
def _twin(table: str) -> Table:
    kept = metadata.tables[table]
    return Table(table, MetaData(), *(Column(column.name, _plain(column)) for column in kept.c))
