"""One limiter a source: how fast, how often and when its worker threads may send a request."""

from __future__ import annotations

from datetime import timedelta
from threading import Lock

from connectors.watch import WATCH
from domain.calendar import instant_text
from domain.clock import Clock
from domain.errors import BudgetError, UnavailableError

MOMENT = 0.001  # seconds; a wait shorter than this is none


class Gate:
    """Shared by all worker threads of one source.

    `per_second` is the steady rate; up to one second's worth may go at once after a rest. `budget` is the
    greatest number of requests of this gate's life (None: no limit).
    """

    def __init__(self, source: str, clock: Clock, *, per_second: float = 50.0, budget: int | None = None) -> None:
        self.source = source
        self.clock = clock
        self._interval = 1.0 / per_second
        self._budget = budget
        self._lock = Lock()
        self._requests = 0
        self._pauses = 0
        self._next = clock.monotonic() - 1.0  # when the next request is due; the past is credit
        self._resume = float("-inf")

    @property
    def requests(self) -> int:
        """How many requests were let through so far."""
        with self._lock:
            return self._requests

    @property
    def pauses(self) -> int:
        """How many pauses there were; what only lengthens a pause under way is none of its own."""
        with self._lock:
            return self._pauses

    def pause(self, seconds: float) -> None:
        """Let nobody through for that many seconds from now; a longer pause under way stays as it is."""
        with self._lock:
            now = self.clock.monotonic()
            until = now + max(0.0, seconds)
            if until > now >= self._resume:
                self._pauses += 1
                WATCH.paused(self.source)
            self._resume = max(self._resume, until)
            self._next = max(self._next, self._resume)  # nobody rushes in together when the pause ends

    def enter(self, deadline: float = float("inf")) -> None:
        """Wait for a turn and take it.

        `deadline` is a reading of the clock's `monotonic`. Raises, without waiting, UnavailableError when the turn
        would come later than that, BudgetError when the budget is used up.
        """
        while True:
            with self._lock:
                now = self.clock.monotonic()
                if self._budget is not None and self._requests >= self._budget:
                    raise BudgetError(
                        f"Source {self.source}: the budget of {self._budget} requests for this run is used up; "
                        "the next run goes on from here."
                    )
                due = max(self._next, self._resume)
                if due - now < MOMENT:
                    self._next = max(self._next, now - 1.0) + self._interval
                    self._requests += 1
                    return
            if due > deadline:
                raise UnavailableError(
                    f"Source {self.source} asks to wait until {self.until(due - now)}, longer than a run waits; "
                    "the next run goes on from here."
                )
            self.sleep(due - now)

    def sleep(self, seconds: float) -> None:
        """Wait so many seconds before the next request, which is counted."""
        WATCH.waited(self.source, seconds)
        self.clock.sleep(seconds)

    def until(self, seconds: float) -> str:
        """The instant that many seconds from now, as text to the second, for messages."""
        return instant_text((self.clock.now() + timedelta(seconds=seconds)).replace(microsecond=0))
