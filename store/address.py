"""Where the store is: an address checked before anything is opened, and how it may be shown."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from domain.errors import StoreError

EXPECTED = "expected sqlite:///filrouge.db or postgresql+psycopg://user@host/database"
SECRET_OPTIONS = ("password", "sslpassword")


def parse_address(text: str) -> URL:
    """The address of a store; StoreError, which never shows the text, when it is not one we can open.

    `postgresql://` and `postgres://` become `postgresql+psycopg://`, the driver that Filrouge brings.
    """
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise StoreError(f"The store's address makes no sense; {EXPECTED}.") from None
    if url.drivername in ("postgresql", "postgres"):
        url = url.set(drivername="postgresql+psycopg")
    if url.drivername == "postgresql+psycopg":
        if find_spec("psycopg") is None:
            raise StoreError("The store is on PostgreSQL, whose driver is missing; install filrouge[postgres].")
        return url
    if url.drivername not in ("sqlite", "sqlite+pysqlite"):
        raise StoreError(f"The store cannot be on {url.drivername!r}; {EXPECTED}.")
    if not url.database or url.database == ":memory:" or url.database.startswith("file:"):
        raise StoreError("The store has to be a file; expected an address such as sqlite:///filrouge.db.")
    return url.set(drivername="sqlite+pysqlite")


def shown(url: URL) -> str:
    """The address without password."""
    if url.get_backend_name() == "sqlite":
        return f"sqlite:///{url.database}"
    bare = url.difference_update_query(SECRET_OPTIONS)
    return URL.create(
        bare.drivername, bare.username, None, bare.host, bare.port, bare.database, bare.query
    ).render_as_string()


def reach(text: str) -> str:
    """In one sentence without password: where the store is, and who may use it; StoreError as `parse_address`."""
    url = parse_address(text)
    if url.get_backend_name() == "sqlite":
        return f"The store {shown(url)} is for one machine; several share one on PostgreSQL."
    return f"The store {shown(url)} may be shared by several machines."


def secrets_of(url: URL) -> list[str]:
    """What may never be shown of an address."""
    said = [str(url.query[name]) for name in SECRET_OPTIONS if name in url.query]
    return [secret for secret in (url.password, *said) if secret]


def file_of(url: URL) -> Path | None:
    """The file of a SQLite store; None for a server."""
    return Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None
