"""Time as an argument: what waits or dates anything is handed a clock."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    def now(self) -> datetime:
        """The present instant, UTC and aware."""

    def monotonic(self) -> float:
        """Seconds that never step back, for measuring how long something took."""

    def sleep(self, seconds: float) -> None:
        """Wait that many seconds."""
