"""Coverage adds up in every worked case, and work that is mapped in part is unmapped in part."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from reports.coverage import coverage
from reports.facts import Facts

CASES = {
    f"{path.stem}-{name}": case
    for path in sorted(Path(__file__).parent.joinpath("cases").glob("*.yaml"))
    for name, case in yaml.safe_load(path.read_text(encoding="utf-8")).items()
}
FactsFrom = Callable[[Mapping[str, Any]], Facts]


@pytest.mark.parametrize("name", sorted(CASES))
def test_parts_and_reasons_add_up_to_the_whole(name: str, facts_from: FactsFrom) -> None:
    facts = facts_from(CASES[name])
    for since in (None, facts.window.period.start):
        found = coverage(facts, since)
        whole = found["whole"]
        for by in ("source", "level"):
            parts = [part for part in found["parts"] if part["by"] == by]
            assert sum(part["items"] for part in parts) == whole["items"]
            assert sum(part["effort"] for part in parts) == pytest.approx(whole["effort"], abs=1e-4)
        assert sum(one["items"] for one in found["reasons"]) == whole["items"] - whole["mapped"]
        unmapped = sum(one["effort"] for one in found["reasons"])
        assert unmapped == pytest.approx(whole["effort"] - whole["effort_mapped"], abs=1e-4)


def test_an_item_of_which_a_part_is_mapped_counts_as_mapped_and_its_effort_in_part(facts_from: FactsFrom) -> None:
    done = "2026-11-18T10:00"
    case = {
        "strategy": {"objectives": {"O1": 1}},
        "items": [
            {"key": "A-1", "done": done, "to": {"O1": 0.75, "gone": 0.25}},
            {"key": "A-2", "done": done, "to": {"unaligned": 1}},
            {"key": "A-3", "todo": done},
            {"key": "A-4", "done": done, "to": "O1"},
        ],
    }
    found = coverage(facts_from(case), None)
    assert found["whole"] == {
        "items": 4,
        "mapped": 2,
        "share": 0.5,
        "effort": 3,
        "effort_mapped": 1.75,
        "effort_share": 0.583333,
    }
    assert found["reasons"] == [
        {"reason": "unknown_target", "items": 0, "effort": 0.25, "examples": ["A-1"]},
        {"reason": "declared", "items": 1, "effort": 1, "examples": ["A-2"]},
        {"reason": "no_parent", "items": 1, "effort": 0, "examples": ["A-3"]},
    ]
    assert coverage(facts_from({"items": []}), None)["whole"]["share"] is None
