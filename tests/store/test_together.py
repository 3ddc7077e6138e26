"""Threads share a store, a read sees one state, and a crash leaves nothing."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from domain.work import Transition
from store.open import Store, open_store


def test_sources_are_written_side_by_side(store: Store, board: Any) -> None:
    together = threading.Barrier(6)

    def pull(source: str) -> None:
        together.wait()
        for page in range(6):
            records = [board.record(f"{page}-{number}", source=source) for number in range(20)]
            board.save(store, *records, source=source, cursor={"page": page})
            with store.reading() as reader:
                assert sum(1 for _ in reader.items(source=source)) == 20 * (page + 1)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(pull, [f"s{number}" for number in range(6)]))
    with store.reading() as reader:
        assert {source: count.items for source, count in reader.counts().items()} == {f"s{n}": 120 for n in range(6)}


def test_two_stores_on_one_database_wait_for_each_other(database_url: str, board: Any) -> None:
    stores = [open_store(database_url) for _ in range(3)]
    together = threading.Barrier(3)

    def pull(number: int) -> None:
        together.wait()
        for page in range(10):
            history = [Transition(board.at(-1), "title", "?", f"{number}")]
            board.save(stores[number], board.record(page, history, title=f"{number}", updated_at=board.at(page)))

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(pull, range(3)))
    with stores[0].reading() as reader:
        assert sum(1 for _ in reader.items()) == 10
    for one in stores:
        one.close()


def test_a_writer_waits_for_its_turn_however_long_that_takes(tmp_path: Path, board: Any) -> None:
    """SQLite's own patience is set to nothing: only the store's turn keeps the second thread from failing."""
    store = open_store(f"sqlite:///{tmp_path / 'filrouge.db'}", timeout=0)
    about_to_write = threading.Event()

    def second() -> None:
        about_to_write.set()
        board.save(store, board.record(2))

    with ThreadPoolExecutor(1) as pool:
        with store.writing() as unit:
            unit.start_run("sync", "shop", board.at(0))
            waiting = pool.submit(second)
            about_to_write.wait()
            with pytest.raises(TimeoutError):
                waiting.result(timeout=0.1)
        waiting.result()
    with store.reading() as reader:
        assert len(list(reader.items())) == 1
    store.close()


def test_one_database_is_made_once_by_many_at_the_same_time(database_url: str, board: Any) -> None:
    with ThreadPoolExecutor(4) as pool:
        stores = list(pool.map(lambda _: open_store(database_url), range(4)))
    board.save(stores[0], board.record(1))
    with stores[3].reading() as reader:
        assert len(list(reader.items())) == 1
    for one in stores:
        one.close()


def test_a_read_does_not_see_what_is_written_meanwhile(store: Store, board: Any) -> None:
    board.save(store, board.record(1))
    with store.reading() as reader:
        assert reader.cursor("shop") == {"page": 1}
        board.save(store, board.record(2), cursor={"page": 2})
        assert reader.cursor("shop") == {"page": 1}
        assert [item.id for item in reader.items()] == ["1"]
    with store.reading() as reader:
        assert [item.id for item in reader.items()] == ["1", "2"]


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_a_crash_inside_a_transaction_leaves_nothing(store: Store, board: Any, error: type[BaseException]) -> None:
    board.save(store, board.record(1))
    before = board.dump(store)

    def crash() -> None:
        with store.writing() as unit:
            unit.start_run("sync", "shop", board.at(0))
            records = [board.record(1, [Transition(board.at(1), "title", "?", "New")], title="New"), board.record(2)]
            unit.save_page(
                "shop",
                run=None,
                records=records,
                cursor={"page": 2},
                context={},
                deleted=[("1", board.at(1))],
                set_aside=[("3", "403")],
                at=board.at(2),
            )
            raise error

    with pytest.raises(error):
        crash()
    assert board.dump(store) == before
    with store.reading() as reader:
        assert (reader.runs(), reader.set_aside("shop"), reader.cursor("shop")) == ([], [], {"page": 1})
    board.save(store, board.record(2))
