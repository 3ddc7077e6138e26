"""`filrouge store`: a store moves to PostgreSQL and back with every row, and reports stay the same to the byte."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from store import tables
from store.open import open_store
from tests.cli.conftest import FILROUGE, Call
from tests.databases import PostgresServer, postgres_server

__all__ = ["postgres_server"]

WEEK = ("--week", "2026-W47", "--as-of", "2026-11-24T06:00:00Z")


@pytest.fixture
def company(filrouge: Call, tmp_path: Path) -> Path:
    """The workspace that the demo leaves."""
    folder = tmp_path / "company"
    result = filrouge("demo", "--keep", folder, "--today", "2026-11-25")
    assert result.returncode == 0, result.stderr
    return folder


@pytest.fixture(scope="module")
def pulled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace as `init` writes it, pulled once; for copying."""
    folder = tmp_path_factory.mktemp("store") / "acme"
    for arguments in (["init", str(folder)], ["sync", "-w", str(folder)]):
        subprocess.run([FILROUGE, *arguments], check=True, capture_output=True)
    return folder


@pytest.fixture
def small(pulled: Path, tmp_path: Path) -> Path:
    """A workspace of a test's own with a few items."""
    return Path(shutil.copytree(pulled, tmp_path / "acme"))


@pytest.fixture
def shared(postgres_server: PostgresServer) -> Iterator[dict[str, str]]:
    """The environment that puts the store into an empty database of PostgreSQL."""
    with postgres_server.database() as url:
        yield {"FILROUGE_STORE": url}


def everything(url: str) -> dict[str, list[Any]]:
    """Every row of every table."""
    with closing(open_store(url, create=False)) as store, store.reading() as reader:
        return {table: list(map(tuple, reader.plain_rows(table))) for table in tables.metadata.tables}


def reports(filrouge: Call, folder: Path, out: Path, env: dict[str, str]) -> dict[str, bytes]:
    result = filrouge("report", "-w", folder, *WEEK, "--out", out, env=env)
    assert result.returncode == 0, result.stderr
    return {path.name: path.read_bytes() for path in out.iterdir()}


def test_from_sqlite_to_postgresql_and_back(
    filrouge: Call, company: Path, shared: dict[str, str], tmp_path: Path
) -> None:
    first = f"sqlite:///{company / 'filrouge.db'}"
    moved = filrouge("store", "import", "-w", company, "--from", "sqlite:///filrouge.db", env=shared)
    assert moved.returncode == 0, moved.stderr
    assert filrouge("store", "check", "-w", company, env=shared).returncode == 0
    back = {"FILROUGE_STORE": f"sqlite:///{tmp_path / 'back.db'}"}
    origin = {"WHERE": shared["FILROUGE_STORE"]}
    returned = filrouge("store", "import", "-w", company, "--from", "${WHERE}", env=back | origin)
    assert returned.returncode == 0, returned.stderr
    rows = everything(first)
    assert len(rows["work_item"]) > 100
    assert everything(shared["FILROUGE_STORE"]) == rows
    assert everything(back["FILROUGE_STORE"]) == rows
    written = reports(filrouge, company, tmp_path / "1", {})
    assert {Path(name).suffix for name in written} == {".json", ".md", ".html"}
    assert reports(filrouge, company, tmp_path / "2", shared) == written
    assert reports(filrouge, company, tmp_path / "3", back) == written


def test_a_backup_is_taken_and_put_back(filrouge: Call, small: Path, shared: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "backup.jsonl.gz"
    exported = filrouge("store", "export", file, "--json", cwd=small)
    assert exported.returncode == 0, exported.stderr
    counts = json.loads(exported.stdout)["rows"]
    assert counts["work_item"] > 0
    refused = filrouge("store", "import", file, cwd=small)
    assert refused.returncode == 2
    assert "is not empty" in refused.stderr
    assert len(refused.stderr.strip().splitlines()) == 1
    put_back = filrouge("store", "import", file, "--replace", "--json", cwd=small)
    assert put_back.returncode == 0, put_back.stderr
    assert json.loads(put_back.stdout)["rows"] == counts
    assert filrouge("store", "import", file, cwd=small, env=shared).returncode == 0
    # What comes after is numbered after what came.
    assert filrouge("sync", cwd=small, env=shared).returncode == 0
    cut = tmp_path / "cut.gz"
    cut.write_bytes(file.read_bytes()[:-100])
    damaged = filrouge("store", "import", cut, "--replace", cwd=small)
    assert damaged.returncode == 2
    assert "damaged" in damaged.stderr
    assert "Traceback" not in damaged.stderr
    assert (
        json.loads(filrouge("store", "check", "--json", cwd=small).stdout)["rows"]["work_item"] == counts["work_item"]
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "either a FILE, or --from"),
        (["a.gz", "--from", "sqlite:///b.db"], "either a FILE, or --from"),
        (["--from", "mysql://x/y"], "no address of a store"),
        (["--from", "sqlite:///${NOWHERE}.db"], "NOWHERE"),
        (["--from", "sqlite:///filrouge.db"], "own store"),
        (["nothing.gz", "--replace"], "cannot be read"),
    ],
    ids=str,
)
def test_what_cannot_be_imported_is_said(filrouge: Call, small: Path, arguments: list[str], said: str) -> None:
    result = filrouge("store", "import", *arguments, cwd=small)
    assert result.returncode == 2
    assert said in result.stderr
    assert "Traceback" not in result.stderr


def test_a_store_that_is_not_there_is_not_made(filrouge: Call, small: Path) -> None:
    result = filrouge("store", "import", "--from", "sqlite:///other.db", "--replace", cwd=small)
    assert result.returncode == 4
    assert not (small / "other.db").exists()
    for command in ("upgrade", "check"):
        assert filrouge("store", command, cwd=small, env={"FILROUGE_STORE": "sqlite:///other.db"}).returncode == 4


def test_a_store_is_upgraded_and_checked(filrouge: Call, small: Path) -> None:
    upgraded = filrouge("store", "upgrade", "--json", cwd=small)
    assert (upgraded.returncode, json.loads(upgraded.stdout)["from"]) == (0, tables.SCHEMA)
    assert "as it was" in upgraded.stderr
    assert filrouge("store", "check", cwd=small).returncode == 0
    with closing(open_store(f"sqlite:///{small / 'filrouge.db'}")) as store, store.writing() as unit:
        unit._connection.exec_driver_sql("DELETE FROM raw_payload")
    checked = filrouge("store", "check", cwd=small)
    assert checked.returncode == 1
    assert "has no payload" in checked.stderr


def test_who_may_use_the_store_is_said(filrouge: Call, small: Path) -> None:
    for command in ("check", "status"):
        assert "is for one machine" in filrouge(command, cwd=small).stderr
