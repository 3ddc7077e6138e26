"""An item's raw payload: everything the tracker said of it so far, merged from pages that each know a part."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors import jsontext
from domain.errors import ItemError

HIERARCHY = "System.LinkTypes.Hierarchy"
PARENT_RELATION = "System.LinkTypes.Hierarchy-Reverse"


@dataclass
class Payload:
    """What is kept of one work item.

    `revisions` maps a revision's number to its fields as the server gave them. `links` are the parent links told by
    the reporting API: `{at, parent, active}` with the server's own date and ids as text. `seen` is
    `{at, parent}` when the item's relations were read because links from before could be missing.
    """

    id: str
    revisions: dict[int, dict[str, Any]] = field(default_factory=dict)
    links: list[dict[str, Any]] = field(default_factory=list)
    seen: dict[str, Any] | None = None

    @property
    def latest(self) -> Mapping[str, Any]:
        """The fields of the newest revision; empty when none is known."""
        return self.revisions[max(self.revisions)] if self.revisions else {}

    @property
    def begins_late(self) -> bool:
        """Whether revisions before the first known one exist and are missing."""
        return bool(self.revisions) and min(self.revisions) > 1

    def add_revision(self, rev: int, fields: Mapping[str, Any]) -> None:
        """Take a revision; of two copies the later one told wins (a rename rewrites what is past)."""
        self.revisions[rev] = dict(fields)

    def add_link(self, link: Mapping[str, Any]) -> bool:
        """Take a parent link; False when it was known already."""
        one = {"at": link["at"], "parent": link["parent"], "active": link["active"]}
        if one in self.links:
            return False
        self.links.append(one)
        self.links.sort(key=lambda known: (known["at"], known["active"], known["parent"]))
        return True

    def encode(self) -> bytes:
        """The payload as JSON; equal content gives equal bytes."""
        document: dict[str, Any] = {
            "id": self.id,
            "revisions": [{"rev": rev, "fields": self.revisions[rev]} for rev in sorted(self.revisions)],
            "links": self.links,
        }
        if self.seen is not None:
            document["seen"] = self.seen
        return jsontext.write(document, sort_keys=True)


def decode(raw: bytes) -> Payload:
    """A payload from its JSON. ItemError when it is none."""
    try:
        document = jsontext.read(raw)
        return Payload(
            id=str(document["id"]),
            revisions={int(one["rev"]): dict(one["fields"]) for one in document["revisions"]},
            links=list(document["links"]),
            seen=document.get("seen"),
        )
    except (ValueError, KeyError, TypeError):
        raise ItemError("The stored payload of an Azure DevOps item cannot be read.") from None


def parent_links(values: Iterable[Mapping[str, Any]]) -> list[tuple[str, dict[str, Any]]]:
    """The parent links among reported work item links: (the child's id, `{at, parent, active}`), in their order.

    Links come flat, or with everything but `rel` under `attributes` (API_SHAPES). A forward hierarchy link, with
    or without `-Forward`, leads from the parent to the child, a reverse one from the child to the parent.
    """
    found = []
    for value in values:
        rel = str(value.get("rel", ""))
        if not rel.startswith(HIERARCHY):
            continue
        link = {**value, **(value.get("attributes") or {})}
        ends = [str(link["sourceId"]), str(link["targetId"])]
        parent, child = reversed(ends) if rel.endswith("-Reverse") else ends
        found.append((child, {"at": str(link["changedDate"]), "parent": parent, "active": bool(link["isActive"])}))
    return found


def parent_in(relations: Iterable[Mapping[str, Any]] | None) -> str | None:
    """The parent's id among a work item's relations: the last segment of the address; None when there is none."""
    for relation in relations or ():
        if relation.get("rel") == PARENT_RELATION:
            tail = str(relation.get("url", "")).rstrip("/").rsplit("/", 1)[-1]
            if tail.isdigit():
                return tail
    return None
