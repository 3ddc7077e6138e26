"""A fresh schema and a migrated one are equal, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, inspect, text

import store.migrations
from store.open import open_store
from store.tables import SCHEMA, VERSION_TABLE, metadata


@pytest.fixture
def migrated(database_url: str) -> Iterator[Engine]:
    open_store(database_url).close()
    engine = create_engine(database_url)
    yield engine
    engine.dispose()


def described(engine: Engine) -> dict[str, object]:
    """Every table with all that the database says of it, whatever the order of its constraints."""
    seen = inspect(engine)
    return {
        name: {
            "columns": [
                (
                    column["name"],
                    str(column["type"]),
                    getattr(column["type"], "collation", None),
                    column["nullable"],
                    str(column["default"]),
                )
                for column in seen.get_columns(name)
            ],
            "key": seen.get_pk_constraint(name)["constrained_columns"],
            "foreign": sorted(map(str, seen.get_foreign_keys(name))),
            "unique": sorted(map(str, seen.get_unique_constraints(name))),
            "indexes": sorted(map(str, seen.get_indexes(name))),
            "options": sorted(seen.get_table_options(name).items()),
        }
        for name in seen.get_table_names()
        if name != VERSION_TABLE
    }


def test_a_fresh_schema_equals_a_migrated_one(migrated: Engine) -> None:
    from_migrations = described(migrated)
    with migrated.begin() as connection:
        metadata.drop_all(connection)
        metadata.create_all(connection)
    assert set(from_migrations) == set(metadata.tables)
    assert described(migrated) == from_migrations


def test_alembic_sees_no_difference(migrated: Engine) -> None:
    with migrated.connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
        assert compare_metadata(context, metadata) == []


def test_the_newest_migration_is_the_one_the_program_asks_for(migrated: Engine) -> None:
    folder = Path(next(iter(store.migrations.__path__)))
    assert ScriptDirectory(str(folder)).get_heads() == [SCHEMA]
    with migrated.connect() as connection:
        assert connection.execute(text("SELECT version_num FROM filrouge_schema")).scalars().all() == [SCHEMA]
