"""What the demo's rules do not reach serves nothing at all, and nothing is suggested for it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from tests.demo.conftest import Call


def test_the_demo_gets_no_suggestions(told: tuple[Path, subprocess.CompletedProcess[str]], filrouge: Call) -> None:
    result = filrouge("map", "suggest", "-w", told[0], "--precision", "70", "--json")
    assert result.returncode == 0, result.stderr
    found = json.loads(result.stdout)
    assert (found["open"], found["covered"], found["suggestions"]) == (90, 0, [])
    assert "can be trusted to" in found["abstains"]
    assert found["abstains"] in result.stderr
