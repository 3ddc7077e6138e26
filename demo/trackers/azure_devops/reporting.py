"""The reporting resources: every revision and every link once, in the order in which they came."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from demo.trackers.azure_devops import render, values
from demo.trackers.http import Answer, Refused, Request

if TYPE_CHECKING:
    from demo.trackers.azure_devops.site import AzureDevOpsSite, Item, Link


def revisions(site: AzureDevOpsSite, request: Request) -> Answer:
    """GET or POST reporting/workitemrevisions, for the organisation or one project."""
    body = request.json() if request.method == "POST" else {}
    asked = [str(name) for name in body.get("fields") or request.many("fields")]
    types = {str(name) for name in body.get("types") or request.many("types")}

    def flag(name: str) -> bool:
        return bool(body.get(name, False)) or request.flag(name)

    _refuse_unknown(site, asked)
    people, deleted, latest = flag("includeIdentityRef"), flag("includeDeleted"), flag("includeLatestOnly")
    long_text = request.one("$expand").lower() == "fields"
    project = _project(site, request)
    since = _since(request)

    def shown(entry: tuple[int, int]) -> dict[str, Any] | None:
        item, place = site.items.get(entry[0]), entry[1]
        if item is None or site.is_hidden(item) or (item.deleted and not deleted):
            return None
        snapshot = item.revisions[place]
        if (
            (project is not None and snapshot["System.TeamProject"] != project)
            or (types and snapshot["System.WorkItemType"] not in types)
            or (latest and place != len(item.revisions) - 1)
            or (since is not None and values.read(snapshot["System.ChangedDate"]) < since)
        ):
            return None
        fields = _reported(site, item, place, asked, request.base_url, people, long_text)
        return {"id": item.id, "rev": item.first_rev + place, "fields": fields}

    return _batch(site, request, "workItemRevisions", site.revision_log, shown)


def links(site: AzureDevOpsSite, request: Request) -> Answer:
    """GET reporting/workitemlinks, for the organisation or one project; a link that went is not active."""
    kinds, types = set(request.many("linkTypes")), set(request.many("types"))
    project = _project(site, request)
    since = _since(request)

    def shown(link: Link) -> dict[str, Any] | None:
        source, target = site.items.get(link.source), site.items.get(link.target)
        if source is None or target is None or site.is_hidden(source) or site.is_hidden(target):
            return None
        if (
            (project is not None and project not in (source.project, target.project))
            or (kinds and link.rel not in kinds)
            or (types and source.fields["System.WorkItemType"] not in types)
            or (since is not None and values.read(link.at) < since)
        ):
            return None
        ends = {"sourceId": link.source, "targetId": link.target, "changedDate": link.at, "isActive": link.active}
        if not site.links_nested:
            return {"rel": link.rel, **ends}
        return {"rel": link.rel, "attributes": {"linkType": link.rel, **ends}}

    return _batch(site, request, "workItemLinks", site.link_log, shown)


def _reported(  # every argument is one word of the request
    site: AzureDevOpsSite,
    item: Item,
    place: int,
    asked: Sequence[str],
    base_url: str,
    people: bool,
    long_text: bool,
) -> dict[str, Any]:
    fields = render.field_values(site, item, place, asked, base_url, people)
    if not asked:
        fields |= {name: render.computed(item, place, name) for name in render.COMPUTED}
    if not long_text:
        for name in site.long_fields & fields.keys():
            del fields[name]
    if "System.IsDeleted" in asked:
        fields.setdefault("System.IsDeleted", False)
    parent = site.parents.get(item.id)
    if site.parent_field == "given" and parent is not None and (not asked or "System.Parent" in asked):
        fields["System.Parent"] = parent
    return fields


def _refuse_unknown(site: AzureDevOpsSite, asked: Iterable[str]) -> None:
    for name in asked:
        if name not in site.fields:
            raise Refused(
                400, f"TF51535: Cannot find field {name}.", "WorkItemTrackingFieldDefinitionNotFoundException"
            )
        if name == "System.Parent" and site.parent_field == "refused":
            raise Refused(400, f"The field {name} is not supported by this resource.", "InvalidFieldException")


def _project(site: AzureDevOpsSite, request: Request) -> str | None:
    named = request.names.get("project")
    if named is None:
        return None
    project = site.visible(named)
    if project is None:
        raise Refused(404, missing_project(named), "ProjectDoesNotExistWithNameException")
    return project.name


def missing_project(name: str) -> str:
    """What the server says of a project that is not there or not for the account."""
    return (
        f"TF200016: The following project does not exist: {name}. Verify that the name of the project is correct and "
        "that the project exists on the specified Azure DevOps Server."
    )


def _since(request: Request) -> Any:
    text = request.one("startDateTime")
    if not text:
        return None
    if request.one("continuationToken"):
        raise Refused(
            400, "startDateTime and continuationToken must not be given together.", "VssPropertyValidationException"
        )
    try:
        return values.read(text)
    except ValueError:
        raise Refused(
            400, f"The value {text!r} of startDateTime is no date.", "VssPropertyValidationException"
        ) from None


def _batch(
    site: AzureDevOpsSite,
    request: Request,
    resource: str,
    log: Sequence[Any],
    shown: Callable[[Any], dict[str, Any] | None],
) -> Answer:
    place, number = _place(request.one("continuationToken"), len(log))
    size = next(site.page_sizes)
    asked = request.number("$maxPageSize", size)
    found: list[dict[str, Any]] = []
    while place < len(log) and len(found) < min(size, asked):
        one = shown(log[place])
        place += 1
        if one is not None:
            found.append(one)
    # The last batch's token is a place too: what comes later follows it. Only a token that caught up comes twice.
    if found or place < len(log):
        number += 1
    token = f"{place};{number};{len(resource)}"
    named = request.names.get("project")
    where = f"{request.base_url}/{quote(named)}" if named else request.base_url
    query = f"continuationToken={quote(token)}&api-version={site.version}"
    body: dict[str, Any] = {"values": found, "nextLink": f"{where}/_apis/wit/reporting/{resource}?{query}"}
    if site.plain_token:
        body["continuationToken"] = token
    body["isLastBatch"] = place >= len(log)
    return Answer(body=body)


def _place(token: str, length: int) -> tuple[int, int]:
    """A token's place in the log and the number of batches before it."""
    if not token:
        return 0, 0
    parts = token.split(";")
    if len(parts) != 3 or not all(part.isdecimal() for part in parts) or int(parts[0]) > length:
        raise Refused(400, f"The continuation token {token!r} is invalid.", "InvalidContinuationTokenException")
    return int(parts[0]), int(parts[1])
