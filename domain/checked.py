"""Checked values out of a JSON object: each is what was expected, or an ItemError says in one sentence why not."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from domain.calendar import parse_instant
from domain.errors import ItemError
from domain.work import State


def text(value: Any, where: str) -> str:
    """A text; a number becomes its text."""
    if isinstance(value, str):
        return value
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    raise ItemError(f"{_quoted(where)} is {shown(value)}; expected a text.")


def number(value: Any, where: str) -> float:
    """A finite number."""
    if isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value):
        return float(value)
    raise ItemError(f"{_quoted(where)} is {shown(value)}; expected a number.")


def texts(value: Any, where: str) -> tuple[str, ...]:
    """A list of texts as a sorted tuple without doubles."""
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise ItemError(f"{_quoted(where)} is {shown(value)}; expected a list of texts.")
    return tuple(sorted({text(part, where) for part in value}))


def instant(value: Any, where: str) -> datetime:
    """An RFC 3339 text with an offset as an instant (UTC)."""
    try:
        return parse_instant(value)
    except (ValueError, TypeError):
        raise ItemError(
            f"{_quoted(where)} is {shown(value)}; expected an instant with its offset, such as 2026-11-25T08:00:00Z."
        ) from None


def state(value: Any, where: str) -> State:
    """The word of a state."""
    try:
        return State(value)
    except ValueError:
        raise ItemError(f"{_quoted(where)} is {shown(value)}; expected one of {listed(State)}.") from None


def _quoted(where: str) -> str:
    return where if "," in where else f"`{where}`"


def listed(names: Iterable[str]) -> str:
    """Names in a message."""
    return ", ".join(str(name) for name in names)


def shown(value: Any) -> str:
    """A value in a message, cut short: it may be private, and it may be long."""
    words = repr(value) if isinstance(value, (str, int, float, bool)) or value is None else f"a {type(value).__name__}"
    return words if len(words) <= 40 else words[:39] + "…"
