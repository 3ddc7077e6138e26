"""Single issues, and a hundred of them by id."""

from __future__ import annotations

from typing import TYPE_CHECKING

from demo.trackers.http import Answer, Refused, Request
from demo.trackers.jira import render

if TYPE_CHECKING:
    from demo.trackers.jira.site import Issue, JiraSite

MOST = 100
MISSING = "Issue does not exist or you do not have permission to see it."


def known(site: JiraSite, name: str) -> Issue:
    """The issue of an id, key or former key; Refused (404) when it is not there or not for the account."""
    one = site.find(name)
    if one is None:
        raise Refused(404, MISSING)
    return one


def get(site: JiraSite, request: Request) -> Answer:
    """GET issue/{idOrKey}: all fields unless some are asked for; a former key leads to the issue."""
    one = known(site, request.names["issue"])
    version = render.version_of(site, request.names["version"])
    fields = request.many("fields") or ["*all"]
    return Answer(body=render.issue(site, one, request.base_url, version, fields, request.many("expand")))


def get_many(site: JiraSite, request: Request) -> Answer:
    """POST issue/bulkfetch: a hundred ids or keys at most; what is not found is listed in `issueErrors`."""
    if not site.cloud:
        raise Refused(404, "null for uri: issue/bulkfetch")
    body = request.json()
    names = body.get("issueIdsOrKeys")
    if not isinstance(names, list) or not 1 <= len(names) <= MOST:
        raise Refused(400, f"issueIdsOrKeys must hold between 1 and {MOST} issues.")
    version = render.version_of(site, request.names["version"])
    fields = [str(name) for name in body.get("fields") or ["*navigable"]]
    expand = [str(name) for name in body.get("expand") or ()]
    found = {name: site.find(str(name)) for name in dict.fromkeys(names)}
    issues = {one.id: one for one in found.values() if one is not None}
    return Answer(
        body={
            "issues": [
                render.issue(site, issues[key], request.base_url, version, fields, expand) for key in sorted(issues)
            ],
            "issueErrors": [{"id": str(name), "errorMessage": MISSING} for name, one in found.items() if one is None],
        }
    )
