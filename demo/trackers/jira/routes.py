"""The addresses of a Jira site."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from demo.trackers.http import Answer, Refused, Request, Route
from demo.trackers.jira import about, comments, issues, log, properties, roles, search

if TYPE_CHECKING:
    from demo.trackers.jira.site import JiraSite

Served = Callable[["JiraSite", Request], Answer]

TABLE: tuple[tuple[str, str, Served], ...] = (
    ("GET", "serverInfo", about.server_info),
    ("GET", "myself", about.myself),
    ("GET", "field", about.fields),
    ("GET", "project", about.projects),
    ("GET", "project/search", about.project_search),
    ("GET", "project/{project}", about.project),
    ("GET", "project/{project}/role", roles.listed),
    ("GET", "project/{project}/role/{role}", roles.role),
    ("GET", "group/member", roles.members),
    ("GET", "user", roles.user),
    ("GET", "issuetype", about.issue_types),
    ("GET", "status", about.statuses),
    ("GET", "mypermissions", about.permissions),
    ("GET", "search/jql", search.by_token),
    ("POST", "search/jql", search.by_token),
    ("POST", "search/approximate-count", search.count),
    ("GET", "search", search.by_number),
    ("POST", "search", search.by_number),
    ("POST", "changelog/bulkfetch", log.of_many),
    ("POST", "issue/bulkfetch", issues.get_many),
    ("GET", "issue/{issue}", issues.get),
    ("PUT", "issue/{issue}", issues.update),
    ("GET", "issue/{issue}/changelog", log.of_issue),
    ("GET", "issue/{issue}/properties", properties.keys),
    ("GET", "issue/{issue}/properties/{key}", properties.get),
    ("PUT", "issue/{issue}/properties/{key}", properties.put),
    ("DELETE", "issue/{issue}/properties/{key}", properties.remove),
    ("GET", "issue/{issue}/comment", comments.listed),
    ("POST", "issue/{issue}/comment", comments.add),
    ("GET", "issue/{issue}/comment/{comment}", comments.get),
    ("PUT", "issue/{issue}/comment/{comment}", comments.update),
    ("DELETE", "issue/{issue}/comment/{comment}", comments.remove),
    ("POST", "comment/list", comments.by_ids),
    ("GET", "comment/{comment}/properties", comments.property_keys),
    ("GET", "comment/{comment}/properties/{key}", comments.get_property),
    ("PUT", "comment/{comment}/properties/{key}", comments.set_property),
    ("DELETE", "comment/{comment}/properties/{key}", comments.remove_property),
)
CLOUD_ONLY = ("search/jql", "search/approximate-count")


def routes(site: JiraSite) -> list[Route]:
    """The site's routes: each handler runs while the site stands still."""
    return [
        Route(method, f"/rest/api/{{version}}/{path}", _bound(site, path, handler)) for method, path, handler in TABLE
    ]


def _bound(site: JiraSite, path: str, handler: Served) -> Callable[[Request], Answer]:
    versions = ("2", "3", "latest") if site.cloud else ("2", "latest")

    def served(request: Request) -> Answer:
        if request.names["version"] not in versions or (path in CLOUD_ONLY and not site.cloud):
            raise Refused(404, f"null for uri: {request.path}")
        with site.lock:
            return handler(site, request)

    return served
