"""Suggestions find what is there to be found, abstain where nothing is, and look at nothing that they must not."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.rules import MappingRules
from domain.errors import ConfigurationError
from domain.hierarchy import Hierarchy
from domain.strategy import Strategy
from domain.work import ItemRef, WorkItem
from mapping.assign import assign
from mapping.suggest import proposals
from mapping.suggest.backtest import groups_needed, lower_bound
from mapping.suggest.material import material
from mapping.suggest.suggest import MISSED, Suggestions, suggest
from mapping.suggest.traits import Kind, Trait
from tests.mapping.conftest import BORN, _item, _rules

Items = dict[ItemRef, WorkItem]
WORDS = {"KR1.1": "basket", "KR2.1": "parcel"}
FILLER = ["improve", "fix", "page", "screen", "error", "message", "speed", "report", "export", "button", "form"]
BY_COMPONENT = _rules(({"component": "Shop"}, "KR1.1"), ({"component": "Depot"}, "KR2.1"), inherit=["contributes_to"])
COMPONENT = {"KR1.1": "Shop", "KR2.1": "Depot"}


def history(count: int, *, open_every: int, words: Mapping[str, str] = WORDS, seed: int = 1, **values: Any) -> Items:
    """Items of two targets, one an hour; every so many lack the component by which the rules tell them apart."""
    dice, items = random.Random(seed), {}
    for number in range(count):
        target = dice.choice(sorted(COMPONENT))
        title = " ".join([*dice.sample(FILLER, 3), *([words[target]] if target in words else [])])
        components = () if number % open_every == 0 else (COMPONENT[target],)
        born = BORN + timedelta(hours=number)
        item = _item(f"SHOP-{number}", title=title, components=components, created_at=born, **values)
        items[item.ref] = item
    return items


def suggestions(
    items: Items, strategy: Strategy, rules: MappingRules = BY_COMPONENT, precision: float = 0.9
) -> Suggestions:
    return suggest(material(items, rules, strategy, {}), Hierarchy(items), precision)


def test_a_planted_word_is_found_and_named(strategy: Strategy) -> None:
    items = history(240, open_every=6)
    outcome = suggestions(items, strategy)
    assert outcome.abstains is None
    assert (outcome.open, outcome.covered, len(outcome.found)) == (40, 40, 40)
    for one in outcome.found:
        word = WORDS[one.target[0][0]]
        assert word in one.item.title
        assert one.why[0] == Trait(Kind.SUMMARY, word)
    assert outcome.measured.items == 40
    assert outcome.measured.right == outcome.measured.guessed > 30


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_of_noise_nothing_is_suggested(strategy: Strategy, seed: int) -> None:
    """By the component the rules decide without fail; without it, nothing tells the items apart."""
    outcome = suggestions(history(300, open_every=6, words={}, seed=seed), strategy)
    assert outcome.found == ()
    assert outcome.abstains is not None
    assert "can be trusted to" in outcome.abstains


def test_persons_are_not_looked_at(strategy: Strategy) -> None:
    items = history(240, open_every=6, words={})
    person = {ref: item.components[0] if item.components else "Shop" for ref, item in items.items()}
    telling = {ref: replace(item, assignee=f"account-{person[ref]}") for ref, item in items.items()}
    assert suggestions(telling, strategy) == suggestions(items, strategy)


def test_past_items_that_do_not_resemble_what_is_open_vouch_for_nothing(strategy: Strategy) -> None:
    """Nearly all of the past is plain to see, and nothing of it stands in what is open."""
    items = history(240, open_every=6)
    strange = {
        ref: item if item.components else replace(item, title="intranet, careers, anniversary")
        for ref, item in items.items()
    }
    outcome = suggestions(strange, strategy)
    assert (outcome.open, outcome.found) == (40, ())


def test_what_hangs_below_one_epic_counts_once(strategy: Strategy) -> None:
    items = history(300, open_every=10**6)
    for number in range(4):
        epic = _item(f"SHOP-E{number}", level=1, type="Epic", components=(("Shop", "Depot")[number % 2],))
        items[epic.ref] = epic
    below = {
        ref: replace(item, parent=f"id-SHOP-E{place % 4}", components=()) if item.level == 0 else item
        for place, (ref, item) in enumerate(items.items())
    }
    outcome = suggestions(below, strategy)
    assert (outcome.examples, outcome.groups) == (304, 4)
    assert outcome.abstains == "there are 4 epics and single items to learn from; to promise 90% takes at least 30"


def test_the_order_of_items_changes_nothing(strategy: Strategy) -> None:
    items = history(150, open_every=5)
    turned = dict(sorted(items.items(), key=lambda one: hash(one[1].title)))
    assert suggestions(turned, strategy) == suggestions(items, strategy)


def test_what_is_below_a_suggestion_takes_it_from_there(strategy: Strategy) -> None:
    items = history(240, open_every=6)
    above = next(item for item in items.values() if not item.components)
    for number in range(3):
        child = _item(f"SHOP-C{number}", title=above.title, parent=above.id, level=-1)
        items[child.ref] = child
    outcome = suggestions(items, strategy)
    assert above.key in {one.item.key for one in outcome.found}
    assert not [one for one in outcome.found if one.item.key.startswith("SHOP-C")]
    assert outcome.covered == outcome.open == 43


def test_an_item_that_a_person_pinned_is_left_alone(strategy: Strategy, make_pin: Callable[..., Any]) -> None:
    items = history(240, open_every=6)
    pinned = replace(BY_COMPONENT, pins=(make_pin("SHOP-6", {"value_stream": "purchase"}),))
    keys = {one.item.key for one in suggestions(items, strategy, pinned).found}
    assert "SHOP-12" in keys
    assert "SHOP-6" not in keys


def test_without_the_extra_it_is_said(strategy: Strategy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "sklearn.feature_extraction.text", None)
    with pytest.raises(ConfigurationError, match=r"install filrouge\[suggest\]"):
        suggestions(history(100, open_every=5), strategy)


@settings(max_examples=15, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    spoilt=st.floats(0, 1),
    open_every=st.integers(2, 9),
    precision=st.sampled_from([0.5, 0.7, 0.9]),
)
def test_only_open_items_get_suggestions_and_only_where_the_promise_held(
    strategy: Strategy, seed: int, spoilt: float, open_every: int, precision: float
) -> None:
    dice = random.Random(seed)
    items = {
        ref: replace(item, title=dice.choice(FILLER)) if dice.random() < spoilt else item
        for ref, item in history(120, open_every=open_every, seed=seed).items()
    }
    outcome = suggestions(items, strategy, precision=precision)
    tags = assign(items, BY_COMPONENT, strategy)
    assert not [one for one in outcome.found if tags[one.item.ref].shares]
    assert bool(outcome.found) == (outcome.abstains is None)
    if outcome.found:
        assert outcome.measured.precision is not None
        assert outcome.measured.precision >= precision - MISSED
        assert outcome.covered >= len(outcome.found)


@given(precision=st.floats(0.5, 0.99))
def test_fewer_groups_than_needed_can_promise_nothing(precision: float) -> None:
    """Half of the groups choose the threshold; all of them right is just not enough with one group fewer."""
    most = (groups_needed(precision) - 2) / 2
    assert most <= 0 or lower_bound(1.0, most) < precision + 1e-9


def proposed(items: Items, strategy: Strategy, rules: MappingRules = BY_COMPONENT) -> proposals.Entries:
    known = material(items, rules, strategy, {})
    found = suggest(known, Hierarchy(items), 0.9).found
    assert found
    return proposals.rules(found, known, items, rules, strategy, {}, 0.9, 10)


def test_rules_are_proposed_from_what_tells_most(strategy: Strategy) -> None:
    entries = proposed(history(240, open_every=6), strategy)
    assert {entry["when"]["summary"]: entry["set"]["contributes_to"] for entry in entries["rules"]} == {
        r"/(?i)\bbasket\b/": "KR1.1",
        r"/(?i)\bparcel\b/": "KR2.1",
    }
    assert [test["expect"]["rule"] for test in entries["tests"]] == [rule["id"] for rule in entries["rules"]]


def test_a_rule_that_would_move_what_is_mapped_is_not_proposed(strategy: Strategy) -> None:
    items = history(240, open_every=6)
    epic = _item("SHOP-E1", level=1, type="Epic", components=("Depot",))
    child = _item("SHOP-C1", title="basket", parent=epic.id)  # inherits KR2.1, which a rule of its own would overrule
    ids = [
        entry["when"]["summary"] for entry in proposed(items | {epic.ref: epic, child.ref: child}, strategy)["rules"]
    ]
    assert ids == [r"/(?i)\bparcel\b/"]


def test_a_rule_gets_an_id_that_nobody_has(strategy: Strategy) -> None:
    taken = replace(BY_COMPONENT.rules[0], id="Suggested-summary-basket", when={"component": "Nothing"})
    rules = replace(BY_COMPONENT, rules=(*BY_COMPONENT.rules, taken))
    ids = {entry["id"] for entry in proposed(history(240, open_every=6), strategy, rules)["rules"]}
    assert ids == {"suggested-summary-basket-2", "suggested-summary-parcel"}


def test_shares_are_written_as_percentages() -> None:
    assert proposals.written((("KR1.1", 0.6), ("KR2.1", 0.4))) == {"KR1.1": 60, "KR2.1": 40}
    assert proposals.written((("KR1.1", 1.0),)) == "KR1.1"
