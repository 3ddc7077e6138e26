"""An issue as Jira gives it: the fields that were asked for, in the asked version's form."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

from demo.trackers.jira import text

if TYPE_CHECKING:
    from demo.trackers.jira.site import Issue, JiraSite

LONG_TEXTS = ("description", "environment")


def version_of(site: JiraSite, asked: str) -> str:
    """The interface's version from the path: Data Center has 2 alone, `latest` is 2 everywhere."""
    return "3" if site.cloud and asked == "3" else "2"


def issue(
    site: JiraSite,
    one: Issue,
    base_url: str,
    version: str,
    asked: Sequence[str],
    expand: Collection[str] = (),
) -> dict[str, Any]:
    """One issue with the `asked` fields (`*all`, `*navigable`, ids, and ids with a minus that are left out).

    `expand` may hold `changelog` (on Cloud the newest entries first and cut, on Data Center all, oldest first) and
    `names`.
    """
    address = f"{base_url}/rest/api/{version}/issue/{one.id}"
    fields = _fields(site, one, base_url, version, asked)
    shown: dict[str, Any] = {"expand": "names,schema,changelog", "id": str(one.id), "self": address, "key": one.key}
    shown["fields"] = fields
    if "changelog" in expand:
        entries = one.histories[::-1][: site.log_limit] if site.cloud else one.histories
        shown["changelog"] = {
            "startAt": 0,
            "maxResults": len(entries),
            "total": len(one.histories),
            "histories": entries,
        }
    if "names" in expand:
        shown["names"] = {name: site.fields[name]["name"] for name in fields if name in site.fields}
    return shown


def _fields(site: JiraSite, one: Issue, base_url: str, version: str, asked: Sequence[str]) -> dict[str, Any]:
    left_out = {name[1:] for name in asked if name.startswith("-")}
    chosen = [name for name in asked if not name.startswith("-")]
    everything = "*all" in chosen or (left_out and not chosen)
    if everything or "*navigable" in chosen:
        fields = {name: value for name, value in one.fields.items() if name not in left_out}
        if not everything:
            fields = {name: value for name, value in fields.items() if name not in LONG_TEXTS or name in chosen}
    else:
        fields = {
            name: one.fields.get(name)
            for name in chosen
            if name not in left_out and (name in one.fields or name in site.fields)
        }
        fields.pop("comment", None)
    for name in LONG_TEXTS:
        if name in fields:
            fields[name] = text.for_version(fields[name], version)
    if (everything or "comment" in chosen) and "comment" not in left_out:
        comments = [comment(one, entry, base_url, version) for entry in one.comments]
        fields["comment"] = {"comments": comments, "maxResults": len(comments), "total": len(comments), "startAt": 0}
    return fields


def comment(
    one: Issue, entry: dict[str, Any], base_url: str, version: str, expand: Collection[str] = ()
) -> dict[str, Any]:
    """A comment; its properties only when they are asked for."""
    shown = {name: value for name, value in entry.items() if name != "properties"}
    shown["self"] = f"{base_url}/rest/api/{version}/issue/{one.id}/comment/{entry['id']}"
    if "body" in entry:
        shown["body"] = text.for_version(entry["body"], version)
    if "properties" in expand:
        shown["properties"] = entry.get("properties", [])
    return shown
