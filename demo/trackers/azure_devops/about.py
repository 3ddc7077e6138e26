"""What an organisation says of itself: resources, account, projects, teams, types, backlogs, fields, areas."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from demo.trackers.azure_devops import values
from demo.trackers.azure_devops.locations import AREAS, locations
from demo.trackers.azure_devops.processes import PREFIX, RESOLVED, States
from demo.trackers.azure_devops.reporting import missing_project
from demo.trackers.http import Answer, Refused, Request

if TYPE_CHECKING:
    from demo.trackers.azure_devops.site import AzureDevOpsSite, Project

_COLOURS = {"Epic": "E06C00", "Feature": "773B93", "Task": "A4880A", "Bug": "CC293D"}
_CATEGORY_COLOURS = {"Proposed": "b2b2b2", "InProgress": "007acc", "Resolved": "ff9d00", "Completed": "339933"}


def listed(value: list[Any]) -> Answer:
    """A list as it goes over the wire."""
    return Answer(body={"count": len(value), "value": value})


def project_of(site: AzureDevOpsSite, request: Request, name: str = "project") -> Project:
    """The project that the path names; Refused (404) when it is not there or not for the account."""
    project = site.visible(request.names[name])
    if project is None:
        raise Refused(404, missing_project(request.names[name]), "ProjectDoesNotExistWithNameException")
    return project


def resources(site: AzureDevOpsSite, _request: Request) -> Answer:
    """OPTIONS _apis: where each resource is."""
    return listed(locations(site.version))


def resource_areas(_site: AzureDevOpsSite, request: Request) -> Answer:
    """GET _apis/ResourceAreas: which address serves which area."""
    return listed([{"id": key, "name": name, "locationUrl": f"{request.base_url}/"} for name, key in AREAS.items()])


def connection_data(site: AzureDevOpsSite, _request: Request) -> Answer:
    """GET _apis/connectionData: who is signed in."""
    identity = values.number_id("person", site.account["uniqueName"])
    user = {
        "id": identity,
        "descriptor": f"Microsoft.IdentityModel.Claims.ClaimsIdentity;{identity}",
        "subjectDescriptor": f"aad.{identity}",
        "providerDisplayName": site.account["displayName"],
        "isActive": True,
        "properties": {"Account": {"$type": "System.String", "$value": site.account["uniqueName"]}},
    }
    return Answer(
        body={
            "authenticatedUser": user,
            "authorizedUser": user,
            "instanceId": values.number_id("instance", site.organisation),
            "deploymentId": values.number_id("deployment"),
            "deploymentType": "hosted",
        }
    )


def projects(site: AzureDevOpsSite, request: Request) -> Answer:
    """GET _apis/projects: those that the account may see, by name."""
    found = [_project(site.projects[name], request) for name in sorted(site.projects) if name not in site.hidden]
    start, size = request.number("$skip", 0), request.number("$top", 100)
    return listed(found[start : start + size])


def project(site: AzureDevOpsSite, request: Request) -> Answer:
    """GET _apis/projects/{id or name}, with the process when `includeCapabilities=true`."""
    one = project_of(site, request)
    shown = _project(one, request)
    team = next(iter(one.teams))
    shown["defaultTeam"] = {"id": values.number_id("team", one.name, team), "name": team}
    if request.flag("includeCapabilities"):
        process = {"templateName": one.process.name, "templateTypeId": values.number_id("process", one.process.name)}
        shown["capabilities"] = {"processTemplate": process, "versioncontrol": {"sourceControlType": "Git"}}
    return Answer(body=shown)


def _project(one: Project, request: Request) -> dict[str, Any]:
    return {
        "id": one.id,
        "name": one.name,
        "url": f"{request.base_url}/_apis/projects/{one.id}",
        "state": "wellFormed",
        "revision": 1,
        "visibility": "private",
        "lastUpdateTime": "2026-01-05T08:00:00Z",
    }


def teams(site: AzureDevOpsSite, request: Request) -> Answer:
    """GET _apis/projects/{project}/teams."""
    one = project_of(site, request)
    found = [
        {
            "id": values.number_id("team", one.name, team),
            "name": team,
            "url": f"{request.base_url}/_apis/projects/{one.id}/teams/{values.number_id('team', one.name, team)}",
            "description": "",
            "projectName": one.name,
            "projectId": one.id,
        }
        for team in one.teams
    ]
    start, size = request.number("$skip", 0), request.number("$top", 100)
    return listed(found[start : start + size])


def team_members(site: AzureDevOpsSite, request: Request) -> Answer:
    """GET _apis/projects/{project}/teams/{team}/members, a hundred a page at most."""
    one = project_of(site, request)
    people = site.members.get((one.name, _team(one, request)), ())
    start, size = request.number("$skip", 0), min(request.number("$top", 100), 100)
    page = people[start : start + size]
    return listed([{"isTeamAdmin": False, "identity": values.person(one, request.base_url)} for one in page])


def team_areas(site: AzureDevOpsSite, request: Request) -> Answer:
    """GET teamsettings/teamfieldvalues: the areas of a team (without a team in the path: of the first)."""
    one = project_of(site, request)
    areas = one.teams[_team(one, request)]
    field = {"referenceName": "System.AreaPath", "url": f"{request.base_url}/_apis/wit/fields/System.AreaPath"}
    return Answer(
        body={
            "field": field,
            "defaultValue": areas[0] if areas else one.name,
            "values": [{"value": area, "includeChildren": True} for area in areas],
            "url": f"{request.base_url}{request.path}",
        }
    )


def team_iterations(site: AzureDevOpsSite, request: Request) -> Answer:
    """GET teamsettings/iterations: the project's iterations, their dates and whether they are past."""
    one = project_of(site, request)
    _team(one, request)
    now = values.instant(site.now())
    found: list[dict[str, Any]] = []
    for path, (start, finish) in one.iterations.items():
        frame = "past" if finish and finish < now else "future" if start and start > now else "current"
        attributes = {"startDate": start, "finishDate": finish, "timeFrame": frame}
        key = values.number_id("iteration", path)
        address = f"{request.base_url}{request.path}/{key}"
        found.append(
            {"id": key, "name": path.rpartition("\\")[2], "path": path, "attributes": attributes, "url": address}
        )
    return listed([entry for entry in found if request.one("$timeframe") in ("", entry["attributes"]["timeFrame"])])


