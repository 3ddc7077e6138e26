"""The values of Azure DevOps fields as the plain values of a work item."""

from __future__ import annotations

import re
from datetime import datetime
from math import isfinite
from typing import Any

from domain.calendar import parse_instant
from domain.errors import ItemError

# "Name <account>": how an identity looks as text (reporting API without includeIdentityRef, old servers).
ACCOUNT = re.compile(r".*<([^<>]+)>\s*", re.DOTALL)
SEPARATOR = "\\"  # between the segments of an area or iteration path


def text(value: Any) -> str:
    """A value as one text; a whole number without its `.0`, nothing as the empty text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, dict):
        named = value.get("displayName") or value.get("name") or value.get("uniqueName")
        return str(named) if named is not None else ""
    return str(value)


def texts(value: Any) -> tuple[str, ...]:
    """A value of any type as texts, empty ones left out; for the fields that mapping rules test."""
    many = value if isinstance(value, list) else [value]
    return tuple(found for found in (text(one) for one in many) if found)


def number(value: Any) -> float | None:
    """A number, also when it came as text; None for nothing and for what is no number."""
    if value is None or isinstance(value, bool):
        return None
    try:
        found = float(value)
    except (TypeError, ValueError):
        return None
    return found if isfinite(found) else None


def instant(value: Any, what: str) -> datetime:
    """A date field as an instant (UTC). ItemError that names `what` when it is missing or makes no sense."""
    if not isinstance(value, str):
        raise ItemError(f"{what} is missing.")
    try:
        return parse_instant(value)
    except ValueError:
        raise ItemError(f"{what} is {value!r}, which is no instant.") from None


def instant_or_none(value: Any) -> datetime | None:
    """A date field as an instant (UTC); None when it is missing or makes no sense."""
    try:
        return instant(value, "")
    except ItemError:
        return None


def labels(value: Any) -> tuple[str, ...]:
    """`System.Tags` as sorted labels: `a; b` as text, or a list of tag references (includeTagRef)."""
    parts = value if isinstance(value, list) else text(value).split(";")
    return tuple(sorted({text(part).strip() for part in parts} - {""}))


def account(value: Any) -> str | None:
    """The account behind an identity, the same for its text form and its object form; None for nobody.

    It serves the measure `days` alone: the sign-in name where there is one, else the descriptor or id.
    """
    if value is None or value == "":
        return None
    if isinstance(value, dict):
        for key in ("uniqueName", "descriptor", "id", "displayName"):
            if value.get(key):
                return account(str(value[key]))
        return None
    whole = str(value).strip()
    match = ACCOUNT.fullmatch(whole)
    return (match[1] if match else whole).strip().casefold() or None


def path(value: Any) -> str | None:
    """An area or iteration path, without a leading or final backslash; None for nothing."""
    return text(value).strip(SEPARATOR) or None


def sprint(iteration: str | None) -> str | None:
    """The last segment of an iteration path; None for the root, which is the project's name and no sprint."""
    if iteration is None or SEPARATOR not in iteration:
        return None
    return iteration.rsplit(SEPARATOR, 1)[1]


def lies_under(area: str | None, root: str) -> bool:
    """Whether an area path is a node or lies below it, ignoring case."""
    here, above = (area or "").casefold(), root.casefold()
    return here == above or here.startswith(above + SEPARATOR)
