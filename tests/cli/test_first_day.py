"""The first day: init, check, sync, items, explain, report, with nothing but what init wrote."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Call


@pytest.fixture
def workspace(filrouge: Call, tmp_path: Path) -> Path:
    result = filrouge("init", "acme")
    assert result.returncode == 0, result.stderr
    return tmp_path / "acme"


def test_what_init_wrote_works_at_once(filrouge: Call, workspace: Path) -> None:
    assert filrouge("check", cwd=workspace).returncode == 0
    synced = filrouge("sync", cwd=workspace)
    assert synced.returncode == 0, synced.stderr
    assert "items read" in synced.stderr
    rows = [json.loads(line) for line in filrouge("items", "--json", "--history", cwd=workspace).stdout.splitlines()]
    assert rows
    assert any(row["tags"]["contributes_to"] for row in rows)
    key = next(row["key"] for row in rows if row["tags"]["contributes_to"])
    explained = filrouge("map", "explain", key, cwd=workspace)
    assert explained.returncode == 0
    assert "mapping.yaml" in explained.stdout
    assert filrouge("map", "test", cwd=workspace).returncode == 0
    assert filrouge("report", cwd=workspace).returncode == 0
    assert {path.suffix for path in (workspace / "reports").iterdir()} == {".html", ".md", ".json"}
    status = json.loads(filrouge("status", "--json", cwd=workspace).stdout)
    assert status[0]["outcome"] == "ok"


def test_a_setting_without_effect_yet_is_said(filrouge: Call, workspace: Path) -> None:
    result = filrouge("check", cwd=workspace, env={"FILROUGE_DRIFT__RULES": "{D01: {days: 14}}"})
    assert result.returncode == 0
    assert "drift.rules.D01" in result.stderr


def test_a_second_sync_changes_nothing(filrouge: Call, workspace: Path) -> None:
    first = json.loads(filrouge("sync", "--json", cwd=workspace).stdout)
    second = json.loads(filrouge("sync", "--json", cwd=workspace).stdout)
    assert sum(source["new"] for source in first["sources"]) == first["items"] > 0
    assert all(source["new"] == source["changed"] == 0 for source in second["sources"])
    assert second["items"] == first["items"]


def test_the_export_can_be_read_back(filrouge: Call, workspace: Path, tmp_path: Path) -> None:
    filrouge("sync", cwd=workspace)
    exported = filrouge("items", "--json", "--history", cwd=workspace).stdout
    assert filrouge("init", "copy").returncode == 0
    copy = tmp_path / "copy"
    for old in copy.glob("*.jsonl"):
        old.write_text(exported, encoding="utf-8")
    assert filrouge("sync", cwd=copy).returncode == 0
    again = filrouge("items", "--json", "--history", cwd=copy).stdout

    def facts(text: str) -> list[dict[str, object]]:
        rows = [json.loads(line) for line in text.splitlines()]
        for row in rows:
            # A pseudonym of a pseudonym is another one.
            row["assignee"] = row["assignee"] is not None
            row["history"] = [entry for entry in row["history"] if entry["field"] != "assignee"]
        return rows

    assert facts(again) == facts(exported)


def test_people_have_pseudonyms_that_last(filrouge: Call, workspace: Path) -> None:
    file = workspace / "items.jsonl"
    rows = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    for row in rows:
        row["assignee"] = "camille.martin@acme.example"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    filrouge("sync", cwd=workspace)
    exports = [filrouge("items", "--json", cwd=workspace).stdout.splitlines() for _ in range(2)]
    people = [[json.loads(line)["assignee"] for line in lines] for lines in exports]
    assert people[0] == people[1]
    (name,) = set(people[0])
    assert name.startswith("person-")
    assert "camille" not in name
    assert filrouge("items", "--history", cwd=workspace).returncode == 2


def test_init_overwrites_nothing(filrouge: Call, workspace: Path) -> None:
    before = (workspace / "mapping.yaml").read_bytes()
    result = filrouge("init", cwd=workspace)
    assert result.returncode == 2
    assert "mapping.yaml" in result.stderr
    assert (workspace / "mapping.yaml").read_bytes() == before


def test_reports_of_one_instant_are_identical(filrouge: Call, workspace: Path) -> None:
    filrouge("sync", cwd=workspace)
    asked = ("report", "--as-of", "2026-11-24T00:00:00Z", "--week", "2026-W47")
    for form in ("json", "html", "md"):
        first = filrouge(*asked, "--format", form, cwd=workspace)
        second = filrouge(*asked, "--format", form, cwd=workspace)
        assert first.returncode == 0, first.stderr
        assert first.stdout == second.stdout != ""


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--week", "2026-47"), "2026-47"),
        (("--week", "2025-W53"), "no week 53"),
        (("--as-of", "yesterday"), "yesterday"),
        (("--as-of", "2999-01-01T00:00:00Z"), "future"),
        (("--as-of", "2026-01-01T00:00:00Z", "--week", "2026-W20"), "had not begun"),
    ],
)
def test_a_report_that_cannot_be_is_refused(
    filrouge: Call, workspace: Path, arguments: tuple[str, ...], says: str
) -> None:
    result = filrouge("report", *arguments, cwd=workspace)
    assert result.returncode == 2
    assert says in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_a_store_that_cannot_be_opened_is_exit_4(filrouge: Call, workspace: Path) -> None:
    (workspace / "filrouge.db").write_bytes(b"this is no database" * 100)
    result = filrouge("status", cwd=workspace)
    assert result.returncode == 4
    assert "filrouge.db" in result.stderr
    assert "Traceback" not in result.stderr
