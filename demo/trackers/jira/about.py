"""What a site says of itself: server, account, fields, projects, types, statuses, permissions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from demo.trackers.http import Answer, Refused, Request

if TYPE_CHECKING:
    from demo.trackers.jira.site import JiraSite

_KNOWN_PERMISSIONS = {
    "BROWSE_PROJECTS": ("10", "Browse Projects"),
    "ADD_COMMENTS": ("15", "Add Comments"),
    "EDIT_OWN_COMMENTS": ("35", "Edit Own Comments"),
    "DELETE_OWN_COMMENTS": ("37", "Delete Own Comments"),
    "EDIT_ISSUES": ("12", "Edit Issues"),
    "ADMINISTER_PROJECTS": ("23", "Administer Projects"),
    "USER_PICKER": ("27", "Browse users and groups"),
    "ADMINISTER": ("0", "Administer Jira"),
}


def server_info(site: JiraSite, request: Request) -> Answer:
    """GET serverInfo, open to everybody."""
    numbers = [1001, 0, 0] if site.cloud else [10, 3, 5]
    info: dict[str, Any] = {
        "baseUrl": request.base_url,
        "version": ".".join(map(str, numbers)),
        "versionNumbers": numbers,
        "deploymentType": "Cloud" if site.cloud else "Server",
        "buildNumber": 100_000,
        "buildDate": "2026-01-15T00:00:00.000+0000",
        "serverTime": site.instant(site.now()),
        "scmInfo": "0000000000000000000000000000000000000000",
        "serverTitle": site.title,
    }
    if site.cloud:
        info["displayUrl"] = request.base_url
        info["serverTimeZone"] = site.zone_name
    return Answer(body=info)


def myself(site: JiraSite, request: Request) -> Answer:
    """GET myself: the account that the token belongs to."""
    account = dict(site.account)
    shared = {"displayName": account["displayName"], "active": True, "timeZone": site.zone_name, "locale": "en_US"}
    if site.cloud:
        identity = account["accountId"]
        address = f"{request.base_url}/rest/api/{request.names['version']}/user?accountId={identity}"
        return Answer(body={"self": address, "accountId": identity, "accountType": "atlassian", **shared})
    name = account.get("name", "demo")
    address = f"{request.base_url}/rest/api/2/user?username={name}"
    return Answer(body={"self": address, "key": account.get("key", name), "name": name, "deleted": False, **shared})


def fields(site: JiraSite, _request: Request) -> Answer:
    """GET field: all of them, unpaged."""
    listed = list(site.fields.values())
    if not site.cloud:
        listed = [{name: value for name, value in one.items() if name not in ("key", "scope")} for one in listed]
    return Answer(body=listed)


def project(site: JiraSite, request: Request) -> Answer:
    """GET project/{key or id}."""
    wanted = request.names["project"]
    for one in site.visible_projects():
        if wanted.casefold() in (str(one["key"]).casefold(), str(one.get("id"))):
            return Answer(body=_project(one, request))
    raise Refused(404, f"No project could be found with key '{wanted}'.")


def projects(site: JiraSite, request: Request) -> Answer:
    """GET project: all that the account may browse, unpaged."""
    return Answer(body=[_project(one, request) for one in site.visible_projects()])


def project_search(site: JiraSite, request: Request) -> Answer:
    """GET project/search: pages, with the filters keys, id and query. Only Cloud has it."""
    if not site.cloud:
        raise Refused(404, "No project could be found with key 'search'.")
    keys, ids, query = (
        set(request.query.get("keys", ())),
        set(request.query.get("id", ())),
        request.one("query").casefold(),
    )
    found = [
        one
        for one in site.visible_projects()
        if (not keys or one["key"] in keys)
        and (not ids or str(one["id"]) in ids)
        and (query in str(one["key"]).casefold() or query in str(one["name"]).casefold())
    ]
    start = request.number("startAt", 0)
    size = min(request.number("maxResults", 50), 100)
    page = found[start : start + size]
    address = f"{request.base_url}/rest/api/{request.names['version']}/project/search"
    answer: dict[str, Any] = {
        "self": f"{address}?maxResults={size}&startAt={start}",
        "maxResults": size,
        "startAt": start,
        "total": len(found),
        "isLast": start + len(page) >= len(found),
        "values": [_project(one, request) for one in page],
    }
    if not answer["isLast"]:
        answer["nextPage"] = f"{address}?maxResults={size}&startAt={start + size}"
    return Answer(body=answer)


def _project(one: dict[str, Any], request: Request) -> dict[str, Any]:
    address = f"{request.base_url}/rest/api/{request.names['version']}/project/{one.get('id', one['key'])}"
    return {**one, "self": address}


def issue_types(site: JiraSite, request: Request) -> Answer:
    """GET issuetype; hierarchy levels are Cloud's alone."""
    listed = [{**one, "self": _address(request, "issuetype", one)} for one in site.issue_types.values()]
    if not site.cloud:
        listed = [{name: value for name, value in one.items() if name != "hierarchyLevel"} for one in listed]
    return Answer(body=listed)


def statuses(site: JiraSite, request: Request) -> Answer:
    """GET status."""
    return Answer(body=[{**one, "self": _address(request, "status", one)} for one in site.statuses.values()])


def _address(request: Request, kind: str, one: dict[str, Any]) -> str:
    return f"{request.base_url}/rest/api/{request.names['version']}/{kind}/{one['id']}"


def permissions(site: JiraSite, request: Request) -> Answer:
    """GET mypermissions for those that are asked (on Cloud some must be), for a project where one is named."""
    asked = request.many("permissions") or ([] if site.cloud else list(_KNOWN_PERMISSIONS))
    if not asked:
        raise Refused(400, "The 'permissions' query parameter is required.")
    for name in asked:
        if name not in _KNOWN_PERMISSIONS:
            raise Refused(400, f"Unrecognized permission: {name}")
    key = request.one("projectKey")
    if key and key not in {one["key"] for one in site.visible_projects()}:
        raise Refused(404, f"No project could be found with key '{key}'.")
    shown = {
        name: {
            "id": _KNOWN_PERMISSIONS[name][0],
            "key": name,
            "name": _KNOWN_PERMISSIONS[name][1],
            "type": "GLOBAL" if name in ("ADMINISTER", "USER_PICKER") else "PROJECT",
            "havePermission": site.permissions.get(name, name != "ADMINISTER"),
        }
        for name in asked
    }
    return Answer(body={"permissions": shown})
