"""The limiter: rate, one shared pause, budget."""

from __future__ import annotations

from threading import Thread
from typing import Any

import pytest

from connectors.gate import Gate
from domain.errors import UnavailableError


def test_a_burst_of_one_second_then_the_steady_rate(clock: Any) -> None:
    gate = Gate("shop", clock, per_second=10)
    for _ in range(30):
        gate.enter()
    # Eleven go at once (a second's worth and the one that is due now), the other nineteen a tenth of a second apart.
    assert sum(clock.slept) == pytest.approx(1.9, abs=0.11)
    assert gate.requests == 30


def test_eight_threads_and_one_pause(clock: Any) -> None:
    gate = Gate("shop", clock)
    for _ in range(8):
        gate.pause(10)
    assert gate.pauses == 1
    begin = clock.monotonic()
    threads = [Thread(target=gate.enter) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert gate.requests == 8
    assert clock.monotonic() - begin >= 10


def test_a_shorter_pause_does_not_cut_a_longer_one_short(clock: Any) -> None:
    gate = Gate("shop", clock)
    gate.pause(10)
    gate.pause(2)
    begin = clock.monotonic()
    gate.enter()
    assert clock.monotonic() - begin == pytest.approx(10)


def test_a_turn_beyond_the_deadline_is_refused_at_once_and_says_until_when(clock: Any) -> None:
    gate = Gate("shop", clock)
    gate.pause(1847)
    with pytest.raises(UnavailableError, match=r"shop.*2026-11-25T08:30:47Z"):
        gate.enter(clock.monotonic() + 120)
    assert clock.slept == []
    assert gate.requests == 0


def test_the_budget_ends_the_run(clock: Any) -> None:
    gate = Gate("shop", clock, budget=2)
    gate.enter()
    gate.enter()
    with pytest.raises(UnavailableError, match="budget of 2 requests"):
        gate.enter()
    assert gate.requests == 2


def test_a_clock_with_coarse_ticks_does_not_hold_anybody_for_ever(clock: Any) -> None:
    """A wait that the clock rounds to nothing is over."""
    clock.sleep = lambda seconds: setattr(clock, "seconds", clock.seconds + round(seconds, 3))
    gate = Gate("shop", clock, per_second=7)
    for _ in range(50):
        gate.enter()
    assert gate.requests == 50
