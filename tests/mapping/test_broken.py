"""Words that rules name and nothing has: which are broken, and what was probably meant."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from config.rules import MappingRules
from domain.rot import BrokenReference
from domain.vocabulary import KINDS, Words, first_sights, vocabulary_of
from domain.work import History, ItemRef, Record, Transition, WorkItem
from mapping.broken import broken_references
from mapping.references import missing, references

Make = Callable[..., Any]
CHANGED = datetime(2026, 11, 10, tzinfo=UTC)


def change(field: str, before: Any, after: Any, hours: int = 0) -> Transition:
    return Transition(CHANGED + timedelta(hours=hours), field, before, after)


def broken(
    rules: MappingRules, items: Sequence[WorkItem], histories: Mapping[str, History] | None = None, *gone: WorkItem
) -> list[BrokenReference]:
    """What is broken where there are these items, with histories by key, and some that were there once."""
    told = {item.ref: (histories or {}).get(item.key, ()) for item in items}
    seen = {key: set(words) for key, words in vocabulary_of([*items, *gone], KINDS).items()}
    for item in items:
        for kind, word, _ in first_sights(Record(item, tuple(told[item.ref]), b"")):
            seen.setdefault((item.source, kind), set()).add(word)
    named, sources = references(rules), {item.source for item in items}
    present = vocabulary_of(items, KINDS)
    lost = missing(named, sources, present)
    return list(broken_references(lost, named, Words(sources, present, seen), told))


def told(found: Sequence[BrokenReference]) -> list[tuple[str, bool, str | None, int]]:
    return [(one.word, one.seen, one.instead, len(one.items)) for one in found]


def test_the_new_name_is_what_the_items_got_in_the_same_change(make_item: Make, make_rules: Make) -> None:
    items = [make_item(f"K-{n}", labels=("billing", "red")) for n in range(3)]
    items.append(make_item("K-9", labels=("red",)))
    swap = change("labels", ("pay", "red"), ("billing", "red"))
    histories = {item.key: (swap,) for item in items[:3]}
    histories["K-9"] = (change("labels", ("pay", "red"), ("red",)),)
    rules = make_rules(({"source": "shop", "not": {"any": [{"label": ["red", "Pay"]}]}}, "O1"))
    (found,) = broken(rules, items, histories)
    assert found == BrokenReference(
        "r1", ("not", "any", 0, "label", 1), "label", "Pay", ("shop",), seen=True, instead="billing",
        items=tuple(ItemRef("shop", f"id-K-{n}") for n in range(3)),
    )  # fmt: skip


def test_a_name_that_only_few_of_the_items_got_is_no_new_name(make_item: Make, make_rules: Make) -> None:
    items = [make_item(f"K-{n}", labels=("billing",) if n == 0 else ()) for n in range(3)]
    histories = {item.key: (change("labels", ("pay",), item.labels),) for item in items}
    rules = make_rules(({"label": "pay"}, "O1"))
    assert told(broken(rules, items, histories)) == [("pay", True, None, 0)]


def test_a_list_that_holds_the_old_and_the_new_name_is_all_right(make_item: Make, make_rules: Make) -> None:
    items = [make_item("K-1", labels=("payments",))]
    histories = {"K-1": (change("labels", ("pay",), ("payments",)),)}
    assert broken(make_rules(({"label": ["pay", "payments"]}, "O1")), items, histories) == []
    assert broken(make_rules(({"label": ["pay", "paym*"]}, "O1")), items, histories) == []
    other = make_rules(({"label": "pay"}, "O1"), ({"label": "payments"}, "O2"))
    assert told(broken(other, items, histories)) == [("pay", True, "payments", 1)]


def test_without_history_it_is_the_nearest_that_no_rule_names(make_item: Make, make_rules: Make) -> None:
    items = [make_item("K-1", components=("Payments & billing", "Payment")), make_item("K-2")]
    before = make_item("K-1", components=("Payments",))
    rules = make_rules(({"component": "payments"}, "O1"), ({"component": "Payment"}, "O2"))
    assert told(broken(rules, items, None, before)) == [("payments", True, "Payments & billing", 0)]


@pytest.mark.parametrize(
    ("named", "there", "meant"),
    [
        ("paymets", "payments", "payments"),
        ("Pay", "payments", None),  # too far
        ("okr-2027", "okr-2026", None),  # figures make another word
        ("team-1", "team-2", None),
        ("spike", "payments", None),
    ],
)
def test_a_word_that_was_never_seen_is_broken_only_where_it_looks_like_a_slip(
    named: str, there: str, meant: str | None, make_item: Make, make_rules: Make
) -> None:
    found = broken(make_rules(({"label": named}, "O1")), [make_item("K-1", labels=(there,))])
    assert told(found) == ([] if meant is None else [(named, False, meant, 0)])


def test_an_area_is_renamed_with_everything_below_it(make_item: Make, make_rules: Make) -> None:
    old, new = r"Shop\Pay", r"Shop\Billing"
    items = [make_item("K-1", area_path=rf"{new}\Cards"), make_item("K-2", area_path=new)]
    histories = {
        "K-1": (change("area_path", rf"{old}\Cards", rf"{new}\Cards"),),
        "K-2": (change("area_path", old, new),),
    }
    rules = make_rules(({"area_path": rf"{old}\**"}, "O1"), ({"area_path": old}, "O1"), ({"area_path": "Shop"}, "O1"))
    assert told(broken(rules, items, histories)) == [(rf"{old}\**", True, rf"{new}\**", 2), (old, True, new, 1)]
    near = make_rules(({"area_path": r"Shop\Biling\**"}, "O1"))
    assert told(broken(near, items)) == [(r"Shop\Biling\**", False, r"Shop\Billing\**", 0)]


def test_a_wildcard_is_broken_when_what_it_matched_is_gone(make_item: Make, make_rules: Make) -> None:
    items = [make_item("K-1", labels=("goal-1",))]
    histories = {"K-1": (change("labels", ("okr-1",), ("goal-1",)),)}
    rules = make_rules(({"label": "okr-*"}, "O1"), ({"label": "none-*"}, "O1"), ({"label": "/okr/"}, "O1"))
    assert told(broken(rules, items, histories)) == [("okr-*", True, None, 1)]


def test_every_kind_of_word(make_item: Make, make_rules: Make) -> None:
    values: dict[str, Any] = {"project": "OLD", "type": "Old", "team": "Old", "components": ("Old",)}
    once = make_item("K-1", labels=("old",), area_path="Old", fields={"Cost": ("1",), "Empty": ("",)}, **values)
    now = make_item("K-1", project="NEW", type="New")
    when = {"project": "OLD", "type": "Old", "team": "Old", "component": "Old", "label": "old", "area_path": "Old"}
    rules = make_rules(({**when, "field": {"cost": "1", "Empty": "1"}, "status": "Old", "sprint": "Old"}, "O1"))
    assert [one.kind for one in broken(rules, [now], None, once)] == [*when, "field"]


def test_a_word_of_another_source_is_none_of_this_one(make_item: Make, make_rules: Make) -> None:
    shop = make_item("K-1", labels=("red",))
    there = make_item("L-1", source="platform", labels=("blue",))
    once = make_item("K-1", labels=("blue",))
    rules = make_rules(
        ({"source": "shop", "label": "blue"}, "O1"),
        ({"label": "blue"}, "O1"),
        ({"source": "plat*", "any": [{"label": "blue"}]}, "O1"),
        ({"source": "shop", "parent": {"label": "blue"}}, "O1"),  # what stands above may be of another
        ({"source": "unread", "label": "blue"}, "O1"),
    )
    assert [(one.rule, one.sources) for one in broken(rules, [shop, there], None, once)] == [("r1", ("shop",))]


def test_a_sound_mapping_misses_nothing(make_item: Make, make_rules: Make) -> None:
    item = replace(make_item("K-1", labels=("Été",), area_path=r"A\B\C"), fields={"Cost centre": ("12",)})
    rules = make_rules(
        ({"label": ["éTÉ", "É*"], "area_path": [r"a\b\**", r"A\*"], "field": {"cost CENTRE": "*"}}, "O1")
    )
    assert broken(rules, [item]) == []
