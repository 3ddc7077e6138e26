"""What cannot be opened is said in one sentence, without a password."""

from __future__ import annotations

import sqlite3
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from domain.errors import StoreError
from store.open import open_store
from tests.databases import PostgresServer


def refusal(url: str, **options: Any) -> str:
    with pytest.raises(StoreError) as caught:
        open_store(url, **options).close()
    said = str(caught.value)
    assert said.endswith(".")
    assert "\n" not in said
    assert "Traceback" not in said
    return said


def test_a_store_is_made_once_and_opened_again(database_url: str, board: Any) -> None:
    first = open_store(database_url)
    board.save(first, board.record(1))
    first.close()
    second = open_store(database_url, create=False)
    with second.reading() as reader:
        assert [item.id for item in reader.items()] == ["1"]
    second.close()


def test_without_create_nothing_is_made(database_url: str, tmp_path: Path) -> None:
    assert "There is no store" in refusal(database_url, create=False)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("", "makes no sense"),
        ("filrouge.db", "makes no sense"),
        ("postgresql+psycopg://me:s3cret@host:port/db", "makes no sense"),
        ("mysql://me:s3cret@host/db", "cannot be on 'mysql'"),
        ("postgresql+psycopg2://me:s3cret@host/db", "cannot be on 'postgresql+psycopg2'"),
        ("sqlite://", "has to be a file"),
        ("sqlite:///:memory:", "has to be a file"),
        ("sqlite:///file:x?mode=memory&uri=true", "has to be a file"),
    ],
)
def test_an_address_of_another_kind_is_refused(url: str, words: str) -> None:
    said = refusal(url)
    assert words in said
    assert "sqlite:///filrouge.db" in said
    assert "s3cret" not in said


def test_a_missing_folder_a_folder_and_another_file_are_refused(tmp_path: Path) -> None:
    assert f"the folder {tmp_path / 'none'} does not exist" in refusal(f"sqlite:///{tmp_path}/none/filrouge.db")
    assert "is a folder" in refusal(f"sqlite:///{tmp_path}")
    other = tmp_path / "letter.txt"
    other.write_text("Dear store, " * 100)
    assert "is not an SQLite database" in refusal(f"sqlite:///{other}")
    assert other.read_text() == "Dear store, " * 100


def test_a_locked_store_is_named_after_a_while(tmp_path: Path) -> None:
    path = tmp_path / "filrouge.db"
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    said = refusal(f"sqlite:///{path}", timeout=0.05)
    assert str(path) in said
    assert "locked by another program" in said
    other.close()


def test_a_store_locked_while_writing_is_named_too(tmp_path: Path, board: Any) -> None:
    path = tmp_path / "filrouge.db"
    store = open_store(f"sqlite:///{path}", timeout=0.05)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="locked by another program"):
        board.save(store, board.record(1))
    other.close()
    board.save(store, board.record(1))
    store.close()


def test_a_newer_schema_is_refused(database_url: str) -> None:
    open_store(database_url).close()
    engine = create_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE filrouge_schema SET version_num = '9999'"))
    engine.dispose()
    said = refusal(database_url)
    assert "newer version of Filrouge" in said
    assert "9999" in said


def test_tables_of_somebody_else_are_left_alone(database_url: str) -> None:
    engine = create_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE comment (id INTEGER)"))
    assert "already has a table called 'comment'" in refusal(database_url)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM comment")).scalar() == 0
    engine.dispose()


def test_a_migration_that_fails_leaves_nothing(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import alembic.command

    from store.tables import metadata

    def half_way(config: Any, revision: str) -> None:
        metadata.tables["run"].create(config.attributes["connection"])
        raise RuntimeError("power cut")

    with monkeypatch.context() as patch:
        patch.setattr(alembic.command, "upgrade", half_way)
        with pytest.raises(RuntimeError):
            open_store(database_url)
    open_store(database_url).close()


def test_postgresql_by_its_short_name_and_without_password_in_its_address(postgres_server: PostgresServer) -> None:
    with postgres_server.database() as url:
        store = open_store(url.replace("postgresql+psycopg://postgres", "postgresql://postgres:s3cret"))
        assert store.address.startswith("postgresql+psycopg://postgres@")
        assert "s3cret" not in store.address
        store.close()


def test_a_server_that_is_not_there_is_named_without_the_password() -> None:
    said = refusal("postgresql://me:s3cret@127.0.0.1:1/db?sslpassword=hush", timeout=2)
    assert "postgresql+psycopg://me@127.0.0.1:1/db" in said
    assert "could not be reached or did not let us in" in said
    assert "s3cret" not in said
    assert "hush" not in said


def test_a_wrong_password_is_refused_without_showing_it(postgres_server: PostgresServer) -> None:
    postgres_server.run("CREATE ROLE guest LOGIN PASSWORD 'right'")
    try:
        with postgres_server.database() as url, postgres_server.asking_for_passwords():
            said = refusal(url.replace("//postgres", "//guest:s3cret"))
    finally:
        postgres_server.run("DROP ROLE guest")
    assert "did not let us in" in said
    assert "s3cret" not in said


def test_a_missing_driver_is_named_with_the_extra_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    assert "install filrouge[postgres]" in refusal("postgresql://me:s3cret@host/db")
