"""Instants as Jira writes them: `2026-01-31T09:30:00.000+0200`, in the zone of the site."""

from __future__ import annotations

from datetime import datetime, tzinfo
from functools import lru_cache


@lru_cache(1 << 16)
def read(text: str) -> datetime:
    """An aware instant from Jira's text, whatever its offset."""
    when = datetime.fromisoformat(text)
    if when.tzinfo is None:
        raise ValueError(f"The instant {text!r} has no offset.")
    return when


@lru_cache(1 << 16)
def write(when: datetime, zone: tzinfo) -> str:
    """Jira's text of an instant, to the millisecond, with the zone's offset and no colon in it."""
    local = when.astimezone(zone)
    return f"{local.isoformat(timespec='milliseconds')[:23]}{local.strftime('%z')}"


def milliseconds(when: datetime) -> int:
    """Epoch milliseconds, cut like the text."""
    return int(when.timestamp() // 1) * 1000 + when.microsecond // 1000


@lru_cache(1 << 16)
def stamp(text: str) -> int:
    """Epoch milliseconds of Jira's text."""
    return milliseconds(read(text))
