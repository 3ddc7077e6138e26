"""A store comes out of its file as it was, in either database, and nothing comes out of a file that is not whole."""

from __future__ import annotations

import base64
import gzip
import json
import shutil
import stat
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, insert, text

from domain.errors import ConfigurationError, StoreError
from domain.findings import Sighting
from domain.tags import Assignment
from domain.work import ItemRef, Transition
from store import tables
from store.archive import export_store, import_store
from store.kept import DeliveryKey, Fence
from store.open import Store, open_store
from store.plain import names
from store.transfer import copy_store
from tests.store.conftest import empty_store

ONE = ItemRef("shop", "1")
ALL = Assignment(
    shares={"KR1.1": 0.1, "O2": 0.2},
    value_stream="purchase",
    product=None,
    work_class="feature",
    via={"contributes_to": "rule payments"},
    conflict=False,
    unknown=("KR9",),
)


@pytest.fixture
def other(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[str], Store]]:
    """Makes further empty stores, on the database of that name."""
    with ExitStack() as stack:

        def make(kind: str) -> Store:
            return empty_store(request, stack, kind, tmp_path / f"other{len(list(tmp_path.iterdir()))}.db")

        yield make


def fill(store: Store, board: Any) -> None:
    """Something in every table, with the values that are easily lost."""
    board.save(
        store,
        board.record(
            1,
            [
                Transition(board.at(1), "points", None, 0.1 + 0.2),
                Transition(board.at(1), "labels", (), ("a", "é\u2028😀")),
            ],
            title='A "b"\n\tc \\ \x00 \ud800 é',
            points=1e-300,
            fields={"squad": ("ocean",)},
        ),
        board.record("É2", key="SHOP-2", raw=b"\x00\xff not JSON", team="", deleted=board.at(2)),
        set_aside=[("9", "403")],
        deleted=[("1", board.at(3))],
        context={"points": "cf_1", "é": [None, 1.5, "\ud800"]},
    )
    at = board.at(1)
    with store.writing() as unit:
        for _ in range(3):
            number = unit.start_run("sync", "shop", at)
        unit.finish_run(number, board.at(2), "ok", {"problem": None, "é": 1})
        unit.record_revision("strategy", "{}", "sha256:1", at)
        unit.replace_assignments({ONE: ALL}, mapping="m", strategy="s")
        seen = Sighting("f" * 8, "A02", "starved", "warning", "O2", "Zu wenig.", "2026-W44")
        unit.save_report("drift", "2026-W45", at, board.at(2), b'{"a": 1}', [seen])
        unit.keepsake("pseudonyms", "salt")
        unit.take_lease("source:shop", "somebody", at, 60)
        connection = unit._connection
        ref = {"source": "shop", "id": "1"}
        connection.execute(
            insert(tables.command).values(**ref, comment="7", said="/filrouge é", allowed=True, at=at, known_at=at)
        )
        connection.execute(
            insert(tables.decision).values(at=at, title="t", text="é", expected=[1], review_on=date(2026, 12, 31))
        )
        connection.execute(
            insert(tables.reading).values(key_result="KR1", on=date(1999, 1, 2), value=-2.5, origin="o", seen_at=at)
        )
        said = {"marker": "m", "digest": "d", "state": "sent"}
        connection.execute(
            insert(tables.outbox).values(**ref, **said, action="add", body="b", why="w", attempts=2, at=at, sent_at=at)
        )
        connection.execute(insert(tables.comment).values(**ref, **said, comment="7", posted_at=at))
        label = {"kind": "label", "name": "fil-é", "state": "set"}
        connection.execute(insert(tables.mark).values(**ref, **label, at=at, item_at=at))
        key = DeliveryKey("weekly", "2026-W45", "email:é@acme.example")
        unit.put_delivery(key, b"\x00\xff a parcel", "sha256:2", at, ())
    with store.reading() as reader:
        assert min(reader.plain_counts().values()) > 0


def everything(store: Store) -> dict[str, list[Any]]:
    """Every row of every table."""
    with store.reading() as reader:
        return {table: list(map(tuple, reader.plain_rows(table))) for table in tables.metadata.tables}


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_store_moves_whole_to_either_database(
    store: Store, other: Callable[[str], Store], board: Any, tmp_path: Path, kind: str
) -> None:
    fill(store, board)
    target = other(kind)
    first, second = tmp_path / "first.gz", tmp_path / "second.gz"
    written = export_store(store, first)
    assert import_store(target, first) == written
    assert set(written) == set(tables.metadata.tables)
    assert board.dump(target) == board.dump(store)
    export_store(target, second)
    assert second.read_bytes() == first.read_bytes()
    with target.reading() as reader:
        assert reader.assignments() == {ONE: ALL}
        (kept,) = reader.reports("drift", "2026-W45")
        assert reader.document(kept.number) == b'{"a": 1}'
        assert reader.context("shop") == {"points": "cf_1", "é": [None, 1.5, "\ud800"]}
        assert list(reader.faults()) == []


