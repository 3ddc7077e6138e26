"""Instants as Jira writes them: `2026-01-31T09:30:00.000+0200`, in the zone of the site."""

from __future__ import annotations

from datetime import datetime, tzinfo


def read(text: str) -> datetime:
    """An aware instant from Jira's text, whatever its offset."""
    when = datetime.fromisoformat(text)
    if when.tzinfo is None:
        raise ValueError(f"The instant {text!r} has no offset.")
    return when


def write(when: datetime, zone: tzinfo) -> str:
    """Jira's text of an instant, to the millisecond, with the zone's offset and no colon in it."""
    local = when.astimezone(zone)
    return f"{local:%Y-%m-%dT%H:%M:%S}.{local.microsecond // 1000:03d}{local:%z}"


def milliseconds(when: datetime) -> int:
    """Epoch milliseconds, cut like the text."""
    return int(when.timestamp()) * 1000 + when.microsecond // 1000
