"""One word of a YAML file changed where it stands; everything else stays as it is, to the letter."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from config.positions import Unreadable, read
from config.rules import Place

_ROWS = re.compile("(?<=\n)|(?<=\r)(?!\n)")


def with_word(text: str, place: Place, old: str, new: str) -> str | None:
    """The text with `new` for `old`, a key or value at a place; quotes are kept, or set where the new one needs them.

    None where the text does not say the old word there in so many letters (an anchor, an escape, several lines), or
    where the change would change anything else.
    """
    rows = _ROWS.split(text)
    if not 0 < place.line <= len(rows):
        return None
    start = sum(map(len, rows[: place.line - 1])) + place.column - 1
    for written, instead in _forms(old, new):
        if text.startswith(written, start):
            changed = text[:start] + instead + text[start + len(written) :]
            if _only(text, changed, place.file, (old, new)):
                return changed
    return None


def _forms(old: str, new: str) -> Iterator[tuple[str, str]]:
    """How the old word may be written, each with the new one; plain words may become quoted."""
    quoted = "'" + new.replace("'", "''") + "'"
    yield f'"{old}"', f'"{new}"'
    yield "'" + old.replace("'", "''") + "'", quoted
    yield old, new
    yield old, quoted


def _only(before: str, after: str, file: str, change: tuple[str, str]) -> bool:
    try:
        found = set(_differences(read(before.encode(), file), read(after.encode(), file)))
    except Unreadable:
        return False
    return found == {change}


def _differences(one: Any, other: Any) -> Iterator[tuple[Any, Any]]:
    """Every pair of words in which two files differ; what is no word is given as its text."""
    if isinstance(one, dict) and isinstance(other, dict) and len(one) == len(other):
        yield from ((key, its) for key, its in zip(one, other, strict=True) if key != its)
        one, other = list(one.values()), list(other.values())
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for here, there in zip(one, other, strict=True):
            yield from _differences(here, there)
    elif _told(one) != _told(other):
        yield _told(one), _told(other)


def _told(value: Any) -> Any:
    """A scalar as written: the number 12 and the text 12 are the same pattern."""
    return getattr(value, "text", value) if isinstance(value, str | int | float | None) else repr(value)
