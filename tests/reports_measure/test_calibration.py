"""Calibration draws from the work there is, by the plan there is, and counts what chance raises."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from domain.errors import ConfigurationError
from domain.strategy import UNALIGNED, Budget, Cycle, DatedValue, Objective, Priority, Strategy
from reports.calibration import _least_seen, _world, calibration, own_work
from reports.facts import Facts
from reports.measure.plan import Plan
from reports.simulated import lasting, moved

FactsFrom = Callable[[Mapping[str, Any]], Facts]
FIRST_WEEK = datetime(2026, 5, 26, 10)  # noqa: DTZ001 # a local time, as cases are written
PLAN = {"O1": 50, "O2": 30, "O3": 20}


def untold(_done: int, _total: int) -> None:
    """Nobody looks."""


def organisation(**more: Any) -> dict[str, Any]:
    """26 weeks up to 2026-W47: in each an epic of one to six stories for each objective, and a bug that serves none."""
    items: list[dict[str, Any]] = []
    for week in range(26):
        for place, target in enumerate(PLAN):
            epic = f"E{week}-{target}"
            items.append({"key": epic, "level": 1, "to": target, "created": "2026-01-05"})
            for n in range(1 + (week + place) % 6):
                done = FIRST_WEEK + timedelta(weeks=week, days=n % 4)
                story = {"key": f"{epic}-{n}", "parent": epic, "to": target, "points": float(n), "team": target}
                doing = (done - timedelta(days=3)).isoformat()
                items.append({**story, "doing": doing, "done": done.isoformat(), "created": "2026-01-05"})
        bug = (FIRST_WEEK + timedelta(weeks=week)).isoformat()
        items.append({"key": f"B{week}", "type": "Bug", "done": bug, "created": "2026-01-05"})
    cycles = {"c": [date(2026, 1, 1), date(2026, 12, 31)]}
    return {"strategy": {"cycles": cycles, "objectives": dict(PLAN)}, "items": items, "zone": "UTC", **more}


def test_own_work_is_every_epic_with_its_size_and_the_odds_are_the_plan(facts_from: FactsFrom) -> None:
    own = own_work(facts_from(organisation()))
    sizes = Counter(len(unit.items) for unit in own.units if unit.tall)
    assert sizes == Counter(1 + (week + place) % 6 for week in range(26) for place in range(3))
    assert sum(1 for unit in own.units if not unit.tall) == 26
    # A tenth of the items serve nothing, more than half of what is tolerated.
    assert own.odds == {"O1": 0.475, "O2": 0.285, "O3": 0.19, UNALIGNED: 0.05}


def test_a_drawn_world_has_about_as_much_work_in_every_week(facts_from: FactsFrom) -> None:
    own = own_work(facts_from(organisation()))
    delivered: Counter[int] = Counter()
    worlds = 40
    for number in range(worlds):
        ledger = _world(own, own.odds, np.random.default_rng(number))
        for work in ledger.work:
            assert work.delivered is not None
            assert work.delivered in own.span
            delivered[(work.delivered - own.span.start) // timedelta(weeks=1)] += 1
    assert set(delivered) == set(range(26))
    usual = sum(len(unit.items) for unit in own.units) / 26
    assert all(0.75 * usual < count / worlds < 1.25 * usual for count in delivered.values())


@pytest.mark.parametrize("measure", ["items", "points", "days"])
def test_the_same_work_gives_the_same_figures_by_every_measure(facts_from: FactsFrom, measure: str) -> None:
    facts = facts_from(organisation(options={"measure": measure, "rules": {"A06": "off"}}))
    told: list[tuple[int, int]] = []
    first = calibration(facts, 2, lambda done, total: told.append((done, total)))
    assert first == calibration(facts, 2, untold)
    assert [horizon["windows"] for horizon in first["horizons"]] == [4, 8, 13]
    assert told[0] == (0, 8)
    assert told[-1] == (8, 8)
    for horizon in first["horizons"]:
        assert abs(sum(horizon["verdicts"].values()) - 1) < 1e-9
        assert list(horizon["quarters"]) == ["A01", "A02", "A03", "A04"]  # A06 is off
        assert all(horizon["weeks"][code] <= share for code, share in horizon["quarters"].items())
    assert first["horizons"][0]["n_eff"] < first["horizons"][1]["n_eff"] < first["horizons"][2]["n_eff"]


def test_chance_raises_little_and_a_large_shift_is_seen(facts_from: FactsFrom) -> None:
    found = calibration(facts_from(organisation()), 16, untold)
    assert found["measure"] == "items"
    assert all(horizon["weeks"]["A04"] <= 0.12 for horizon in found["horizons"])
    short, _, long = (horizon["least_seen"] or 1.0 for horizon in found["horizons"])
    assert 0.1 < long <= short <= 0.4


@pytest.mark.parametrize(
    ("case", "sentence"),
    [
        ({"strategy": {"objectives": {"O1": 1}}}, "two weighted targets"),
        ({"strategy": {"cycles": {"c": [date(2020, 1, 1), date(2020, 3, 1)]}, "objectives": PLAN}}, "no plan"),
        ({"items": [{"key": "A", "to": "O1", "done": "2026-11-17T10:00"}]}, "Only 1 independent pieces"),
        ({"items": []}, "Only 0 independent pieces"),
    ],
)
def test_too_little_to_draw_from_is_said(facts_from: FactsFrom, case: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ConfigurationError, match=sentence):
        calibration(facts_from(organisation(**case)), 1, untold)


@pytest.mark.parametrize(
    ("seen", "least"),
    [
        ({0.1: 0.9}, 0.1 * 0.8 / 0.9),
        ({0.1: 0.2, 0.2: 0.8}, 0.2),
        ({0.1: 0.2, 0.2: 0.6, 0.3: 1.0}, 0.25),
        ({0.1: 0.2, 0.6: 0.79}, None),
    ],
)
def test_the_smallest_shift_lies_between_those_that_were_tried(seen: dict[float, float], least: float | None) -> None:
    assert _least_seen(seen) == (None if least is None else pytest.approx(least))


def test_a_lasting_plan_is_the_plan_of_one_day() -> None:
    day = date(2026, 11, 16)
    weights = Priority(weights=(DatedValue(date.min, 10.0), DatedValue(day, 60.0), DatedValue(date(2026, 12, 1), 0.0)))
    strategy = Strategy(
        cycles=(
            Cycle("now", date(2026, 10, 1), date(2026, 12, 31)),
            Cycle("past", date(2026, 1, 1), date(2026, 9, 30)),
        ),
        objectives=(
            Objective("O1", "", "now", priority=weights),
            Objective("O2", "", "now", priority=Priority(range=(10.0, 30.0))),
            Objective("O3", "", "past", priority=Priority(weights=(DatedValue(date.min, 99.0),))),
        ),
        budgets=(Budget("run", "", Priority(weights=(DatedValue(date.min, 20.0),))),),
    )
    now, ever = (Plan(each, 0.05, 0.1, ZoneInfo("UTC")) for each in (strategy, lasting(strategy, day)))
    assert ever.on(date(2019, 5, 4)) == ever.on(day) == now.on(day)


def test_a_move_takes_from_the_largest_first() -> None:
    odds = {"O1": 0.5, "O2": 0.3, "O3": 0.15, UNALIGNED: 0.05}
    for seed in range(8):
        changed = moved(odds, 0.6, np.random.default_rng(seed))
        assert sum(changed.values()) == pytest.approx(1)
        assert changed["O1"] == 0
        assert changed[UNALIGNED] == 0.05
        assert sorted([changed["O2"], changed["O3"]]) == pytest.approx(
            [0.2, 0.75] if changed["O3"] > changed["O2"] else [0.05, 0.9]
        )
