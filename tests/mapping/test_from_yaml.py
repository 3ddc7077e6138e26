"""A mapping as an admin writes it, from YAML to tags."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from config.load import load
from config.workspace import Workspace
from domain.errors import ConfigurationError
from domain.work import ItemRef, WorkItem
from mapping.assign import assign
from mapping.check import run_tests
from mapping.explain import explain
from mapping.needs import extra_fields

SETTINGS = """\
version: 1
organisation: Boats
timezone: Europe/Paris
sources:
  - {id: quay, kind: files, path: quay.jsonl}
  - {id: yard, kind: files, path: yard.jsonl}
"""
STRATEGY = """\
version: 1
cycles: [{id: autumn, from: 2026-09-01, to: 2026-12-31}]
objectives:
  - id: O1
    title: Sail faster
    cycle: autumn
    weight: 60
    key_results: [{id: KR1.1, title: Knots}, {id: KR1.2, title: Tacks}]
  - {id: O2, title: Float longer, cycle: autumn, weight: 20}
budgets: [{id: run, title: Bail the water, weight: 20}]
value_streams: [{id: voyage, title: From port to port}]
products: [{id: hull, title: Hull, serves: [O2]}]
"""
MAPPING = r"""
version: 1
rules:
  - id: sails
    when: {source: quay, component: [Sails, "Rig *"], not: {label: trial}}
    set: {contributes_to: KR1.1, value_stream: voyage, work_class: feature}
  - id: hull-and-keel
    when: {source: yard, area_path: 'Yard\Hull\**', level: epic}
    set: {contributes_to: {KR1.1: 60, O2: 40}, product: hull}
  - id: tagged
    when: {label: "okr-*"}
    set: {contributes_to: "{label:okr-*}"}
  - id: upkeep
    when: {any: [{type: Bug}, {summary: /(?i)\brepair\b/}, {field: {Urgent: yes}}]}
    set: {contributes_to: run, work_class: defect}
inherit: [contributes_to, product]
pins:
  - {item: Q-42, source: quay, set: {contributes_to: O2}, by: A. Martin, on: 2026-11-03, why: agreed on board}
tests:
  - {item: Q-7, expect: {contributes_to: KR1.1, rule: sails}}
  - {given: {type: Epic, label: [trial], component: [Sails], source: quay}, expect: {contributes_to: null}}
  - {given: {label: okr-kr1.2}, expect: {contributes_to: KR1.2, rule: tagged}}
  - {given: {level: epic, source: yard, area_path: 'Yard\Hull'}, expect: {contributes_to: {KR1.1: 3, O2: 2}}}
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    for name, text in (("filrouge", SETTINGS), ("strategy", STRATEGY), ("mapping", MAPPING)):
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    return load(tmp_path, {})


@pytest.fixture
def items(make_item: Callable[..., WorkItem]) -> dict[ItemRef, WorkItem]:
    made = (
        make_item("Q-7", source="quay", components=("rig and mast",)),
        make_item("Q-8", source="quay", components=("Sails",), labels=("trial",), title="Repair the jib"),
        make_item("Q-42", source="quay", level=1, type="Epic"),
        make_item("Q-43", source="quay", type="Bug", parent="Q-42"),
        make_item("90", source="yard", level=1, area_path=r"Yard\Hull\Keel"),
        make_item("91", source="yard", parent="90", labels=("okr-O1", "okr-KR1.2")),
        make_item("92", source="yard", parent="90"),
        make_item("93", source="yard", labels=("okr-O1", "okr-O2")),
        make_item("94", source="yard", fields={"Urgent": ("Yes",)}),
        make_item("95", source="yard"),
    )
    return {item.ref: item for item in made}


def test_tags_from_yaml(workspace: Workspace, items: dict[ItemRef, WorkItem]) -> None:
    tags = assign(items, workspace.mapping, workspace.strategy)
    got = {items[ref].key: (dict(tagged.shares), tagged.via["contributes_to"]) for ref, tagged in tags.items()}
    assert got == {
        "Q-7": ({"KR1.1": 1.0}, "sails"),
        "Q-8": ({"run": 1.0}, "upkeep"),
        "Q-42": ({"O2": 1.0}, "pin"),
        "Q-43": ({"O2": 1.0}, "inherited:Q-42"),
        "90": ({"KR1.1": 0.6, "O2": 0.4}, "hull-and-keel"),
        "91": ({"KR1.2": 1.0}, "tagged"),
        "92": ({"KR1.1": 0.6, "O2": 0.4}, "inherited:90"),
        "93": ({"unaligned": 1.0}, "tagged"),
        "94": ({"run": 1.0}, "upkeep"),
        "95": ({}, None),
    }
    assert tags[ItemRef("yard", "id-93")].conflict
    assert tags[ItemRef("yard", "id-92")].product == "hull"
    assert tags[ItemRef("quay", "id-Q-43")].work_class == "defect"
    assert extra_fields(workspace.mapping) == {"Urgent"}


def test_the_tests_of_the_mapping_pass(workspace: Workspace, items: dict[ItemRef, WorkItem]) -> None:
    results = run_tests(workspace.mapping, items, workspace.strategy)
    assert [result.messages for result in results] == [()] * 4


def test_explanations_name_the_line(workspace: Workspace, items: dict[ItemRef, WorkItem]) -> None:
    told = explain(ItemRef("quay", "id-Q-43"), items, workspace.mapping, workspace.strategy)
    lines = MAPPING.splitlines()
    for rule in told.rules:
        assert f"id: {rule.id}" in lines[rule.place.line - 1]
        assert rule.place.file.endswith("mapping.yaml")
    assert "item: Q-42" in lines[told.pins[0].place.line - 1]
    assert told.pins[0].used == ("contributes_to",)


def test_a_pin_without_source_that_two_sources_have_names_its_line(
    workspace: Workspace, items: dict[ItemRef, WorkItem], make_item: Callable[..., WorkItem]
) -> None:
    bare = workspace.folder / "mapping.yaml"
    bare.write_text(MAPPING.replace("source: quay, set", "set"), encoding="utf-8")
    twin = make_item("q-42", source="yard")
    again = load(workspace.folder, {})
    line = next(number for number, text in enumerate(MAPPING.splitlines(), 1) if "Q-42" in text)
    with pytest.raises(ConfigurationError, match=rf"mapping\.yaml:{line}:\d+: Q-42 is in the sources quay and yard"):
        assign(items | {twin.ref: twin}, again.mapping, again.strategy)
