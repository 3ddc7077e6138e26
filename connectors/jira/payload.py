"""What is kept of an issue: its JSON with the whole change log, less people's names and addresses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from connectors import jsontext

# Long private texts that no figure needs; the issue's own are not asked for either.
UNWANTED = frozenset({"description", "environment", "comment"})
PERSON = ("accountId", "accountType", "key", "name", "active")


def history(entry: Mapping[str, Any]) -> dict[str, Any]:
    """One entry of a change log without its author and without the texts of descriptions."""
    items = [item for item in entry.get("items") or () if str(item.get("field") or "").casefold() not in UNWANTED]
    return {"id": entry.get("id"), "created": entry.get("created"), "items": items}


def payload(issue: Mapping[str, Any], histories: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The issue with a change log that is whole."""
    fields = dict(issue.get("fields") or {})
    if isinstance(fields.get("assignee"), Mapping):
        fields["assignee"] = {name: value for name, value in fields["assignee"].items() if name in PERSON}
    log = {"startAt": 0, "maxResults": len(histories), "total": len(histories), "histories": list(histories)}
    return {**issue, "fields": fields, "changelog": log}


def updated_of(raw: bytes) -> str | None:
    """`fields.updated` of a stored payload, as the server wrote it."""
    value = (jsontext.read(raw).get("fields") or {}).get("updated")
    return value if isinstance(value, str) else None
