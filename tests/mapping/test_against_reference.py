"""The whole mapping against a slow one that is written as the specification reads."""

from __future__ import annotations

import math
import random
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from config.rules import MappingRules, Pin, Place, Rule, Seen, Setting
from domain.hierarchy import Hierarchy
from domain.strategy import Strategy
from domain.tags import Assignment
from domain.work import ItemRef, State, WorkItem
from mapping.assign import assign
from mapping.explain import explain

DIMENSIONS = ("contributes_to", "value_stream", "product", "work_class")
Items = Mapping[ItemRef, WorkItem]


# The reference: no compiling, no index, no memory.


def same(pattern: str, text: str, *, path: bool = False) -> bool:
    if pattern.startswith("/"):
        return re.search(pattern[1:-1], text) is not None
    pattern, text = pattern.casefold(), text.casefold()
    if path and pattern.endswith("\\**") and same(pattern[:-3], text, path=True):
        return True
    return wild(pattern, text, path=path)


def wild(pattern: str, text: str, *, path: bool) -> bool:
    if pattern == "":
        return text == ""
    if pattern.startswith("**") or (pattern[0] == "*" and not path):
        return any(wild(pattern.lstrip("*"), text[cut:], path=path) for cut in range(len(text) + 1))
    if pattern[0] == "*":
        return any(wild(pattern[1:], text[cut:], path=path) for cut in range(len(text) + 1) if "\\" not in text[:cut])
    if text == "" or (path and pattern[0] == "?" and text[0] == "\\"):
        return False
    return pattern[0] in ("?", text[0]) and wild(pattern[1:], text[1:], path=path)


def texts(name: str, item: WorkItem) -> list[str]:
    if name == "level":
        return [str(item.level), {-1: "subtask", 0: "story", 1: "epic"}.get(item.level, "initiative")]
    lists = {"label": item.labels, "component": item.components, "fix_version": item.fix_versions}
    if name in lists:
        return list(lists[name])
    value = getattr(item, {"summary": "title"}.get(name, name))
    return [] if value is None or value == "" else [str(value)]


def listed(patterns: Any) -> list[str]:
    return [patterns] if isinstance(patterns, str) else patterns


def meets(when: Mapping[str, Any], item: WorkItem, tree: Hierarchy) -> bool:
    return all(meets_one(name, wanted, item, tree) for name, wanted in when.items())


def meets_one(name: str, wanted: Any, item: WorkItem, tree: Hierarchy) -> bool:  # noqa: PLR0911 - a table
    if name == "any":
        return any(meets(each, item, tree) for each in wanted)
    if name == "all":
        return all(meets(each, item, tree) for each in wanted)
    if name == "not":
        return not meets(wanted, item, tree)
    if name == "parent":
        parent = tree.parent(item.ref)
        return parent is not None and meets(wanted, tree.items[parent], tree)
    if name == "ancestor":
        return any(meets(wanted, tree.items[above], tree) for above in tree.ancestors(item.ref))
    if name == "field":
        return all(
            any(same(pattern, text) for pattern in listed(patterns) for text in item.fields.get(field, ()))
            for field, patterns in wanted.items()
        )
    path = name in ("area_path", "iteration")
    return any(same(pattern, text, path=path) for pattern in listed(wanted) for text in texts(name, item))


def said(setting: Setting, item: WorkItem, strategy: Strategy) -> dict[str, Any]:
    """Per dimension what a setting says: shares, or an id; `conflict` besides where labels name several."""
    words = {name: getattr(setting, name) for name in DIMENSIONS[1:] if getattr(setting, name) is not None}
    if setting.contributes_to is None:
        return words
    known = strategy.target_of()
    total = sum(part for _, part in setting.contributes_to)
    shares: dict[str, float] = {}
    for target, part in setting.contributes_to:
        here = target
        if target.startswith("{label:okr-"):
            named = {each for label in item.labels for each in known if label.casefold() == f"okr-{each.casefold()}"}
            named -= {known[each] for each in named if known[each] != each}
            if len(named) > 1:
                return words | {"contributes_to": {"unaligned": 1.0}, "conflict": True}
            if not named:
                return words
            here = named.pop()
        shares[here] = shares.get(here, 0.0) + part / total
    return words | {"contributes_to": shares, "conflict": False}


def speaks(rule: Rule, item: WorkItem, seen: Seen | None) -> bool:
    """Whether the day on which an item was done, or is seen, is one of the rule's."""
    if seen is None:
        return True
    day = (item.done_at or seen.at).astimezone(seen.zone).date()
    return (rule.start or date.min) <= day <= (rule.until or date.max)


