"""What must hold for every input."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reports.compute import compute
from reports.facts import Facts
from reports.measure.clusters import clusters_of
from reports.measure.drift import drift_of
from reports.measure.ledger import Ledger
from reports.measure.periods import Frame
from reports.measure.ranks import centroid
from reports.measure.visible import wilson

Build = Callable[[Mapping[str, Any]], Facts]
TARGETS = ["O1", "O2", "O3", "run", "O9", "unaligned", "gone", None]


@st.composite
def cases(draw: st.DrawFn) -> dict[str, Any]:
    """A horizon's work on two epics and beside them, with any plan that configuration lets through."""
    ranked = draw(st.booleans())
    weights = draw(st.lists(st.integers(0, 60), min_size=3, max_size=3))
    objectives: dict[str, Any] = {
        f"O{n}": {"rank": draw(st.integers(1, 3))} if ranked else weight for n, weight in enumerate(weights, start=1)
    }
    objectives["O9"] = {"weight": 10, "cycle": "old"}
    start = date(2026, draw(st.sampled_from([10, 11])), draw(st.integers(1, 20)))
    items: list[dict[str, Any]] = [{"key": "E-1", "level": 1, "to": "O1"}, {"key": "E-2", "level": 1, "to": "O2"}]
    for n in range(draw(st.integers(0, 14))):
        one, other = draw(st.sampled_from(TARGETS)), draw(st.sampled_from(["O1", "O2", "run"]))
        part = draw(st.sampled_from([1.0, 0.5, 1 / 3]))
        to = None if one is None else {one: 1.0} if one == other else {one: part, other: 1 - part}
        items.append(
            {
                "key": f"S-{n}",
                "parent": draw(st.sampled_from([None, "E-1", "E-2"])),
                "team": draw(st.sampled_from([None, "Ocean", "Sky"])),
                "points": draw(st.sampled_from([None, 0, 1, 5])),
                "to": to,
                "done": f"2026-11-{draw(st.integers(1, 22)):02d}T{draw(st.integers(0, 23)):02d}:30",
            }
        )
    return {
        "strategy": {
            "cycles": {"Q": [start, date(2026, 12, 31)], "old": [date(2026, 1, 1), date(2026, 3, 31)]},
            "objectives": objectives,
            "budgets": {"run": draw(st.sampled_from([0, 20]))},
        },
        "options": {"measure": draw(st.sampled_from(["items", "points"]))},
        "items": items,
    }


bounded = settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@bounded
@given(case=cases())
def test_shares_and_drift_hold_together(facts_from: Build, case: dict[str, Any]) -> None:
    document = compute(facts_from(case))
    rows, horizon = document["allocation"], document["drift"]["horizon"]
    delivered = [row["delivered"] for row in rows]
    planned = [row["planned"] for row in rows]
    if document["delivered"]["effort"] > 0:
        assert sum(share or 0.0 for share in delivered) == pytest.approx(1, abs=1e-5)
    else:
        assert delivered == [None] * len(rows)
    if any(share is not None for share in planned):
        assert sum(share or 0.0 for share in planned) == pytest.approx(1, abs=1e-5)
    if horizon["index"] is None:
        assert horizon["verdict"] == "not_enough_data"
        return
    assert horizon["unaligned"] is not None
    assert horizon["misplaced"] is not None
    assert horizon["outside_band"] is not None
    assert horizon["expected"] is not None
    assert 0 <= horizon["index"] <= 1
    assert horizon["index"] == pytest.approx(sum(abs(row["gap"] or 0.0) for row in rows) / 2, abs=1e-5)
    assert horizon["index"] == pytest.approx(horizon["unaligned"] + horizon["misplaced"], abs=2e-6)
    for row in rows:
        assert row["chance"] is None or 0 < row["chance"] <= 1
        assert row["band"] is not None
        assert 0 <= row["band"][0] <= row["band"][1] <= 1
        assert row["low"] is not None
        assert row["high"] is not None
        assert row["gap"] is not None
        assert row["low"] - 1e-6 <= row["gap"] <= row["high"] + 1e-6


@bounded
@given(case=cases(), shuffle=st.randoms(use_true_random=False))
def test_order_of_input_and_repetition_do_not_matter(facts_from: Build, case: dict[str, Any], shuffle: Any) -> None:
    facts = facts_from(case)
    refs = list(facts.items)
    shuffle.shuffle(refs)
    shuffled = replace(
        facts,
        items={ref: facts.items[ref] for ref in refs},
        history={ref: facts.history[ref] for ref in reversed(refs)},
        assignments={
            ref: replace(facts.assignments[ref], shares=dict(reversed(list(facts.assignments[ref].shares.items()))))
            for ref in refs
        },
    )
    first, again, other = (
        json.dumps(compute(given), ensure_ascii=False, indent=2) for given in (facts, facts, shuffled)
    )
    assert first == again == other


@bounded
@given(case=cases())
def test_bundling_loses_no_effort(facts_from: Build, case: dict[str, Any]) -> None:
    ledger = Ledger(facts_from(case))
    drift = drift_of(ledger, Frame(ledger.facts.window, ledger.facts.as_of, 4).horizon, "items")
    clusters = clusters_of(drift.sample.amounts)
    assert sum(cluster.effort for cluster in clusters) == pytest.approx(drift.sample.total)
    assert list(clusters) == sorted(clusters, key=lambda cluster: cluster.key)
    assert 0 <= drift.n_eff <= len(clusters) + 1e-9


@settings(max_examples=50, derandomize=True)
@given(ranks=st.lists(st.integers(1, 6), min_size=1, max_size=8))
def test_ranks_share_everything_in_their_order(ranks: list[int]) -> None:
    shares = centroid({f"O{n}": rank for n, rank in enumerate(ranks)})
    assert sum(shares.values()) == pytest.approx(1)
    for n, rank in enumerate(ranks):
        for m, other in enumerate(ranks):
            if rank < other:
                assert shares[f"O{n}"] > shares[f"O{m}"]
            elif rank == other:
                assert shares[f"O{n}"] == pytest.approx(shares[f"O{m}"])


@settings(max_examples=50, derandomize=True)
@given(share=st.floats(0, 1), n=st.floats(0.5, 500))
def test_interval_holds_the_share(share: float, n: float) -> None:
    low, high = wilson(share, n)
    assert -1e-9 <= low <= share + 1e-9
    assert share - 1e-9 <= high <= 1 + 1e-9
