"""From a suggestion to an accepted pin or rule, as a user goes."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.cli.conftest import Call

WORDS = {"KR1.1": ("Checkout", "basket"), "KR2.1": ("Delivery", "parcel")}
FILLER = ["improve", "fix", "page", "screen", "error", "message", "speed", "export", "button", "form", "mobile"]


def item(number: int, dice: random.Random) -> str:
    """One line; every sixth item lacks the component that the rules of the example look at."""
    component, word = WORDS[dice.choice(sorted(WORDS))]
    row = {
        "key": f"SHOP-{number}",
        "type": "Story",
        "title": " ".join([word, *dice.sample(FILLER, 3)]),
        "state": "todo",
        "project": "SHOP",
        "components": [component] if number % 6 else [],
        "created_at": (datetime(2026, 8, 1, tzinfo=UTC) + timedelta(hours=number)).isoformat(),
    }
    return json.dumps(row) + "\n"


@pytest.fixture
def workspace(filrouge: Call, tmp_path: Path) -> Path:
    assert filrouge("init", "acme").returncode == 0
    folder, dice = tmp_path / "acme", random.Random(1)
    (folder / "items.jsonl").write_text("".join(item(number, dice) for number in range(180)), encoding="utf-8")
    assert filrouge("sync", cwd=folder).returncode == 0
    return folder


def accept(filrouge: Call, folder: Path, *names: str) -> None:
    """Include the files, as the only ones, and bring the tags up to date."""
    mapping = folder / "mapping.yaml"
    rest = [line for line in mapping.read_text("utf-8").splitlines() if not line.startswith("include:")]
    mapping.write_text("\n".join([*rest, f"include: [{', '.join(names)}]", ""]), encoding="utf-8")
    checked = filrouge("check", cwd=folder)
    assert checked.returncode == 0, checked.stderr
    assert filrouge("sync", cwd=folder).returncode == 0


def test_a_person_accepts_what_was_proposed(filrouge: Call, workspace: Path) -> None:
    pins = filrouge("map", "suggest", "--limit", "3", "--write", "pins.yaml", "--json", cwd=workspace)
    assert pins.returncode == 0, pins.stderr
    found = json.loads(pins.stdout)
    assert (found["open"], found["covered"], len(found["suggestions"])) == (30, 30, 3)
    assert "Promised 90%, measured" in pins.stderr
    assert "Covers 100% of the 30 items" in pins.stderr
    accept(filrouge, workspace, "pins.yaml")
    first = found["suggestions"][0]
    explained = json.loads(filrouge("map", "explain", first["key"], "--json", cwd=workspace).stdout)
    assert explained["tags"]["contributes_to"] == first["contributes_to"]
    assert explained["via"]["contributes_to"] == "pin"
    assert explained["pins"][0]["by"] == "filrouge suggest, to be confirmed"

    rules = filrouge("map", "suggest", "--write", "rules.yaml", "--as", "rule", cwd=workspace)
    assert "wrote 2 rules and 2 tests to rules.yaml" in rules.stderr
    assert "word basket" in rules.stdout
    assert "of the 27 items" in rules.stderr
    accept(filrouge, workspace, "pins.yaml", "rules.yaml")
    assert filrouge("items", "--unmapped", "--json", cwd=workspace).stdout == ""
    tested = filrouge("map", "test", cwd=workspace)
    assert tested.returncode == 0, tested.stderr
    assert "5 of 5" in tested.stderr


def test_what_is_there_is_never_overwritten(filrouge: Call, workspace: Path) -> None:
    before = (workspace / "mapping.yaml").read_bytes()
    refused = filrouge("map", "suggest", "--write", "mapping.yaml", cwd=workspace)
    assert refused.returncode == 2
    assert "mapping.yaml is there already" in refused.stderr
    assert (workspace / "mapping.yaml").read_bytes() == before
    alone = filrouge("map", "suggest", "--as", "rule", cwd=workspace)
    assert alone.returncode == 2
    assert "--write" in alone.stderr
