"""Who has which role in a project, who is in a group, and who an account is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_URL, uuid5

from demo.trackers.http import Answer, Refused, Request

if TYPE_CHECKING:
    from demo.trackers.jira.site import JiraSite

FIRST = 10_000  # the id of a site's first role
MOST = 50  # members a page


@dataclass(frozen=True)
class Actor:
    """A person, as an author is, or a group by its name."""

    id: int
    person: Mapping[str, Any] | None = None
    group: str = ""


def grant(site: JiraSite, role: str, project: str, *, person: Mapping[str, Any] | None = None, group: str = "") -> None:
    """Give somebody, or a group, a role in a project (by its key)."""
    with site.lock:
        site.roles.setdefault(role, {}).setdefault(project, []).append(Actor(site.next_id(), person, group))


def listed(site: JiraSite, request: Request) -> Answer:
    """GET project/{key or id}/role: the names of all roles, and their addresses; for who administers the project."""
    key = _project(site, request)
    if not site.permissions.get("ADMINISTER_PROJECTS", True):
        raise Refused(401 if site.cloud else 404, "You do not have the permission to see the roles of this project.")
    address = f"{request.base_url}/rest/api/{request.names['version']}/project/{key}/role"
    return Answer(body={name: f"{address}/{FIRST + place}" for place, name in enumerate(site.roles)})


def role(site: JiraSite, request: Request) -> Answer:
    """GET project/{key or id}/role/{id}: who has it, by display name."""
    key = _project(site, request)
    names = {str(FIRST + place): name for place, name in enumerate(site.roles)}
    name = names.get(request.names["role"])
    if name is None or not site.permissions.get("ADMINISTER_PROJECTS", True):
        raise Refused(404, f"Can not retrieve the role {request.names['role']} of project {key}.")
    actors = [_actor(site, one) for one in site.roles[name].get(key, ())]
    actors.sort(key=lambda one: str(one["displayName"]))
    shown = {"id": int(request.names["role"]), "name": name, "description": "", "actors": actors}
    return Answer(body={"self": f"{request.base_url}{request.path}", **shown})


def members(site: JiraSite, request: Request) -> Answer:
    """GET group/member: pages of people by `groupname`, on Cloud by `groupId` as well; fifty at most."""
    _may_browse(site)
    asked = [request.one(name) for name in ("groupname", "groupId") if name in request.query]
    if len(asked) != 1 or ("groupId" in request.query and not site.cloud):
        raise Refused(400, "Exactly one of the parameters 'groupname' and 'groupId' must be provided.")
    found = next((people for name, people in site.groups.items() if asked[0] in (name, _group_id(name))), None)
    if found is None:
        raise Refused(404, f"The group {asked[0]!r} does not exist.")
    found = [one for one in found if one.get("active", True) or request.flag("includeInactiveUsers")]
    start, size = request.number("startAt", 0), min(request.number("maxResults", MOST), MOST)
    page = found[start : start + size]
    last = start + len(page) >= len(found)
    place = {"maxResults": size, "startAt": start, "total": len(found), "isLast": last}
    return Answer(body={"self": f"{request.base_url}{request.path}", **place, "values": [dict(one) for one in page]})


def user(site: JiraSite, request: Request) -> Answer:
    """GET user: by `accountId` on Cloud, by `key` or `username` elsewhere, among all who did or have something here."""
    _may_browse(site)
    names = {"accountId": "accountId"} if site.cloud else {"key": "key", "username": "name"}
    asked = [(names[name], request.one(name)) for name in names if name in request.query]
    if len(asked) != 1:
        raise Refused(400, f"Exactly one of the parameters {', '.join(names)} must be provided.")
    ((name, value),) = asked
    for one in _people(site):
        if one.get(name) == value:
            return Answer(body=dict(one))
    raise Refused(404, f"The user named '{value}' does not exist.")


def _project(site: JiraSite, request: Request) -> str:
    wanted = request.names["project"]
    for one in site.visible_projects():
        if wanted in (str(one["key"]), str(one.get("id"))):
            return str(one["key"])
    raise Refused(404, f"No project could be found with key '{wanted}'.")


def _may_browse(site: JiraSite) -> None:
    if not site.permissions.get("USER_PICKER", True):
        raise Refused(403, "You are not authorised to browse users and groups.")


def _actor(site: JiraSite, one: Actor) -> dict[str, Any]:
    if one.person is None:
        kind, shown = "atlassian-group-role-actor", one.group
        more: dict[str, Any] = {"name": one.group}
        if site.cloud:
            more["actorGroup"] = {"name": one.group, "displayName": one.group, "groupId": _group_id(one.group)}
    else:
        kind, shown = "atlassian-user-role-actor", one.person["displayName"]
        more = {"actorUser": {"accountId": one.person["accountId"]}} if site.cloud else {"name": one.person["name"]}
    return {"id": one.id, "displayName": shown, "type": kind, **more}


def _group_id(name: str) -> str:
    return str(uuid5(NAMESPACE_URL, f"group/{name}"))


def _people(site: JiraSite) -> Iterator[Mapping[str, Any]]:
    for issue in site.issues():
        yield from (one["author"] for one in issue.comments if "author" in one)
    for projects in site.roles.values():
        yield from (one.person for actors in projects.values() for one in actors if one.person is not None)
    for people in site.groups.values():
        yield from people
