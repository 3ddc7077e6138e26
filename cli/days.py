"""A day as an option of a command."""

from __future__ import annotations

from datetime import date

from domain.errors import ConfigurationError


def parse_day(option: str, text: str) -> date:
    """The local date that an option names; ConfigurationError naming the option for anything else."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ConfigurationError(f"{option} {text!r} is no date; expected something like 2026-11-25.") from None
