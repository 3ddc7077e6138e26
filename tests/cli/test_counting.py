"""Long counting shows how far it is: a bar on a terminal, now and then a line elsewhere."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pytest
from rich.console import Console

from cli.progress import counting


class Steps:
    """A clock on which each look takes six seconds."""

    seconds = 0.0

    def now(self) -> datetime:
        return datetime(2026, 11, 25, tzinfo=UTC)

    def monotonic(self) -> float:
        self.seconds += 6
        return self.seconds

    def sleep(self, seconds: float) -> None:
        raise AssertionError("nobody waits here")


@pytest.mark.parametrize("quiet", [False, True])
def test_lines_come_every_ten_seconds(quiet: bool) -> None:
    console = Console(file=io.StringIO(), force_terminal=False, width=80)
    with counting(console, Steps(), "simulated", quiet=quiet) as tick:
        for done in range(6):
            tick(done, 1000)
    assert isinstance(console.file, io.StringIO)
    told = console.file.getvalue().splitlines()
    assert told == ([] if quiet else ["simulated: 1 of 1,000", "simulated: 3 of 1,000", "simulated: 5 of 1,000"])


def test_a_terminal_has_a_bar_that_leaves_nothing_behind() -> None:
    console = Console(file=io.StringIO(), force_terminal=True, width=80)
    with counting(console, Steps(), "simulated") as tick:
        tick(3, 4)
    assert isinstance(console.file, io.StringIO)
    assert "3/4" in console.file.getvalue()
