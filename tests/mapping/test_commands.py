"""Every line that people may write, and what it asks for."""

from __future__ import annotations

import math
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.strategy import UNALIGNED, Budget, Cycle, Objective, Strategy
from mapping.commands import Command, Misunderstood, parse
from mapping.contribution import Targets

TARGETS = Targets(
    Strategy(
        cycles=(Cycle("Q4", date(2026, 10, 1), date(2026, 12, 31)),),
        objectives=(Objective("O1", "One", "Q4"), Objective("O2", "Two", "Q4")),
        budgets=(Budget("run", "Run"),),
    )
)


def shares(said: str) -> dict[str, float] | None:
    command = parse(said, TARGETS)
    if not isinstance(command, Command) or command.setting is None:
        return None
    return dict(command.setting.contributes_to or ())


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("/filrouge map O1", {"O1": 1.0}),
        ("/Filrouge MAP o1.", None),
        ("/filrouge map o1", {"O1": 1.0}),
        ("/filrouge map O1 run", {"O1": 1.0, "run": 1.0}),
        ("/filrouge map O1 60 O2 40", {"O1": 60.0, "O2": 40.0}),
        ("/filrouge  map  O1 60 %, O2 40 %", {"O1": 60.0, "O2": 40.0}),
        ("/filrouge map O1 33,5; O2 66.5", {"O1": 33.5, "O2": 66.5}),
        ('/filrouge not-aligned "incident"', {UNALIGNED: 1.0}),
    ],
)
def test_what_a_line_maps(said: str, expected: dict[str, float] | None) -> None:
    assert shares(said) == expected


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("/filrouge why", Command("why")),
        ("/filrouge Why?", Command("why")),
        ("/filrouge", Command("help")),
        ("/filrouge snooze 2w", Command("snooze", days=14)),
        ("/filrouge snooze 10 j", Command("snooze", days=10)),
        ("/filrouge snooze 27w", Misunderstood("no span", "27w")),
        ("/filrouge snooze soon", Misunderstood("no span", "soon")),
        ("/filrouge map", Misunderstood("no goal")),
        ("/filrouge map 60", Misunderstood("parts", "60")),
        ("/filrouge map O1 60 O2", Misunderstood("parts", "O1 60 O2")),
        ("/filrouge map O1 0", Misunderstood("parts", "O1 0")),
        ("/filrouge map O1 60 40", Misunderstood("parts", "40")),
        ("/filrouge map O1 O1", Misunderstood("parts", "O1")),
        ("/filrouge map O3", Misunderstood("no such goal", "O3")),
        ("/filrouge map rnu", Misunderstood("no such goal", "rnu", "run")),
        ('/filrouge not-aligned ""', Misunderstood("no reason")),
        ("/filrouge mpa O1", Misunderstood("no such command", "mpa", "map")),
    ],
)
def test_what_else_a_line_asks_for(said: str, expected: Any) -> None:
    assert parse(said, TARGETS) == expected


def test_a_reason_is_told_without_its_quotes() -> None:
    for quoted in ('"incident of Sunday"', "“incident of  Sunday”", "« incident of Sunday »", "incident of Sunday"):
        command = parse(f"/filrouge not-aligned {quoted}", TARGETS)
        assert isinstance(command, Command)
        assert command.reason == "incident of Sunday"


words = st.one_of(
    st.sampled_from(
        ["map", "O1", "o2", "run", "60", "40%", "0", ",", ";", "%", "snooze", "2w", "not-aligned", '"', "why"]
    ),
    st.text(max_size=8),
)


@settings(derandomize=True, max_examples=400, deadline=None)
@given(st.lists(words, max_size=7).map(" ".join))
def test_any_line_is_understood_or_is_not_and_what_it_maps_has_a_sum(rest: str) -> None:
    meaning = parse(f"/filrouge {rest}", TARGETS)
    if isinstance(meaning, Command) and meaning.verb in ("map", "not-aligned"):
        assert meaning.setting is not None
        parts = [part for _, part in meaning.setting.contributes_to or ()]
        assert math.isfinite(math.fsum(parts))
        assert math.fsum(parts) > 0
