"""One holder at a time; a new one has a higher number, and the old one can no longer write."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import pytest

from domain.errors import LeaseError
from store.kept import Fence
from store.open import Store, open_store


def take(store: Store, board: Any, holder: str, *, at: float = 0) -> Fence | None:
    """Take the lease of `shop` for an hour, `at` hours after the start."""
    with store.writing() as unit:
        return unit.take_lease("shop", holder, board.at(at), 3600)


def test_one_holds_it_and_the_other_can_see_who_and_until_when(store: Store, board: Any) -> None:
    assert take(store, board, "one") == Fence("shop", 1)
    assert take(store, board, "two", at=0.5) is None
    with store.writing() as unit:
        held = unit.lease("shop")
        assert held is not None
        assert (held.holder, held.fence, held.expires_at) == ("one", Fence("shop", 1), board.at(1))
        assert unit.lease("pay") is None
        assert unit.take_lease("pay", "two", board.at(0), 60) == Fence("pay", 1)


def test_a_holder_cannot_take_it_twice(store: Store, board: Any) -> None:
    assert take(store, board, "one") is not None
    assert take(store, board, "one") is None


def test_one_that_ran_out_or_was_given_back_goes_to_the_next_by_a_higher_number(store: Store, board: Any) -> None:
    assert take(store, board, "one") == Fence("shop", 1)
    second = take(store, board, "two", at=1)
    assert second == Fence("shop", 2)
    with store.writing() as unit:
        unit.release_lease(second)
    assert take(store, board, "three", at=1) == Fence("shop", 3)


def test_it_is_renewed_and_given_back_by_its_holder_alone(store: Store, board: Any) -> None:
    first = take(store, board, "one")
    assert first is not None
    with store.writing() as unit:
        assert unit.renew_lease(first, board.at(0.9), 3600)
    assert take(store, board, "two", at=1.5) is None
    with store.writing() as unit:
        # Nobody else took it, so it may be revived.
        assert unit.renew_lease(first, board.at(3), 3600)
    assert take(store, board, "two", at=4) == Fence("shop", 2)
    with store.writing() as unit:
        assert not unit.renew_lease(first, board.at(4), 3600)
        unit.release_lease(first)
    assert take(store, board, "three", at=4.5) is None


def test_a_clock_that_ran_ahead_blocks_nobody_for_long(store: Store, board: Any) -> None:
    take(store, board, "from tomorrow", at=24)
    assert take(store, board, "two") is None
    assert take(store, board, "two", at=1) == Fence("shop", 2)


def test_who_lost_the_lease_cannot_write(store: Store, board: Any) -> None:
    first = take(store, board, "one")
    board.save(store, board.record(1), fence=first)
    second = take(store, board, "two", at=2)
    with pytest.raises(LeaseError, match="Another process has taken over"):
        board.save(store, board.record(2), cursor={"page": 2}, fence=first)
    with store.reading() as reader:
        assert [item.id for item in reader.items()] == ["1"]
        assert reader.cursor("shop") == {"page": 1}
    board.save(store, board.record(2), fence=second)


def test_one_that_ran_out_may_still_write_while_nobody_took_it(store: Store, board: Any) -> None:
    first = take(store, board, "one")
    board.save(store, board.record(1), hours=5, fence=first)
    with pytest.raises(LeaseError):
        board.save(store, board.record(1), fence=Fence("never taken", 1))


def test_of_many_at_once_one_gets_it(database_url: str, board: Any) -> None:
    with ExitStack() as stack:
        stores = [open_store(database_url) for _ in range(6)]
        for one in stores:
            stack.callback(one.close)
        for round_ in range(5):
            together = threading.Barrier(6)

            def attempt(number: int, together: threading.Barrier = together, hours: int = 2 * round_) -> Fence | None:
                together.wait()
                return take(stores[number], board, f"{number}", at=hours)

            with ThreadPoolExecutor(6) as pool:
                taken = [fence for fence in pool.map(attempt, range(6)) if fence is not None]
            assert taken == [Fence("shop", round_ + 1)]


def test_who_takes_over_waits_for_the_page_in_hand(store: Store, board: Any) -> None:
    """Otherwise the new holder could read the cursor before the old one's page moves it on."""
    first = take(store, board, "one")
    with ThreadPoolExecutor(1) as pool:
        with store.writing() as unit:
            unit.save_page(
                "shop",
                run=None,
                records=[board.record(1)],
                cursor={"page": 1},
                context={},
                at=board.at(1),
                fence=first,
            )
            waiting = pool.submit(take, store, board, "two", at=2)
            with pytest.raises(TimeoutError):
                waiting.result(timeout=0.1)
        assert waiting.result() == Fence("shop", 2)