class Reference:
    def __init__(self, items: Items, rules: MappingRules, strategy: Strategy, commands: Mapping[ItemRef, Setting]):
        self.items, self.rules, self.strategy, self.commands = items, rules, strategy, commands
        self.tree = Hierarchy(items)

    def pins(self, ref: ItemRef, dimension: str, *, cascading: bool = False) -> tuple[Any, bool] | None:
        item = self.items[ref]
        latest_first = sorted(enumerate(self.rules.pins), key=lambda pair: (pair[1].on, pair[0]), reverse=True)
        for _, pin in latest_first:
            if pin.item.casefold() == item.key.casefold() and pin.source in (None, item.source):
                words = said(pin.set, item, self.strategy)
                if dimension in words:
                    return None if cascading and not pin.cascade else (words[dimension], words.get("conflict", False))
        return None

    def own(self, ref: ItemRef, dimension: str) -> tuple[Any, bool, str] | None:
        item = self.items[ref]
        pinned = self.pins(ref, dimension)
        if pinned is not None:
            return *pinned, "pin"
        if ref in self.commands:
            words = said(self.commands[ref], item, self.strategy)
            if dimension in words:
                return words[dimension], words.get("conflict", False), "ticket"
        for rule in self.rules.rules:
            if speaks(rule, item, self.rules.seen) and meets(rule.when, item, self.tree):
                words = said(rule.set, item, self.strategy)
                if dimension in words:
                    return words[dimension], words.get("conflict", False), rule.id
        return None

    def decide(self, ref: ItemRef, dimension: str) -> tuple[Any, bool, str] | None:
        own = self.own(ref, dimension)
        if own is not None and own[2] == "pin":
            return own
        for above in self.tree.ancestors(ref):
            pinned = self.pins(above, dimension, cascading=True)
            if pinned is not None:
                return *pinned, f"inherited:{self.items[above].key}"
        if own is not None:
            return own
        if dimension in self.rules.inherit:
            for above in self.tree.ancestors(ref):
                there = self.own(above, dimension)
                if there is not None:
                    return there[0], there[1], f"inherited:{self.items[above].key}"
        return None

    def assignment(self, ref: ItemRef) -> Assignment:
        decided = {name: self.decide(ref, name) for name in DIMENSIONS}
        serving = decided["contributes_to"]
        words = {name: found[0] if (found := decided[name]) else None for name in DIMENSIONS[1:]}
        shares = serving[0] if serving else {}
        return Assignment(
            shares=shares,
            via={name: found[2] if found else None for name, found in decided.items()},
            conflict=serving[1] if serving else False,
            unknown=tuple(target for target in shares if target not in self.strategy.target_of()),
            **words,
        )


# Small worlds, in which much coincides.

SEEN = datetime(2026, 11, 16, 5, tzinfo=UTC)  # at midnight in New York
DAYS = st.one_of(st.none(), st.dates(date(2026, 11, 14), date(2026, 11, 17)))
WORDS = ["red", "Red", "blue", "bluish", "okr-O1", "okr-KR1.1", "OKR-o2", "okr-none"]
PATHS = ["P", r"P\A", r"P\A\B", r"P\B"]
PATTERNS = ["red", "BLUE", "blu*", "*", "?ed", "okr-*", "/^b/", "/(?i)^RED$/", "x"]
PATH_PATTERNS = ["P", r"P\*", r"P\A\**", r"**\B", r"P\?", "/A/", r"*\A\**"]
NUMBERS = st.integers(0, 5)


def one_or_more(patterns: list[str]) -> st.SearchStrategy[Any]:
    return st.one_of(st.sampled_from(patterns), st.lists(st.sampled_from(patterns), min_size=1, max_size=2))


