"""COPY: how PostgreSQL takes many new rows fastest."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.exc import DBAPIError


def copy_rows(connection: Connection, table: Table, rows: Iterable[Sequence[Any]]) -> None:
    """Insert rows of new keys, each with a value for every column of the table in the form that the driver takes.

    DBAPIError, as of any other statement, when the database refuses one.
    """
    preparer = connection.dialect.identifier_preparer
    names = ", ".join(preparer.quote(column.name) for column in table.c)
    statement = f"COPY {preparer.format_table(table)} ({names}) FROM STDIN"
    driver = connection.connection.driver_connection
    assert driver is not None
    assert connection.dialect.dbapi is not None
    try:
        with driver.cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)
    except connection.dialect.dbapi.Error as error:
        # The rows are not to be shown, so they are no part of it.
        raise DBAPIError(statement, None, error, hide_parameters=True) from error
