"""The extra fields that the rules ask the trackers for."""

from __future__ import annotations

from config.rules import MappingRules
from mapping.conditions import Has, walk
from mapping.match import conditions_of


def extra_fields(rules: MappingRules) -> frozenset[str]:
    """The names used by `field:` conditions, as written, at any depth; ConfigurationError for a broken condition."""
    return frozenset(
        node.field
        for rule in rules.rules
        for node in walk(conditions_of(rule.id, rule.when, rule.place))
        if isinstance(node, Has) and node.field is not None
    )
