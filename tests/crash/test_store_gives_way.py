"""The store is locked, the disk is full, the clock steps back: one sentence, and the next run completes."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event

import pytest

from config.load import load
from demo.trackers.http import Exchange
from domain.errors import StoreError
from store.open import open_store
from sync.progress import Unwatched
from sync.pull import SourceRun
from sync.run import run
from sync.tagging import tag
from sync.wiring import connect
from tests.contract.harness import TOKEN, HandClock
from tests.contract.world import HARNESSES
from tests.crash.conftest import Scene, Workplace
from tests.crash.contents import assert_same

FULL = 4  # the exit code of a store that cannot be written


@pytest.mark.parametrize("kind", ["jira_cloud", "azure_devops"])
def test_a_full_disk_is_told_in_one_sentence_and_the_next_run_completes(scene: Callable[..., Scene], kind: str) -> None:
    """SQLite finds no room for another page, as on a full file system, at an early and at a late page.

    And by a quota: the system refuses to let a file grow beyond a size.
    """
    here = scene(kind, 300, 30)
    calm, cramped, bounded = here.workplace("calm"), here.workplace("cramped"), here.workplace("bounded")
    assert calm.sync() == 0
    with closing(sqlite3.connect(calm.store)) as connection:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for share in (0.15, 0.6):
        assert cramped.sync(page_limit=int(pages * share)) == FULL, cramped.output()
        assert "disk is full; make room and run again" in the_sentence(cramped)
        assert bounded.sync(file_limit=int(calm.store.stat().st_size * share)) == FULL, bounded.output()
        assert "disk" in the_sentence(bounded)
    for place in (cramped, bounded):
        assert place.sync() == 0, place.output()
        assert_same(place.store, calm.store)


def the_sentence(place: Workplace) -> str:
    """The one sentence that a run that could not write has said."""
    (sentence,) = [line for line in place.output().splitlines() if "store" in line.casefold()]
    assert "Traceback" not in place.output()
    return sentence


class SteppingClock(HandClock):
    """Every so often it finds itself some hours earlier, as after a correction by a time server."""

    def __init__(self, chance: random.Random) -> None:
        super().__init__()
        self._chance = chance

    def now(self) -> datetime:
        if self._chance.random() < 0.2:
            self.at -= timedelta(seconds=self._chance.randrange(5 * 3600))
        else:
            self.at += timedelta(seconds=self._chance.randrange(1200))
        return self.at


def sync_here(folder: Path, clock: HandClock, *, timeout: float = 30.0) -> SourceRun:
    """A run of the one source in this process, and the mapping after it, as the command does both."""
    workspace = load(folder, {"CONTRACT_TOKEN": TOKEN})
    store = open_store(workspace.store_url, timeout=timeout)
    try:
        (result,) = run(
            workspace.settings.sources,
            lambda source: connect(workspace, source, clock),
            store,
            clock=clock,
            full=False,
            watcher=Unwatched(),
            stop=Event(),
        )
        tag(workspace, store, clock)
    finally:
        store.close()
    return result


@pytest.mark.parametrize("kind", list(HARNESSES))
def test_a_clock_that_steps_back_changes_nothing(scene: Callable[..., Scene], kind: str) -> None:
    """Between runs and within them, by hours: what counts is the tracker's own time."""
    chance = random.Random(f"clock of {kind}")
    here = scene(kind, 120, 10)
    stepping, calm = here.workspace("stepping"), here.workspace("calm")
    clock = SteppingClock(chance)
    for _ in range(5):
        assert sync_here(stepping, clock).outcome == "ok"
        assert sync_here(calm, here.clock).outcome == "ok"
        assert_same(stepping / "filrouge.db", calm / "filrouge.db")
        here.edit_some(chance, 12)
        here.clock.tick(minutes=chance.randrange(1, 2000))


@pytest.mark.parametrize("kind", list(HARNESSES))
@pytest.mark.parametrize("request_number", [1, 20])
def test_a_locked_store_is_told_in_one_sentence_and_the_next_run_completes(
    scene: Callable[..., Scene], kind: str, request_number: int
) -> None:
    """Another program takes the lock at the first request of a run, or amid the pages, and keeps it."""
    here = scene(kind, 120, 10)
    locked, calm = here.workspace("locked"), here.workspace("calm")
    open_store(f"sqlite:///{locked / 'filrouge.db'}").close()
    assert sync_here(calm, here.clock).outcome == "ok"
    with closing(sqlite3.connect(locked / "filrouge.db", check_same_thread=False, timeout=30)) as other:
        seen = 0

        def lock(_exchange: Exchange) -> None:
            nonlocal seen
            seen += 1
            if seen == request_number:
                other.execute("BEGIN IMMEDIATE")

        here.harness.served.observers.append(lock)
        with pytest.raises(StoreError, match="is locked by another program that did not let go in time"):
            sync_here(locked, here.clock, timeout=0.05)
        here.harness.served.observers.remove(lock)
        other.rollback()
    assert sync_here(locked, here.clock).outcome == "ok"
    assert_same(locked / "filrouge.db", calm / "filrouge.db")
