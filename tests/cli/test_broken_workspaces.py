"""Every broken workspace is refused with one line a fault, each with file, line and column."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from tests.cli.conftest import Call

BROKEN = sorted(path for path in (Path(__file__).parents[1] / "config" / "broken").iterdir() if path.is_dir())
PLACED = re.compile(r"^[\w./-]+\.(?:ya?ml|csv):\d+:\d+: \S")


def test_there_are_enough_of_them() -> None:
    assert len(BROKEN) >= 30


@pytest.mark.parametrize("folder", BROKEN, ids=lambda path: path.name)
def test_check_refuses_it(filrouge: Call, tmp_path: Path, folder: Path) -> None:
    workspace = tmp_path / "workspace"
    shutil.copytree(folder, workspace)
    expected = (workspace / "expected.txt").read_text("utf-8").splitlines()
    result = filrouge("check", "-w", "workspace")
    assert result.returncode == 2
    assert result.stdout == ""
    said = result.stderr.splitlines()
    assert said == expected
    assert all(PLACED.match(line) for line in said), said
