"""What the commands on the mapping say of the demo, held against its items one by one."""

from __future__ import annotations

import json
import shutil
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


@pytest.fixture
def changed(told: Told, tmp_path: Path) -> Path:
    """The demo in git, with one rule changed since: what the checkout does now serves the delivery's key result."""
    folder = Path(shutil.copytree(told[0], tmp_path / "changed"))
    for arguments in (["init", "-q"], ["add", "-A"], [*AUTHOR, "commit", "-q", "-m", "as it was"]):
        subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True)
    file = folder / "mapping.yaml"
    text = file.read_text()
    old = 'component: "Check*"}\n    set: {contributes_to: KR1.1'
    assert old in text
    file.write_text(text.replace(old, old.replace("KR1.1", "KR2.1")))
    return folder


AUTHOR = ("-c", "user.name=A. Martin", "-c", "user.email=a.martin@acme.example", "-c", "commit.gpgsign=false")


def test_a_changed_rule_moves_exactly_the_items_that_a_plain_loop_finds(
    changed: Path, filrouge: Call, rows: list[Row], counted: list[Row]
) -> None:
    by_key = {row["key"]: row for row in rows}

    def decided_by(row: Row) -> str | None:
        via = row["via"]["contributes_to"]
        return decided_by(by_key[via.removeprefix("inherited:")]) if via and via.startswith("inherited:") else via

    moved = [row for row in counted if decided_by(row) == "checkout"]
    assert len(moved) > 100
    start, end = "2026-10-04T22:00:00Z", "2026-11-22T23:00:00Z"  # from Monday 5 October until Sunday 22 November
    late = [row for row in counted if row["state"] == "done" and start <= row["done_at"] < end]
    share: dict[str, list[float]] = {
        target: [0.0, 0.0] for target in ("O1", "O2", "O3", "O4", "run", "debt", "unaligned")
    }
    for row in late:
        tags = row["tags"]["contributes_to"] or {"unaligned": 1.0}
        for side in (0, 1):
            now = {"KR2.1": 1.0} if side and row in moved else tags
            for target, part in now.items():
                goal = f"O{target[2]}" if target.startswith("KR") else target
                share[goal][side] += part / len(late)

    days = ("--since", "2026-10-05", "--until", "2026-11-22")
    result = filrouge("map", "diff", *days, "-w", changed, "--json")
    assert result.returncode == 0, result.stderr
    found = json.loads(result.stdout)
    open_or_late = {row["key"] for row in moved if row["state"] in ("todo", "doing") or row in late}
    (group,) = found["groups"]
    assert (group["before"], group["after"]) == ({"KR1.1": 1.0}, {"KR2.1": 1.0})
    assert {key for _, key in group["refs"]} == open_or_late
    assert group["effort"] == len([row for row in late if row in moved])
    for row in found["shares"]:
        before, after = share[row["target"]]
        assert row["before"] == pytest.approx(before, abs=1e-6)
        assert row["after"] == pytest.approx(after, abs=1e-6)
        assert row["shift"] == pytest.approx(after - before, abs=2e-6)
    assert {change["change"] for change in found["findings"]} == {"appeared", "gone"}

    shift = 100 * (share["O2"][1] - share["O2"][0])
    assert shift > 1
    for limit, code in ((shift - 0.1, 1), (shift + 0.1, 0)):
        assert filrouge("map", "diff", *days, "-w", changed, "--fail-if-shift", f"{limit:.2f}").returncode == code


def test_a_diff_is_told_for_a_pull_request_and_against_a_folder(
    changed: Path, filrouge: Call, told: Told, tmp_path: Path
) -> None:
    shown = filrouge("map", "diff", "-w", changed, "--markdown")
    assert shown.returncode == 0, shown.stderr
    assert shown.stdout.startswith("## Mapping against HEAD")
    assert shown.stdout.count("<details>") == shown.stdout.count("</details>") > 0
    same = filrouge("map", "diff", "-w", told[0], "--against", told[0], "--json")
    assert json.loads(same.stdout)["groups"] == []
    for against, said in (("nowhere", "There is no git revision"), ("HEAD~5", "git revision")):
        wrong = filrouge("map", "diff", "-w", changed, "--against", against)
        assert wrong.returncode == 2
        assert said in wrong.stderr
    bare = Path(shutil.copytree(told[0], tmp_path / "bare"))
    outside = filrouge("map", "diff", "-w", bare)
    assert outside.returncode == 2
    assert len(outside.stderr.strip().splitlines()) == 1
    before = (changed / "mapping.yaml").read_text()
    (changed / "mapping.yaml").write_text(before.replace("version: 1", "version: 2"))
    faulty = filrouge("map", "diff", "-w", changed)
    assert faulty.returncode == 2
    assert "mapping.yaml:2:10" in faulty.stderr
