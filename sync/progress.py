"""How far a pull has come: items, items per second and time left."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Progress:
    """One source's pull after one more page. `total` is the tracker's own estimate, None where it gives none."""

    source: str
    items: int
    total: int | None
    seconds: float

    @property
    def rate(self) -> float:
        """Items per second so far."""
        return self.items / self.seconds if self.seconds > 0 else 0.0

    @property
    def seconds_left(self) -> float | None:
        """How long the rest takes at this rate; None when nobody can know."""
        if self.total is None or self.rate == 0:
            return None
        return max(0, self.total - self.items) / self.rate


class Watcher(Protocol):
    """Who is told of progress; it is called from the threads of the sources."""

    def advanced(self, progress: Progress) -> None:
        """One more page is stored."""


class Unwatched:
    """Tells nobody."""

    def advanced(self, progress: Progress) -> None:
        """Nobody looks."""
