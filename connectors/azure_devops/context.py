"""What conversion needs to know of an organisation besides its work items: read once a day and kept in the cursor."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from connectors.azure_devops import process
from connectors.azure_devops.client import Client
from connectors.azure_devops.options import Options
from connectors.azure_devops.scope import Scope
from connectors.port import Context
from domain.errors import ProtocolError

LASTS = timedelta(hours=24)
MOST_TEAMS = 25  # each costs a request; a project with more goes without teams, and says so

# Asked of every revision. System.Reason is kept for later use; the rest is converted.
NEEDED: tuple[str, ...] = (
    "System.Id",
    "System.Rev",
    "System.TeamProject",
    "System.WorkItemType",
    "System.State",
    "System.Reason",
    "System.Title",
    "System.AreaPath",
    "System.IterationPath",
    "System.Tags",
    "System.AssignedTo",
    "System.CreatedDate",
    "System.ChangedDate",
    "System.IsDeleted",
)
# Asked where the organisation has them.
WELCOME: tuple[str, ...] = (
    "System.Parent",
    "Microsoft.VSTS.Common.Priority",
    "Microsoft.VSTS.Common.ActivatedDate",
    "Microsoft.VSTS.Common.ClosedDate",
    "Microsoft.VSTS.Common.StateChangeDate",
    *process.ESTIMATES,
)
LONG_TEXT = frozenset({"html", "plaintext", "history"})


def read(client: Client, options: Options, scope: Scope) -> tuple[dict[str, Any], list[str]]:
    """The context of a source, from the server, and sentences about what could not be read.

    Costs one request, and for each project three and one a team. The context holds: `url`, `levels` (the settings'
    own, by type in lower case), `extra` (asked-for name to reference name), `asked_extra` (all asked-for names),
    `fields` (what to ask of a revision), `long_text` (whether one of them is long), and `projects`, each with
    `states`, `levels`, `effort` and `teams` (process.py reads them). It says nothing of when it was read: equal
    processes give equal contexts.
    """
    warnings: list[str] = []
    known = {str(one["referenceName"]): one for one in client.fields()}
    extra = find_fields(options.extra_fields, known.values())
    projects = {}
    for name, identity in sorted(scope.projects.items()):
        backlogs = client.backlogs(name)
        states = process.mapped_states(backlogs)
        for kind, own in process.states_of(client.types(name)).items():
            states[kind] = {**states.get(kind, {}), **own}  # the type's own word is the finer one
        projects[name] = {
            "states": states,
            "levels": process.levels_of(backlogs),
            "effort": process.effort_of(backlogs),
            "teams": _teams(client, options.source, name, identity, warnings),
        }
    efforts = [one["effort"] for one in projects.values() if one["effort"]]
    optional = [name for name in dict.fromkeys([*WELCOME, *efforts, *extra.values()]) if name in known]
    long_text = any(str(known[name].get("type", "")).casefold() in LONG_TEXT for name in extra.values())
    context = {
        "url": options.url,
        "levels": dict(options.levels),
        "extra": extra,
        "fields": [*NEEDED, *(name for name in optional if name not in NEEDED)],
        "asked_extra": sorted(options.extra_fields),
        "long_text": long_text,
        "projects": projects,
    }
    return context, warnings


def find_fields(names: Iterable[str], known: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Asked-for names to reference names, by reference name or display name, ignoring case.

    Names that the organisation does not have are left out: they may belong to another source.
    """
    by_name: dict[str, str] = {}
    for one in known:
        by_name.setdefault(str(one.get("name", "")).casefold(), str(one["referenceName"]))
    for one in known:
        by_name[str(one["referenceName"]).casefold()] = str(one["referenceName"])
    return {name: by_name[name.casefold()] for name in sorted(names) if name.casefold() in by_name}


def still_good(context: Context, read_at: datetime | None, options: Options, scope: Scope, now: datetime) -> bool:
    """Whether a context that was read at an instant may be used again now."""
    return (
        read_at is not None
        and timedelta() <= now - read_at < LASTS
        and context["url"] == options.url
        and context["levels"] == dict(options.levels)
        and set(context["projects"]) == set(scope.projects)
        and set(context.get("asked_extra", ())) == set(options.extra_fields)
    )


def _teams(
    client: Client, source: str, project: str, identity: str, warnings: list[str]
) -> Sequence[tuple[str, bool, str]]:
    """The areas of the project's teams: (area path, whether what lies below belongs to it too, team)."""
    try:
        teams = client.teams(project, identity)
        if len(teams) > MOST_TEAMS:
            warnings.append(
                f"Source {source}: project {project} has {len(teams)} teams, more than the {MOST_TEAMS} whose areas "
                "are read; its work items carry no team. Map by area_path instead."
            )
            return []
        found: list[tuple[str, bool, str]] = []
        for team in sorted(teams):
            areas = client.team_areas(project, team)
            if (areas.get("field") or {}).get("referenceName", "System.AreaPath") != "System.AreaPath":
                continue  # this team is told from a field of its own, not from areas
            values = areas.get("values") or ()
            found += [(str(value["value"]), bool(value.get("includeChildren")), team) for value in values]
        return found
    except ProtocolError:
        warnings.append(
            f"Source {source}: the teams of project {project} cannot be read; its work items carry no team. The "
            "token needs the right to read projects and teams."
        )
        return []
