"""What a line that begins with `/filrouge` asks for."""

from __future__ import annotations

import re
from dataclasses import dataclass

from config.problems import nearest_name
from config.rules import Setting
from domain.lines import VERBS, Trouble, Verb
from domain.strategy import UNALIGNED
from mapping.contribution import Targets

LONGEST_SNOOZE = 26 * 7  # days
MOST_REASON = 200  # characters

_UNITS = {"d": 1, "j": 1, "w": 7, "s": 7}  # days and weeks, in English and in French
_SPAN = re.compile(r"([1-9][0-9]{0,2})([djws])", re.IGNORECASE)
_PART = re.compile(r"([0-9]{1,6}(?:[.,][0-9]{1,6})?)%?")
_QUOTES = "\"'“”„«»‘’\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE} "


@dataclass(frozen=True, slots=True)
class Command:
    """A line that is understood: `setting` for map and not-aligned, `reason` for the latter, `days` for a snooze."""

    verb: Verb
    setting: Setting | None = None
    reason: str | None = None
    days: int = 0


@dataclass(frozen=True, slots=True)
class Misunderstood:
    """A line that is not: the word in it that is wrong, and the one that may have been meant."""

    trouble: Trouble
    word: str = ""
    near: str | None = None


def parse(said: str, targets: Targets) -> Command | Misunderstood:
    """What a line means under a strategy; case, commas and percent signs do not matter. Pure, and never raises."""
    words = said.strip().split(maxsplit=2)
    verb = words[1].casefold().rstrip(".!?:;,") if len(words) > 1 else "help"
    rest = words[2] if len(words) > 2 else ""
    match verb:
        case "map":
            return _map(rest, targets)
        case "not-aligned":
            reason = " ".join(rest.strip(_QUOTES).split())
            setting = Setting(contributes_to=((UNALIGNED, 1.0),))
            return Command("not-aligned", setting, reason[:MOST_REASON]) if reason else Misunderstood("no reason")
        case "snooze":
            return _snooze(rest)
        case "why" | "mute" | "unmute" | "help":
            return Command(verb)
        case _:
            return Misunderstood("no such command", words[1], nearest_name(verb, VERBS))


def _map(rest: str, targets: Targets) -> Command | Misunderstood:
    """`KR1.1`, `KR1.1 60 KR2.1 40`: goals with a part each, or none of them with one."""
    parts: dict[str, float | None] = {}
    last: str | None = None
    for word in filter(None, (word.strip(",;") for word in rest.replace(";", " ").split())):
        number = _PART.fullmatch(word)
        goal = targets.find(word)
        if goal is not None and goal not in parts:
            parts[goal], last = None, goal
        elif number is not None and last is not None and goal is None:
            parts[last], last = float(number[1].replace(",", ".")), None
        elif word == "%":
            continue
        elif goal is not None or number is not None:
            return Misunderstood("parts", word)
        else:
            return Misunderstood("no such goal", word, nearest_name(word, targets.ids))
    given = [part for part in parts.values() if part is not None]
    if not parts:
        return Misunderstood("no goal")
    if given and (len(given) < len(parts) or not sum(given)):
        return Misunderstood("parts", rest)
    shares = tuple((goal, 1.0 if part is None else part) for goal, part in parts.items())
    return Command("map", Setting(contributes_to=shares))


def _snooze(rest: str) -> Command | Misunderstood:
    span = _SPAN.fullmatch(rest.replace(" ", ""))
    days = int(span[1]) * _UNITS[span[2].casefold()] if span else 0
    return Command("snooze", days=days) if 0 < days <= LONGEST_SNOOZE else Misunderstood("no span", rest)
