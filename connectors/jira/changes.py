"""An issue's change log as a flat list of changes, oldest first, each named by the field of ours that it touches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from connectors.jira.context import Known
from connectors.jira.values import instant, text

# Fields by their id (Cloud) or by the untranslated name that change logs carry (both), in lower case.
KINDS: Mapping[str, str] = {
    "status": "status",
    "resolution": "resolution",
    "issuetype": "type",
    "summary": "title",
    "priority": "priority",
    "assignee": "assignee",
    "labels": "labels",
    "component": "components",
    "components": "components",
    "fix version": "fix_versions",
    "fixversions": "fix_versions",
    "project": "project",
    "key": "key",
    "issuekey": "key",
    "parent": "parent",
    "parent issue": "parent",
    "issueparentassociation": "parent",
}
# Fields of Jira Software, which are custom fields and whose names in change logs are never translated.
SOFTWARE: Mapping[str, str] = {"epic link": "parent", "parent link": "parent", "sprint": "sprint"}


class Side(NamedTuple):
    """What a field held on one side of a change: the tracker's id and the text, either of which may be missing."""

    id: str | None
    text: str | None

    @property
    def empty(self) -> bool:
        return self.id is None and self.text is None


class Change(NamedTuple):
    """`group` counts the history entries (one entry: one instant, one edit); `field_id` tells points fields apart."""

    at: datetime
    group: int
    kind: str
    field_id: str
    before: Side
    after: Side


def changes(histories: Sequence[Mapping[str, Any]], known: Known) -> list[Change]:
    """All changes of fields that matter here, oldest first; entries of one instant keep their order.

    Logs come oldest first or, inside a search on Cloud, newest first: entries of one instant are put in the order of
    their ids, which only grow. Raises ValueError for an entry without a readable instant.
    """
    if not histories:
        return []
    dated = [(instant(entry.get("created")), entry) for entry in histories]
    if len(dated) > 1 and dated[0][0] > dated[-1][0]:
        dated.reverse()
    if all(str(entry.get("id") or "").isdigit() for _, entry in dated):
        dated.sort(key=lambda pair: (pair[0], int(pair[1]["id"])))
    else:
        dated.sort(key=lambda pair: pair[0])
    found = []
    for group, (at, entry) in enumerate(dated):
        for item in entry.get("items") or ():
            get = item.get
            named = (get("fieldId"), get("field"), get("fieldtype") == "custom")
            told = known.kinds.get(named)
            if told is None:
                told = known.kinds[named] = _kind(*named, known)
            kind, field_id = told
            if kind is not None:
                before, after = (
                    Side(text(get("from")), text(get("fromString"))),
                    Side(text(get("to")), text(get("toString"))),
                )
                found.append(Change(at, group, kind, field_id, before, after))
    return found


def _kind(told_id: Any, told_name: Any, custom: bool, known: Known) -> tuple[str | None, str]:
    """Which field of ours a change is about, and the id of Jira's field; (None, "") when about none."""
    field_id, name = text(told_id), (text(told_name) or "").casefold()
    ours = {
        "points": known.points,
        "sprint": known.sprint,
        "team": known.team,
        "parent": (*known.epic_link, *known.parent_link),
    }
    for kind, ids in ours.items():
        for candidate in ids:
            # Data Center names the field only; several fields of one name are then taken for the first.
            if candidate == field_id or (field_id is None and known.names.get(candidate, "").casefold() == name):
                return kind, candidate
    if custom:
        kind_by_name = SOFTWARE.get(name)
        return kind_by_name, field_id or name
    for word in (field_id, name):
        if word is not None and word.casefold() in KINDS:
            return KINDS[word.casefold()], word
    return None, ""
