"""A work item as Azure DevOps gives it: fields, relations, addresses."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from demo.trackers.azure_devops import values

if TYPE_CHECKING:
    from demo.trackers.azure_devops.site import AzureDevOpsSite, Item

COMPUTED = ("System.Id", "System.Rev", "System.RevisedDate")
_NAMES = {"Hierarchy-Reverse": "Parent", "Hierarchy-Forward": "Child", "Related": "Related"}


def field_values(
    site: AzureDevOpsSite, item: Item, place: int, asked: Collection[str], base_url: str, people: bool = True
) -> dict[str, Any]:
    """The fields of a revision (by its place) that were asked for (none: all but those that are computed).

    People are objects, or with `people=False` texts. Fields without a value are absent.
    """
    snapshot = item.revisions[place]
    if asked:
        chosen = {name: snapshot[name] for name in asked if name in snapshot}
        for name in COMPUTED:
            if name in asked:
                chosen[name] = computed(item, place, name)
    else:
        chosen = dict(snapshot)
    for name in site.people_fields & chosen.keys():
        chosen[name] = values.person(chosen[name], base_url) if people else values.person_text(chosen[name])
    return chosen


def computed(item: Item, place: int, name: str) -> Any:
    """Id, number and end of a revision; the last one's end is far away."""
    if name == "System.Id":
        return item.id
    if name == "System.Rev":
        return item.first_rev + place
    last = place == len(item.revisions) - 1
    return values.ENDLESS if last else item.revisions[place + 1]["System.ChangedDate"]


def relations(site: AzureDevOpsSite, item: Item, base_url: str) -> list[dict[str, Any]]:
    """Links and whatever else is attached, seen from the item: a child's parent is a Hierarchy-Reverse."""
    found = []
    for rel, source, target in site.links_of(item.id):
        symmetric = rel == "System.LinkTypes.Related"
        other = target if source == item.id else source
        end = "" if symmetric else "-Forward" if source == item.id else "-Reverse"
        name = _NAMES.get((rel + end).removeprefix("System.LinkTypes."), rel.rpartition(".")[2])
        found.append(
            {"rel": rel + end, "url": item_url(base_url, other), "attributes": {"isLocked": False, "name": name}}
        )
    return found + item.relations


def work_item(
    site: AzureDevOpsSite, item: Item, base_url: str, asked: Collection[str] = (), expand: str = "none"
) -> dict[str, Any]:
    """A work item as it is now; System.Parent is among its fields where it has one."""
    fields = field_values(site, item, len(item.revisions) - 1, asked, base_url)
    parent = site.parents.get(item.id)
    if parent is not None and (not asked or "System.Parent" in asked):
        fields["System.Parent"] = parent
    shown: dict[str, Any] = {"id": item.id, "rev": item.rev, "fields": fields}
    if expand in ("relations", "all") and (linked := relations(site, item, base_url)):
        shown["relations"] = linked
    if expand in ("links", "all"):
        address = item_url(base_url, item.id)
        shown["_links"] = {"self": {"href": address}, "workItemUpdates": {"href": f"{address}/updates"}}
    shown["url"] = item_url(base_url, item.id)
    return shown


def item_url(base_url: str, item_id: int) -> str:
    """Where a work item is."""
    return f"{base_url}/_apis/wit/workItems/{item_id}"
