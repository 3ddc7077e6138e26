"""The extra fields that rules ask for."""

from __future__ import annotations

from collections.abc import Callable

from config.rules import MappingRules
from mapping.needs import extra_fields


def test_fields_are_found_at_any_depth(make_rules: Callable[..., MappingRules]) -> None:
    rules = make_rules(
        ({"field": {"Squad": "x", "customfield_10001": ["a", "b"]}}, "O1"),
        ({"any": [{"type": "Bug"}, {"not": {"parent": {"field": {"Tribe": "*"}}}}]}, "O1"),
        ({"label": "field"}, "O1"),
    )
    assert extra_fields(rules) == {"Squad", "customfield_10001", "Tribe"}
    assert extra_fields(make_rules()) == frozenset()