def _team(one: Project, request: Request) -> str:
    wanted = request.names.get("team")
    if wanted is None:
        return next(iter(one.teams))
    for team in one.teams:
        if wanted.casefold() in (team.casefold(), values.number_id("team", one.name, team)):
            return team
    raise Refused(404, f"The team with id '{wanted}' does not exist.", "TeamNotFoundException")


def types(site: AzureDevOpsSite, request: Request) -> Answer:
    """GET {project}/_apis/wit/workitemtypes, with states."""
    one = project_of(site, request)
    return listed([_type(one, name, states, request) for name, states in one.process.types.items()])


def type_states(site: AzureDevOpsSite, request: Request) -> Answer:
    """GET {project}/_apis/wit/workitemtypes/{type}/states."""
    return listed(_states(_type_named(site, request)[1]))


def one_type(site: AzureDevOpsSite, request: Request) -> Answer:
    """GET {project}/_apis/wit/workitemtypes/{type}."""
    name, states = _type_named(site, request)
    return Answer(body=_type(project_of(site, request), name, states, request))


def _type_named(site: AzureDevOpsSite, request: Request) -> tuple[str, States]:
    one, wanted = project_of(site, request), request.names["type"]
    for name, states in one.process.types.items():
        if wanted.casefold() == name.casefold():
            return name, states
    message = f"VS402323: Work item type {wanted} does not exist in project {one.name} or you do not have permission."
    raise Refused(404, message, "WorkItemTypeNotFoundException")


