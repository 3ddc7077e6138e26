"""Comments on issues and the properties they carry."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from demo.trackers.http import Answer, Refused, Request
from demo.trackers.jira import render, text
from demo.trackers.jira.issues import known

if TYPE_CHECKING:
    from demo.trackers.jira.site import Issue, JiraSite

LONGEST = 32_767  # letters of a comment, bytes of a property's value


def listed(site: JiraSite, request: Request) -> Answer:
    """GET issue/{key}/comment: oldest first unless `orderBy=-created`."""
    one = known(site, request.names["issue"])
    entries = one.comments[::-1] if request.one("orderBy") == "-created" else one.comments
    start = request.number("startAt", 0)
    size = min(request.number("maxResults", 100), 5000)
    page = [_shown(site, request, one, entry) for entry in entries[start : start + size]]
    return Answer(body={"startAt": start, "maxResults": size, "total": len(entries), "comments": page})


def get(site: JiraSite, request: Request) -> Answer:
    """GET issue/{key}/comment/{id}."""
    one = known(site, request.names["issue"])
    return Answer(body=_shown(site, request, one, _of(one, request.names["comment"])))


def add(site: JiraSite, request: Request) -> Answer:
    """POST issue/{key}/comment; it may carry properties, and it touches the issue's `updated`."""
    one = known(site, request.names["issue"])
    body = request.json()
    more = {"visibility": body["visibility"]} if "visibility" in body else {}
    more["properties"] = [{"key": str(one["key"]), "value": one["value"]} for one in body.get("properties") or ()]
    entry = say(site, one, account(site), _text(site, request, body), site.now(), **more)
    return Answer(201, _shown(site, request, one, entry))


def update(site: JiraSite, request: Request) -> Answer:
    """PUT issue/{key}/comment/{id}; `notifyUsers` must be true or false, and properties may come along."""
    one = known(site, request.names["issue"])
    entry = _of(one, request.names["comment"])
    if request.one("notifyUsers", "true") not in ("true", "false"):
        raise Refused(400, "notifyUsers must be true or false.")
    body = request.json()
    told = {str(one["key"]): one["value"] for one in body.get("properties") or ()}
    others = [one for one in entry.get("properties", ()) if one["key"] not in told]
    properties = [*others, *({"key": key, "value": value} for key, value in told.items())]
    changed = rewrite(site, one, entry, account(site), _text(site, request, body), site.now(), properties=properties)
    return Answer(body=_shown(site, request, one, changed))


def remove(site: JiraSite, request: Request) -> Answer:
    """DELETE issue/{key}/comment/{id}."""
    one = known(site, request.names["issue"])
    erase(site, one, _of(one, request.names["comment"]), site.now())
    return Answer(204)


def say(site: JiraSite, one: Issue, author: Mapping[str, Any], body: Any, at: datetime, **more: Any) -> dict[str, Any]:
    """A new comment by anybody, which changes the issue's `updated`; `more` are further keys of it."""
    when = site.instant(at)
    entry = {"id": str(site.next_id()), "author": dict(author), "updateAuthor": dict(author), "body": body}
    entry |= {"created": when, "updated": when, **more}
    one.comments = [*one.comments, entry]
    site.changed(one, at)
    return entry


def rewrite(
    site: JiraSite, one: Issue, entry: dict[str, Any], author: Mapping[str, Any], body: Any, at: datetime, **more: Any
) -> dict[str, Any]:
    """Anybody edits a comment, which changes the issue's `updated`; the comment as it is now."""
    changed = {**entry, "body": body, "updateAuthor": dict(author), "updated": site.instant(at), **more}
    one.comments = [changed if other is entry else other for other in one.comments]
    site.changed(one, at)
    return changed


def erase(site: JiraSite, one: Issue, entry: dict[str, Any], at: datetime) -> None:
    """A comment goes without a trace but the issue's `updated`."""
    one.comments = [other for other in one.comments if other is not entry]
    site.changed(one, at)


