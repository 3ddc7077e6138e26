"""`mapping.yaml` as typed values, and as the rules that mapping compiles."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic.config import JsonDict

from config.codes import CODES
from config.model import Model
from config.rules import Acknowledgement, Conditions, MappingRules, MappingTest, Pin, Place, Rule, Setting
from config.scalars import (
    PATTERN_SCHEMA,
    TEXT_SCHEMA,
    Day,
    Flag,
    Text,
    Texts,
    Version,
    as_list,
    as_number,
    as_pattern,
    as_text,
    wrong,
)
from config.tree import Keys, describe, stands
from domain.strategy import UNALIGNED
from domain.tags import Dimension

CAPTURE = re.compile(r"\{label:([^{}]*\*[^{}]*)\}")
NULLABLE: JsonDict = {"nullable": True}  # here null is meant; schema.py keeps it
WorkClass = Literal["feature", "defect", "debt", "risk", "run"]

Pattern = Annotated[str, BeforeValidator(as_pattern), WithJsonSchema(PATTERN_SCHEMA)]
Patterns = Annotated[
    tuple[Pattern, ...],
    Field(min_length=1),
    BeforeValidator(as_list),
    WithJsonSchema({"anyOf": [PATTERN_SCHEMA, {"type": "array", "minItems": 1, "items": PATTERN_SCHEMA}]}),
]


class When(Model):
    """Conditions, all of which must hold; none at all always holds."""

    source: Patterns | None = Field(default=None, description="Id of the source.")
    project: Patterns | None = Field(default=None, description="Project: a Jira key or an Azure DevOps name.")
    key: Patterns | None = Field(default=None, description="Key of the item, such as SHOP-42.")
    type: Patterns | None = Field(default=None, description="Work item type, in the tracker's words.")
    level: Patterns | None = Field(default=None, description="initiative, epic, story, subtask or a number.")
    label: Patterns | None = Field(default=None, description="A label or tag.")
    component: Patterns | None = Field(default=None, description="A Jira component.")
    area_path: Patterns | None = Field(default=None, description="Area path; * and ? stop at \\, ** does not.")
    iteration: Patterns | None = Field(default=None, description="Iteration path; * and ? stop at \\, ** does not.")
    sprint: Patterns | None = Field(default=None, description="Name of the sprint.")
    team: Patterns | None = Field(default=None, description="Name of the team.")
    status: Patterns | None = Field(default=None, description="Status, in the tracker's words.")
    state: Patterns | None = Field(default=None, description="todo, doing, done or dropped.")
    priority: Patterns | None = Field(default=None, description="Priority, in the tracker's words.")
    fix_version: Patterns | None = Field(default=None, description="A fix version.")
    summary: Patterns | None = Field(default=None, description="The item's title; /…/ is a regular expression.")
    field: dict[str, Patterns] | None = Field(default=None, description="Any other field: {name: pattern}.")
    parent: When | None = Field(default=None, description="Conditions on the parent.")
    ancestor: When | None = Field(default=None, description="Conditions that some ancestor meets.")
    any: Annotated[tuple[When, ...], Field(min_length=1)] | None = Field(
        default=None, description="A list of conditions of which one must hold."
    )
    all: Annotated[tuple[When, ...], Field(min_length=1)] | None = Field(
        default=None, description="A list of conditions that must all hold."
    )
    not_: When | None = Field(default=None, alias="not", description="Conditions that must not hold.")


def _as_parts(value: Any) -> Any:
    """Every form of `contributes_to` as {id or capture: relative part}."""
    if isinstance(value, dict):
        if not value:
            raise wrong("no target stands here; expected ids with their parts, such as {KR1.1: 60, KR2.1: 40}")
        for name, part in value.items():
            if as_number(part) <= 0:
                raise wrong(f"the part of `{name}` is {describe(part)}; expected a number above 0")
        targets = list(value)
    elif isinstance(value, list | tuple):
        targets = [as_text(each) for each in value]
        if not targets:
            raise wrong("an empty list stands here; expected ids, or `unaligned` for work that serves nothing")
    else:
        targets = [as_text(value)]
    for place, target in enumerate(targets):
        if target in targets[:place]:
            raise wrong(f"`{target}` is named twice; expected each target once")
        if ("{" in target or "}" in target) and not CAPTURE.fullmatch(target):
            raise wrong(f"`{target}` is no capture; expected a form such as {{label:okr-*}}, with a * in it")
        if len(targets) > 1 and (target == UNALIGNED or CAPTURE.fullmatch(target)):
            raise wrong(f"`{target}` stands beside other targets; expected it alone")
    return value if isinstance(value, dict) else dict.fromkeys(targets, 1.0)


_PARTS_SCHEMA: dict[str, Any] = {
    "anyOf": [
        TEXT_SCHEMA,
        {"type": "array", "minItems": 1, "uniqueItems": True, "items": TEXT_SCHEMA},
        {"type": "object", "minProperties": 1, "additionalProperties": {"type": "number", "exclusiveMinimum": 0}},
    ]
}
Parts = Annotated[
    dict[str, Annotated[float, BeforeValidator(as_number)]], BeforeValidator(_as_parts), WithJsonSchema(_PARTS_SCHEMA)
]


def _as_given(value: Any) -> Any:
    """A made-up item's fields as text or lists of texts; `parent`, `ancestor` and `field` hold fields again."""
    if not isinstance(value, dict):
        raise wrong(f"{stands(value)}; expected fields such as {{type: Epic, label: [spike]}}")
    nested = {name for name in value if isinstance(value[name], dict)} & {"parent", "ancestor", "field"}
    return {
        name: _as_given(each)
        if name in nested
        else [as_pattern(text) for text in each]
        if isinstance(each, list)
        else as_pattern(each)
        for name, each in value.items()
    }


