"""`mapping.yaml` as typed rules: what the admin wrote, checked but not yet compiled."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from domain.calendar import midnight

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
    """`start` and `until` are its first and last day, in the organisation's zone; None: without end on that side."""

    id: str
    when: Conditions
    set: Setting
    place: Place
    start: date | None = None
    until: date | None = None


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


@dataclass(frozen=True, slots=True)
class Seen:
    """When, and in whose days, a mapping is looked at."""

    at: datetime
    zone: ZoneInfo


@dataclass(frozen=True)
class MappingRules:
    """The whole mapping of one revision, in the order of the file.

    `seen` is the instant at which it is looked at; None for a mapping in which nothing has a date.
    """

    rules: tuple[Rule, ...] = ()
    inherit: frozenset[str] = frozenset()
    pins: tuple[Pin, ...] = ()
    tests: tuple[MappingTest, ...] = ()
    acknowledge: tuple[Acknowledgement, ...] = field(default=())
    seen: Seen | None = None

    def at(self, instant: datetime, zone: ZoneInfo) -> MappingRules:
        """The mapping as an instant sees it: without pins of later days, and with the day that dated rules go by."""
        dated = any(rule.start or rule.until for rule in self.rules)
        return replace(
            self,
            pins=tuple(pin for pin in self.pins if midnight(pin.on, zone) < instant),
            seen=Seen(instant, zone) if dated else None,
        )