def test_new_rows_are_numbered_after_those_that_came(
    store: Store, other: Callable[[str], Store], board: Any, tmp_path: Path
) -> None:
    fill(store, board)
    export_store(store, tmp_path / "a.gz")
    for kind in ("sqlite", "postgresql"):
        target = other(kind)
        import_store(target, tmp_path / "a.gz")
        with target.writing() as unit:
            assert unit.start_run("sync", "shop", board.at(9)) == 4
            assert unit.take_lease("source:shop", "two", board.at(9), 60) == Fence("source:shop", 2)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_store_is_copied_into_another_and_back(
    store: Store, other: Callable[[str], Store], board: Any, kind: str
) -> None:
    fill(store, board)
    target, back = other(kind), other("sqlite")
    assert set(copy_store(store, target)) == set(tables.metadata.tables)
    copy_store(target, back)
    # Every table, so that one that is added later cannot be forgotten, and with something in it.
    for table, rows in everything(store).items():
        assert rows, f"{table} is empty: `fill` has to put something into it"
        assert everything(target)[table] == rows
        assert everything(back)[table] == rows
    with pytest.raises(ConfigurationError, match="own store"):
        copy_store(target, target, replace=True)


def test_an_empty_store_moves_too(store: Store, other: Callable[[str], Store], board: Any, tmp_path: Path) -> None:
    export_store(store, tmp_path / "a.gz")
    target = other("sqlite")
    assert set(import_store(target, tmp_path / "a.gz").values()) == {0}
    fill(target, board)


def test_a_store_that_holds_something_is_refused_and_stays(
    store: Store, other: Callable[[str], Store], board: Any, tmp_path: Path
) -> None:
    fill(store, board)
    export_store(store, tmp_path / "a.gz")
    for kind in ("sqlite", "postgresql"):
        target = other(kind)
        with target.writing() as unit:
            unit.keepsake("pseudonyms", "another salt")
        with pytest.raises(ConfigurationError, match=r"is not empty \(1 rows in keepsake\)"):
            import_store(target, tmp_path / "a.gz")
        with pytest.raises(ConfigurationError, match=r"is not empty \(1 rows in keepsake\)"):
            copy_store(store, target)
        with target.reading() as reader:
            assert sum(reader.plain_counts().values()) == 1


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_what_a_store_holds_is_replaced_when_that_is_said(
    store: Store, other: Callable[[str], Store], board: Any, tmp_path: Path, kind: str
) -> None:
    board.save(store, board.record(7))
    target = other(kind)
    fill(target, board)
    export_store(store, tmp_path / "a.gz")
    whole = everything(target)
    (tmp_path / "bad.gz").write_bytes((tmp_path / "a.gz").read_bytes()[:-9])
    with pytest.raises(ConfigurationError):
        import_store(target, tmp_path / "bad.gz", replace=True)
    assert everything(target) == whole
    import_store(target, tmp_path / "a.gz", replace=True)
    assert everything(target) == everything(store)
    fill(full := other("sqlite"), board)
    copy_store(full, target, replace=True)
    assert everything(target) == everything(full)
    copy_store(store, target, replace=True)
    assert everything(target) == everything(store)


def test_the_file_is_its_owner_s_and_replaces_the_older_one_only_when_it_is_whole(
    empty_file: Path, board: Any, tmp_path: Path
) -> None:
    path, file = tmp_path / "filrouge.db", tmp_path / "a.gz"
    shutil.copy(empty_file, path)
    store = open_store(f"sqlite:///{path}")
    export_store(store, file)
    fill(store, board)
    export_store(store, file)
    before = file.read_bytes()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE work_item"))
    engine.dispose()
    with pytest.raises(StoreError, match="no such table: work_item"):
        export_store(store, file)
    store.close()
    assert file.read_bytes() == before
    assert {one.name for one in tmp_path.iterdir()} == {"filrouge.db", "a.gz"}
    with pytest.raises(ConfigurationError, match="cannot be written"):
        export_store(store, tmp_path / "nowhere" / "a.gz")


def lines_of(file: Path) -> list[Any]:
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def packed(lines: list[Any]) -> bytes:
    return gzip.compress("".join(json.dumps(line) + "\n" for line in lines).encode())


def section(lines: list[Any], table: str) -> int:
    return next(at for at, line in enumerate(lines) if isinstance(line, dict) and line.get("table") == table)


def changed(lines: list[Any], table: str, column: str, value: Any) -> list[Any]:
    """The lines with another value in a table's first row."""
    at = section(lines, table)
    lines[at + 1][lines[at]["columns"].index(column)] = value
    return lines


