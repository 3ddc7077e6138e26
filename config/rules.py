"""`mapping.yaml` as typed rules: what the admin wrote, checked but not yet compiled."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

# A condition tree as written: {condition name: pattern, list of patterns, or a nested tree}; `any`/`all` hold lists
# of trees, `not`/`parent`/`ancestor` hold one tree, `field` holds {name: pattern}. Patterns are text as written.
Conditions = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Place:
    """Where something was written, for messages and `explain`; line 0 says that only the origin is known."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file


@dataclass(frozen=True, slots=True)
class Setting:
    """What a rule or pin sets.

    `contributes_to` is a tuple of (id or `{label:pattern}` template, relative part) with parts not yet divided by
    their sum; `(("unaligned", 1.0),)` says that the item serves nothing; None does not speak in that dimension.
    """

    contributes_to: tuple[tuple[str, float], ...] | None = None
    value_stream: str | None = None
    product: str | None = None
    work_class: str | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    id: str
    when: Conditions
    set: Setting
    place: Place


@dataclass(frozen=True, slots=True)
class Pin:
    item: str
    set: Setting
    by: str
    on: date
    why: str
    place: Place
    source: str | None = None
    cascade: bool = True


@dataclass(frozen=True, slots=True)
class MappingTest:
    """`item` (a key) or `given` (field name to value) with the expected tags; `expect` may hold `rule`."""

    place: Place
    expect: dict[str, Any]
    item: str | None = None
    given: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    finding: str
    subject: str
    why: str
    by: str
    until: date
    place: Place


@dataclass(frozen=True)
class MappingRules:
    """The whole mapping of one revision, in the order of the file."""

    rules: tuple[Rule, ...] = ()
    inherit: frozenset[str] = frozenset()
    pins: tuple[Pin, ...] = ()
    tests: tuple[MappingTest, ...] = ()
    acknowledge: tuple[Acknowledgement, ...] = field(default=())
