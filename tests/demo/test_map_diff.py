"""`map diff` on the demo with one rule changed, held against a plain loop over its items and against real reports."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
from collections import defaultdict
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.demo.conftest import Call

Told = tuple[Path, subprocess.CompletedProcess[str]]
Row = dict[str, Any]

# The day before the demo was told, so that the last week that is over is the one that it reported, seen from then.
PERIOD = ("--since", "2026-10-05", "--until", "2026-11-23")
START, END = "2026-10-04T22:00:00Z", "2026-11-23T23:00:00Z"
OLD = "component: Marketplace}\n    set: {contributes_to: KR4.1,"
NEW = "component: Marketplace}\n    set: {contributes_to: {KR1.1: 75, O3: 25},"
OBJECTIVE = {"KR1.1": "O1", "KR1.2": "O1", "KR2.1": "O2", "KR3.1": "O3", "KR4.1": "O4"}


@pytest.fixture(scope="module")
def changed(told: Told, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo with the work of the marketplace given to two other goals."""
    folder = Path(shutil.copytree(told[0], tmp_path_factory.mktemp("changed") / "demo"))
    mapping = folder / "mapping.yaml"
    text = mapping.read_text("utf-8")
    assert OLD in text
    mapping.write_text(text.replace(OLD, NEW), "utf-8")
    return folder


@pytest.fixture(scope="module")
def diff(told: Told, changed: Path, filrouge: Call) -> dict[str, Any]:
    before = _counts(changed)
    result = filrouge("map", "diff", "--against", told[0], *PERIOD, "--json", "-w", changed)
    assert result.returncode == 0, result.stderr
    assert _counts(changed) == before, "nothing is stored"
    found: dict[str, Any] = json.loads(result.stdout)
    return found


@pytest.fixture(scope="module")
def work(told: Told, filrouge: Call) -> list[Row]:
    """The counted items of the demo by its own mapping: in the demo stories, and sub-tasks whose story is not there."""
    result = filrouge("items", "--json", "-w", told[0])
    rows = {row["key"]: row for row in map(json.loads, result.stdout.splitlines())}

    def below_a_story(row: Row) -> bool:
        parent = rows.get(row["parent"])
        return parent is not None and (parent["level"] == 0 or below_a_story(parent))

    return [row | {"rule": _rule(row, rows)} for row in rows.values() if row["level"] < 1 and not below_a_story(row)]


def _rule(row: Row, rows: dict[str, Row]) -> str | None:
    via: str | None = row["via"]["contributes_to"]
    inherited = via is not None and via.startswith("inherited:")
    return _rule(rows[via.removeprefix("inherited:")], rows) if via is not None and inherited else via


def _counts(folder: Path) -> dict[str, int]:
    with closing(sqlite3.connect(folder / "filrouge.db")) as connection:
        tables = [name for (name,) in connection.execute("select name from sqlite_master where type = 'table'")]
        return {name: connection.execute(f'select count(*) from "{name}"').fetchone()[0] for name in tables}  # noqa: S608


def _delivered(row: Row) -> bool:
    return bool(row["state"] == "done" and START <= row["done_at"] < END)


def test_exactly_the_items_of_the_changed_rule_move(diff: dict[str, Any], work: list[Row]) -> None:
    moving = [
        row for row in work if row["rule"] == "marketplace" and (row["state"] in ("todo", "doing") or _delivered(row))
    ]
    (group,) = diff["groups"]
    assert (group["before"], group["after"]) == ({"KR4.1": 1}, {"KR1.1": 0.75, "O3": 0.25})
    assert (group["by_before"], group["by_after"]) == ("marketplace", "marketplace")
    assert sorted(map(tuple, group["refs"])) == sorted((row["source"], row["key"]) for row in moving)
    assert (group["items"], diff["items"]) == (len(moving), len(moving))
    assert group["effort"] == diff["effort"] == sum(map(_delivered, moving)) > 0
    assert len(group["examples"]) == 5
    assert set(group["examples"]) <= {row["key"] for row in moving if _delivered(row)}
    assert diff["other_tags"] == {"value_stream": 0, "product": 0, "work_class": 0}


