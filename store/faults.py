"""A database's error as one sentence that says what to do."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, StatementError, TimeoutError  # noqa: A004 # SQLAlchemy's own, of its pool

from domain.errors import StoreError

# SQLite's primary result codes (https://www.sqlite.org/rescode.html) and what a person can do about each.
SQLITE = {
    sqlite3.SQLITE_BUSY: "is locked by another program that did not let go in time; try again when it has ended",
    sqlite3.SQLITE_LOCKED: "is locked by another program that did not let go in time; try again when it has ended",
    sqlite3.SQLITE_NOTADB: "is not an SQLite database; give the store another file",
    sqlite3.SQLITE_CORRUPT: "is damaged; put back a copy of it, or move it away and sync again from the beginning",
    sqlite3.SQLITE_CANTOPEN: "cannot be opened; check that its folder exists and may be written",
    sqlite3.SQLITE_READONLY: "may not be written; check the permissions of the file and its folder",
    sqlite3.SQLITE_PERM: "may not be written; check the permissions of the file and its folder",
    sqlite3.SQLITE_FULL: "could not be written because the disk is full; make room and run again",
    sqlite3.SQLITE_IOERR: "could not be read or written (the disk reported an error); check the disk, then run again",
}


@contextmanager
def in_one_sentence(address: str, secrets: Sequence[str] = ()) -> Iterator[None]:
    """Turn what the database raises inside the block into a StoreError that names the address.

    A mistake of the program (an instant without zone, say) stays what it is.
    """
    try:
        yield
    except DBAPIError as error:
        raise StoreError(f"The store {address} {_remedy(error, secrets)}.") from error
    except TimeoutError as error:
        raise StoreError(f"The store {address} is asked by too many threads at once; try again.") from error
    except StatementError as error:
        raise (error.orig or error) from None


def _remedy(error: DBAPIError, secrets: Sequence[str]) -> str:
    cause = error.orig
    if isinstance(cause, sqlite3.Error):
        code = getattr(cause, "sqlite_errorcode", None)
        # Extended codes keep the primary one in their lowest byte.
        known = SQLITE.get(code & 0xFF) if code is not None else None
        return known or f"refused what was asked ({_first_line(cause, secrets)})"
    if getattr(cause, "sqlstate", None) in ("53100", "53200"):
        return "could not be written because its server has no room left; make room and run again"
    if error.connection_invalidated or type(cause).__name__ == "OperationalError":
        return f"could not be reached or did not let us in ({_first_line(cause, secrets)}); check address and password"
    return f"refused what was asked ({_first_line(cause, secrets)})"


def _first_line(cause: BaseException | None, secrets: Sequence[str]) -> str:
    lines = [line.strip() for line in str(cause).splitlines() if line.strip()]
    text = lines[0].rstrip(".") if lines else type(cause).__name__
    for secret in secrets:
        text = text.replace(secret, "***")
    return text
