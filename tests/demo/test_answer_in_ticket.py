"""A team answers in the ticket of the demo, and the next report counts it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from tests.demo.town import Town, company_at

FILROUGE = Path(sys.executable).with_name("filrouge")


@pytest.fixture
def company(tmp_path: Path) -> Iterator[Town]:
    with company_at(tmp_path) as told:
        yield told


def test_a_command_changes_the_next_report_as_computed_and_is_explained(company: Town, tmp_path: Path) -> None:
    company.sync()
    assert company.post() > 10
    before = company.report()
    items = company.items()
    epic = next(item for item in items if item.level == 1 and item.title == "Catalogue papier de printemps (2)")
    start, end = (datetime.fromisoformat(before["horizon"][edge]) for edge in ("from", "to"))
    # By hand: the epic's stories that were delivered in the horizon, each of them one of all that were.
    moved = [one for one in items if one.parent == epic.id and one.done_at is not None and start <= one.done_at < end]
    assert len(moved) == 2

    company.answer(epic, "/filrouge map KR2.1 75 O3 25")
    company.sync()
    after = company.report()

    total = before["delivered"]["items"]
    part = len(moved) / total
    assert after["delivered"]["items"] == total
    assert after["unaligned"]["items"] == before["unaligned"]["items"] - len(moved)
    shares = {row["target"]: row["delivered"] or 0.0 for row in before["allocation"]}
    expected = shares | {
        "O2": shares["O2"] + 0.75 * part,
        "O3": shares["O3"] + 0.25 * part,
        "unaligned": shares["unaligned"] - part,
    }
    assert {row["target"]: row["delivered"] for row in after["allocation"]} == pytest.approx(expected, abs=2e-6)
    assert {one["subject"] for one in before["findings"] if one["code"] == "W01"} - {
        one["subject"] for one in after["findings"] if one["code"] == "W01"
    } == {epic.key}
    (reply,) = after["replies"]
    assert (reply["item"]["key"], reply["targets"], reply["reason"]) == (epic.key, {"KR2.1": 0.75, "O3": 0.25}, None)

    told = subprocess.run(
        [FILROUGE, "map", "explain", epic.key, "--json", "-w", tmp_path], capture_output=True, text=True, check=True
    )
    explained = json.loads(told.stdout)
    assert explained["via"]["contributes_to"] == "ticket"
    (line,) = explained["commands"]
    assert (line["said"], line["used"], line["problem"]) == ("/filrouge map KR2.1 75 O3 25", ["contributes_to"], None)
    assert line["by"].startswith("person-")
    story = next(one for one in moved if one.state.value == "done")
    told = subprocess.run(
        [FILROUGE, "map", "explain", story.key, "-w", tmp_path], capture_output=True, text=True, check=True
    )
    assert f"inherited from {epic.key}, which has it by a command in the ticket" in told.stdout
    assert "/filrouge map KR2.1 75 O3 25  decides contributes_to" in told.stdout

    # The ticket's comment says so, and the mapping came within two weeks.
    assert company.post() == 1
    said = json.dumps(company.site.find(epic.id).comments[0]["body"], ensure_ascii=False)  # type: ignore[union-attr]  # it is there
    assert "l’équipe l’a dit dans le ticket" in said
    effect = company.report()["comments"]
    assert effect is not None
    assert (effect["mapped"], effect["ignored"]) == (1, 0)


def test_a_dismissed_finding_stands_in_the_report_with_its_reason(company: Town) -> None:
    company.sync()
    company.post()
    epic = next(
        item for item in company.items() if item.level == 1 and item.title == "Catalogue papier de printemps (2)"
    )
    assert epic.key in {one["subject"] for one in company.report()["findings"] if one["code"] == "W01"}
    company.answer(epic, "/filrouge not-aligned « obligation légale »")
    company.sync()
    document = company.report()
    assert epic.key not in {one["subject"] for one in document["findings"] if one["code"] == "W01"}
    (reply,) = document["replies"]
    assert (reply["item"]["key"], reply["targets"], reply["reason"]) == (epic.key, {}, "obligation légale")
    assert document["unaligned"]["reasons"]["declared"] > 0