def test_shares_shift_by_what_a_plain_loop_gives(diff: dict[str, Any], work: list[Row]) -> None:
    delivered = [row for row in work if _delivered(row)]
    before: dict[str, float] = defaultdict(float)
    after: dict[str, float] = defaultdict(float)
    for row in delivered:
        served = {OBJECTIVE.get(one, one): share for one, share in row["tags"]["contributes_to"].items()}
        for shares, told in ((before, served), (after, {"O1": 0.75, "O3": 0.25} if "O4" in served else served)):
            for target, share in (told or {"unaligned": 1.0}).items():
                shares[target] += share / len(delivered)
    assert diff["shares"][0]["target"] == "O4"
    for row in diff["shares"]:
        assert row["before"] == pytest.approx(before[row["target"]], abs=1e-6)
        assert row["after"] == pytest.approx(after[row["target"]], abs=1e-6)
        assert row["shift"] == pytest.approx(after[row["target"]] - before[row["target"]], abs=2e-6)
    assert {row["target"] for row in diff["shares"]} == {"O1", "O2", "O3", "O4", "run", "debt", "unaligned"}


def test_verdict_and_findings_are_those_of_the_two_reports(
    told: Told, changed: Path, diff: dict[str, Any], filrouge: Call, tmp_path: Path
) -> None:
    """The report that the demo made, and one of a store in which the changed mapping has stood all the time."""
    folder = Path(shutil.copytree(changed, tmp_path / "copy"))
    with closing(sqlite3.connect(folder / "filrouge.db")) as connection, connection:
        connection.execute("delete from revision where kind = 'mapping'")
    result = filrouge("report", "--week", "2026-W47", "--as-of", END, "--format", "json", "-w", folder)
    assert result.returncode == 0, result.stderr
    documents = json.loads((told[0] / "reports" / "drift-2026-W47.json").read_text("utf-8")), json.loads(result.stdout)
    assert diff["week"] == "2026-W47"
    for side, document in zip((diff["before"], diff["after"]), documents, strict=True):
        horizon = document["drift"]["horizon"]
        assert (side["verdict"], side["index"]) == (horizon["verdict"], horizon["index"])
        assert (side["expected"], side["unaligned"]) == (horizon["expected"], document["unaligned"]["share"])
    found = [{(one["code"], one["subject"]): one["severity"] for one in document["findings"]} for document in documents]
    told_of = {(one["code"], one["subject"]): one["change"] for one in diff["findings"]}
    assert told_of == {
        **dict.fromkeys(found[0].keys() - found[1].keys(), "gone"),
        **dict.fromkeys(found[1].keys() - found[0].keys(), "appeared"),
        **{one: "severity" for one in found[0].keys() & found[1].keys() if found[0][one] != found[1][one]},
    }
    assert told_of[("A01", "O4")] == "gone"


def test_a_pull_request_gets_it_folded_and_ci_its_exit_code(told: Told, changed: Path, filrouge: Call) -> None:
    ask = ("map", "diff", "--against", told[0], *PERIOD, "-w", changed)
    folded = filrouge(*ask, "--markdown", "--fail-if-shift", "5")
    assert folded.returncode == 1
    assert "O4 moves by -" in folded.stderr
    assert folded.stdout.startswith("## Mapping against ")
    assert "| O4 Try the marketplace with ten partner sellers | " in folded.stdout
    assert "| KR4.1 by marketplace | KR1.1 75 %, O3 25 % by marketplace | " in folded.stdout
    assert folded.stdout.count("<details>") == folded.stdout.count("</details>") >= 2
    assert len(folded.stdout) < 20_000
    open_ = filrouge(*ask, "--fail-if-shift", "60")
    assert open_.returncode == 0
    assert "<details>" not in open_.stdout
    assert "### Findings" in open_.stdout
    same = filrouge("map", "diff", "--against", told[0], *PERIOD, "-w", told[0])
    assert "The mapping says the same on both sides." in same.stdout
    assert "none moves." in same.stdout


def test_tickets_whose_comment_would_change_are_counted(
    told: Told, changed: Path, filrouge: Call, diff: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert diff["comments"] is None, "comments are off in the demo"
    monkeypatch.setenv("FILROUGE_COMMENTS__ENABLED", "true")
    monkeypatch.setenv("FILROUGE_COMMENTS__PROJECTS", "[SHOP]")
    plans = [json.loads(filrouge("comment", "plan", "--json", "-w", folder).stdout) for folder in (told[0], changed)]
    texts = [{one["key"]: one["after"] for one in plan} for plan in plans]
    wanted = {key for key, text in texts[0].items() if texts[1][key] != text}
    result = filrouge("map", "diff", "--against", told[0], *PERIOD, "--json", "-w", changed)
    comments = json.loads(result.stdout)["comments"]
    assert comments["tickets"] == len(wanted) > 0
    assert {one["key"] for one in comments["examples"]} <= wanted
    moved = {"before": "serves KR4.1 by rule marketplace", "after": "serves KR1.1, O3 by rule marketplace"}
    assert any(one.items() >= moved.items() for one in comments["examples"])
