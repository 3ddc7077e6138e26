"""What Jira writes into an issue's change log when a field's value changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# The names that change logs use where they differ from the field's id.
_LOG_NAMES = {"components": "Component", "fixVersions": "Fix Version", "versions": "Version"}
_LISTS = frozenset(_LOG_NAMES)


def items(
    field_id: str, before: Any, after: Any, *, name: str | None = None, cloud: bool = True
) -> list[dict[str, str | None]]:
    """The log's entries for one field that went from `before` to `after` (raw values of issue fields).

    `from` and `to` are ids (or the bare value), `fromString` and `toString` are for people; several values are one
    text, but components and versions have an entry for each one added or removed. `name` is the field's display name.
    Only Cloud gives `fieldId`, and not for a change of parent, which it calls IssueParentAssociation.
    """
    if field_id in _LISTS:
        old, new = _by_id(before), _by_id(after)
        gone = [_item(field_id, None, value, None, cloud) for key, value in old.items() if key not in new]
        come = [_item(field_id, None, None, value, cloud) for key, value in new.items() if key not in old]
        return gone + come
    return [_item(field_id, name, before, after, cloud)]


def _by_id(values: Any) -> dict[str, Any]:
    return {str(value.get("id", value.get("name"))): value for value in values or ()}


def _item(field_id: str, name: str | None, before: Any, after: Any, cloud: bool) -> dict[str, str | None]:
    parent = field_id == "parent"
    custom = field_id.startswith("customfield_")
    title = "IssueParentAssociation" if parent and cloud else "Parent" if parent else _LOG_NAMES.get(field_id)
    item: dict[str, str | None] = {
        "field": title or (name if custom and name else field_id),
        "fieldtype": "custom" if custom else "jira",
    }
    if cloud and not parent:
        item["fieldId"] = field_id
    item["from"], item["fromString"] = _ends(field_id, before)
    item["to"], item["toString"] = _ends(field_id, after)
    return item


def _ends(field_id: str, value: Any) -> tuple[str | None, str | None]:
    """A value as (id, text)."""
    if value is None or value == []:
        return None, "" if field_id == "labels" else None
    if isinstance(value, Mapping):
        identity = value.get("accountId") or value.get("id") or value.get("key") or value.get("name")
        order = ("key",) if field_id == "parent" else ("displayName", "name", "value", "key")
        shown = next((value[part] for part in order if value.get(part)), identity)
        return str(identity), str(shown)
    if isinstance(value, list):
        if all(isinstance(part, str) for part in value):
            return None, " ".join(value)
        ends = [_ends(field_id, part) for part in value]
        return ", ".join(str(end[0]) for end in ends), ", ".join(str(end[1]) for end in ends)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return None, str(value)
