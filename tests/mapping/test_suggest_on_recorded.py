"""Ten years of recorded issues: where the component is hidden, what is promised of guesses from the rest is kept."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from config.rules import MappingRules
from connectors.jira.convert import convert
from domain.hierarchy import Hierarchy
from domain.strategy import Cycle, Objective, Strategy
from domain.work import WorkItem
from mapping.assign import assign
from mapping.suggest.material import material
from mapping.suggest.suggest import MISSED, suggest

CONTEXT: dict[str, Any] = {"source": "recorded", "base": "https://jira.example", "dropped": []}
COMPONENTS = {
    "markup": ["XML", "Styling", "Widgets", "Models", "Builtins", "I18N"],
    "runtime": ["Runtime", "Titanium SDK"],
    "docs": ["Documentation", "Samples & Templates"],
    "tooling": ["Tooling", "*Studio", "Testing"],
    "daemon": ["appcd*", "*lib"],
    "modules": ["Map", "Facebook", "Admob", "Encrypted SQLite DB", "BLE", "ACA", "NFC", "Barcode", "TouchID"],
}
STRATEGY = Strategy(
    cycles=(Cycle("all", date(2010, 1, 1), date(2030, 12, 31)),),
    objectives=tuple(Objective(name, name, "all") for name in COMPONENTS),
)


@pytest.fixture(scope="module")
def issues(real_jira_issues: list[dict[str, Any]]) -> list[WorkItem]:
    """Oldest first."""
    items = [convert(json.dumps(issue).encode(), CONTEXT).item for issue in real_jira_issues]
    return sorted(items, key=lambda item: (item.created_at, item.id))


@pytest.fixture(scope="module")
def rules(make_rules: Callable[..., MappingRules]) -> MappingRules:
    return make_rules(*(({"component": names}, goal) for goal, names in COMPONENTS.items()), inherit=["contributes_to"])


def every_fifth(place: int, of: int) -> bool:
    return place % 5 == 0


def last_fifth(place: int, of: int) -> bool:
    return place >= of * 4 // 5


@pytest.mark.parametrize(
    ("hides", "precision"),
    [(every_fifth, 0.7), (every_fifth, 0.8), (last_fifth, 0.7), (last_fifth, 0.8), (last_fifth, 0.9)],
)
def test_the_promise_is_kept_on_what_was_hidden(
    issues: list[WorkItem], rules: MappingRules, hides: Callable[[int, int], bool], precision: float
) -> None:
    truth = assign({item.ref: item for item in issues}, rules, STRATEGY)
    hidden = {
        item.ref: replace(item, components=()) if hides(place, len(issues)) else item
        for place, item in enumerate(issues)
    }
    outcome = suggest(material(hidden, rules, STRATEGY, {}), Hierarchy(hidden), precision)
    right = [dict(one.target) == truth[one.item.ref].shares for one in outcome.found if truth[one.item.ref].shares]
    assert len(right) >= 50  # it does speak; suggestions whose target was hidden, so that it is known
    assert sum(right) / len(right) >= precision - MISSED
    assert outcome.measured.precision is not None
    assert outcome.measured.precision >= precision - MISSED
    assert 0.1 < outcome.covered / outcome.open < 0.9


def test_what_cannot_be_kept_is_not_promised(issues: list[WorkItem], rules: MappingRules) -> None:
    hidden = {item.ref: replace(item, components=()) if i % 5 == 0 else item for i, item in enumerate(issues)}
    outcome = suggest(material(hidden, rules, STRATEGY, {}), Hierarchy(hidden), 0.9)
    assert outcome.found == ()
    assert outcome.abstains == "past guesses that were as sure as today's can be trusted to 83% only"
