"""A clock that is moved by hand, and senders that answer from a list."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from threading import Lock

import pytest

from connectors.gate import Gate
from connectors.transport import Answer

START = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)


class HandClock:
    """Sleeping moves it on at once; `slept` keeps every wait."""

    def __init__(self) -> None:
        self.seconds = 1000.0
        self.slept: list[float] = []
        self._lock = Lock()

    def now(self) -> datetime:
        return START + timedelta(seconds=self.seconds - 1000.0)

    def monotonic(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self.slept.append(seconds)
            self.seconds += max(0.0, seconds)


class Script:
    """Gives its answers one after another, the last for ever; an exception among them is raised."""

    def __init__(self, *steps: Answer | BaseException) -> None:
        self.steps: Sequence[Answer | BaseException] = steps
        self.sent = 0

    def __call__(self) -> Answer:
        step = self.steps[min(self.sent, len(self.steps) - 1)]
        self.sent += 1
        if isinstance(step, BaseException):
            raise step
        return step


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture(scope="session")
def new_clock() -> type[HandClock]:
    return HandClock


@pytest.fixture
def gate(clock: HandClock) -> Gate:
    return Gate("shop", clock)


@pytest.fixture
def script() -> type[Script]:
    return Script


@pytest.fixture
def answer() -> Callable[..., Answer]:
    """`answer(status, body, **headers)`; header names with underscores for dashes."""

    def make(status: int = 200, body: bytes = b"{}", **headers: str) -> Answer:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return Answer(status, {"Content-Type": "application/json", **named}, body)

    return make
