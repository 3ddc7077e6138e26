"""Single issues, and a hundred of them by id."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

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


def update(site: JiraSite, request: Request) -> Answer:
    """PUT issue/{idOrKey}: `update` with operations on labels, done one after the other; nothing else can be set."""
    one = known(site, request.names["issue"])
    if request.one("notifyUsers", "true") not in ("true", "false"):
        raise Refused(400, "notifyUsers must be true or false.")
    body = request.json()
    edits = body.get("update") or {}
    for name in {*edits, *(body.get("fields") or {})} - {"labels"}:
        raise Refused(400, f"Field '{name}' cannot be set. It is not on the appropriate screen, or unknown.")
    before = list(one.fields.get("labels") or ())
    after = sorted(_edited(before, edits.get("labels") or []))
    if after != sorted(before):
        site.edit(str(one.id), site.now(), {"labels": after})
    return Answer(204)


def _edited(labels: list[str], edits: list[dict[str, Any]]) -> list[str]:
    for edit in edits:
        for word, value in edit.items():
            for label in value if isinstance(value, list) else [value]:
                if not isinstance(label, str) or re.search(r"\s", label):
                    raise Refused(400, f"The label '{label}' contains spaces which is invalid.")
            if word == "set":
                labels = list(dict.fromkeys(value))
            elif word == "add":
                labels = [*labels, value] if value not in labels else labels
            elif word == "remove":
                labels = [label for label in labels if label != value]
            else:
                raise Refused(400, f"The operation '{word}' is not supported.")
    return labels


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
