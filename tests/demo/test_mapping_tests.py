"""The demo's mapping is protected by its tests, and a test that is taken out is missed."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.demo.conftest import Call

Told = tuple[Path, subprocess.CompletedProcess[str]]


@pytest.fixture
def folder(told: Told, tmp_path: Path) -> Path:
    return Path(shutil.copytree(told[0], tmp_path / "copy"))


def test_every_rule_of_the_demo_is_protected(folder: Path, filrouge: Call) -> None:
    result = filrouge("map", "test", "--mutate", "-w", folder)
    assert result.returncode == 0, result.stderr
    assert "9 of 9 rules are protected by 13 tests; 21 of 21 changes were noticed." in result.stderr


def test_a_test_that_is_deleted_is_missed(folder: Path, filrouge: Call) -> None:
    file = folder / "mapping.yaml"
    file.write_text("".join(line for line in file.read_text().splitlines(keepends=True) if "OKR-KR3.1" not in line))
    result = filrouge("map", "test", "--mutate", "-w", folder)
    assert result.returncode == 1
    assert "mapping.yaml:16:5: rule tagged-by-the-team: no test notices when it is left out." in result.stderr
    assert "8 of 9 rules are protected by 12 tests" in result.stderr
    told = json.loads(filrouge("map", "test", "--mutate", "--json", "-w", folder).stdout)
    assert told == {
        "tried": 21,
        "unnoticed": [{"rule": "tagged-by-the-team", "place": "mapping.yaml:16:5", "without": None}],
    }


def test_a_test_is_written_from_an_item(folder: Path, filrouge: Call) -> None:
    shown = filrouge("map", "test", "--from-item", "shop-3", "-w", folder)
    assert shown.returncode == 0, shown.stderr
    before = (folder / "mapping.yaml").read_text()
    assert filrouge("map", "test", "--from-item", "SHOP-3", "--write", "-w", folder).returncode == 0
    after = (folder / "mapping.yaml").read_text()
    assert after == before + f"  {shown.stdout}"
    assert "rule: checkout" in shown.stdout
    result = filrouge("map", "test", "-w", folder)
    assert result.returncode == 0
    assert "14 of 14 mapping tests passed." in result.stderr


def test_options_that_do_not_go_together_are_refused(folder: Path, filrouge: Call) -> None:
    for wrong in (["--write"], ["--mutate", "--from-item", "SHOP-3"], ["--from-item", "SHOP-99999"]):
        result = filrouge("map", "test", *wrong, "-w", folder)
        assert result.returncode == 2
        assert len(result.stderr.strip().splitlines()) == 1