Given = Annotated[dict[str, Any], BeforeValidator(_as_given)]


class SetEntry(Model):
    model_config = ConfigDict(json_schema_extra={"minProperties": 1})
    contributes_to: Parts | None = Field(
        default=None,
        description="An id, a list (equal parts), {KR1.1: 60, KR2.1: 40}, `unaligned`, or a capture {label:okr-*}.",
    )
    value_stream: Text | None = Field(default=None, description="Id of a value stream.")
    product: Text | None = Field(default=None, description="Id of a product.")
    work_class: WorkClass | None = Field(default=None, description="feature, defect, debt, risk or run.")


class RuleEntry(Model):
    id: Text = Field(description="The rule's name; `items` and `map explain` show it.")
    when: When = Field(description="Conditions, all of which must hold.")
    set: SetEntry = Field(description="What the item serves when they hold.")
    start: Day | None = Field(
        default=None,
        alias="from",
        description="The first day of the rule: for work done, or seen undone, from then on.",
    )
    until: Day | None = Field(default=None, description="Its last day; work that was done until then keeps its target.")


class PinEntry(Model):
    item: Text = Field(description="Key of the item.")
    source: Text | None = Field(default=None, description="Its source, needed when two sources have that key.")
    set: SetEntry = Field(description="What the item serves, whatever the rules say.")
    by: Text = Field(description="Who decided.")
    on: Day = Field(description="When.")
    why: Text = Field(description="Why.")
    cascade: Flag = Field(default=True, description="false: what is below it follows the rules first.")


class Expectation(Model):
    model_config = ConfigDict(json_schema_extra={"minProperties": 1})
    contributes_to: Parts | None = Field(
        default=None, description="The expected target or parts; null: none.", json_schema_extra=NULLABLE
    )
    value_stream: Text | None = Field(
        default=None, description="The expected value stream; null: none.", json_schema_extra=NULLABLE
    )
    product: Text | None = Field(
        default=None, description="The expected product; null: none.", json_schema_extra=NULLABLE
    )
    work_class: WorkClass | None = Field(
        default=None, description="The expected work class; null: none.", json_schema_extra=NULLABLE
    )
    rule: Text | None = Field(
        default=None, description="The rule that should set contributes_to; null: none.", json_schema_extra=NULLABLE
    )


