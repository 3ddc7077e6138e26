"""What is valid and seldom meant is said by `check`, with its place, and stops nothing."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

from config.load import load
from tests.cli.conftest import filrouge
from tests.config.conftest import Write

__all__ = ["filrouge"]

ODD = """\
version: 1
cycles:
  - {id: Q3, from: 2026-07-01, to: 2026-10-31}
  - {id: Q4, from: 2026-10-01, to: 2026-12-31}
  - {id: pilot, from: 2026-11-01, to: 2026-11-30}
  - {id: Q1, from: 2027-01-04, to: 2027-03-31}
objectives:
  - {id: O1, title: One, cycle: Q4}
  - id: O2
    title: Two
    cycle: Q4
    owner: Head of Two
    range: [10, 20]
    weight: 25
    key_results:
      - {id: K1, title: No figure}
      - {id: K2, title: No reading, kpi: {baseline: 1, target: 2, kind: increase, trajectory: [{on: 2026-01-01, value: 1}]}}
      - {id: K3, title: Twice, kpi: {baseline: 1, target: 2, kind: increase}, readings: [{on: 2026-10-02, value: 1}, {on: 2026-10-02, value: 2}]}
budgets:
  - {id: run, title: Keep the lights on}
value_streams:
  - {id: A, title: Stream, products: [p1]}
products:
  - {id: p1, title: First, serves: [O1]}
  - {id: p2, title: Second}
"""  # noqa: E501 - as an admin writes it

NOTES = [
    "strategy.yaml:4:20: `Q4` begins before `Q3` ends on 2026-10-31; the objectives of both count on those days",
    "strategy.yaml:6:20: no cycle covers 2027-01-01 to 2027-01-03, and work delivered then serves no plan",
    "strategy.yaml:8:10: `O1` has no owner; add the role that answers for it, such as owner: Head of Commerce",
    "strategy.yaml:8:10: `O1` has no key result, so that nobody will see whether it is reached",
    "strategy.yaml:8:10: `O1` has neither weight nor range nor rank, so that no effort is planned for it",
    "strategy.yaml:14:13: the weight 25 lies outside the range [10, 20] beside it",
    "strategy.yaml:16:14: `K1` has no `kpi`, so that its progress cannot be told",
    "strategy.yaml:17:14: `K2` has no reading yet; add `readings` or `readings_from`",
    "strategy.yaml:17:101: 2026-01-01 is not in the cycle `Q4` (2026-10-01 to 2026-12-31)",
    "strategy.yaml:18:123: two readings stand on 2026-10-02; the later one counts",
    "strategy.yaml:20:10: `run` has neither weight nor range nor rank, so that no effort is planned for it",
    "strategy.yaml:25:10: `p2` serves no objective; add `serves`, or ask what it is for",
    "strategy.yaml:25:10: `p2` belongs to no value stream",
]


def test_every_note_has_its_place(write: Write) -> None:
    assert list(load(write(strategy=ODD), {}).notes) == NOTES


def test_check_says_them_and_is_content(
    write: Write, filrouge: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    done = filrouge("check", cwd=write(strategy=ODD))
    assert done.returncode == 0, done.stderr
    for note in NOTES:
        assert note in done.stderr


def test_what_init_writes_needs_no_note(
    tmp_path: Path, filrouge: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    filrouge("init", tmp_path / "new")
    assert load(tmp_path / "new", {}).notes == ()
