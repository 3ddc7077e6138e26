"""The rows behind the figures add up to the figures, in every worked case."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
import yaml

from reports.compute import compute, report_of
from reports.facts import Facts

CASES = {
    f"{path.stem}-{name}": case
    for path in sorted(Path(__file__).parent.joinpath("cases").glob("*.yaml"))
    for name, case in yaml.safe_load(path.read_text(encoding="utf-8")).items()
}
FactsFrom = Callable[[Mapping[str, Any]], Facts]


@pytest.mark.parametrize("name", sorted(CASES))
def test_rows_add_up_to_the_figures(name: str, facts_from: FactsFrom) -> None:
    facts = facts_from(CASES[name])
    report = report_of(facts)
    document, rows = report.document, report.rows
    assert document == compute(facts)
    assert len(rows) == document["delivered"]["items"]
    total = sum(row.effort for row in rows)
    assert total == pytest.approx(document["delivered"]["effort"], abs=1e-4)
    assert len({row.cluster for row in rows}) == document["delivered"]["clusters"]
    shares: dict[str, float] = defaultdict(float)
    for row in rows:
        for target, share in row.shares.items():
            shares[target] += row.effort * share / total
    for line in document["allocation"]:
        if line["delivered"] is not None:
            assert shares.pop(line["target"], 0.0) == pytest.approx(line["delivered"], abs=1e-5)
    assert not shares, "every target of a row has its line in the allocation"
    if document["delivered"]["imputed"] == 0:
        assert not any(row.imputed for row in rows)


def test_a_guessed_estimate_is_marked(facts_from: FactsFrom) -> None:
    case = next(case for name, case in CASES.items() if (case["expect"].get("delivered") or {}).get("imputed"))
    rows = report_of(facts_from(case)).rows
    assert {row.imputed for row in rows} == {True, False}


def test_rows_say_when_and_by_which_rule_and_name_nobody(facts_from: FactsFrom) -> None:
    case = {
        "strategy": {"teams": {"Ocean": 6}},
        "items": [
            {"key": "A-1", "done": "2026-11-18T10:00", "to": "O1", "team": "Ocean", "assignee": "jane"},
            {"key": "A-2", "doing": "2026-11-18T10:00", "to": "O1", "assignee": "jane"},
        ],
    }
    facts = facts_from(case)
    rows = report_of(facts).rows
    assert [row.key for row in rows] == ["A-1"]
    assert rows[0].delivered is not None
    assert rows[0].delivered.isoformat() == "2026-11-18T09:00:00+00:00"
    assert rows[0].team == "Ocean"
    assert "jane" not in json.dumps([asdict(row) for row in rows], default=str)
