"""Bringing a database to the tables that this program knows."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from domain.errors import StoreError
from store.tables import SCHEMA, VERSION_TABLE, metadata

# Any number will do, as long as every version of the program takes the same one.
LOCK = 4_613_732_021


def schema_version(connection: Connection) -> str | None:
    """The migration that the database stands at; None when it has none of ours."""
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    version: str | None = connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar()  # noqa: S608 # the name is ours
    return version


def upgrade(connection: Connection, address: str) -> None:
    """Run the migrations that are missing, inside the connection's transaction: all of them or none.

    StoreError when the schema is newer than this program, or when tables of our names are somebody else's.
    """
    # Alembic is imported only when there is something to do: it costs every other command a tenth of a second.
    from alembic import command  # noqa: PLC0415 # see above
    from alembic.config import Config  # noqa: PLC0415 # see above
    from alembic.script import ScriptDirectory  # noqa: PLC0415 # see above

    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")).replace("%", "%%"))
    config.attributes["connection"] = connection
    version = schema_version(connection)
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if version is not None and version not in known:
        raise StoreError(
            f"The store {address} was written by a newer version of Filrouge (its schema is {version}, "
            f"this program knows {SCHEMA}); upgrade Filrouge, or import a backup that this version has written: "
            "nothing takes a store back to an older schema."
        )
    if version is None:
        foreign = sorted(set(inspect(connection).get_table_names()) & set(metadata.tables))
        if foreign:
            raise StoreError(
                f"The store {address} already has a table called {foreign[0]!r} that is not Filrouge's; "
                "give Filrouge a database of its own."
            )
    command.upgrade(config, "head")
