"""A whole store has no fault; whatever is spoilt in it is said in a line of its own."""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from domain.work import Transition
from store.check import LISTED
from store.open import Store, open_store


@pytest.fixture
def whole(database_url: str, board: Any) -> Iterator[Store]:
    """A store with a bit of everything, at `database_url`."""
    store = open_store(database_url)
    history = [Transition(board.at(1), "title", "?", "!"), Transition(board.at(2), "title", "!", "Basket")]
    board.save(store, board.record(1, history), board.record(2), board.record(3, deleted=board.at(1)))
    board.save(store, deleted=[("2", board.at(3))])
    with store.writing() as unit:
        unit.save_report("drift", "2026-W45", board.at(0), board.at(1), b"{}", [])
    yield store
    store.close()


def spoil(url: str, *statements: str, **values: Any) -> None:
    """Run statements that the store itself would never run, past every foreign key."""
    engine = create_engine(url)
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL session_replication_role = replica"))
        for statement in statements:
            connection.execute(text(statement), values)
    engine.dispose()


def faults(store: Store) -> list[str]:
    with store.reading() as reader:
        return list(reader.faults())


def test_a_whole_store_has_none(whole: Store, board: Any) -> None:
    assert faults(whole) == []
    board.save(whole, board.record(2, updated_at=board.at(5)), hours=6)
    assert faults(whole) == []


ASSIGNED = (
    "INSERT INTO assignment (source, id, shares, via, conflict, unknown, mapping, strategy) "
    "VALUES ('shop', '77', '{}', '{}', false, '[]', 'm', 's')"
)
SPOILT = {
    "UPDATE transition SET id = '77' WHERE id = '1'": ["transition: item shop 77 is not in the store."],
    ASSIGNED: ["assignment: item shop 77 is not in the store."],
    "DELETE FROM transition WHERE id = '1' AND sequence = 0": [
        "transition: the history of item shop 1 has a gap or goes back in time."
    ],
    "UPDATE transition SET sequence = 7 - sequence WHERE id = '1'": [
        "transition: the history of item shop 1 has a gap or goes back in time."
    ],
    "UPDATE work_item SET deleted = NULL WHERE id = '2'": [
        "work_item: item shop 2 and its history disagree on whether it is deleted."
    ],
    "UPDATE work_item SET deleted = created_at WHERE id = '1'": [
        "work_item: item shop 1 and its history disagree on whether it is deleted."
    ],
    "DELETE FROM raw_payload WHERE id = '3'": ["work_item: item shop 3 has no payload."],
    "UPDATE work_item SET key = 'SHOP-78' WHERE id = '3'": ["work_item: item shop 3 is not found by its key."],
    "DELETE FROM cursor": ["cursor: source shop has items, but no place from which to go on."],
    "UPDATE raw_payload SET payload = :junk WHERE id = '1'": [
        "raw_payload: the payload of item shop 1 cannot be unpacked."
    ],
    "UPDATE report SET document = :no_json": ["report: the document of drift 2026-W45 cannot be read."],
}


@pytest.mark.parametrize("statement", SPOILT)
def test_what_is_spoilt_is_said(whole: Store, database_url: str, statement: str) -> None:
    values = {"junk": b"junk", "no_json": zlib.compress(b"{")}
    spoil(database_url, statement, **{name: value for name, value in values.items() if f":{name}" in statement})
    found = [fault for fault in faults(whole) if "refers to a row" not in fault]
    assert found == SPOILT[statement]


def test_entries_in_the_wrong_order_of_time(whole: Store, database_url: str) -> None:
    spoil(
        database_url,
        "UPDATE transition SET sequence = sequence + 10 WHERE id = '1'",
        "UPDATE transition SET sequence = 11 - sequence WHERE id = '1'",
    )
    assert faults(whole) == ["transition: the history of item shop 1 has a gap or goes back in time."]


def test_many_of_a_kind_are_counted(whole: Store, database_url: str, board: Any) -> None:
    board.save(whole, *(board.record(number) for number in range(100, 130)))
    spoil(database_url, "DELETE FROM raw_payload WHERE length(id) = 3")
    found = faults(whole)
    assert len(found) == LISTED + 1
    assert found[0] == "work_item: item shop 100 has no payload."
    assert found[-1] == "work_item: and 20 more like the last."


@pytest.mark.parametrize(
    ("version", "remedy"), [("0000", "run `filrouge store upgrade`"), ("9999", "upgrade Filrouge")]
)
def test_another_schema_is_said_and_left_as_it_is(whole: Store, database_url: str, version: str, remedy: str) -> None:
    spoil(database_url, "UPDATE filrouge_schema SET version_num = :version", version=version)
    spoil(database_url, "DELETE FROM cursor")
    again = open_store(database_url, create=False, migrate=False)
    (fault,) = faults(again)
    assert again.found == version
    again.close()
    assert f"The schema is {version}" in fault
    assert remedy in fault


def test_what_sqlite_says_of_its_file_is_said(tmp_path: Path, board: Any) -> None:
    path = tmp_path / "filrouge.db"
    store = open_store(f"sqlite:///{path}")
    board.save(store, board.record(1))
    store.close()
    driver = sqlite3.connect(path)
    (page,) = driver.execute("SELECT rootpage FROM sqlite_master WHERE name = 'ix_item_key_folded'").fetchone()
    (size,) = driver.execute("PRAGMA page_size").fetchone()
    driver.close()
    content = bytearray(path.read_bytes())
    content[(page - 1) * size : page * size] = bytes(size)
    path.write_bytes(content)
    damaged = open_store(f"sqlite:///{path}")
    with damaged.reading() as reader:
        found = list(reader.faults())
    damaged.close()
    assert found
    assert found[0].startswith("SQLite: ")


def test_a_reference_to_nothing_is_said(tmp_path: Path, board: Any) -> None:
    url = f"sqlite:///{tmp_path / 'filrouge.db'}"
    store = open_store(url)
    board.save(store, board.record(1))
    spoil(url, ASSIGNED)
    assert "assignment: row 1 refers to a row of work_item that is not there." in faults(store)
    store.close()
