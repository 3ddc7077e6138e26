"""The addresses of an organisation."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from demo.trackers.azure_devops import about, comments, items, nodes, patch, reporting, wiql
from demo.trackers.http import Answer, Refused, Request, Route

if TYPE_CHECKING:
    from demo.trackers.azure_devops.site import AzureDevOpsSite

Served = Callable[["AzureDevOpsSite", Request], Answer]

_WIT, _WORK = "_apis/wit", "_apis/work"
# Where a resource is: o for the organisation, p for a project, t for a team.
TABLE: tuple[tuple[str, str, str, Served], ...] = (
    ("OPTIONS", "o", "_apis", about.resources),
    ("GET", "o", "_apis/resourceAreas", about.resource_areas),
    ("GET", "o", "_apis/connectionData", about.connection_data),
    ("GET", "o", "_apis/projects", about.projects),
    ("GET", "o", "_apis/projects/{project}", about.project),
    ("GET", "o", "_apis/projects/{project}/teams", about.teams),
    ("GET", "o", "_apis/projects/{project}/teams/{team}/members", about.team_members),
    ("GET", "p", f"{_WIT}/workitemtypes", about.types),
    ("GET", "p", f"{_WIT}/workitemtypes/{{type}}", about.one_type),
    ("GET", "p", f"{_WIT}/workitemtypes/{{type}}/states", about.type_states),
    ("GET", "pt", f"{_WORK}/backlogconfiguration", about.backlogs),
    ("GET", "pt", f"{_WORK}/teamsettings/teamfieldvalues", about.team_areas),
    ("GET", "pt", f"{_WORK}/teamsettings/iterations", about.team_iterations),
    ("GET", "op", f"{_WIT}/fields", about.fields),
    ("GET", "op", f"{_WIT}/fields/{{field}}", about.field),
    ("GET", "p", f"{_WIT}/classificationnodes", nodes.roots),
    ("GET", "p", f"{_WIT}/classificationnodes/{{group}}", nodes.node),
    ("GET", "p", f"{_WIT}/classificationnodes/{{group}}/{{*path}}", nodes.node),
    ("GET", "op", f"{_WIT}/reporting/workitemrevisions", reporting.revisions),
    ("POST", "op", f"{_WIT}/reporting/workitemrevisions", reporting.revisions),
    ("GET", "op", f"{_WIT}/reporting/workitemlinks", reporting.links),
    ("POST", "op", f"{_WIT}/workitemsbatch", items.batch),
    ("GET", "op", f"{_WIT}/workitems", items.get_some),
    ("GET", "op", f"{_WIT}/workitems/{{id}}", items.get),
    ("PATCH", "op", f"{_WIT}/workitems/{{id}}", patch.update),
    ("GET", "op", f"{_WIT}/workitems/{{id}}/revisions", items.revisions),
    ("GET", "op", f"{_WIT}/workitems/{{id}}/updates", items.updates),
    ("GET", "op", f"{_WIT}/recyclebin", items.recycled),
    ("GET", "op", f"{_WIT}/recyclebin/{{id}}", items.recycled_one),
    ("PATCH", "op", f"{_WIT}/recyclebin/{{id}}", items.restore),
    ("DELETE", "op", f"{_WIT}/recyclebin/{{id}}", items.destroy),
    ("POST", "opt", f"{_WIT}/wiql", wiql.query),
    ("GET", "p", f"{_WIT}/workitems/{{item}}/comments", comments.listed),
    ("POST", "p", f"{_WIT}/workitems/{{item}}/comments", comments.add),
    ("GET", "p", f"{_WIT}/workitems/{{item}}/comments/{{comment}}", comments.get),
    ("PATCH", "p", f"{_WIT}/workitems/{{item}}/comments/{{comment}}", comments.update),
    ("DELETE", "p", f"{_WIT}/workitems/{{item}}/comments/{{comment}}", comments.remove),
)
_PLACES = {"o": "/", "p": "/{project}/", "t": "/{project}/{team}/"}


def routes(site: AzureDevOpsSite) -> list[Route]:
    """The organisation's routes: each handler runs while the site stands still."""
    return [
        Route(method, _PLACES[place] + path, _bound(site, handler), any_case=True)
        for method, places, path, handler in TABLE
        for place in places
    ]


def _bound(site: AzureDevOpsSite, handler: Served) -> Callable[[Request], Answer]:
    def served(request: Request) -> Answer:
        named = "api-version=" in request.headers.get("accept", "") or request.one("api-version")
        if request.method in ("POST", "PATCH") and not named:
            message = f'No api-version was supplied for the "{request.method}" request.'
            raise Refused(400, message, "VssVersionNotSpecifiedException")
        with site.lock:
            return handler(site, request)

    return served