SPOILT: dict[str, tuple[Callable[[list[Any]], bytes], str]] = {
    "no archive": (lambda _: b"hello", "not compressed"),
    "nothing": (lambda _: b"", "no export of a store"),
    "another file": (lambda _: packed([{"a": 1}]), "no export of a store"),
    "cut off in the middle": (lambda lines: packed(lines)[:-60], "damaged"),
    "a byte is another": (
        lambda lines: (all_ := packed(lines))[: len(all_) // 2] + b"\x00\x01" + all_[len(all_) // 2 + 2 :],
        "export the store again",
    ),
    "cut off at a line": (lambda lines: packed(lines[:-1]), "not whole"),
    "a title is another": (lambda lines: packed(changed(lines, "work_item", "title", "?")), "was changed"),
    "something follows the end": (lambda lines: packed([*lines, [1]]), "not whole"),
    "a row is missing": (lambda lines: packed(lines[:-2] + lines[-1:]), "not whole"),
    "something follows": (lambda lines: packed([*lines[:-1], [1], lines[-1]]), "expected"),
    "another schema": (lambda lines: packed([lines[0] | {"schema": "0000"}, *lines[1:]]), "schema 0000"),
    "another format": (lambda lines: packed([lines[0] | {"format": 2}, *lines[1:]]), "format 2"),
    "an unknown table": (lambda lines: packed([lines[0], {"table": "x", "columns": []}]), "no table 'x'"),
    "a table twice": (lambda lines: packed([*lines[:2], *lines[1:]]), "came before"),
    "a column less": (
        lambda lines: packed([lines[0], lines[1] | {"columns": lines[1]["columns"][1:]}, *lines[2:]]),
        "with these columns",
    ),
    "a value less": (lambda lines: packed([*lines[:2], lines[2][1:], *lines[3:]]), "expected 5 values, found 4"),
    "no base64": (lambda lines: packed(changed(lines, "raw_payload", "payload", "é!")), "no row of an export"),
    "no date": (lambda lines: packed(changed(lines, "reading", "on", "31.12.2026")), "no row of an export"),
    "no JSON": (lambda lines: gzip.compress(gzip.decompress(packed(lines[:3])) + b"{"), "no row of an export"),
}


@pytest.mark.parametrize("how", SPOILT)
def test_a_file_that_is_not_whole_leaves_the_store_empty(
    store: Store, other: Callable[[str], Store], board: Any, tmp_path: Path, how: str
) -> None:
    source = other("sqlite")
    fill(source, board)
    file = tmp_path / "a.gz"
    export_store(source, file)
    spoil, said = SPOILT[how]
    file.write_bytes(spoil(lines_of(file)))
    with pytest.raises(ConfigurationError) as raised:
        import_store(store, file)
    assert said in str(raised.value)
    assert str(raised.value).startswith(f"{file}:")
    with store.reading() as reader:
        assert sum(reader.plain_counts().values()) == 0


def test_a_file_that_is_not_there_is_said(store: Store, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read"):
        import_store(store, tmp_path / "nothing.gz")


def test_a_value_that_the_database_refuses_is_said_in_one_sentence(
    store: Store, other: Callable[[str], Store], board: Any, tmp_path: Path
) -> None:
    source, file = other("sqlite"), tmp_path / "a.gz"
    fill(source, board)
    export_store(source, file)
    file.write_bytes(packed(changed(lines_of(file), "work_item", "title", None)))
    with pytest.raises(StoreError, match="refused what was asked"):
        import_store(store, file)
    with store.reading() as reader:
        assert sum(reader.plain_counts().values()) == 0


def test_the_file_is_plain_json_lines(store: Store, board: Any, tmp_path: Path) -> None:
    record = board.record(1)
    board.save(store, record)
    export_store(store, tmp_path / "a.gz")
    lines = lines_of(tmp_path / "a.gz")
    assert lines[0] == {"kind": "filrouge store", "format": 1, "schema": tables.SCHEMA}
    assert [line["table"] for line in lines if isinstance(line, dict) and "table" in line] == names()
    payload = lines[section(lines, "raw_payload") + 1]
    assert payload[:2] == ["shop", "1"]
    assert zlib.decompress(base64.b64decode(payload[2])) == record.raw


def test_memory_does_not_grow_with_the_store(empty_file: Path, board: Any, tmp_path: Path) -> None:
    peaks = []
    for many in (1_500, 6_000):
        stores = []
        for name in ("full", "empty"):
            path = shutil.copy(empty_file, tmp_path / f"{name}{many}.db")
            stores.append(open_store(f"sqlite:///{path}"))
        full, empty = stores
        for start in range(0, many, 500):
            # Digests of numbers stand for payloads that cannot be compressed.
            raws = [b"".join(n.to_bytes(8, "big") for n in range(one, one + 250)) for one in range(start, start + 500)]
            board.save(full, *(board.record(start + n, raw=raw) for n, raw in enumerate(raws)))
        tracemalloc.start()
        export_store(full, tmp_path / "a.gz")
        import_store(empty, tmp_path / "a.gz")
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        for one in stores:
            one.close()
    assert peaks[1] < 1.3 * peaks[0]
