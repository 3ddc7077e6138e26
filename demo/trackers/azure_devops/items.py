"""Work items by id: one, two hundred, their revisions and updates, and the recycle bin."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from demo.trackers.azure_devops import render, values
from demo.trackers.http import Answer, Refused, Request

if TYPE_CHECKING:
    from demo.trackers.azure_devops.site import AzureDevOpsSite, Item, Link

MOST = 200
_EXPANDS = ("none", "relations", "fields", "links", "all")


def known(site: AzureDevOpsSite, text: str) -> Item:
    """The work item of an id; Refused (404, TF401232) when it is not there or not for the account."""
    item = site.find(int(text)) if text.isdecimal() else None
    if item is None:
        raise Refused(404, missing(text), "WorkItemUnauthorizedAccessException")
    return item


def missing(text: str | int) -> str:
    """What the server says of an item that is not there or not for the account: it does not say which."""
    return f"TF401232: Work item {text} does not exist, or you do not have permissions to read it."


def get(site: AzureDevOpsSite, request: Request) -> Answer:
    """GET workitems/{id}."""
    fields, expand = _wanted(request.many("fields"), request.one("$expand", "none"))
    item = known(site, request.names["id"])
    return Answer(body=render.work_item(site, item, request.base_url, fields, expand))


def get_some(site: AzureDevOpsSite, request: Request) -> Answer:
    """GET workitems?ids=."""
    ids = [int(text) for text in request.many("ids") if text.isdecimal()]
    fields, expand = _wanted(request.many("fields"), request.one("$expand", "none"))
    return _several(site, request, ids, fields, expand, request.one("errorPolicy", "fail").lower())


def batch(site: AzureDevOpsSite, request: Request) -> Answer:
    """POST workitemsbatch: two hundred at most; with errorPolicy omit, null stands for what cannot be read."""
    body = request.json()
    given = body.get("ids")
    if not isinstance(given, list) or not all(isinstance(one, int) for one in given):
        raise Refused(400, "The ids must be a list of whole numbers.", "VssPropertyValidationException")
    fields, expand = _wanted([str(name) for name in body.get("fields") or ()], str(body.get("$expand") or "none"))
    return _several(site, request, given, fields, expand, str(body.get("errorPolicy") or "fail").lower())


def _wanted(fields: list[str], expand: str) -> tuple[list[str], str]:
    expand = expand.lower()
    if expand not in _EXPANDS:
        raise Refused(400, f"The value {expand!r} of $expand is not known.", "VssPropertyValidationException")
    if fields and expand != "none":
        message = "The expand parameter can not be used with the fields parameter."
        raise Refused(400, message, "ConflictingParametersException")
    return fields, expand


def _several(
    site: AzureDevOpsSite, request: Request, ids: list[int], fields: list[str], expand: str, policy: str
) -> Answer:
    if len(ids) > MOST:
        message = f"VS403474: You requested {len(ids)} work items which exceeds the limit of {MOST}."
        raise Refused(400, message, "VssPropertyValidationException")
    for name in fields:
        if name not in site.fields:
            raise Refused(
                400, f"TF51535: Cannot find field {name}.", "WorkItemTrackingFieldDefinitionNotFoundException"
            )
    found: list[dict[str, Any] | None] = []
    for item_id in ids:
        item = site.find(item_id)
        if item is None and policy != "omit":
            raise Refused(404, missing(item_id), "WorkItemUnauthorizedAccessException")
        found.append(None if item is None else render.work_item(site, item, request.base_url, fields, expand))
    return Answer(body={"count": len(found), "value": found})


def _paged(request: Request, found: list[dict[str, Any]]) -> Answer:
    start, size = request.number("$skip", 0), min(request.number("$top", MOST), MOST)
    page = found[start : start + size]
    return Answer(body={"count": len(page), "value": page})


def revisions(site: AzureDevOpsSite, request: Request) -> Answer:
    """GET workitems/{id}/revisions: full snapshots, oldest first."""
    item = known(site, request.names["id"])
    return _paged(
        request,
        [
            {
                "id": item.id,
                "rev": item.first_rev + place,
                "fields": render.field_values(site, item, place, (), request.base_url),
                "url": f"{render.item_url(request.base_url, item.id)}/revisions/{item.first_rev + place}",
            }
            for place in range(len(item.revisions))
        ],
    )


def updates(site: AzureDevOpsSite, request: Request) -> Answer:
    """GET workitems/{id}/updates: what each revision changed; a change of links alone repeats the revision."""
    item = known(site, request.names["id"])
    events: list[tuple[Any, int, int | Link]] = [
        (values.read(one["System.ChangedDate"]), 0, place) for place, one in enumerate(item.revisions)
    ]
    born = events[0][0]  # a recorded link may be dated before the item; it cannot have come before it
    linked = (link for link in site.link_log if item.id in (link.source, link.target))
    events += [(max(born, values.read(link.at)), 1, link) for link in linked]
    events.sort(key=lambda event: event[:2])
    found: list[dict[str, Any]] = []
    rev, place = item.first_rev, 0
    for number, (_, _, event) in enumerate(events, start=1):
        shown: dict[str, Any] = {"id": number, "workItemId": item.id}
        if isinstance(event, int):
            rev, place = item.first_rev + event, event
            shown |= {"rev": rev, "fields": _difference(site, item, place, request.base_url)}
        else:
            shown |= {"rev": rev, "relations": _relation(item, event, request.base_url)}
        author = item.revisions[place].get("System.ChangedBy", site.account)
        shown["revisedBy"] = values.person(author, request.base_url)
        shown["revisedDate"] = render.computed(item, place, "System.RevisedDate")
        shown["url"] = f"{render.item_url(request.base_url, item.id)}/updates/{number}"
        found.append(shown)
    return _paged(request, found)


def _difference(site: AzureDevOpsSite, item: Item, place: int, base_url: str) -> dict[str, Any]:
    new = render.field_values(site, item, place, (), base_url)
    old = render.field_values(site, item, place - 1, (), base_url) if place else {}
    for name in render.COMPUTED:
        new[name] = render.computed(item, place, name)
        if place:
            old[name] = render.computed(item, place - 1, name)
    changed: dict[str, Any] = {}
    for name in {**new, **old}:
        if new.get(name) == old.get(name):
            continue
        entry = {"oldValue": old[name]} if name in old else {}
        changed[name] = entry | ({"newValue": new[name]} if name in new else {})
    return changed


def _relation(item: Item, link: Link, base_url: str) -> dict[str, Any]:
    forward = link.source == item.id
    other = link.target if forward else link.source
    end = "" if link.rel == "System.LinkTypes.Related" else "-Forward" if forward else "-Reverse"
    one = {"rel": link.rel + end, "url": render.item_url(base_url, other), "attributes": {"isLocked": False}}
    return {"added" if link.active else "removed": [one]}


def recycled(site: AzureDevOpsSite, request: Request) -> Answer:
    """GET recyclebin, of the organisation or a project: ids, or with `ids` what they were."""
    project = request.names.get("project")
    found = [
        item
        for item in site.items.values()
        if item.deleted and not site.is_hidden(item) and (project is None or item.project == project)
    ]
    wanted = {int(text) for text in request.many("ids") if text.isdecimal()}
    if wanted:
        value = [_recycled(item, request) for item in found if item.id in wanted]
        return Answer(body={"count": len(value), "value": value})
    value = [{"id": item.id, "url": _bin_url(item, request)} for item in found]
    return Answer(body={"count": len(value), "value": value})


def recycled_one(site: AzureDevOpsSite, request: Request) -> Answer:
    """GET recyclebin/{id}: with the item itself as `resource`."""
    item = _in_bin(site, request)
    return Answer(body={**_recycled(item, request), "resource": render.work_item(site, item, request.base_url)})


def restore(site: AzureDevOpsSite, request: Request) -> Answer:
    """PATCH recyclebin/{id} with `isDeleted: false`."""
    item = _in_bin(site, request)
    if request.json().get("isDeleted") is not False:
        raise Refused(400, "isDeleted must be false.", "VssPropertyValidationException")
    site.restore(item.id, site.now())
    shown = {**_recycled(item, request), "code": 200}
    return Answer(body={**shown, "resource": render.work_item(site, item, request.base_url)})


def destroy(site: AzureDevOpsSite, request: Request) -> Answer:
    """DELETE recyclebin/{id}: gone for good."""
    site.destroy(_in_bin(site, request).id)
    return Answer(204)


def _in_bin(site: AzureDevOpsSite, request: Request) -> Item:
    text = request.names["id"]
    item = site.items.get(int(text)) if text.isdecimal() else None
    if item is None or not item.deleted or site.is_hidden(item):
        raise Refused(404, missing(text), "WorkItemUnauthorizedAccessException")
    return item


def _recycled(item: Item, request: Request) -> dict[str, Any]:
    when = values.read(item.fields["System.ChangedDate"])
    hour = when.hour % 12 or 12
    return {
        "id": item.id,
        "code": 200,
        "type": item.fields["System.WorkItemType"],
        "name": item.fields.get("System.Title", ""),
        "project": item.project,
        "deletedDate": f"{when.month}/{when.day}/{when.year} {hour}:{when:%M:%S} {'AM' if when.hour < 12 else 'PM'}",
        "deletedBy": values.person_text(item.fields.get("System.ChangedBy", "")),
        "url": _bin_url(item, request),
    }


def _bin_url(item: Item, request: Request) -> str:
    return f"{request.base_url}/_apis/wit/recycleBin/{item.id}"
