"""What is seen of the requests of this process: how many, what came, how long they had to wait."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from threading import Lock


@dataclass(frozen=True)
class Seen:
    """Sums since the process began: requests by (source, class of status), pauses and waited seconds by source.

    A class is `2xx` to `5xx`, or `none` where no answer came. `skew` is by how many seconds each source's clock was
    ahead of ours at its last answer.
    """

    requests: dict[tuple[str, str], int]
    pauses: dict[str, int]
    waited: dict[str, float]
    skew: dict[str, float]


@dataclass
class Watch:
    """Counts; every thread may tell it something. `around` is entered around each request, given source and what."""

    around: Callable[[str, str], AbstractContextManager[object]] = lambda _source, _what: nullcontext()
    _requests: Counter[tuple[str, str]] = field(default_factory=Counter)
    _pauses: Counter[str] = field(default_factory=Counter)
    _waited: dict[str, float] = field(default_factory=dict)
    _skew: dict[str, float] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def answered(self, source: str, status: int | None, skew: float | None = None) -> None:
        """A request was sent, and this status came (None: no answer), from a clock that is ahead by `skew` seconds."""
        with self._lock:
            self._requests[source, "none" if status is None else f"{status // 100}xx"] += 1
            if skew is not None:
                self._skew[source] = skew

    def paused(self, source: str) -> None:
        """A tracker had everybody wait."""
        with self._lock:
            self._pauses[source] += 1

    def waited(self, source: str, seconds: float) -> None:
        """A thread waits that long before its next request."""
        with self._lock:
            self._waited[source] = self._waited.get(source, 0.0) + seconds

    def seen(self) -> Seen:
        """The sums as they are now."""
        with self._lock:
            return Seen(dict(self._requests), dict(self._pauses), dict(self._waited), dict(self._skew))


WATCH = Watch()  # one a process, as its threads and sources share what is scraped
