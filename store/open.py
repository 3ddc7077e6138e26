"""Opening the store: one object that hands out transactions."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection

from domain.errors import StoreError
from store.address import file_of, parse_address, secrets_of, shown
from store.faults import in_one_sentence
from store.machine import MOUNTS, network_of
from store.migrate import schema_version, upgrade
from store.queries import Reader
from store.tables import SCHEMA
from store.unit import Unit

WRITES = "filrouge_writes"


class Store:
    """The open store; threads may use it at the same time.

    `address` has no password; `found` is the schema at which it was found, None where there was none. On SQLite one
    thread writes at a time, and the others wait for their turn.
    """

    found: str | None = None

    def __init__(self, engine: Engine, url: URL) -> None:
        self.address = shown(url)
        self._secrets = secrets_of(url)
        self._engine = engine
        if engine.dialect.name == "sqlite":
            self._writer: Engine = engine.execution_options(**{WRITES: True})
            self._reader: Engine = engine
            self._turn: AbstractContextManager[Any] = threading.RLock()
        else:
            self._writer = engine
            self._reader = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            self._turn = nullcontext()

    @contextmanager
    def writing(self) -> Iterator[Unit]:
        """One transaction: it is kept when the block ends, and leaves nothing when the block raises."""
        with self._turn, in_one_sentence(self.address, self._secrets), self._writer.begin() as connection:
            yield Unit(connection)

    @contextmanager
    def reading(self) -> Iterator[Reader]:
        """One consistent read: what others write meanwhile is not seen."""
        with in_one_sentence(self.address, self._secrets), self._reader.begin() as connection:
            yield Reader(connection)

    @contextmanager
    def _migrating(self) -> Iterator[Connection]:
        """One transaction in which tables may be replaced by others of their name.

        SQLite replaces a table by dropping it, which with foreign keys empties the tables that refer to it; they can be
        switched off before a transaction alone (sqlite.org/lang_altertable.html, section 7).
        """
        with self._writer.connect() as connection:
            driver = connection.connection.driver_connection
            if isinstance(driver, sqlite3.Connection):
                driver.execute("PRAGMA foreign_keys=OFF")
            try:
                with connection.begin():
                    yield connection
            finally:
                if isinstance(driver, sqlite3.Connection):
                    driver.execute("PRAGMA foreign_keys=ON")

    def close(self) -> None:
        """Give back every connection."""
        self._engine.dispose()


def open_store(
    url: str, *, create: bool = True, migrate: bool = True, timeout: float = 30.0, mounts: Path = MOUNTS
) -> Store:
    """Open the store at an address and bring its tables up to date (`migrate`); where there is none, `create` it.

    `timeout` is how many seconds to wait for another program's lock, or for the server to answer; `mounts` is the
    system's list of what is mounted where. StoreError, in one sentence without the password, when that is not possible,
    and for a SQLite file on a network file system.
    """
    parsed = parse_address(url)
    address, secrets = shown(parsed), secrets_of(parsed)
    file = file_of(parsed)
    if file is not None:
        if not file.parent.is_dir():
            raise StoreError(f"The store {address} cannot be opened: the folder {file.parent} does not exist.")
        if file.is_dir():
            raise StoreError(f"The store {address} is a folder; expected a file such as filrouge.db.")
        network = network_of(file, mounts)
        if network is not None:
            raise StoreError(
                f"The store {address} lies on a network file system ({network[0]} at {network[1]}), where SQLite's "
                "locks do not hold and its file can be damaged; put it on a disk of this machine, or use PostgreSQL."
            )
        if not create and not file.exists():
            raise StoreError(f"There is no store at {address} yet; `filrouge sync` makes one.")
        engine = _sqlite(parsed, timeout)
    else:
        engine = _postgresql(parsed, timeout)
    store = Store(engine, parsed)
    try:
        with in_one_sentence(address, secrets):
            with engine.connect() as connection:
                version = schema_version(connection)
            if version is None and not create:
                raise StoreError(f"There is no store at {address} yet; `filrouge sync` makes one.")
            store.found = version
            if version != SCHEMA and migrate:
                with store._migrating() as connection:
                    if schema_version(connection) != SCHEMA:
                        upgrade(connection, address)
    except BaseException:
        engine.dispose()
        raise
    return store


def _sqlite(url: URL, timeout: float) -> Engine:
    engine = create_engine(url, connect_args={"timeout": timeout, "check_same_thread": False}, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def set_up(connection: DBAPIConnection, _record: object) -> None:
        assert isinstance(connection, sqlite3.Connection)
        # The driver shall not begin transactions by itself: `begin` below says which kind.
        connection.isolation_level = None
        # WAL lets readers see the last committed state while one writes; with it, NORMAL can lose the last
        # transactions in a power cut but never the consistency of data and cursor.
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A writer takes its lock at once: one that has read first could be refused without waiting.
        writes = connection.get_execution_options().get(WRITES)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _postgresql(url: URL, timeout: float) -> Engine:
    return create_engine(
        url, connect_args={"connect_timeout": max(1, round(timeout))}, pool_pre_ping=True, hide_parameters=True
    )
