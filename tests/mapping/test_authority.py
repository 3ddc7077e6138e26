"""Who decides, dimension by dimension."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from config.rules import MappingRules, Pin, Place, Setting
from domain.errors import ConfigurationError
from domain.strategy import Strategy
from domain.tags import NOTHING, Assignment
from domain.work import ItemRef, WorkItem
from mapping.assign import assign

MakeItem = Callable[..., WorkItem]
MakeRules = Callable[..., MappingRules]
MakePin = Callable[..., Pin]


def ref(key: str, source: str = "shop") -> ItemRef:
    return ItemRef(source, f"id-{key}")


@pytest.fixture
def family(make_item: MakeItem) -> dict[ItemRef, WorkItem]:
    """An initiative I, an epic E below it, a story S below that, a sub-task T below that; and a lonely L."""
    items = (
        make_item("I", level=2, type="Initiative"),
        make_item("E", level=1, type="Epic", parent="I"),
        make_item("S", type="Story", parent="E"),
        make_item("T", level=-1, type="Sub-task", parent="S"),
        make_item("L", type="Story"),
    )
    return {item.ref: item for item in items}


@pytest.fixture
def decide(
    family: dict[ItemRef, WorkItem], make_rules: MakeRules, make_setting: Callable[[Any], Setting], strategy: Strategy
) -> Callable[..., dict[str, tuple[str, str | None]]]:
    """Per key the target that an item wholly serves ("" for none) and what decided it."""

    def run(*rules: Any, commands: dict[str, Any] | None = None, **rest: Any) -> dict[str, tuple[str, str | None]]:
        said = {ref(key): make_setting(value) for key, value in (commands or {}).items()}
        tags = assign(family, make_rules(*rules, **({"inherit": ["contributes_to"]} | rest)), strategy, said)
        return {
            family[each].key: (" ".join(tagged.shares), tagged.via["contributes_to"]) for each, tagged in tags.items()
        }

    return run


def test_the_first_rule_that_speaks(decide: Callable[..., Any]) -> None:
    got = decide(({"type": "Story"}, "O1"), ({"key": "L"}, "O2"), ({}, "run"))
    assert (got["S"], got["L"], got["T"]) == (("O1", "r1"), ("O1", "r1"), ("run", "r3"))


def test_children_inherit_from_the_nearest_that_has_it(decide: Callable[..., Any]) -> None:
    got = decide(({"key": "I"}, "O1"), ({"key": "S"}, "O2"))
    assert got == {
        "I": ("O1", "r1"),
        "E": ("O1", "inherited:I"),
        "S": ("O2", "r2"),
        "T": ("O2", "inherited:S"),
        "L": ("", None),
    }


def test_only_the_dimensions_that_are_named_are_inherited(
    family: dict[ItemRef, WorkItem], make_rules: MakeRules, strategy: Strategy
) -> None:
    everything = {"contributes_to": "O1", "value_stream": "purchase", "product": "payments", "work_class": "debt"}
    rules = make_rules(({"key": "E"}, everything), inherit=["value_stream", "work_class"])
    tags = assign(family, rules, strategy)[ref("S")]
    assert tags == Assignment(
        value_stream="purchase",
        work_class="debt",
        via={"contributes_to": None, "value_stream": "inherited:E", "product": None, "work_class": "inherited:E"},
    )


def test_unaligned_speaks(decide: Callable[..., Any]) -> None:
    got = decide(({"key": "I"}, "O1"), ({"type": "Story"}, "unaligned"), ({}, "run"))
    assert (got["S"], got["T"]) == (("unaligned", "r2"), ("run", "r3"))
    got = decide(({"key": "I"}, "O1"), ({"type": "Story"}, "unaligned"))
    assert (got["S"], got["T"]) == (("unaligned", "r2"), ("unaligned", "inherited:S"))


def test_a_conflict_is_inherited_as_one(make_item: MakeItem, make_rules: MakeRules, strategy: Strategy) -> None:
    epic = make_item("E", labels=("okr-O1", "okr-O2"))
    story = make_item("S", parent="E")
    rules = make_rules(({}, "{label:okr-*}"), inherit=["contributes_to"])
    tags = assign({epic.ref: epic, story.ref: story}, rules, strategy)
    assert tags[story.ref].conflict
    assert tags[story.ref].via["contributes_to"] == "inherited:E"


def test_the_whole_order(decide: Callable[..., Any], make_pin: MakePin) -> None:
    rules = [({"key": "S"}, "O1"), ({"key": "E"}, "O2")]
    command = {"S": "run"}
    above, own = make_pin("I", "KR2.1"), make_pin("S", "KR1.1")
    assert decide(rules[1])["S"] == ("O2", "inherited:E")
    assert decide(*rules)["S"] == ("O1", "r1")
    assert decide(*rules, commands=command)["S"] == ("run", "ticket")
    assert decide(*rules, commands=command, pins=(above,))["S"] == ("KR2.1", "inherited:I")
    assert decide(*rules, commands=command, pins=(above, own))["S"] == ("KR1.1", "pin")
    assert decide(*rules, commands=command, pins=(above, own))["T"] == ("KR1.1", "inherited:S")


def test_what_decided_is_plain_text(decide: Callable[..., Any], make_pin: MakePin) -> None:
    got = decide(({"key": "E"}, "O2"), commands={"T": "run"}, pins=(make_pin("L", "O1"),))
    assert {type(via) for _, via in got.values()} == {str, type(None)}


def test_a_command_is_inherited_like_a_rule(decide: Callable[..., Any]) -> None:
    assert decide(({"key": "I"}, "O1"), commands={"E": "O2"})["S"] == ("O2", "inherited:E")


def test_a_pin_reaches_below_in_every_dimension_it_sets(
    family: dict[ItemRef, WorkItem], make_rules: MakeRules, make_pin: MakePin, strategy: Strategy
) -> None:
    rules = make_rules(
        ({"type": "Story"}, {"contributes_to": "O1", "work_class": "feature"}),
        pins=(make_pin("I", {"work_class": "risk"}), make_pin("E", "O2")),
    )
    tags = assign(family, rules, strategy)[ref("S")]
    assert (tags.shares, tags.work_class) == ({"O2": 1.0}, "risk")
    assert (tags.via["contributes_to"], tags.via["work_class"]) == ("inherited:E", "inherited:I")


def test_without_cascade_a_pin_is_inherited_but_beats_no_rule_below(
    decide: Callable[..., Any], make_pin: MakePin
) -> None:
    pin = make_pin("E", "O2", cascade=False)
    got = decide(({"type": "Story"}, "O1"), pins=(pin,))
    assert (got["E"], got["S"]) == (("O2", "pin"), ("O1", "r1"))
    assert decide(pins=(pin,))["S"] == ("O2", "inherited:E")
    assert decide(pins=(pin,), inherit=[])["S"] == ("", None)
    higher = make_pin("I", "run")
    assert decide(pins=(pin, higher))["S"] == ("run", "inherited:I")


def test_pins_find_their_item_whatever_its_case_and_miss_what_is_not_there(
    decide: Callable[..., Any], make_pin: MakePin
) -> None:
    got = decide(pins=(make_pin("l", "O1", source="SHOP"), make_pin("GONE-1", "O2"), make_pin("S", "O2", source="x")))
    assert (got["L"], got["S"]) == (("O1", "pin"), ("", None))


def test_the_latest_pin_holds_and_of_one_day_the_last(decide: Callable[..., Any], make_pin: MakePin) -> None:
    early, late = {"on": date(2026, 10, 1)}, {"on": date(2026, 11, 1)}
    assert decide(pins=(make_pin("L", "O2", **late), make_pin("L", "O1", **early)))["L"] == ("O2", "pin")
    assert decide(pins=(make_pin("L", "O1", **late), make_pin("L", "O2", **late)))["L"] == ("O2", "pin")


def test_a_bare_key_that_two_sources_have_is_an_error(
    make_item: MakeItem, make_rules: MakeRules, make_pin: MakePin, strategy: Strategy
) -> None:
    items = {item.ref: item for item in (make_item("S-1"), make_item("s-1", source="other"))}
    places = [Place("mapping.yaml", line, 3) for line in (7, 8, 9)]
    pins = (
        make_pin("S-1", "O1", place=places[0]),
        make_pin("s-1", "O2", source="other", place=places[1]),
        make_pin("S-1", "O2", place=places[2]),
    )
    with pytest.raises(ConfigurationError) as raised:
        assign(items, make_rules(pins=pins), strategy)
    assert [problem.split(" ")[0] for problem in raised.value.problems] == ["mapping.yaml:7:3:", "mapping.yaml:9:3:"]
    assert "in the sources other and shop" in raised.value.problems[0]
    tags = assign(items, make_rules(pins=pins[1:2]), strategy)
    assert (tags[ref("S-1")].shares, tags[ref("s-1", "other")].shares) == ({}, {"O2": 1.0})


def test_a_pin_that_cannot_be_read_names_its_place(
    family: dict[ItemRef, WorkItem], make_rules: MakeRules, make_pin: MakePin, strategy: Strategy
) -> None:
    with pytest.raises(ConfigurationError, match=r"^mapping\.yaml:90:5: pin of S: .*okr has no \*"):
        assign(family, make_rules(pins=(make_pin("S", "{label:okr}"),)), strategy)


def test_a_command_that_cannot_be_read_names_its_item(
    family: dict[ItemRef, WorkItem],
    make_rules: MakeRules,
    make_setting: Callable[[Any], Setting],
    strategy: Strategy,
) -> None:
    commands = {ref("S"): make_setting({"O1": 0}), ref("gone"): make_setting("O1")}
    with pytest.raises(ConfigurationError, match=r"^S: command in the ticket: .* has no sum above 0"):
        assign(family, make_rules(), strategy, commands)


def test_loops_of_parents_end(make_item: MakeItem, make_rules: MakeRules, strategy: Strategy) -> None:
    loop = [make_item("A", parent="B"), make_item("B", parent="C", labels=("x",)), make_item("C", parent="A")]
    items = {item.ref: item for item in loop}
    rules = make_rules(({"label": "x"}, "O1"), ({"ancestor": {"key": "nobody"}}, "O2"), inherit=["contributes_to"])
    tags = assign(items, rules, strategy)
    assert [tags[item.ref].via["contributes_to"] for item in loop] == ["inherited:B", "r1", None]


def test_every_item_gets_an_assignment_in_order(
    family: dict[ItemRef, WorkItem], make_rules: MakeRules, strategy: Strategy
) -> None:
    tags = assign(dict(reversed(family.items())), make_rules(), strategy)
    assert list(tags) == sorted(family)
    assert all(tagged.shares == NOTHING.shares and not tagged.mapped for tagged in tags.values())
