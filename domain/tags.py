"""What the mapping says of one work item, with the reason for every word of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Dimension(StrEnum):
    CONTRIBUTES_TO = "contributes_to"
    VALUE_STREAM = "value_stream"
    PRODUCT = "product"
    WORK_CLASS = "work_class"


# Reasons why a work item serves no target (DRIFT 9, A03), the first that holds.
class UnalignedReason(StrEnum):
    CONFLICTING_TAGS = "conflicting_tags"
    UNKNOWN_TARGET = "unknown_target"
    DECLARED = "declared"
    PARENT_UNMAPPED = "parent_unmapped"
    NO_PARENT = "no_parent"
    NO_RULE = "no_rule"


@dataclass(frozen=True, slots=True)
class Assignment:
    """The tags of one work item and where each came from.

    `shares` maps the ids as tagged (objective, key result, budget) to fractions that sum to 1; it is empty
    when nothing spoke, and `{"unaligned": 1.0}` when the mapping said so. `via` names, per dimension, the
    rule id, "pin", "ticket" or "inherited:KEY" that set it (None or absent: nothing did).
    `conflict` is true when labels named several targets at once; `unknown` lists tagged ids that the
    strategy does not have.
    """

    shares: Mapping[str, float] = field(default_factory=dict)
    value_stream: str | None = None
    product: str | None = None
    work_class: str | None = None
    via: Mapping[str, str | None] = field(default_factory=dict)
    conflict: bool = False
    unknown: tuple[str, ...] = ()

    @property
    def mapped(self) -> bool:
        """Whether at least a part of the item serves a target (unaligned is none)."""
        return any(target != "unaligned" for target in self.shares)


NOTHING = Assignment()
