"""Comments on work items, a preview of the interface: each one makes a revision."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from demo.trackers.azure_devops import render, values
from demo.trackers.azure_devops.about import project_of
from demo.trackers.azure_devops.items import known
from demo.trackers.http import Answer, Refused, Request

if TYPE_CHECKING:
    from demo.trackers.azure_devops.site import AzureDevOpsSite, Item

_UNSAFE = re.compile(r"<!--.*?-->|<script.*?</script>", re.DOTALL | re.IGNORECASE)
_PREVIEW = re.compile(r"\d+\.\d-preview(\.\d+)?")


def listed(site: AzureDevOpsSite, request: Request) -> Answer:
    """GET comments: pages of `$top`, newest first unless `order=asc`."""
    item = _item(site, request)
    found = [one for one in item.comments if request.flag("includeDeleted") or not one["isDeleted"]]
    if request.one("order", "desc").lower() != "asc":
        found.reverse()
    token = request.one("continuationToken", "0")
    start = int(token) if token.isdecimal() else 0
    page = found[start : start + min(request.number("$top", 200), 200)]
    body: dict[str, Any] = {
        "totalCount": len(found),
        "count": len(page),
        "comments": [_shown(item, one, request) for one in page],
    }
    if start + len(page) < len(found):
        body["continuationToken"] = str(start + len(page))
        body["nextPage"] = f"{request.base_url}{request.path}?continuationToken={start + len(page)}"
    return Answer(body=body)


def get(site: AzureDevOpsSite, request: Request) -> Answer:
    """GET comments/{id}."""
    item = _item(site, request)
    return Answer(body=_shown(item, _of(item, request), request))


def add(site: AzureDevOpsSite, request: Request) -> Answer:
    """POST comments: the text is sanitised, and the item gets a revision."""
    item = _item(site, request)
    form = request.one("format", "html").lower()
    entry = say(site, item, site.account, _text(request), site.now(), form=form)
    return Answer(body=_shown(item, entry, request))


def update(site: AzureDevOpsSite, request: Request) -> Answer:
    """PATCH comments/{id}: the version goes up, and the item gets a revision."""
    item = _item(site, request)
    entry = _of(item, request)
    changed = rewrite(site, item, entry, site.account, _text(request), site.now())
    return Answer(body=_shown(item, changed, request))


def remove(site: AzureDevOpsSite, request: Request) -> Answer:
    """DELETE comments/{id}: marked as deleted."""
    item = _item(site, request)
    erase(site, item, _of(item, request), site.account, site.now())
    return Answer(204)


def say(
    site: AzureDevOpsSite, item: Item, author: Mapping[str, Any], text: str, at: datetime, *, form: str = "html"
) -> dict[str, Any]:
    """A new comment by anybody; the item gets a revision."""
    when = values.instant(at)
    entry = {
        "id": 1 + max((one["id"] for other in site.items.values() for one in other.comments), default=0),
        "version": 1,
        "text": text,
        "format": form,
        "createdBy": dict(author),
        "createdDate": when,
        "modifiedBy": dict(author),
        "modifiedDate": when,
        "isDeleted": False,
    }
    item.comments = [*item.comments, entry]
    _count(site, item, author, at, {"System.History": text})
    return entry


def rewrite(
    site: AzureDevOpsSite, item: Item, entry: dict[str, Any], author: Mapping[str, Any], text: str, at: datetime
) -> dict[str, Any]:
    """Anybody edits a comment: its version goes up, and the item gets a revision; the comment as it is now."""
    changed = {**entry, "text": text, "version": entry["version"] + 1}
    return _replace(site, item, entry, changed, author, at)


def erase(site: AzureDevOpsSite, item: Item, entry: dict[str, Any], author: Mapping[str, Any], at: datetime) -> None:
    """A comment is marked as deleted, and the item gets a revision."""
    _replace(site, item, entry, {**entry, "isDeleted": True}, author, at)


def _replace(
    site: AzureDevOpsSite,
    item: Item,
    entry: dict[str, Any],
    changed: dict[str, Any],
    author: Mapping[str, Any],
    at: datetime,
) -> dict[str, Any]:
    changed |= {"modifiedBy": dict(author), "modifiedDate": values.instant(at)}
    item.comments = [changed if one is entry else one for one in item.comments]
    _count(site, item, author, at, {})
    return changed


def _item(site: AzureDevOpsSite, request: Request) -> Item:
    accept = re.search(r"api-version=([^;,\s]+)", request.headers.get("accept", ""))
    version = request.one("api-version") or (accept[1] if accept else "")
    if not _PREVIEW.fullmatch(version):
        message = (
            f"The requested version {version!r} of the resource is under preview. The -preview flag must be supplied."
        )
        raise Refused(400, message, "VssInvalidPreviewVersionException")
    project = project_of(site, request)
    item = known(site, request.names["item"])
    if item.project != project.name:
        raise Refused(404, f"Work item {item.id} is not in project {project.name}.", "WorkItemNotFoundException")
    return item


def _of(item: Item, request: Request) -> dict[str, Any]:
    for one in item.comments:
        if str(one["id"]) == request.names["comment"] and not one["isDeleted"]:
            return one
    raise Refused(404, f"Comment {request.names['comment']} does not exist.", "CommentNotFoundException")


def _text(request: Request) -> str:
    text = request.json().get("text")
    if not isinstance(text, str) or not text.strip():
        raise Refused(400, "The text of a comment must not be empty.", "VssPropertyValidationException")
    return _UNSAFE.sub("", text)


def _count(site: AzureDevOpsSite, item: Item, author: Mapping[str, Any], at: datetime, fields: dict[str, Any]) -> None:
    count = sum(not one["isDeleted"] for one in item.comments)
    site.edit(item.id, at, {"System.CommentCount": count, **fields}, author=author)


def _shown(item: Item, one: dict[str, Any], request: Request) -> dict[str, Any]:
    people = {name: values.person(one[name], request.base_url) for name in ("createdBy", "modifiedBy")}
    address = f"{render.item_url(request.base_url, item.id)}/comments/{one['id']}"
    shown = {**one, **people, "workItemId": item.id, "url": address}
    if not one["isDeleted"]:
        del shown["isDeleted"]
    if request.one("$expand").lower() in ("renderedtext", "all"):
        shown["renderedText"] = one["text"]
    return shown