class ExampleEntry(Model):
    model_config = ConfigDict(json_schema_extra={"oneOf": [{"required": ["item"]}, {"required": ["given"]}]})
    item: Text | None = Field(default=None, description="Key of an item in the store.")
    given: Given | None = Field(default=None, description="A made-up item: {type: Epic, label: [spike]}.")
    expect: Expectation = Field(description="What it should serve; null expects nothing.")


class AcknowledgementEntry(Model):
    finding: Text = Field(description="Code of the finding, such as W01.", json_schema_extra={"enum": list(CODES)})
    subject: Text = Field(description="What it speaks of: an item's key, a target, a source …")
    why: Text = Field(description="Why this is all right.")
    by: Text = Field(description="Who says so.")
    until: Day = Field(description="The last day on which it is quiet.")


class Overlay(Model):
    """A mapping file that another one includes."""

    version: Version = Field(description="The version of this file's form: 1.")
    rules: tuple[RuleEntry, ...] = Field(
        default=(), description="Read from top to bottom; for each dimension the first rule that speaks wins."
    )
    pins: tuple[PinEntry, ...] = Field(default=(), description="A person's decisions; they beat every rule.")
    tests: tuple[ExampleEntry, ...] = Field(default=(), description="What `filrouge map test` checks.")
    acknowledge: tuple[AcknowledgementEntry, ...] = Field(
        default=(), description="Findings that are known and all right."
    )


class MappingFile(Overlay):
    include: Texts = Field(
        default=(),
        description="Further mapping files (* is a wildcard); their rules come after the rules of this file.",
    )
    inherit: tuple[Dimension, ...] = Field(
        default=(), description="What children take from the nearest ancestor that has it."
    )


def to_rules(file: MappingFile, tree: Keys | None = None) -> MappingRules:
    """The rules that a checked file states; places come from `tree`, the data it was read from, where given."""
    return MappingRules(
        rules=tuple(
            Rule(entry.id, conditions(entry.when), _setting(entry.set), place, entry.start, entry.until)
            for entry, place in zip(file.rules, _places(tree, "rules", len(file.rules)), strict=True)
        ),
        inherit=frozenset(str(dimension) for dimension in file.inherit),
        pins=tuple(
            Pin(entry.item, _setting(entry.set), entry.by, entry.on, entry.why, place, entry.source, entry.cascade)
            for entry, place in zip(file.pins, _places(tree, "pins", len(file.pins)), strict=True)
        ),
        tests=tuple(
            _test(entry, place)
            for entry, place in zip(file.tests, _places(tree, "tests", len(file.tests)), strict=True)
        ),
        acknowledge=tuple(
            Acknowledgement(entry.finding, entry.subject, entry.why, entry.by, entry.until, place)
            for entry, place in zip(file.acknowledge, _places(tree, "acknowledge", len(file.acknowledge)), strict=True)
        ),
    )


def conditions(when: When) -> Conditions:
    """The condition tree as written, patterns always as lists of texts."""
    tree: Conditions = when.model_dump(mode="json", by_alias=True, exclude_unset=True)
    return tree


def _setting(entry: SetEntry) -> Setting:
    parts = entry.contributes_to
    return Setting(
        contributes_to=tuple(sorted(parts.items())) if parts is not None else None,
        value_stream=entry.value_stream,
        product=entry.product,
        work_class=entry.work_class,
    )


def _test(entry: ExampleEntry, place: Place) -> MappingTest:
    expect: dict[str, Any] = entry.expect.model_dump(mode="json", exclude_unset=True)
    return MappingTest(place=place, expect=expect, item=entry.item, given=entry.given)


def _places(tree: Keys | None, name: str, count: int) -> list[Place]:
    entries = tree.get(name, []) if tree is not None else []
    found = [getattr(entry, "place", None) for entry in entries]
    if len(found) != count or None in found:
        return [Place("stored revision", 0, 0)] * count
    return [place for place in found if place is not None]
