"""What all the lines that stand in one ticket come to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from config.rules import Setting
from domain.lines import Line
from domain.strategy import Strategy
from domain.work import ItemRef
from mapping.commands import Command, Misunderstood, parse
from mapping.contribution import Targets

Lines = Mapping[ItemRef, Sequence[Line]]  # by ticket what stands there, oldest first
NO_LINES: Lines = MappingProxyType({})
Meaning = Command | Misunderstood | None  # None: whoever said it may not


@dataclass(frozen=True, slots=True)
class Heard:
    """`tag` is the line that says what the item serves, with what it says; the newest such line counts.

    `muted` and `snoozed_until` are what was said last of silence. `newest` is the last line, with its meaning.
    """

    newest: tuple[Line, Meaning]
    tag: tuple[Line, Command] | None = None
    muted: bool = False
    snoozed_until: datetime | None = None


def hear(lines: Sequence[Line], targets: Targets) -> Heard | None:
    """What the lines of one ticket come to under a strategy; None where there are none."""
    tag: tuple[Line, Command] | None = None
    muted, until = False, None
    meaning: Meaning = None
    for line in lines:
        meaning = meaning_of(line, targets)
        match meaning:
            case Command("map" | "not-aligned"):
                tag = line, meaning
            case Command("mute"):
                muted = True
            case Command("unmute"):
                muted, until = False, None
            case Command("snooze"):
                until = line.at + timedelta(days=meaning.days)
    return Heard((lines[-1], meaning), tag, muted, until) if lines else None


def meaning_of(line: Line, targets: Targets) -> Meaning:
    """What one line asks for; None when whoever said it may not."""
    return parse(line.said, targets) if line.allowed else None


def tags_said(lines: Lines, strategy: Strategy) -> dict[ItemRef, Setting]:
    """By item what its team says that it serves, where it does."""
    return dict(_tags(lines, Targets(strategy)))


def _tags(lines: Lines, targets: Targets) -> Iterator[tuple[ItemRef, Setting]]:
    for ref, here in lines.items():
        heard = hear(here, targets)
        if heard is not None and heard.tag is not None and heard.tag[1].setting is not None:
            yield ref, heard.tag[1].setting
