"""A word that rules name is renamed in the tracker: the next run says so, and what it is called now."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from structlog.testing import capture_logs

from sync.jobs import Turns, jobs_of
from sync.lint import broken_references
from tests.demo.conftest import Call
from tests.demo.town import Town, company_at

TAGGED = (
    '{label: "okr-*"}\n    set: {contributes_to: "{label:okr-*}"}',
    "{label: okr-kr3.1}\n    set: {contributes_to: KR3.1}",
)


def rename(town: Town, field: str, old: Any, new: Any, *, logged: bool = True) -> int:
    """Put one value in the place of another in a field of every issue that has it; how many issues have it."""
    having = [issue for issue in town.site.issues() if old in issue.fields[field]]
    for issue in having:
        values = [new if value == old else value for value in issue.fields[field]]
        town.site.edit(issue.key, town.clock.at, {field: values}, logged=logged)
    return len(having)


def test_a_renamed_label_is_told_on_the_next_run_with_its_new_name(tmp_path: Path, filrouge: Call) -> None:
    with company_at(tmp_path, TAGGED) as town:
        before = town.sync()
        assert before.broken == ()
        assert "M03" not in {one["code"] for one in town.report()["findings"]}
        # Nothing alike, so that only what the tickets say of the change can tell.
        renamed = rename(town, "labels", "okr-kr3.1", "professionnels")
        assert renamed > 3

        after = town.sync()
        (broken,) = after.broken
        assert (broken.rule, broken.word, broken.instead) == ("tagged-by-the-team", "okr-kr3.1", "professionnels")
        assert len(broken.items) == renamed
        assert after.mapped < before.mapped
        (told,) = broken_references(town.house.workspace, after.broken, town.clock.at)
        (finding,) = (one for one in town.report()["findings"] if one["code"] == "M03")
        assert finding["subject"] == "tagged-by-the-team"
        assert "professionnels" in finding["message"]

        # The command says the same, from the store alone, and where it stands.
        lines = (tmp_path / "mapping.yaml").read_text("utf-8").splitlines()
        line = next(number for number, text in enumerate(lines, 1) if "okr-kr3.1" in text)
        column = lines[line - 1].index("okr-kr3.1") + 1
        replayed = filrouge("sync", "--replay", "-w", tmp_path)
        assert f"mapping.yaml:{line}:{column}: M03 " in replayed.stderr
        assert str(told) in replayed.stderr.replace("\n", " ")
        assert filrouge("map", "lint", "--fix", "-w", tmp_path).returncode == 0
        assert lines[line - 1].replace("okr-kr3.1", "professionnels") in (tmp_path / "mapping.yaml").read_text("utf-8")
        again = filrouge("sync", "--replay", "--json", "-w", tmp_path)
        assert json.loads(again.stdout)["faults"] == []
        assert json.loads(again.stdout)["mapped"] == before.mapped


@pytest.mark.parametrize("logged", [True, False])
def test_a_renamed_component_is_told_whether_or_not_its_tickets_say_so(tmp_path: Path, logged: bool) -> None:
    with company_at(tmp_path) as town:
        town.sync()
        old = next(
            one for issue in town.site.issues() for one in issue.fields["components"] if one["name"] == "Marketplace"
        )
        assert rename(town, "components", old, {**old, "name": "Market place"}, logged=logged)
        (broken,) = town.sync().broken
        assert (broken.rule, broken.kind, broken.word) == ("marketplace", "component", "Marketplace")
        assert broken.instead == "Market place"


def test_the_service_tells_it_once_and_not_after_every_pull(tmp_path: Path) -> None:
    with company_at(tmp_path, TAGGED) as town:
        (job,) = (one for one in jobs_of(town.house, Event(), Turns()) if one.id == "sync:boutique")
        job.act()
        rename(town, "labels", "okr-kr3.1", "professionnels")
        with capture_logs() as logs:
            for _ in range(3):
                town.clock.at += timedelta(hours=1)
                job.act()
        told = [entry for entry in logs if entry["event"] == "mapping.broken_reference"]
        assert [(entry["rule"], entry["log_level"]) for entry in told] == [("tagged-by-the-team", "warning")]
        assert "professionnels" in told[0]["problem"]
