"""A fault in what the admin wrote, as one line with its place."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from config.rules import Place


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong at one place; `sentence` says besides what was expected and, if any is near, the valid name."""

    place: Place
    sentence: str

    def __str__(self) -> str:
        return f"{self.place}: {self.sentence}"


def lines(problems: Iterable[Problem], files: Sequence[str] = ()) -> list[str]:
    """The problems as text, each once: these files first, the others as they come, each from top to bottom."""
    found = list(dict.fromkeys(problems))
    order = list(dict.fromkeys([*files, *(problem.place.file for problem in found)]))
    found.sort(key=lambda problem: (order.index(problem.place.file), problem.place.line, problem.place.column))
    return [str(problem) for problem in found]


def unknown(what: str, name: str, valid: Iterable[str]) -> str:
    """The sentence for a name that is not known: what it is, which are valid, which of them is nearest."""
    names = sorted(set(valid), key=lambda each: (each.casefold(), each))
    return f"unknown {what} `{short(name)}`; expected {choice(names)}{nearest(name, names)}"


def nearest(name: str, valid: Iterable[str], *, closeness: float = 0.6) -> str:
    """The last part of such a sentence, `; did you mean …?`, or nothing when no valid name is that near (1: equal)."""
    found = nearest_name(name, valid, closeness=closeness)
    return f"; did you mean `{found}`?" if found else ""


def nearest_name(name: str, valid: Iterable[str], *, closeness: float = 0.6) -> str | None:
    """The valid name that is nearest, ignoring case; None when none is that near (1: equal)."""
    by_fold = {each.casefold(): each for each in valid}
    match = get_close_matches(name[:200].casefold(), by_fold, n=1, cutoff=closeness)
    return by_fold[match[0]] if match else None


def choice(names: list[str], most: int = 24) -> str:
    """Valid names as words; a long list is cut, and says so."""
    if not names:
        return "one that is defined, and there is none"
    if len(names) == 1:
        return f"`{names[0]}`"
    shown = ", ".join(f"`{name}`" for name in names[:most])
    more = len(names) - most
    return f"one of {shown}" + (f" and {more} more" if more > 0 else "")


def short(text: str, most: int = 60) -> str:
    """Text on one line, cut where it is long."""
    flat = " ".join(text.split())
    return flat if len(flat) <= most else flat[: most - 1] + "…"
