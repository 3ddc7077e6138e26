"""Two processes never pull a source together; the second says who does, and a killed one blocks nobody."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from datetime import timedelta
from pathlib import Path
from threading import Event

import pytest

from config.settings import FilesSource
from connectors.port import Cursor, Held, Page
from domain.errors import StoreError
from store.kept import Fence
from store.open import Store, open_store
from sync.holder import gone, holder
from sync.progress import Unwatched
from sync.pull import SourceRun, pull
from sync.replay import replay
from sync.turn import SECONDS, Taken, lease_name, turn
from tests.databases import PostgresServer, database_url, postgres_server
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

HOLD = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
from datetime import UTC, datetime
from sync.holder import holder
print(holder(datetime(2026, 1, 1, tzinfo=UTC)), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def shared(database_url: str) -> Iterator[Store]:
    opened = open_store(database_url)
    yield opened
    opened.close()


def run_out(store: Store, source: str) -> None:
    """The lease of a source is over, as when its holder was cut off for so long; whatever clock the store goes by."""
    with store.writing() as unit:
        lease = unit.lease(lease_name(source))
        assert lease is not None
        assert unit.renew_lease(lease.fence, lease.expires_at - timedelta(days=1), 1)


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
        with shared.writing() as unit:
            lease = unit.lease(lease_name("shop"))
        first.go_on.set()
        done = pulling.result()
    assert (done.outcome, done.read) == ("ok", 2)
    assert (skipped.outcome, skipped.error, skipped.problem, second.requests) == ("skipped", None, None, 0)
    assert lease is not None
    since, until = lease.expires_at - timedelta(seconds=SECONDS), lease.expires_at
    assert skipped.sentence() == (
        f"shop: skipped, since process {os.getpid()} on {socket.gethostname()}, since {since:%Y-%m-%d %H:%M:%S} UTC, "
        f"is at it and holds it until {until:%H:%M:%S} UTC, longer if it goes on."
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
        assert f"process {other.pid} on {socket.gethostname()}, since" in skipped.sentence()
        other.kill()
        other.wait()
        # The clock stands still: nothing but the other's end makes the difference.
        assert go(shared, source, tracker).outcome == "ok"


def test_a_killed_one_elsewhere_is_waited_for_as_long_as_the_lease_lasts(shared: Store, source: MakeSource) -> None:
    with shared.writing() as unit:
        now = unit.server_time() or NOW
        unit.take_lease(lease_name("shop"), "process 1 on another-machine, since noon [a b c]", now, SECONDS)
    tracker = PagedTracker([page(1, record("shop", 1))])
    assert go(shared, source, tracker).outcome == "skipped"
    run_out(shared, "shop")
    assert go(shared, source, tracker).outcome == "ok"


def test_machines_that_share_postgresql_need_not_agree_on_the_time(
    postgres_server: PostgresServer, source: MakeSource
) -> None:
    with postgres_server.database() as url, closing(open_store(url)) as store, turn("source:shop", store, StillClock()):
        wrong = StillClock(NOW + timedelta(days=400))
        assert go(store, source, PagedTracker([page(1, record("shop", 1))]), wrong).outcome == "skipped"


def test_a_clock_that_steps_back_holds_nobody_up_for_long(tmp_path: Path, source: MakeSource) -> None:
    with closing(open_store(f"sqlite:///{tmp_path / 'filrouge.db'}")) as store:
        with store.writing() as unit:
            unit.take_lease(lease_name("shop"), "process 1 on another-machine", NOW + timedelta(days=1), SECONDS)
        clock, tracker = StillClock(), PagedTracker([page(1, record("shop", 1))])
        assert go(store, source, tracker, clock).outcome == "skipped"
        clock.sleep(SECONDS)
        assert go(store, source, tracker, clock).outcome == "ok"


def test_who_was_taken_over_stops_and_has_written_nothing_since(shared: Store, source: MakeSource) -> None:
    first = Waiting()
    with ThreadPoolExecutor(1) as pool:
        pulling = pool.submit(go, shared, source, first)
        first.begun.wait()
        run_out(shared, "shop")
        with turn(lease_name("shop"), shared, StillClock()) as fence:
            assert isinstance(fence, Fence)
            first.go_on.set()
            stopped = pulling.result()
    assert stopped.outcome == "interrupted"
    assert stopped.warnings == ["Another process has taken over; what this run has kept is whole."]
    with shared.reading() as reader:
        assert [item.id for item in reader.items()] == ["1"]
        assert reader.cursor("shop") == {"page": 1}


def test_a_long_wait_for_the_tracker_keeps_the_turn(shared: Store) -> None:
    beats, renewed = iter([False, True]), threading.Event()

    def beat(_over: Event) -> bool:
        over = next(beats)
        if over:
            renewed.set()
        else:
            run_out(shared, "a")
        return over

    with turn(lease_name("a"), shared, StillClock(), beat=beat):
        renewed.wait()
        # It had run out, and the beat has made it good.
        with turn(lease_name("a"), shared, StillClock()) as second:
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


def test_a_turn_that_could_not_be_given_back_keeps_nobody_of_this_process_from_the_next(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'filrouge.db'}"
    with closing(open_store(url, timeout=0.05)) as store, closing(open_store(url)) as other, ExitStack() as lock:

        def disturbed() -> None:
            with turn("a", store, StillClock()):
                lock.enter_context(other.writing())
                raise StoreError("The store is locked.")

        with pytest.raises(StoreError, match=r"The store is locked\."):
            disturbed()
        lock.close()
        with turn("a", store, StillClock()) as again:
            assert again == Fence("a", 2)


def test_only_a_process_of_this_machine_that_has_ended_is_gone() -> None:
    mine = holder(NOW)
    ended = subprocess.Popen([sys.executable, "-c", ""], stdout=subprocess.PIPE)
    assert ended.stdout is not None
    ended.stdout.read()
    theirs = mine.replace(f"process {os.getpid()} ", f"process {ended.pid} ")
    ended.wait()
    ended.stdout.close()
    assert gone(theirs)
    boot = mine.partition("[")[2].partition(" ")[0]
    others = (
        theirs.replace(socket.gethostname(), "another-machine"),
        theirs.replace(boot, "another-start-of-it"),
        theirs.replace("pid:[", "pid:[7"),
        theirs.partition(" [")[0],
        theirs.replace(f"process {ended.pid}", "process x"),
        "somebody",
        "",
    )
    for unknown in (mine, *others):
        assert not gone(unknown)


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="only Linux says when a process started")
def test_a_number_that_came_again_is_another_process() -> None:
    mine = holder(NOW)
    words = mine.removesuffix("]").split(" ")
    assert gone(" ".join([*words[:-1], str(int(words[-1]) - 1)]) + "]")


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="only Linux says that a process is a zombie")
def test_one_that_its_parent_has_not_asked_about_is_gone() -> None:
    ended = subprocess.Popen([sys.executable, "-c", HOLD], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert ended.stdout is not None
    assert ended.stdin is not None
    said = ended.stdout.readline().strip()
    assert not gone(said)
    ended.kill()
    os.waitid(os.P_PID, ended.pid, os.WEXITED | os.WNOWAIT)
    assert gone(said)
    ended.wait()
    ended.stdin.close()
    ended.stdout.close()
