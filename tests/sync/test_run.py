"""A run stores whole pages, goes on where it stopped, and lets no source stop another."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event

import pytest

from config.settings import FilesSource, Source
from domain.errors import CredentialsError, FilrougeError, ProtocolError, StoreError, UnavailableError
from store.open import Store
from sync.progress import Progress, Unwatched
from sync.pull import SourceRun
from sync.run import run
from tests.sync.conftest import PagedTracker, StillClock, page, record

MakeSource = Callable[[str], FilesSource]


def go(
    store: Store,
    trackers: dict[str, PagedTracker],
    source: MakeSource,
    *,
    full: bool = False,
    stop: Event | None = None,
) -> list[SourceRun]:
    sources: list[Source] = [source(name) for name in trackers]
    return run(
        sources,
        lambda chosen: trackers[chosen.id],
        store,
        clock=StillClock(),
        full=full,
        watcher=Unwatched(),
        stop=stop or Event(),
    )


def keys(store: Store) -> list[str]:
    with store.reading() as reader:
        return [item.key for item in reader.items()]


def test_every_page_is_kept_and_the_run_is_told(store: Store, source: MakeSource) -> None:
    tracker = PagedTracker([page(1, record("shop", 1), record("shop", 2)), page(2, record("shop", 3))])
    (result,) = go(store, {"shop": tracker}, source)
    assert keys(store) == ["SHOP-1", "SHOP-2", "SHOP-3"]
    assert (result.outcome, result.count.new, result.requests) == ("ok", 3, 2)
    assert result.sentence() == "shop: 3 items read (3 new, 0 changed) with 2 requests in 0.0 s."
    assert tracker.closed
    with store.reading() as reader:
        last = reader.last_run("sync", "shop")
        assert last is not None
        assert last.outcome == "ok"
        assert last.summary["new"] == 3
        assert reader.cursor("shop") == {"page": 2}


def test_the_next_run_goes_on_and_full_begins_again(store: Store, source: MakeSource) -> None:
    tracker = PagedTracker([page(1, record("shop", 1)), page(2, record("shop", 2))])
    for full in (False, False, True):
        go(store, {"shop": tracker}, source, full=full)
    assert tracker.started_from == [None, {"page": 2}, None]


@pytest.mark.parametrize(
    "error",
    [
        CredentialsError("shop: the token was refused."),
        UnavailableError("shop: no answer."),
        ProtocolError("shop: no JSON."),
    ],
)
def test_a_failure_half_way_keeps_what_came_and_the_place(
    store: Store, source: MakeSource, error: FilrougeError
) -> None:
    broken = PagedTracker([page(1, record("shop", 1)), error, page(3, record("shop", 3))])
    (result,) = go(store, {"shop": broken}, source)
    assert result.outcome == "failed"
    assert str(error) in result.sentence()
    assert keys(store) == ["SHOP-1"]
    mended = PagedTracker([page(1, record("shop", 1)), page(2, record("shop", 2)), page(3, record("shop", 3))])
    go(store, {"shop": mended}, source)
    assert mended.started_from == [{"page": 1}]
    assert keys(store) == ["SHOP-1", "SHOP-2", "SHOP-3"]


def test_one_failure_does_not_stop_the_others(store: Store, source: MakeSource) -> None:
    results = go(
        store,
        {
            "shop": PagedTracker([CredentialsError("shop: the token was refused.")]),
            "pay": PagedTracker([page(1, record("pay", 1))]),
        },
        source,
    )
    assert [result.outcome for result in results] == ["failed", "ok"]
    assert keys(store) == ["PAY-1"]


def test_a_tracker_that_cannot_be_made_is_a_failed_run(store: Store, source: MakeSource) -> None:
    def refuse(_source: Source) -> PagedTracker:
        raise CredentialsError("shop: there is no token.")

    (result,) = run([source("shop")], refuse, store, clock=StillClock(), full=False, watcher=Unwatched(), stop=Event())
    assert result.outcome == "failed"
    with store.reading() as reader:
        last = reader.last_run("sync", "shop")
        assert last is not None
        assert last.summary["problem"] == "shop: there is no token."


def test_a_stop_ends_the_run_after_the_page_in_hand(store: Store, source: MakeSource) -> None:
    stop = Event()
    stop.set()
    tracker = PagedTracker([page(1, record("shop", 1)), page(2, record("shop", 2))])
    (result,) = go(store, {"shop": tracker}, source, stop=stop)
    assert result.outcome == "interrupted"
    assert "goes on from here" in result.sentence()
    assert keys(store) == ["SHOP-1"]
    go(store, {"shop": tracker}, source)
    assert keys(store) == ["SHOP-1", "SHOP-2"]


def test_a_store_that_fails_is_no_source_s_fault(store: Store, source: MakeSource) -> None:
    class Broken(PagedTracker):
        def close(self) -> None:
            raise StoreError("The disk is full.")

    with pytest.raises(StoreError):
        go(store, {"shop": Broken([page(1)])}, source)


def test_progress_says_rate_and_time_left() -> None:
    half = Progress("shop", items=500, total=1000, seconds=5)
    assert (half.rate, half.seconds_left) == (100, 5)
    assert Progress("shop", items=500, total=None, seconds=5).seconds_left is None
    assert Progress("shop", items=0, total=10, seconds=0).seconds_left is None
