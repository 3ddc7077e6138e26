"""Why an item does not serve a target: the nearest rule, what fails in it, and what stands above it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.rules import MappingRules, Pin, Setting
from domain.errors import ConfigurationError
from domain.strategy import Strategy
from domain.work import ItemRef, WorkItem
from mapping.assign import assign
from mapping.trace import why_not_lines
from mapping.whynot import Answer, WhyNot, why_not

S = ItemRef("shop", "id-S-1")
Ask = Callable[..., WhyNot]


@pytest.fixture(scope="module")
def ask(make_item: Callable[..., WorkItem], make_rules: Callable[..., MappingRules], strategy: Strategy) -> Ask:
    """Ask of a story below an epic, with what they have and the rules given."""

    def answer(
        target: str, *rules: Any, story: Any = None, epic: Any = None, commands: Any = None, **rest: Any
    ) -> WhyNot:
        items = {
            item.ref: item
            for item in (
                make_item("E-1", level=1, type="Epic", **(epic or {})),
                make_item("S-1", parent="E-1", **(story or {})),
            )
        }
        return why_not(S, target, items, make_rules(*rules, **rest), strategy, commands or {})

    return answer


def told(why: WhyNot) -> str:
    return "\n".join(text for text, _ in why_not_lines(why))


def test_the_rule_with_the_fewest_failures_is_the_nearest(ask: Ask) -> None:
    why = ask(
        "kr1.1",
        ({"type": "Bug", "component": "Pay*", "team": "Ocean"}, "KR1.1"),
        ({"type": "Story", "component": "Payments", "team": "Ocean"}, {"KR1.1": 60, "O2": 40}),
        ({"type": "Story"}, "O2"),
        story={"team": "Sea"},
    )
    assert (why.answer, why.target) == (Answer.FAILS, "KR1.1")
    assert why.nearest is not None
    assert (why.nearest.rule, why.nearest.place.line, why.nearest.gives, why.nearest.on) == ("r2", 2, "KR1.1", "S-1")
    assert [(one.trial.condition, one.trial.patterns, one.trial.values) for one in why.nearest.failures] == [
        ("component", ("Payments",), ()),
        ("team", ("Ocean",), ("Sea",)),
    ]
    assert [(other.rule, len(other.failures)) for other in why.others] == [("r1", 3)]
    assert not why.outranked  # r3 decides now, and stands below r2
    assert "Rule r2 gives KR1.1 and comes nearest: 2 of its 3 conditions do not hold.  (mapping.yaml:2:5)" in told(why)
    assert "    - team: Ocean  <- Sea\n" in told(why)


def test_of_as_many_failures_a_slip_of_the_pen_is_nearer(ask: Ask) -> None:
    why = ask(
        "KR1.1",
        ({"label": "okr-growth"}, "KR1.1"),
        ({"component": "Payment"}, "KR1.1"),
        epic={"components": ("Payments",)},
        inherit=["contributes_to"],
    )
    assert why.nearest is not None
    assert (why.nearest.rule, why.nearest.on) == ("r2", "E-1")
    assert "      `Payments` is close to `Payment`: a slip in the ticket, or in the rule?\n" in told(why)
    assert "  rule r1 gives KR1.1: its condition does not hold  (mapping.yaml:1:5)" in told(why)


@pytest.mark.parametrize(
    ("when", "labels", "near"),
    [
        ("okr-growth", ("okr_growth", "spike"), ("okr_growth", "okr-growth")),
        ("okr-*", ("spike", "okr_growth"), ("okr_growth", "okr-growth")),
        ("checkout", ("spike",), None),
        ("2026-W47", ("2026-W48",), None),  # another week is no slip
        ("/okr./", ("okr",), None),
        ("?kr-*", ("okr_a",), None),
    ],
)
def test_a_slip_of_the_pen_is_said(ask: Ask, when: str, labels: tuple[str, ...], near: tuple[str, str] | None) -> None:
    why = ask("O1", ({"label": when}, "O1"), story={"labels": labels})
    assert why.nearest is not None
    assert [failure.near for failure in why.nearest.failures] == [near]
    assert ("a slip in the ticket, or in the rule?" in told(why)) is (near is not None)


@pytest.mark.parametrize(
    ("pattern", "area", "near"),
    [
        (r"Shop\Promise\**", r"Shop\Promesse", (r"Shop\Promesse", r"Shop\Promise")),
        (r"Shop\Promise\**", r"Shop\Promesse\Slots", (r"Shop\Promesse\Slots", r"Shop\Promise\Slots")),
        (r"Shop\Promise\**", r"Shop\Warehouse\Promise", None),
    ],
)
def test_of_a_path_nodes_are_held_against_nodes(
    ask: Ask, pattern: str, area: str, near: tuple[str, str] | None
) -> None:
    why = ask("O1", ({"area_path": pattern}, "O1"), story={"area_path": area})
    assert why.nearest is not None
    assert [failure.near for failure in why.nearest.failures] == [near]


def test_a_label_that_has_to_name_the_target_is_one_condition(ask: Ask) -> None:
    rule = ({"label": "okr-*", "type": "Story"}, {"contributes_to": "{label:okr-*}"})
    why = ask("KR1.1", rule, story={"labels": ("okr_kr1.1",)})
    assert why.nearest is not None
    (failure,) = why.nearest.failures
    assert (failure.trial.patterns, failure.trial.values, failure.near) == (
        ("okr-KR1.1",),
        ("okr_kr1.1",),
        ("okr_kr1.1", "okr-KR1.1"),
    )
    assert ask("KR1.1", rule, story={"labels": ("okr-kr1.1",)}).answer is Answer.HAS
    conflict = ask("KR1.1", rule, story={"labels": ("okr-kr1.1", "okr-o2")})
    assert "(together they name several targets)" in told(conflict)


def test_an_objective_is_served_by_its_key_results_and_a_key_result_not_by_its_objective(ask: Ask) -> None:
    assert ask("O1", ({"type": "Story"}, "KR1.1")).answer is Answer.HAS
    why = ask("KR1.1", ({"type": "Story"}, "O1"), ({"type": "Bug"}, "KR1.2"))
    assert (why.answer, why.nearest) == (Answer.NO_RULE, None)
    assert "No rule gives KR1.1" in told(why)
    assert "  rule r1 gives O1: matches  (mapping.yaml:1:5)" in told(why)


def test_what_an_ancestor_would_pass_on_counts_where_work_inherits(ask: Ask) -> None:
    rule = ({"type": "Epic", "component": "Payments"}, "KR1.1")
    why = ask("KR1.1", rule, epic={"components": ("Paymets",)}, inherit=["contributes_to"])
    assert why.nearest is not None
    assert why.nearest.on == "E-1"
    assert [failure.near for failure in why.nearest.failures] == [("Paymets", "Payments")]
    assert "inherited from E-1" in told(why)
    alone = ask("KR1.1", rule, epic={"components": ("Paymets",)})
    assert alone.nearest is not None
    assert (alone.nearest.on, len(alone.nearest.failures)) == ("S-1", 2)


def test_of_alternatives_the_nearest_counts_and_relations_are_named(ask: Ask) -> None:
    when = {
        "any": [{"team": "Sea", "component": "A"}, {"team": "Ocean"}],
        "not": {"label": "spike"},
        "parent": {"type": "Initiative"},
        "ancestor": {"project": "PRO"},
    }
    why = ask("O1", (when, "O1"), story={"labels": ("spike",)})
    assert why.nearest is not None
    assert [(one.trial.condition, one.within) for one in why.nearest.failures] == [
        ("team", ()),
        ("not", ()),
        ("type", ("parent E-1",)),
        ("project", ("ancestor E-1",)),
    ]
    orphan = ask("O1", ({"ancestor": {"parent": {"type": "Epic"}}}, "O1"))
    assert orphan.nearest is not None
    (failure,) = orphan.nearest.failures
    assert (failure.trial.condition, failure.trial.on, failure.within) == ("parent", None, ("ancestor E-1",))


def test_what_stands_above_a_matching_rule_is_said(
    ask: Ask, make_pin: Callable[..., Pin], make_setting: Callable[[Any], Setting]
) -> None:
    rule = ({"type": "Story"}, "O1")
    earlier = ask("O1", ({}, "O2"), rule)
    assert (earlier.answer, earlier.outranked, earlier.decided.by) == (Answer.OVERRULED, True, "r1")
    assert "contributes_to: O2  by rule r1 (mapping.yaml:1:5)" in told(earlier)
    assert "Rule r2 gives O1 and matches, but rule r1 decides before it." in told(earlier)
    pinned = ask("O1", rule, pins=(make_pin("E-1", "O2"),))
    assert (pinned.answer, pinned.decided.authority) == (Answer.OVERRULED, "pin_above")
    assert "but the pin of E-1 decides before it" in told(pinned)
    said = ask("O1", ({"type": "Bug"}, "O1"), commands={S: make_setting("O2")})
    assert (said.answer, said.outranked) == (Answer.FAILS, True)
    assert "Even if it matched, a command in the ticket would decide before it." in told(said)


def test_no_rule_and_no_such_target(ask: Ask) -> None:
    why = ask("run", ({"type": "Story"}, "O1"))
    assert (why.answer, why.nearest) == (Answer.NO_RULE, None)
    assert "No rule gives run" in told(why)
    with pytest.raises(ConfigurationError, match=r"unknown target `KR1\.3`; .*; did you mean `KR1\.[12]`\?"):
        ask("KR1.3", ({}, "O1"))


def test_the_answer_is_json(ask: Ask) -> None:
    data = json.loads(json.dumps(ask("O1", ({"label": "okr-a"}, "O1"), story={"labels": ("okr_a",)}).as_json()))
    assert (data["answer"], data["decided"]["via"], data["outranked"]) == ("fails", None, False)
    (failed,) = data["nearest"]["failed"]
    assert failed == {
        "condition": "label",
        "holds": False,
        "patterns": ["okr-a"],
        "values": ["okr_a"],
        "within": [],
        "near": {"met": "okr_a", "meant": "okr-a"},
    }


LABELS = st.lists(st.sampled_from(["a", "b", "okr-o1", "okr-kr1.1", "okr-o2"]), max_size=3, unique=True)
WHEN = st.fixed_dictionaries(
    {},
    optional={
        "label": st.sampled_from(["a", "b", "okr-*"]),
        "type": st.sampled_from(["Story", "Epic"]),
        "not": st.just({"label": "b"}),
        "parent": st.just({"label": "a"}),
        "any": st.just([{"label": "a"}, {"type": "Epic", "label": "b"}]),
    },
)
RULES = st.lists(st.tuples(WHEN, st.sampled_from(["O1", "KR1.1", "O2", "{label:okr-*}"])), max_size=4)


@given(RULES, LABELS, LABELS, st.booleans())
def test_it_agrees_with_the_mapping(
    ask: Ask,
    make_item: Callable[..., WorkItem],
    make_rules: Callable[..., MappingRules],
    strategy: Strategy,
    rules: Any,
    labels: Any,
    above: Any,
    inherits: bool,
) -> None:
    """`has` is what the mapping says, and where nothing outranks a rule something of it fails."""
    inherit = ["contributes_to"] if inherits else []
    why = ask("O1", *rules, story={"labels": tuple(labels)}, epic={"labels": tuple(above)}, inherit=inherit)
    items = {
        item.ref: item
        for item in (
            make_item("E-1", level=1, type="Epic", labels=tuple(above)),
            make_item("S-1", parent="E-1", labels=tuple(labels)),
        )
    }
    shares = assign(items, make_rules(*rules, inherit=inherit), strategy)[S].shares
    assert (why.answer is Answer.HAS) == bool(shares.keys() & {"O1", "KR1.1", "KR1.2"})
    assert (why.answer is Answer.NO_RULE) <= (not {"O1", "KR1.1", "{label:okr-*}"} & {said for _, said in rules})
    if why.nearest is not None:
        assert (not why.nearest.failures) == (why.answer is Answer.OVERRULED)
        assert why.nearest.failures or why.outranked
