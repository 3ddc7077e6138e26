"""The JSON Schemas accept what `load` accepts, refuse much of what it refuses, and explain every key."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from config.init import write_workspace
from config.positions import read
from config.schema import schemas

HERE = Path(__file__).parent
FILES = {"filrouge.yaml": "filrouge", "strategy.yaml": "strategy", "mapping.yaml": "mapping"}

# Faults that an editor can show as one types: keys, kinds, closed sets, bounds, forms.
SEEN_BY_AN_EDITOR = [
    "address_without_scheme",
    "broken_deliveries",
    "broken_schedules",
    "dated_weights",
    "days_that_are_none",
    "key_of_another_kind",
    "literal_secrets",
    "missing_keys",
    "nested_conditions",
    "no_values",
    "numbers_out_of_bounds",
    "parts_of_nothing",
    "quiet_hours",
    "quoted_number",
    "range_of_three",
    "rules_that_say_nothing",
    "secret_as_credentials",
    "secret_half_referred",
    "secret_in_a_wrong_form",
    "service_without_port",
    "tests_of_nothing",
    "unknown_findings",
    "unknown_keys",
    "unknown_source_kind",
    "words_for_booleans",
    "words_of_a_closed_set",
    "wrong_kinds",
    "wrong_version",
]


def errors(folder: Path) -> list[str]:
    """What the schemas say of the three files of a workspace."""
    found = []
    for file, name in FILES.items():
        data = read((folder / file).read_bytes(), file)
        found += [f"{file}: {error.message}" for error in Draft7Validator(schemas()[name]).iter_errors(data)]
    return found


def nodes(schema: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(schema, dict):
        yield path, schema
        for word, value in schema.items():
            yield from nodes(value, f"{path}/{word}")
    elif isinstance(schema, list):
        for index, value in enumerate(schema):
            yield from nodes(value, f"{path}/{index}")


@pytest.mark.parametrize("name", schemas())
def test_every_key_is_explained(name: str) -> None:
    schema = schemas()[name]
    Draft7Validator.check_schema(schema)
    keys = 0
    for path, node in nodes(schema):
        for key, value in node.get("properties", {}).items():
            if isinstance(value, dict) and not path.endswith("/properties"):
                keys += 1
                assert value.get("description", "").endswith((".", "…", "}")), f"{path}: {key}"
    assert keys > 20


@pytest.mark.parametrize("name", schemas())
def test_an_absent_value_is_not_null(name: str) -> None:
    """Only what a mapping test expects may be null."""
    for path, node in nodes(schemas()[name]):
        if node == {"type": "null"}:
            assert "/Expectation/" in path


def test_a_whole_workspace_passes(whole: Path) -> None:
    assert errors(whole) == []
    overlay = read((whole / "teams" / "forest.yaml").read_bytes(), "forest.yaml")
    assert list(Draft7Validator(schemas()["overlay"]).iter_errors(overlay)) == []


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_first_workspace_passes(tmp_path: Path, language: str) -> None:
    write_workspace(tmp_path, organisation="Société: « test »", language=language)
    assert errors(tmp_path) == []


@pytest.mark.parametrize("name", SEEN_BY_AN_EDITOR)
def test_an_editor_sees_the_fault(name: str) -> None:
    assert errors(HERE / "broken" / name)


@pytest.mark.parametrize(
    "name",
    ["unknown_ids", "cycle_backwards", "baseline_is_target", "ranks_beside_weights", "duplicate_ids", "reserved_ids"],
)
def test_an_editor_marks_nothing_that_only_check_can_know(name: str) -> None:
    assert errors(HERE / "broken" / name) == []