def entry(name: str, value: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.builds(lambda held: {name: held}, value)


LEAVES = st.one_of(
    entry("label", one_or_more(PATTERNS)),
    entry("component", one_or_more(PATTERNS)),
    entry("team", one_or_more(PATTERNS)),
    entry("summary", one_or_more(PATTERNS)),
    entry("type", one_or_more(["bug", "Epic", "*"])),
    entry("area_path", one_or_more(PATH_PATTERNS)),
    entry("level", one_or_more(["epic", "story", "2", "subtask", "initiative"])),
    entry("state", one_or_more(["todo", "do*"])),
    entry("source", one_or_more(["A", "b"])),
    entry("key", one_or_more(["k-1", "K-?", "*3"])),
    entry("field", st.dictionaries(st.sampled_from(["f", "g"]), one_or_more(PATTERNS), min_size=1)),
)


def combined(inner: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    several = st.lists(inner, max_size=3)
    return st.one_of(
        st.builds(lambda one, other: {**one, **other}, inner, inner),
        *(entry(name, several) for name in ("any", "all")),
        *(entry(name, inner) for name in ("not", "parent", "ancestor")),
    )


CONDITIONS: st.SearchStrategy[dict[str, Any]] = st.recursive(st.one_of(st.just({}), LEAVES), combined, max_leaves=6)
TARGETS = st.sampled_from(["O1", "O2", "KR1.1", "KR1.2", "run", "unaligned", "gone", "{label:okr-*}"])
SETTINGS = st.builds(
    Setting,
    contributes_to=st.one_of(
        st.none(),
        st.dictionaries(TARGETS, st.sampled_from([1.0, 2.5, 60.0]), min_size=1).map(lambda d: tuple(d.items())),
    ),
    value_stream=st.sampled_from([None, "purchase"]),
    product=st.sampled_from([None, "payments"]),
    work_class=st.sampled_from([None, "debt", "run"]),
)
ITEM_VALUES = st.fixed_dictionaries(
    {
        "source": st.sampled_from(["a", "b"]),
        "type": st.sampled_from(["Bug", "Epic", "Story", ""]),
        "level": st.integers(-1, 3),
        "title": st.sampled_from(WORDS),
        "state": st.sampled_from(list(State)),
        "team": st.sampled_from([None, *WORDS[:4]]),
        "labels": st.lists(st.sampled_from(WORDS), max_size=3, unique=True).map(tuple),
        "components": st.lists(st.sampled_from(WORDS[:4]), max_size=2).map(tuple),
        "area_path": st.sampled_from([None, *PATHS]),
        "done_at": st.sampled_from([None, *(SEEN + timedelta(hours=12 * half) for half in (-3, -2, -1, 0))]),
        "fields": st.dictionaries(st.sampled_from(["f", "g"]), st.sampled_from(WORDS).map(lambda w: (w,))),
        "parent": st.one_of(st.none(), NUMBERS.map(lambda number: f"K-{number}")),
    }
)
PINS = st.builds(
    lambda number, setting, day, cascade: Pin(
        item=f"k-{number}",
        set=setting,
        by="somebody",
        on=date(2026, 1, 1) + timedelta(days=day),
        why="because",
        place=Place("mapping.yaml", 50, 1),
        cascade=cascade,
    ),
    NUMBERS,
    SETTINGS,
    st.integers(0, 1),
    st.booleans(),
)
WORLDS = st.fixed_dictionaries(
    {
        "items": st.lists(ITEM_VALUES, min_size=1, max_size=6),
        "rules": st.lists(st.tuples(CONDITIONS, SETTINGS, DAYS, DAYS), max_size=6),
        "pins": st.lists(PINS, max_size=3),
        "commands": st.dictionaries(NUMBERS, SETTINGS, max_size=2),
        "inherit": st.sets(st.sampled_from(DIMENSIONS)),
        "seed": st.integers(0, 999),
    }
)


@settings(derandomize=True, max_examples=200, deadline=None)
@given(world=WORLDS)
def test_the_mapping_says_what_the_specification_says(
    make_item: Callable[..., WorkItem], strategy: Strategy, world: dict[str, Any]
) -> None:
    items = {
        item.ref: item for item in (make_item(f"K-{number}", **values) for number, values in enumerate(world["items"]))
    }
    rules = MappingRules(
        rules=tuple(
            Rule(f"r{number}", when, setting, Place("mapping.yaml", number, 1), start, until)
            for number, (when, setting, start, until) in enumerate(world["rules"], start=1)
        ),
        inherit=frozenset(world["inherit"]),
        pins=tuple(world["pins"]),
    ).at(SEEN, ZoneInfo("America/New_York"))
    refs = list(items)
    commands = {refs[number]: setting for number, setting in world["commands"].items() if number < len(refs)}
    got = assign(items, rules, strategy, commands)

    reference = Reference(items, rules, strategy, commands)
    for ref in items:
        expected = reference.assignment(ref)
        assert got[ref].shares.keys() == expected.shares.keys()
        assert all(math.isclose(got[ref].shares[each], share) for each, share in expected.shares.items())
        assert replace(got[ref], shares=expected.shares) == expected
        if got[ref].shares:
            assert math.isclose(math.fsum(got[ref].shares.values()), 1.0, abs_tol=1e-9)

    shuffled = list(items.items())
    random.Random(world["seed"]).shuffle(shuffled)
    assert assign(dict(shuffled), rules, strategy, commands) == got

    ref = refs[world["seed"] % len(refs)]
    told = explain(ref, items, rules, strategy, commands)
    assert told.tags == got[ref]
    assert [rule.matched for rule in told.rules] == [
        speaks(rule, items[ref], rules.seen) and meets(rule.when, items[ref], reference.tree) for rule in rules.rules
    ]