def by_ids(site: JiraSite, request: Request) -> Answer:
    """POST comment/list: comments by id, with their properties when `expand=properties`."""
    wanted = {str(number) for number in request.json().get("ids", ())}
    found = [
        _shown(site, request, one, entry)
        for one in site.issues()
        if not site.is_hidden(one.key)
        for entry in one.comments
        if str(entry["id"]) in wanted
    ]
    answer = {"maxResults": 1000, "startAt": 0, "total": len(found), "isLast": True, "values": found}
    return Answer(body=answer)


def property_keys(site: JiraSite, request: Request) -> Answer:
    """GET comment/{id}/properties."""
    _, entry = _anywhere(site, request)
    address = f"{request.base_url}/rest/api/{request.names['version']}/comment/{entry['id']}/properties/"
    keys = [{"key": one["key"], "self": address + one["key"]} for one in entry.get("properties", ())]
    return Answer(body={"keys": keys})


def get_property(site: JiraSite, request: Request) -> Answer:
    """GET comment/{id}/properties/{key}."""
    _, entry = _anywhere(site, request)
    for one in entry.get("properties", ()):
        if one["key"] == request.names["key"]:
            return Answer(body=one)
    raise Refused(404, "The property does not exist.")


def set_property(site: JiraSite, request: Request) -> Answer:
    """PUT comment/{id}/properties/{key} with any JSON as the body: 201 when it is new, else 200."""
    one, entry = _anywhere(site, request)
    key = request.names["key"]
    try:
        value = json.loads(request.body)
    except ValueError:
        raise Refused(400, "The property's value must be JSON.") from None
    if len(request.body) > LONGEST or len(key) > 255:
        raise Refused(400, "The property's key or value is too long.")
    others = [other for other in entry.get("properties", ()) if other["key"] != key]
    new = len(others) == len(entry.get("properties", ()))
    _replace(one, entry, [*others, {"key": key, "value": value}])
    return Answer(201 if new else 200)


def remove_property(site: JiraSite, request: Request) -> Answer:
    """DELETE comment/{id}/properties/{key}."""
    one, entry = _anywhere(site, request)
    left = [other for other in entry.get("properties", ()) if other["key"] != request.names["key"]]
    if len(left) == len(entry.get("properties", ())):
        raise Refused(404, "The property does not exist.")
    _replace(one, entry, left)
    return Answer(204)


def account(site: JiraSite) -> dict[str, Any]:
    """Who is signed in, as an author: by account id on Cloud, by key and name on Data Center (as in `myself`)."""
    if site.cloud:
        return dict(site.account)
    name = site.account.get("name", "demo")
    return {"name": name, "key": site.account.get("key", name), "displayName": site.account["displayName"]}


def _replace(one: Issue, entry: dict[str, Any], properties: list[dict[str, Any]]) -> None:
    one.comments = [{**other, "properties": properties} if other is entry else other for other in one.comments]


def _of(one: Issue, comment_id: str) -> dict[str, Any]:
    for entry in one.comments:
        if str(entry["id"]) == comment_id:
            return entry
    raise Refused(404, f"Can not find a comment for the id: {comment_id}.")


def _anywhere(site: JiraSite, request: Request) -> tuple[Issue, dict[str, Any]]:
    for one in site.issues():
        for entry in one.comments:
            if str(entry["id"]) == request.names["comment"] and not site.is_hidden(one.key):
                return one, entry
    raise Refused(404, f"Can not find a comment for the id: {request.names['comment']}.")


def _shown(site: JiraSite, request: Request, one: Issue, entry: dict[str, Any]) -> dict[str, Any]:
    version = render.version_of(site, request.names["version"])
    return render.comment(one, entry, request.base_url, version, request.many("expand"))


def _text(site: JiraSite, request: Request, body: dict[str, Any]) -> Any:
    value = body.get("body")
    if render.version_of(site, request.names["version"]) == "3":
        if not text.is_document(value):
            raise Refused(400, "Comment body is not valid! It must be a document of type doc and version 1.")
        length = len(text.plain(value))
    else:
        if not isinstance(value, str) or not value.strip():
            raise Refused(400, "Comment body can not be empty!")
        length = len(value)
    if length > LONGEST:
        raise Refused(400, f"The entered text is too long. It exceeds the allowed limit of {LONGEST} characters.")
    return value
