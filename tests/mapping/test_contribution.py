"""Shares, and the targets that labels name."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.rules import MappingRules
from domain.errors import ConfigurationError
from domain.strategy import Strategy
from domain.tags import Assignment
from domain.work import ItemRef, WorkItem
from mapping.assign import assign
from mapping.contribution import is_template

TEMPLATE = "{label:okr-*}"


@pytest.fixture
def tags_of(
    make_item: Callable[..., WorkItem], make_rules: Callable[..., MappingRules], strategy: Strategy
) -> Callable[..., Assignment]:
    def tags(setting: Any, **values: Any) -> Assignment:
        item = make_item("S-1", **values)
        return assign({item.ref: item}, make_rules(({}, setting)), strategy)[item.ref]

    return tags


@pytest.mark.parametrize(
    ("setting", "shares"),
    [
        ("KR1.1", {"KR1.1": 1.0}),
        ("kr1.1", {"KR1.1": 1.0}),
        ({"KR1.1": 60, "KR2.1": 40}, {"KR1.1": 0.6, "KR2.1": 0.4}),
        ({"O1": 1.0, "O2": 1.0, "run": 1.0}, {"O1": 1 / 3, "O2": 1 / 3, "run": 1 / 3}),
        ({"O1": 3, "o1": 1}, {"O1": 1.0}),
        ({"O1": 1, "O2": 0}, {"O1": 1.0}),
        ("unaligned", {"unaligned": 1.0}),
        ({"O1": 1, "unaligned": 1}, {"O1": 0.5, "unaligned": 0.5}),
    ],
)
def test_parts_are_divided_by_their_sum(
    tags_of: Callable[..., Assignment], setting: Any, shares: dict[str, float]
) -> None:
    tags = tags_of(setting)
    assert tags.shares == pytest.approx(shares)
    assert tags.via["contributes_to"] == "r1"
    assert not tags.conflict
    assert tags.unknown == ()


@pytest.mark.parametrize(
    ("labels", "shares", "conflict"),
    [
        (("okr-KR1.1",), {"KR1.1": 1.0}, False),
        (("OKR-kr1.1", "other"), {"KR1.1": 1.0}, False),
        (("okr-E\u0301te\u0301",), {"Été": 1.0}, False),
        (("okr-run",), {"run": 1.0}, False),
        (("okr-unaligned",), {"unaligned": 1.0}, False),
        (("okr-O1", "okr-KR1.1"), {"KR1.1": 1.0}, False),
        (("okr-O1", "okr-o1", "okr-nothing"), {"O1": 1.0}, False),
        (("okr-O1", "okr-O2"), {"unaligned": 1.0}, True),
        (("okr-KR1.1", "okr-KR1.2"), {"unaligned": 1.0}, True),
        (("okr-O1", "okr-KR1.1", "okr-KR1.2"), {"unaligned": 1.0}, True),
        (("okr-O1", "okr-KR2.1"), {"unaligned": 1.0}, True),
        (("okr-nothing", "okr-"), {}, False),
        ((), {}, False),
    ],
)
def test_what_a_label_names(
    tags_of: Callable[..., Assignment], labels: tuple[str, ...], shares: dict[str, float], conflict: bool
) -> None:
    tags = tags_of(TEMPLATE, labels=labels)
    assert tags.shares == shares
    assert tags.conflict is conflict
    assert tags.via["contributes_to"] == ("r1" if shares else None)


def test_a_capture_within_a_split(tags_of: Callable[..., Assignment]) -> None:
    split = {TEMPLATE: 3, "run": 1}
    assert tags_of(split, labels=("okr-O2",)).shares == {"O2": 0.75, "run": 0.25}
    assert tags_of(split, labels=("okr-run",)).shares == {"run": 1.0}
    assert tags_of(split).shares == {}
    assert tags_of(split, labels=("okr-O1", "okr-O2")).conflict


def test_a_rule_that_names_nothing_known_lets_later_rules_speak(
    make_item: Callable[..., WorkItem], make_rules: Callable[..., MappingRules], strategy: Strategy
) -> None:
    item = make_item("S-1", labels=("okr-old",))
    rules = make_rules(
        ({"label": "okr-*"}, {"contributes_to": TEMPLATE, "value_stream": "purchase"}),
        ({}, {"contributes_to": "run", "value_stream": "other"}),
    )
    tags = assign({item.ref: item}, rules, strategy)[item.ref]
    assert (tags.shares, tags.value_stream) == ({"run": 1.0}, "purchase")
    assert (tags.via["contributes_to"], tags.via["value_stream"]) == ("r2", "r1")


def test_ids_that_the_strategy_does_not_have_are_kept_and_listed(tags_of: Callable[..., Assignment]) -> None:
    tags = tags_of({"O1": 1, "O9": 1, "KR9.1": 2})
    assert tags.shares == {"O1": 0.25, "O9": 0.25, "KR9.1": 0.5}
    assert tags.unknown == ("O9", "KR9.1")


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("{label:okr}", r"okr has no \*"),
        ("{label:/okr-(.*)/}", "is a regular expression"),
        ("{colour:okr-*}", "reads colour"),
        ({"O1": 0}, "has no sum above 0"),
        ({"O1": -1, "O2": 2}, "has no sum above 0"),
        ({"O1": math.nan}, "has no sum above 0"),
    ],
)
def test_settings_without_sense_are_refused_with_their_place(
    tags_of: Callable[..., Assignment], setting: Any, said: str
) -> None:
    with pytest.raises(ConfigurationError, match=rf"^mapping\.yaml:1:5: rule r1: the pattern .*{said}.*; expected"):
        tags_of(setting)


def test_captures_may_read_any_text(tags_of: Callable[..., Assignment]) -> None:
    assert tags_of("{component:Goal *}", components=("goal o2",)).shares == {"O2": 1.0}
    assert is_template("{label:okr-*}")
    assert not is_template("KR1.1")


@settings(derandomize=True, max_examples=200, deadline=None)
@given(
    parts=st.dictionaries(
        st.sampled_from(["O1", "o1", "O2", "KR1.1", "run", "gone", "unaligned"]),
        st.floats(1e-6, 1e9, allow_nan=False),
        min_size=1,
    )
)
def test_shares_always_sum_to_one(
    make_item: Callable[..., WorkItem],
    make_rules: Callable[..., MappingRules],
    strategy: Strategy,
    parts: dict[str, float],
) -> None:
    item = make_item("S-1")
    tags = assign({item.ref: item}, make_rules(({}, parts)), strategy)[ItemRef("shop", "id-S-1")]
    assert math.isclose(math.fsum(tags.shares.values()), 1.0, abs_tol=1e-9)
    assert all(share > 0 for share in tags.shares.values())
