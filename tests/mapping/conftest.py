"""Work items, rules and a strategy for the tests of the mapping."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from config.rules import MappingRules, Pin, Place, Rule, Setting
from domain.strategy import Budget, Cycle, KeyResult, Objective, Product, Strategy, ValueStream
from domain.work import ItemRef, State, WorkItem

BORN = datetime(2026, 1, 5, 8, tzinfo=UTC)


def _item(key: str, **values: Any) -> WorkItem:
    """An item of the source shop, whose id is `id-KEY` unless said otherwise."""
    told: dict[str, Any] = {
        "source": "shop",
        "id": f"id-{key}",
        "url": "",
        "type": "Story",
        "level": 0,
        "title": key,
        "status": "Open",
        "state": State.TODO,
        "project": "SHOP",
        "created_at": BORN,
        "updated_at": BORN,
    }
    return WorkItem(key=key, **(told | values))


def _setting(value: Any) -> Setting:
    """A target, a dict of parts, or a dict of dimensions."""
    if isinstance(value, str):
        return Setting(contributes_to=((value, 1.0),))
    dimensions = {"contributes_to", "value_stream", "product", "work_class"}
    if set(value) <= dimensions:
        target = value.get("contributes_to")
        return Setting(**(value | ({} if target is None else {"contributes_to": _setting(target).contributes_to})))
    return Setting(contributes_to=tuple(value.items()))


def _rules(*rules: tuple[dict[str, Any], Any], **rest: Any) -> MappingRules:
    """Rules r1, r2, … of (conditions, what they set), on lines 1, 2, …; `pins` and others as they are."""
    made = tuple(
        Rule(f"r{number}", when, _setting(value), Place("mapping.yaml", number, 5))
        for number, (when, value) in enumerate(rules, start=1)
    )
    rest["inherit"] = frozenset(rest.get("inherit", ()))
    return MappingRules(rules=made, **rest)


def _pin(item: str, value: Any, **rest: Any) -> Pin:
    told: dict[str, Any] = {
        "by": "A. Martin",
        "on": date(2026, 11, 3),
        "why": "steering committee",
        "place": Place("mapping.yaml", 90, 5),
    }
    return Pin(item=item, set=_setting(value), **(told | rest))


@pytest.fixture(scope="session")
def make_item() -> Callable[..., WorkItem]:
    return _item


@pytest.fixture(scope="session")
def make_items() -> Callable[..., dict[ItemRef, WorkItem]]:
    return lambda *items: {item.ref: item for item in items}


@pytest.fixture(scope="session")
def make_rules() -> Callable[..., MappingRules]:
    return _rules


@pytest.fixture(scope="session")
def make_setting() -> Callable[[Any], Setting]:
    return _setting


@pytest.fixture(scope="session")
def make_pin() -> Callable[..., Pin]:
    return _pin


@pytest.fixture(scope="session")
def strategy() -> Strategy:
    return Strategy(
        cycles=(Cycle("Q4", date(2026, 10, 1), date(2026, 12, 31)),),
        objectives=(
            Objective(
                "O1",
                "Checkout",
                "Q4",
                key_results=(KeyResult("KR1.1", "Conversion", "O1"), KeyResult("KR1.2", "Speed", "O1")),
            ),
            Objective("O2", "Reach", "Q4", key_results=(KeyResult("KR2.1", "Countries", "O2"),)),
            Objective("Été", "Summer", "Q4"),
        ),
        budgets=(Budget("run", "Keep the lights on"),),
        value_streams=(ValueStream("purchase", "From basket to paid"),),
        products=(Product("payments", "Payments"),),
    )
