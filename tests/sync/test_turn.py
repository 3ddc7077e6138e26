"""Two processes never pull a source together; the second says who does, and a killed one blocks nobody."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from threading import Event

import pytest

from config.settings import FilesSource
from connectors.port import Cursor, Held, Page
from domain.errors import StoreError
from store.kept import Fence
from store.open import Store, open_store
from sync.progress import Unwatched
from sync.pull import SourceRun, pull
from sync.replay import replay
from sync.turn import SECONDS, Taken, gone, lease_name, me, turn
from tests.databases import database_url, postgres_server
from tests.sync.conftest import NOW, PagedTracker, StillClock, page, record

__all__ = ["database_url", "postgres_server"]

MakeSource = Callable[[str], FilesSource]
ROOT = Path(__file__).parents[2]
HOLDER = """
import sys
from tests.sync.conftest import StillClock
from store.open import open_store
from sync.turn import lease_name, turn
with turn(lease_name("shop"), open_store(sys.argv[1]), StillClock()):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def shared(database_url: str) -> Iterator[Store]:
    opened = open_store(database_url)
    yield opened
    opened.close()


def go(store: Store, source: MakeSource, tracker: PagedTracker, clock: StillClock | None = None) -> SourceRun:
    return pull(
        source("shop"), tracker, store, clock=clock or StillClock(), full=False, watcher=Unwatched(), stop=Event()
    )


class Waiting(PagedTracker):
    """Stops after its first page until it may go on."""

    def __init__(self) -> None:
        super().__init__([page(1, record("shop", 1)), page(2, record("shop", 2))])
        self.begun, self.go_on = threading.Event(), threading.Event()

    def pull(self, cursor: Cursor | None, held: Held) -> Iterator[Page]:
        for one in super().pull(cursor, held):
            yield one
            self.begun.set()
            self.go_on.wait()


@contextmanager
def process(database: str) -> Iterator[subprocess.Popen[str]]:
    """Another process that is at the source."""
    other = subprocess.Popen(
        [sys.executable, "-c", HOLDER, database],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    assert other.stdin is not None
    assert other.stdout is not None
    try:
        assert other.stdout.readline() == "held\n"
        yield other
    finally:
        other.kill()
        other.wait()
        other.stdin.close()
        other.stdout.close()


def test_of_two_threads_one_pulls_and_the_other_is_skipped(shared: Store, source: MakeSource) -> None:
    first, second = Waiting(), PagedTracker([page(1, record("shop", 9))])
    with ThreadPoolExecutor(1) as pool:
        pulling = pool.submit(go, shared, source, first)
        first.begun.wait()
        skipped = go(shared, source, second)
        first.go_on.set()
        done = pulling.result()
    assert (done.outcome, done.read) == ("ok", 2)
    assert (skipped.outcome, skipped.error, skipped.problem, second.requests) == ("skipped", None, None, 0)
    until = (NOW + timedelta(seconds=SECONDS)).strftime("%H:%M:%S")
    assert skipped.sentence() == (
        f"shop: skipped, since process {os.getpid()} on {socket.gethostname()} is at it and holds it until {until} "
        "UTC, longer if it goes on."
    )
    assert skipped.summary()["outcome"] == "skipped"
    with shared.reading() as reader:
        # What did nothing is no run: the source's last run is the one that pulled.
        assert [run.outcome for run in reader.runs("sync", "shop")] == ["ok"]
        assert reader.cursor("shop") == {"page": 2}


def test_another_source_is_not_held_up(shared: Store, source: MakeSource) -> None:
    with turn(lease_name("pay"), shared, StillClock()):
        assert go(shared, source, PagedTracker([page(1, record("shop", 1))])).outcome == "ok"


def test_the_next_run_has_its_turn_at_once(shared: Store, source: MakeSource) -> None:
    for _ in range(3):
        assert go(shared, source, PagedTracker([page(1, record("shop", 1))])).outcome == "ok"


def test_a_replay_and_a_pull_take_turns_too(shared: Store, source: MakeSource) -> None:
    tracker = PagedTracker([page(1, record("shop", 1))])
    go(shared, source, tracker)
    with turn(lease_name("shop"), shared, StillClock()):
        told = replay(source("shop"), tracker, shared, clock=StillClock(), watcher=Unwatched(), stop=Event())
    assert told.outcome == "skipped"


def test_of_two_processes_one_is_skipped_and_a_killed_one_is_inherited_at_once(
    database_url: str, shared: Store, source: MakeSource
) -> None:
    tracker = PagedTracker([page(1, record("shop", 1))])
    with process(database_url) as other:
        skipped = go(shared, source, tracker)
        assert skipped.outcome == "skipped"
        assert f"process {other.pid} on {socket.gethostname()} is at it" in skipped.sentence()
        other.kill()
        other.wait()
        # The clock stands still: nothing but the other's end makes the difference.
        assert go(shared, source, tracker).outcome == "ok"


def test_a_killed_one_elsewhere_is_waited_for_as_long_as_the_lease_lasts(shared: Store, source: MakeSource) -> None:
    with shared.writing() as unit:
        unit.take_lease(lease_name("shop"), "process 1 on another-machine", NOW, SECONDS)
    tracker, clock = PagedTracker([page(1, record("shop", 1))]), StillClock()
    assert go(shared, source, tracker, clock).outcome == "skipped"
    clock.sleep(SECONDS)
    assert go(shared, source, tracker, clock).outcome == "ok"


def test_who_was_taken_over_stops_and_has_written_nothing_since(shared: Store, source: MakeSource) -> None:
    first = Waiting()
    later = StillClock(NOW + timedelta(seconds=2 * SECONDS))  # it was cut off for so long
    with ThreadPoolExecutor(1) as pool:
        pulling = pool.submit(go, shared, source, first)
        first.begun.wait()
        with turn(lease_name("shop"), shared, later) as fence:
            assert isinstance(fence, Fence)
            first.go_on.set()
            stopped = pulling.result()
    assert stopped.outcome == "interrupted"
    assert stopped.warnings == ["Another process has taken over; what this run has kept is whole."]
    with shared.reading() as reader:
        assert [item.id for item in reader.items()] == ["1"]
        assert reader.cursor("shop") == {"page": 1}


def test_a_long_wait_for_the_tracker_keeps_the_turn(shared: Store) -> None:
    clock = StillClock()
    beats, renewed = iter([False, False, True]), threading.Event()

    def beat(_over: Event) -> bool:
        clock.sleep(SECONDS / 2)
        over = next(beats)
        if over:
            renewed.set()
        return over

    with turn("a", shared, clock, beat=beat):
        renewed.wait()
        # A minute and a half later the lease that lasts one minute is still held.
        with turn("a", shared, clock) as second:
            assert isinstance(second, Taken)


@pytest.mark.parametrize("error", [StoreError("The disk is full."), KeyboardInterrupt()], ids=repr)
def test_whatever_ends_a_run_gives_the_turn_back(shared: Store, error: BaseException) -> None:
    def fail() -> None:
        with turn("a", shared, StillClock()):
            raise error

    with pytest.raises(type(error)):
        fail()
    with turn("a", shared, StillClock()) as again:
        assert isinstance(again, Fence)


def test_only_a_process_of_this_machine_that_has_ended_is_gone() -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    here = me().partition(" on ")[2]
    assert gone(f"process {ended.pid} on {here}")
    for alive in (me(), f"process {ended.pid} on another-machine", f"process x on {here}", "somebody", ""):
        assert not gone(alive)
