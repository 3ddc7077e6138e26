"""The real clock, which only wiring hands out."""

from __future__ import annotations

import time
from datetime import UTC, datetime


class SystemClock:
    """This machine's clock (domain.clock.Clock)."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)
