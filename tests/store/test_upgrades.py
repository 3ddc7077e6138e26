"""A store of the first release is brought to the newest schema, step by step and at once, and loses nothing.

`first_schema.json` holds what the first program with a store had kept of a workspace of `filrouge init` after a sync
and a report, and rows for the tables that this leaves empty. A table that came later gets a row as soon as it is there.
"""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, MetaData, Table, create_engine, select, text
from sqlalchemy.types import BigInteger, Boolean, Date, Float, Integer, LargeBinary, Text, TypeEngine

import store.migrations
from store.columns import EPOCH, MICROSECOND
from store.tables import SCHEMA, VERSION_TABLE
from tests.cli.conftest import Call, filrouge

__all__ = ["filrouge"]

MIGRATIONS = Path(next(iter(store.migrations.__path__)))
STEPS = [script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions()][::-1]
FIRST: Mapping[str, Any] = json.loads(Path(__file__).with_name("first_schema.json").read_text("utf-8"))
DROPPED = {"pin"}  # it was never written (0003)
WHEN = datetime(2026, 11, 25, 9, 30, tzinfo=UTC)
SAMPLES: tuple[tuple[type[TypeEngine[Any]], Any], ...] = (  # the first that fits
    (BigInteger, (WHEN - EPOCH) // MICROSECOND),
    (Boolean, True),
    (Integer, 1),
    (Float, 1.5),
    (Text, "[]"),
    (LargeBinary, b"\0"),
    (Date, WHEN.date()),
)

Rows = dict[str, list[dict[str, Any]]]


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """A store of the first schema, with the first program's rows in all of its tables."""
    made = create_engine(database_url)
    migrate(made, STEPS[0])
    with made.begin() as connection:
        tables = tables_of(connection)
        assert {table.name for table in tables} == set(FIRST), "a table without rows proves nothing"
        for table in tables:
            names, rows = FIRST[table.name]["columns"], FIRST[table.name]["rows"]
            values = [[value_of(said, connection) for said in row] for row in rows]
            connection.execute(table.insert(), [dict(zip(names, row, strict=True)) for row in values])
            count_on(connection, table)
    yield made
    made.dispose()


def migrate(engine: Engine, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def tables_of(connection: Connection) -> list[Table]:
    """The tables as the database itself describes them, those that others refer to first."""
    found = MetaData()
    found.reflect(connection)
    return [table for table in found.sorted_tables if table.name != VERSION_TABLE]


def rows_of(engine: Engine) -> Rows:
    with engine.connect() as connection:
        return {
            table.name: [
                dict(row)
                for row in connection.execute(select(table).order_by(*table.primary_key.columns)).mappings().all()
            ]
            for table in tables_of(connection)
        }


def fill_empty_tables(engine: Engine) -> None:
    with engine.begin() as connection:
        for table in tables_of(connection):
            if connection.execute(select(table).limit(1)).first() is None:
                row = {column.name: sample(column.name, column.type) for column in table.columns}
                connection.execute(table.insert(), [row])


def count_on(connection: Connection, table: Table) -> None:
    """PostgreSQL numbers new rows by a counter of its own, which knows nothing of rows that came with their number."""
    (number, *others) = table.primary_key.columns
    if connection.dialect.name == "postgresql" and not others and isinstance(number.type, Integer):
        counter = f"pg_get_serial_sequence('{table.name}', '{number.name}')"
        connection.execute(text(f"SELECT setval({counter}, (SELECT max({number.name}) FROM {table.name}))"))  # noqa: S608 # names of ours


def value_of(said: Any, connection: Connection) -> Any:
    """A value of the file as the database takes it."""
    if not isinstance(said, dict):
        return said
    ((kind, text),) = said.items()
    if kind == "bytes":
        return b64decode(text)
    if kind == "day":
        return date.fromisoformat(text)
    instant = datetime.fromisoformat(text)
    return instant if connection.dialect.name == "postgresql" else (instant - EPOCH) // MICROSECOND


def sample(name: str, kind: TypeEngine[Any]) -> Any:
    """A value that a column takes; what names an item names one that is there."""
    if name in ("source", "id") and isinstance(kind, Text):
        return {"source": "example", "id": "EX-1"}[name]
    return next((value for one, value in SAMPLES if isinstance(kind, one)), WHEN)


def assert_kept(before: Rows, after: Rows) -> None:
    """Every row is still there, with every value; columns may have come."""
    assert set(before) - set(after) <= DROPPED
    for table in set(before) & set(after):
        names = before[table][0].keys()
        assert [{name: row[name] for name in names} for row in after[table]] == before[table], table


def test_every_step_keeps_every_row(engine: Engine) -> None:
    for revision in STEPS[1:]:
        before = rows_of(engine)
        migrate(engine, revision)
        assert_kept(before, rows_of(engine))
        fill_empty_tables(engine)
    assert STEPS[-1] == SCHEMA
    assert all(rows_of(engine).values())


def test_a_store_of_the_first_release_goes_on_in_this_one(
    engine: Engine, database_url: str, filrouge: Call, tmp_path: Path
) -> None:
    before = rows_of(engine)
    engine.dispose()
    workspace = tmp_path / "workspace"
    assert filrouge("init", workspace).returncode == 0
    here: dict[str, Any] = {"cwd": workspace, "env": {"FILROUGE_STORE": database_url}}

    old = filrouge("store", "check", **here)
    assert old.returncode == 1
    assert f"The schema is 0001, and this Filrouge knows {SCHEMA}; run `filrouge store upgrade`." in old.stderr
    assert_kept(before, rows_of(engine))  # to look changes nothing

    done = filrouge("store", "upgrade", "--json", **here)
    assert done.returncode == 0, done.stderr
    assert (json.loads(done.stdout)["from"], json.loads(done.stdout)["to"]) == ("0001", SCHEMA)
    assert_kept(before, rows_of(engine))

    checked = filrouge("store", "check", **here)
    assert checked.returncode == 0, checked.stderr
    assert "20 items, 31 history entries, 2 reports, 1 runs, no faults." in checked.stderr
    report = filrouge("report", "--week", "2026-W47", "--format", "json", **here)
    assert report.returncode == 0, report.stderr
    assert json.loads(report.stdout)["delivered"]["items"] == 10
    assert len(filrouge("items", "--json", **here).stdout.splitlines()) == 20
    assert filrouge("sync", **here).returncode == 0


def test_a_store_of_a_newer_release_is_refused_in_one_sentence_and_left_alone(
    engine: Engine, database_url: str, filrouge: Call, tmp_path: Path
) -> None:
    with engine.begin() as connection:
        connection.execute(text(f"UPDATE {VERSION_TABLE} SET version_num = '9999'"))  # noqa: S608 # the name is ours
    before = rows_of(engine)
    engine.dispose()
    assert filrouge("init", tmp_path / "workspace").returncode == 0
    for command_line in (["status"], ["sync"], ["report"], ["store", "upgrade"]):
        refused = filrouge(*command_line, cwd=tmp_path / "workspace", env={"FILROUGE_STORE": database_url})
        assert refused.returncode == 4, refused.stderr
        (said,) = refused.stderr.splitlines()
        assert "was written by a newer version of Filrouge (its schema is 9999, " in said
        assert "nothing takes a store back to an older schema." in said
    assert rows_of(engine) == before
