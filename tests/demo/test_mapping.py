"""What the commands on the mapping say of the demo, held against its items one by one."""

from __future__ import annotations

import json
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.demo.conftest import Call

Told = tuple[Path, subprocess.CompletedProcess[str]]
Row = dict[str, Any]


@pytest.fixture(scope="module")
def rows(told: Told, filrouge: Call) -> list[Row]:
    """Every item as `items --json` tells it."""
    result = filrouge("items", "--json", "--history", "-w", told[0])
    return [json.loads(line) for line in result.stdout.splitlines()]


@pytest.fixture(scope="module")
def counted(rows: list[Row]) -> list[Row]:
    """The items whose effort counts, by the words of DRIFT 2."""
    above = {row["key"]: row["parent"] for row in rows}
    levels = {row["key"]: row["level"] for row in rows}

    def ancestors(key: str) -> list[str]:
        parent = above[key]
        return [parent, *ancestors(parent)] if parent in above else []

    work = [
        row
        for row in rows
        if row["level"] == 0 or (row["level"] < 0 and 0 not in [levels[key] for key in ancestors(row["key"])])
    ]
    held = {key for row in work for key in ancestors(row["key"])}
    assert {row["key"] for row in rows if row["level"] == 1} <= held, "the demo has no epic that counts itself"
    return work


def test_coverage_is_the_share_that_a_plain_count_gives(told: Told, filrouge: Call, counted: list[Row]) -> None:
    result = filrouge("map", "coverage", "-w", told[0], "--json")
    assert result.returncode == 0, result.stderr
    found = json.loads(result.stdout)
    mapped = [row for row in counted if set(row["tags"]["contributes_to"]) - {"unaligned"}]
    done = [row for row in counted if row["state"] == "done"]
    delivered = sum(1 for row in done if row in mapped)
    assert found["whole"] == {
        "items": len(counted),
        "mapped": len(mapped),
        "share": round(len(mapped) / len(counted), 6),
        "effort": len(done),
        "effort_mapped": delivered,
        "effort_share": round(delivered / len(done), 6),
    }
    names = {0: "story", -1: "subtask"}
    for by, name_of in (
        ("source", lambda row: row["source"]),
        ("team", lambda row: row["team"]),
        ("level", lambda row: names[row["level"]]),
    ):
        shown = {part["name"]: (part["items"], part["mapped"]) for part in found["parts"] if part["by"] == by}
        here = Counter(map(name_of, counted)), Counter(map(name_of, mapped))
        assert shown == {name: (count, here[1][name]) for name, count in here[0].items() if name}
    # In the demo whatever serves nothing hangs below an epic that serves nothing.
    (reason,) = found["reasons"]
    assert (reason["reason"], reason["items"]) == ("parent_unmapped", len(counted) - len(mapped))
    assert set(reason["examples"]) <= {row["key"] for row in counted if row not in mapped}


def test_coverage_since_a_day_is_of_what_is_open_or_was_delivered_then(
    told: Told, filrouge: Call, counted: list[Row]
) -> None:
    found = json.loads(filrouge("map", "coverage", "-w", told[0], "--since", "2026-10-05", "--json").stdout)
    start = "2026-10-04T22:00:00Z"
    late = [row for row in counted if row["state"] == "done" and row["done_at"] >= start]
    still = [row for row in counted if row["state"] in ("todo", "doing")]
    assert (found["since"], found["whole"]["items"], found["whole"]["effort"]) == (
        start,
        len(late) + len(still),
        len(late),
    )


def test_coverage_fails_below_what_is_expected_and_shows_no_small_team(
    told: Told, filrouge: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert filrouge("map", "coverage", "-w", told[0], "--fail-under", "50").returncode == 0
    low = filrouge("map", "coverage", "-w", told[0], "--fail-under", "99.5")
    assert low.returncode == 1
    assert "of the items are mapped; expected at least 99.5%." in low.stderr
    assert "\nteam Azur " in low.stdout
    assert filrouge("map", "coverage", "-w", told[0], "--since", "2999-01-01").returncode == 2
    monkeypatch.setenv("FILROUGE_DRIFT__SMALLEST_TEAM", "500")
    small = filrouge("map", "coverage", "-w", told[0])
    assert "\nteam " not in small.stdout
    assert "5 teams of too few people are not shown apart." in small.stdout


def test_why_not_names_the_rule_and_the_condition(told: Told, filrouge: Call) -> None:
    result = filrouge("map", "why-not", "SHOP-14", "KR1.2", "-w", told[0])
    assert result.returncode == 0, result.stderr
    assert "Rule payments gives KR1.2 and comes nearest: 1 of its 2 conditions does not hold." in result.stdout
    assert "    - component: Payments  <- Checkout\n" in result.stdout
    assert "\x1b" not in result.stdout
    data = json.loads(filrouge("map", "why-not", "SHOP-14", "KR1.2", "-w", told[0], "--json").stdout)
    assert (data["answer"], data["nearest"]["rule"], len(data["nearest"]["failed"])) == ("fails", "payments", 1)
    wrong = filrouge("map", "why-not", "SHOP-14", "KR1.22", "-w", told[0])
    assert wrong.returncode == 2
    assert "did you mean `KR1.2`?" in wrong.stderr
