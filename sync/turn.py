"""A source's turn: one process at a time pulls it, and whoever comes second is told who does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import copy_context
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Event, Thread

import structlog

from domain.clock import Clock
from domain.errors import StoreError
from store.kept import Fence
from store.open import Store
from store.unit import Unit
from sync.holder import gone, holder, is_me, told

log = structlog.get_logger("sync")

# A lease lasts so long: a holder that died on another machine is waited for no longer, and a writer that has to wait
# its turn on SQLite for the longest time allowed still renews in time.
SECONDS = 120.0
BEATS = 4  # a lease is renewed so often in its time

# The turns that this process has now, by store and fence: one that could not be given back (the store was locked, the
# disk full) still says that we hold it, and must not keep ourselves from the next.
_running: set[tuple[str, Fence]] = set()


@dataclass(frozen=True)
class Taken:
    """Somebody else has the turn: who, and until when unless it is renewed."""

    holder: str
    until: datetime

    def sentence(self) -> str:
        """For people, to go on a sentence."""
        until = self.until.astimezone(UTC).strftime("%H:%M:%S")
        return f"{told(self.holder)}, is at it and holds it until {until} UTC, longer if it goes on"


def lease_name(source: str) -> str:
    """The name of the lease that whoever writes the items of a source (its id) holds."""
    return f"source:{source}"


@contextmanager
def turn(
    name: str,
    store: Store,
    clock: Clock,
    *,
    ended: Callable[[str], bool] = gone,
    beat: Callable[[Event], bool] = lambda over: over.wait(SECONDS / BEATS),
) -> Iterator[Fence | Taken]:
    """Hold the lease of a name while the block runs, or give Taken when somebody else does.

    The lease is renewed from a thread of its own as often as `beat` (given an event that is set at the block's end)
    returns False. A holder that `ended` says is no more is not waited for. Machines that share a PostgreSQL go by its
    clock, whatever their own say; SQLite, which is for one machine, by `clock`. StoreError when the store cannot be
    written.
    """
    held = _take(name, store, clock, ended)
    if isinstance(held, Taken):
        yield held
        return
    over = Event()
    beats = (_renew, held, store, clock, over, beat)
    heart = Thread(target=copy_context().run, args=beats, name=f"lease-{name}", daemon=True)
    heart.start()
    try:
        yield held
    finally:
        over.set()
        heart.join()
        # A lease that cannot be given back runs out by itself.
        with suppress(StoreError), store.writing() as unit:
            unit.release_lease(held)
        _running.discard((store.address, held))


def _take(name: str, store: Store, clock: Clock, ended: Callable[[str], bool]) -> Fence | Taken:
    with store.writing() as unit:
        now = _now(unit, clock)
        fence = unit.take_lease(name, holder(now), now, SECONDS)
        if fence is None:
            other = unit.lease(name)
            assert other is not None, "a lease that cannot be taken is somebody's"
            left = is_me(other.holder) and (store.address, other.fence) not in _running
            if not left and not ended(other.holder):
                return Taken(other.holder, other.expires_at)
            log.info("lease.inherited", lease=name, holder=other.holder)
            unit.release_lease(other.fence)
            fence = unit.take_lease(name, holder(now), now, SECONDS)
            if fence is None:
                # A third was quicker with the same inheritance.
                other = unit.lease(name) or other
                return Taken(other.holder, other.expires_at)
        # Before others can see it: another thread of ours must not take it for one that was left.
        _running.add((store.address, fence))
        return fence


def _renew(fence: Fence, store: Store, clock: Clock, over: Event, beat: Callable[[Event], bool]) -> None:
    while not beat(over):
        try:
            with store.writing() as unit:
                if not unit.renew_lease(fence, _now(unit, clock), SECONDS):
                    return  # the next page will say so
        except StoreError:
            log.debug("lease.not_renewed", lease=fence.name, exc_info=True)


def _now(unit: Unit, clock: Clock) -> datetime:
    return unit.server_time() or clock.now()
