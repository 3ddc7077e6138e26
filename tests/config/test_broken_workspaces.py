"""Each folder of `broken/` is refused with exactly the lines of its expected.txt."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

BROKEN = sorted(path.parent for path in Path(__file__).parent.glob("broken/*/expected.txt"))
LINE = re.compile(r"[^:]+:[1-9][0-9]*:[1-9][0-9]*: \S.*; .*")
SECRETS = ("hunter2", "ATATT3x")


def test_there_are_many() -> None:
    assert len(BROKEN) >= 30


@pytest.mark.parametrize("folder", BROKEN, ids=lambda folder: str(folder.name))
def test_every_fault_is_one_line_with_its_place(folder: Path, faults: Callable[..., list[str]]) -> None:
    found = faults(folder, secrets=False)
    expected = (folder / "expected.txt").read_text(encoding="utf-8").splitlines()
    assert found == expected
    for line in found:
        assert LINE.fullmatch(line) or "is not UTF-8" in line, f"no place, or nothing expected: {line}"
        assert not any(secret in line for secret in SECRETS)
        assert len(line) < 500
