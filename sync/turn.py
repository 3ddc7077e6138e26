"""A source's turn: one process at a time pulls it, and whoever comes second is told who does."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Thread

import structlog

from domain.clock import Clock
from domain.errors import StoreError
from store.kept import Fence
from store.open import Store

log = structlog.get_logger("sync")

SECONDS = 60.0  # a lease lasts so long; a holder that was cut off from us is waited for no longer
BEATS = 3  # a lease is renewed so often in its time


@dataclass(frozen=True)
class Taken:
    """Somebody else has the turn: who, and until when unless it is renewed."""

    holder: str
    until: datetime

    def sentence(self) -> str:
        """For people, to go on a sentence."""
        until = self.until.astimezone(UTC).strftime("%H:%M:%S")
        return f"{self.holder.partition(' (')[0]} is at it and holds it until {until} UTC, longer if it goes on"


def lease_name(source: str) -> str:
    """The name of the lease that whoever writes the items of a source (its id) holds."""
    return f"source:{source}"


def me() -> str:
    """This process, for people and for `gone`: its number, its machine and, in brackets, whose numbers they are."""
    return f"process {os.getpid()} on {socket.gethostname()}{_numbering()}"


def gone(holder: str) -> bool:
    """Whether a holder was a process of this machine that has ended; False when that cannot be known."""
    words = holder.split(" ", 2)
    if len(words) != 3 or words[0] != "process" or not words[1].isdecimal():
        return False
    if words[2] != f"on {socket.gethostname()}{_numbering()}" or os.name != "posix":
        return False
    try:
        os.kill(int(words[1]), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False


def _numbering() -> str:
    """Containers of one name on one machine count their processes apart; Linux says which count it is."""
    try:
        return f" ({Path('/proc/self/ns/pid').readlink().name})"
    except OSError:
        return ""


@contextmanager
def turn(
    name: str,
    store: Store,
    clock: Clock,
    *,
    holder: str | None = None,
    ended: Callable[[str], bool] = gone,
    beat: Callable[[Event], bool] = lambda over: over.wait(SECONDS / BEATS),
) -> Iterator[Fence | Taken]:
    """Hold the lease of a name while the block runs, or give Taken when somebody else does.

    The lease is renewed from a thread of its own as often as `beat` (given an event that is set at the block's end)
    returns False. A holder that `ended` says is no more is not waited for. StoreError when the store cannot be written.
    """
    held = _take(name, store, clock, holder or me(), ended)
    if isinstance(held, Taken):
        yield held
        return
    over = Event()
    heart = Thread(target=_renew, args=(held, store, clock, over, beat), name=f"lease-{name}", daemon=True)
    heart.start()
    try:
        yield held
    finally:
        over.set()
        heart.join()
        # A lease that cannot be given back runs out by itself.
        with suppress(StoreError), store.writing() as unit:
            unit.release_lease(held)


def _take(name: str, store: Store, clock: Clock, holder: str, ended: Callable[[str], bool]) -> Fence | Taken:
    with store.writing() as unit:
        fence = unit.take_lease(name, holder, clock.now(), SECONDS)
        if fence is not None:
            return fence
        other = unit.lease(name)
        assert other is not None, "a lease that cannot be taken is somebody's"
        if not ended(other.holder):
            return Taken(other.holder, other.expires_at)
        log.info("lease.inherited", lease=name, holder=other.holder)
        unit.release_lease(other.fence)
        fence = unit.take_lease(name, holder, clock.now(), SECONDS)
        if fence is not None:
            return fence
        # A third was quicker with the same inheritance.
        other = unit.lease(name) or other
        return Taken(other.holder, other.expires_at)


def _renew(fence: Fence, store: Store, clock: Clock, over: Event, beat: Callable[[Event], bool]) -> None:
    while not beat(over):
        try:
            with store.writing() as unit:
                if not unit.renew_lease(fence, clock.now(), SECONDS):
                    return  # the next page will say so
        except StoreError:
            log.debug("lease.not_renewed", lease=fence.name, exc_info=True)