def _type(one: Project, name: str, states: States, request: Request) -> dict[str, Any]:
    colour = _COLOURS.get(name, "009CCC")
    icon = f"icon_{name.lower().replace(' ', '_')}"
    return {
        "name": name,
        "referenceName": PREFIX + name.replace(" ", ""),
        "description": "",
        "color": colour,
        "icon": {"id": icon, "url": f"{request.base_url}/_apis/wit/workItemIcons/{icon}?color={colour}&v=2"},
        "isDisabled": False,
        "xmlForm": "",
        "fields": [],
        "fieldInstances": [],
        "transitions": {"": [{"to": states[0][0], "actions": None}]},
        "states": _states(states),
        "url": f"{request.base_url}/{one.id}/_apis/wit/workItemTypes/{quote(name)}",
    }


def _states(states: States) -> list[dict[str, str]]:
    return [
        {"name": name, "color": _CATEGORY_COLOURS.get(category, "ffffff"), "category": category}
        for name, category in states
    ]


def backlogs(site: AzureDevOpsSite, request: Request) -> Answer:
    """GET {project}/{team?}/_apis/work/backlogconfiguration: levels, effort field, bugs, and states by type.

    On backlogs a resolved item is in progress, whatever the category of its state is.
    """
    one = project_of(site, request)
    _team(one, request)
    process = one.process
    levels = [*process.portfolio, process.requirements, process.tasks]
    kinds = [*("portfolio" for _ in process.portfolio), "requirement", "task"]
    bugs = one.bugs or process.bugs
    shown = []
    for number, ((name, members), kind) in enumerate(zip(levels, kinds, strict=True)):
        extra = (
            ("Bug",)
            if "Bug" in process.types and bugs == {"requirement": "asRequirements", "task": "asTasks"}.get(kind)
            else ()
        )
        references = [_reference(one, member, request) for member in (*members, *extra)]
        shown.append(
            {
                "id": f"Microsoft.{members[0].replace(' ', '')}Category",
                "name": name,
                "rank": (len(levels) - number) * 10,
                "workItemCountLimit": 1000,
                "color": _COLOURS.get(members[0], "009CCC"),
                "workItemTypes": references,
                "defaultWorkItemType": references[0],
                "isHidden": False,
                "type": kind,
            }
        )
    on_backlogs = {member for _, members in levels for member in members} | {"Bug"}
    fields = {"Order": "Microsoft.VSTS.Common.StackRank", "Effort": process.effort, "Team": "System.AreaPath"}
    return Answer(
        body={
            "portfolioBacklogs": shown[: len(process.portfolio)],
            "requirementBacklog": shown[-2],
            "taskBacklog": shown[-1],
            "backlogFields": {"typeFields": {**fields, "RemainingWork": "Microsoft.VSTS.Scheduling.RemainingWork"}},
            "bugsBehavior": bugs,
            "hiddenBacklogs": [],
            "isBugsBehaviorConfigured": True,
            "workItemTypeMappedStates": [
                {"workItemTypeName": name, "states": _mapped(name, states)}
                for name, states in process.types.items()
                if name in on_backlogs
            ],
            "url": f"{request.base_url}{request.path}",
        }
    )


def _mapped(name: str, states: States) -> dict[str, str]:
    return {state: "InProgress" if category == RESOLVED and name != "Bug" else category for state, category in states}


def _reference(one: Project, name: str, request: Request) -> dict[str, str]:
    return {"name": name, "url": f"{request.base_url}/{one.id}/_apis/wit/workItemTypes/{quote(name)}"}


def fields(site: AzureDevOpsSite, request: Request) -> Answer:
    """GET wit/fields, of the organisation or a project."""
    if "project" in request.names:
        project_of(site, request)
    return listed([_field(one, request) for one in site.fields.values()])


def field(site: AzureDevOpsSite, request: Request) -> Answer:
    """GET wit/fields/{name or reference name}."""
    wanted = request.names["field"].casefold()
    for one in site.fields.values():
        if wanted in (str(one["name"]).casefold(), str(one["referenceName"]).casefold()):
            return Answer(body=_field(one, request))
    message = f"TF51535: Cannot find field {request.names['field']}."
    raise Refused(404, message, "WorkItemTrackingFieldDefinitionNotFoundException")


def _field(one: dict[str, Any], request: Request) -> dict[str, Any]:
    return {**one, "url": f"{request.base_url}/_apis/wit/fields/{one['referenceName']}"}
