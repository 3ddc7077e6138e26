"""The logical content of a store, byte for byte: every table, less what tells when somebody looked."""

from __future__ import annotations

import json
import sqlite3
import zlib
from contextlib import closing
from pathlib import Path
from typing import Any

# What differs between two ways to the same content: runs and leases, and the instants at which things were seen.
OTHER_TABLES = {"run", "lease"}
SEEN = {"seen_at", "run", "first_at", "last_at"}
SEEN_IN = {"cursor": {"at"}, "revision": {"at", "id"}, "comment": {"posted_at"}}
CLOCKED = {"context_at"}  # of a cursor's JSON: when our own clock read what a tracker's processes are


def content(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Table to its sorted rows; each row is its columns by name."""
    with closing(sqlite3.connect(path)) as connection:
        (fine,) = connection.execute("PRAGMA integrity_check").fetchone()
        assert fine == "ok"
        tables = [
            name
            for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
            if name not in OTHER_TABLES and not name.startswith("sqlite_")
        ]
        return {table: _rows(connection, table) for table in tables}


def _rows(connection: sqlite3.Connection, table: str) -> list[tuple[Any, ...]]:
    found = connection.execute(f"SELECT * FROM {table}")  # noqa: S608 # the names come from the database itself
    names = [column[0] for column in found.description]
    left_out = SEEN | SEEN_IN.get(table, set())
    rows = []
    for row in found:
        told = {name: value for name, value in zip(names, row, strict=True) if name not in left_out}
        if "payload" in told:
            told["payload"] = zlib.decompress(told["payload"])
        if table == "cursor":
            place = json.loads(told["cursor"])
            told["cursor"] = json.dumps({name: value for name, value in place.items() if name not in CLOCKED})
        rows.append(tuple(told.items()))
    return sorted(rows, key=repr)


def assert_same(one: Path, other: Path) -> None:
    """Both stores hold the same; the first few rows that differ are told."""
    mine, theirs = content(one), content(other)
    assert mine.keys() == theirs.keys()
    for table, rows in mine.items():
        if rows != theirs[table]:
            here, there = set(map(repr, rows)), set(map(repr, theirs[table]))
            assert rows == theirs[table], (
                f"{table}: {sorted(here - there)[:2]} against {sorted(there - here)[:2]} "
                f"({len(rows)} and {len(theirs[table])} rows)"
            )
