"""How Azure DevOps writes instants, people and paths."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from uuid import NAMESPACE_URL, uuid5

ENDLESS = "9999-01-01T00:00:00Z"


def instant(when: datetime) -> str:
    """An instant in UTC, without needless zeros behind the seconds: `2026-01-31T09:30:00.02Z`."""
    utc = when.astimezone(UTC)
    fraction = f".{utc.microsecond // 1000:03d}".rstrip("0").rstrip(".")
    return f"{utc:%Y-%m-%dT%H:%M:%S}{fraction}Z"


@lru_cache(1 << 16)
def read(text: str) -> datetime:
    """An aware instant from its text; without an offset it is UTC."""
    when = datetime.fromisoformat(text)
    return when if when.tzinfo is not None else when.replace(tzinfo=UTC)


def plain(value: Any) -> Any:
    """A field's value as it is kept: instants as text, all else as it is."""
    return instant(value) if isinstance(value, datetime) else value


def number_id(*parts: str) -> str:
    """A stable UUID for a name."""
    return str(uuid5(NAMESPACE_URL, "/".join(parts)))


def person_text(value: Any) -> str:
    """A person as the reporting resources and old servers write one: `Name <address>`."""
    if isinstance(value, Mapping):
        return f"{value.get('displayName', '')} <{value.get('uniqueName', '')}>"
    return str(value)


def person(value: Any, base_url: str) -> dict[str, Any]:
    """A person as an object, from an object or from `Name <address>`; the same object every time, not to be changed."""
    if isinstance(value, Mapping):
        return _person(str(value.get("displayName", "")), str(value.get("uniqueName", "")), base_url)
    name, _, rest = str(value).partition(" <")
    return _person(name, rest.rstrip(">"), base_url)


@lru_cache(1 << 12)
def _person(name: str, address: str, base_url: str) -> dict[str, Any]:
    identity = number_id("person", address or name)
    picture = f"{base_url}/_apis/GraphProfile/MemberAvatars/aad.{identity}"
    return {
        "displayName": name,
        "url": f"{base_url}/_apis/Identities/{identity}",
        "_links": {"avatar": {"href": picture}},
        "id": identity,
        "uniqueName": address,
        "imageUrl": picture,
        "descriptor": f"aad.{identity}",
    }


def under(path: str, root: str) -> bool:
    """Whether an area or iteration path is the root or lies below it."""
    path, root = path.casefold(), root.casefold()
    return path == root or path.startswith(root + "\\")
