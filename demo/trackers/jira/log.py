"""Change logs: of one issue in pages, and of many issues at once."""

from __future__ import annotations

import base64
import binascii
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from demo.trackers.http import Answer, Refused, Request
from demo.trackers.jira import times
from demo.trackers.jira.issues import known
from demo.trackers.jira.search import hash_of

if TYPE_CHECKING:
    from demo.trackers.jira.site import JiraSite

MOST_ISSUES = 1000
MOST_FIELDS = 10
MOST_ENTRIES = 10_000
_BULK = frozenset({"issueIdsOrKeys", "fieldIds", "maxResults", "nextPageToken"})


def of_issue(site: JiraSite, request: Request) -> Answer:
    """GET issue/{key}/changelog: oldest first, a hundred a page at most. Data Center has no such resource."""
    if not site.cloud:
        raise Refused(404, "null for uri: changelog")
    one = known(site, request.names["issue"])
    start = request.number("startAt", 0)
    size = min(request.number("maxResults", 100), 100)
    address = f"{request.base_url}/rest/api/{request.names['version']}/issue/{one.id}/changelog"
    page = one.histories[start : start + size]
    last = start + len(page) >= len(one.histories)
    answer: dict[str, Any] = {
        "self": f"{address}?maxResults={size}&startAt={start}",
        "maxResults": size,
        "startAt": start,
        "total": len(one.histories),
        "isLast": last,
        "values": page,
    }
    if not last:
        answer["nextPage"] = f"{address}?maxResults={size}&startAt={start + size}"
    return Answer(body=answer)


def of_many(site: JiraSite, request: Request) -> Answer:
    """POST changelog/bulkfetch: entries by date, then by issue, so that an issue's entries spread over pages.

    Ids that are unknown or hidden are passed over in silence. `created` is a number, as in the vendor's example.
    """
    if not site.cloud:
        raise Refused(404, "null for uri: changelog/bulkfetch")
    body = request.json()
    unknown = sorted(set(body) - _BULK)
    named = body.get("issueIdsOrKeys")
    fields = {str(name) for name in body.get("fieldIds") or ()}
    asked = int(body.get("maxResults", 1000))
    if unknown or not isinstance(named, list) or not 1 <= len(named) <= MOST_ISSUES:
        raise Refused(
            400, f"issueIdsOrKeys must hold between 1 and {MOST_ISSUES} issues, and nothing unknown may be sent."
        )
    if len(fields) > MOST_FIELDS:
        raise Refused(400, f"fieldIds must not hold more than {MOST_FIELDS} fields.")
    if not 1 <= asked <= MOST_ENTRIES:
        raise Refused(400, f"maxResults must be between 1 and {MOST_ENTRIES}.")
    mark = hash_of(repr((sorted(map(str, named)), sorted(fields))))
    start = _offset(body.get("nextPageToken"), mark)
    entries: list[tuple[int, int, dict[str, Any]]] = []
    for name in dict.fromkeys(map(str, named)):
        one = site.find(name)
        for entry in one.histories if one is not None else ():
            items = [item for item in entry["items"] if not fields or _field_of(item) in fields]
            if one is not None and items:
                at = times.stamp(entry["created"])
                entries.append((at, one.id, {**entry, "created": site.log_date(at, entry["created"]), "items": items}))
    entries.sort(key=itemgetter(0, 1))
    size = min(asked, site.bulk_limit)
    by_issue: dict[int, list[dict[str, Any]]] = {}
    for _, issue_id, entry in entries[start : start + size]:
        by_issue.setdefault(issue_id, []).append(entry)
    answer: dict[str, Any] = {
        "issueChangeLogs": [
            {"issueId": str(issue_id), "changeHistories": histories} for issue_id, histories in by_issue.items()
        ]
    }
    if start + size < len(entries):
        answer["nextPageToken"] = base64.urlsafe_b64encode(f"{mark}:{start + size}".encode()).decode()
    return Answer(body=answer)


def _field_of(item: dict[str, Any]) -> str:
    """The field by which an item is filtered; a change of parent bears no id of its own."""
    return str(item.get("fieldId") or {"IssueParentAssociation": "parent"}.get(item["field"], item["field"]))


def _offset(token: Any, mark: str) -> int:
    if not token:
        return 0
    try:
        sealed, _, offset = base64.urlsafe_b64decode(str(token)).decode().partition(":")
        if sealed == mark:
            return int(offset)
    except (binascii.Error, ValueError):
        pass
    raise Refused(400, "The provided next page token is invalid for this request.")
