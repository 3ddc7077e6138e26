"""Searching: token pages on Cloud, numbered pages on Data Center, and counting."""

from __future__ import annotations

import base64
import binascii
import bisect
import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from demo.trackers.http import Answer, Refused, Request
from demo.trackers.jira import render
from demo.trackers.jira.jql import Clause, JqlError, Literal, Node, Not, Query, parse
from demo.trackers.jira.match import Row, Terms, key_of, test_of, uses_clock

if TYPE_CHECKING:
    from demo.trackers.jira.site import JiraSite

IDS_ONLY = 5000  # the most ids that one page of search/jql holds
TOKEN_LIFE = timedelta(days=7)
DEEPEST = 10_000  # the largest startAt of newer Data Center versions
_PLAIN = ("jql", "nextPageToken", "maxResults", "fields", "expand", "properties")
_KNOWN = frozenset((*_PLAIN, "fieldsByKeys", "failFast", "reconcileIssues"))
_KEPT = 8  # how many results are kept for their next pages


class Results:
    """Results of queries, kept between pages until the index changes."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, int, datetime | None], tuple[list[Any], list[Row]]] = {}

    def of(self, site: JiraSite, jql: str, at: datetime, fresh: Iterable[int] = ()) -> tuple[list[Any], list[Row]]:
        """The sorting keys and rows that match a query as of an instant (for relative times), in its order.

        `fresh` names issues whose present state counts, whatever the index says. A broken query raises Refused.
        """
        rows = site.index()
        overlay = {one.id: one.row() for number in fresh if (one := site.find(str(number))) is not None}
        try:
            query = parse(jql)
            _refuse_unfit(site, query)
            key = (jql, site.version, at if uses_clock(query.where) else None)
            if not overlay and key in self._kept:
                return self._kept[key]
            terms = Terms(at, site.zone, _names(site))
            test, order = test_of(query.where, terms), key_of(query, terms)
        except JqlError as error:
            raise Refused(400, str(error)) from None
        seen = [row for row in rows if row.id not in overlay]
        found = [row for row in (*seen, *overlay.values()) if not site.is_hidden(row.project) and test(row)]
        pairs = sorted(((order(row), row) for row in found), key=lambda pair: pair[0])
        result = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
        if not overlay:
            self._kept[key] = result
            while len(self._kept) > _KEPT:
                del self._kept[next(iter(self._kept))]
        return result


def _names(site: JiraSite) -> dict[str, str]:
    names: dict[str, str] = {}
    for field_id, one in site.fields.items():
        for name in (one["name"], *one.get("clauseNames", ())):
            names.setdefault(str(name).lower(), field_id)
    return names


def _refuse_unfit(site: JiraSite, query: Query) -> None:
    if len(query.order) > 7:
        raise JqlError("A query may be ordered by seven fields at most.")
    if site.cloud:
        if query.where is None:
            raise JqlError("Unbounded JQL queries are not allowed here. Please add a search restriction to your query.")
        return
    visible = {key.casefold() for key in site.projects if not site.is_hidden(key)}
    visible |= {str(one[part]).casefold() for one in site.visible_projects() for part in ("name", "id") if part in one}
    for value in _projects(query.where):
        if value.casefold() not in visible:
            raise JqlError(f"The value '{value}' does not exist for the field 'project'.")


def _projects(node: Node | None) -> list[str]:
    if node is None:
        return []
    if isinstance(node, Clause):
        named = node.field.lower() == "project"
        return [value.text for value in node.values if isinstance(value, Literal)] if named else []
    if isinstance(node, Not):
        return _projects(node.inner)
    return [value for part in node.parts for value in _projects(part)]


def _body(request: Request) -> dict[str, Any]:
    if request.method == "POST":
        body: dict[str, Any] = request.json()
        return body
    body = {name: values[0] for name, values in request.query.items()}
    for name in ("fields", "properties", "reconcileIssues"):
        if name in body:
            body[name] = request.many(name)
    body["maxResults"] = request.number("maxResults", 50)
    return body


def by_token(site: JiraSite, request: Request) -> Answer:
    """GET or POST search/jql: no total, an opaque token to the next page, ids alone unless fields are asked."""
    body = _body(request)
    unknown = sorted(set(body) - _KNOWN)
    if unknown:
        raise Refused(
            400, f"Invalid request payload: unknown property {unknown[0]}. Refer to the REST API documentation."
        )
    if isinstance(body.get("expand"), list) or not isinstance(body.get("fields", []), list):
        raise Refused(400, "Invalid request payload. Refer to the REST API documentation and try again.")
    jql = str(body.get("jql", ""))
    fields = [str(name) for name in body.get("fields") or ["id"]]
    expand = str(body.get("expand", "")).split(",")
    reconcile = [int(number) for number in body.get("reconcileIssues", ())]
    if len(reconcile) > 50:
        raise Refused(400, "The number of issues to reconcile must not be above 50.")
    asked = int(body.get("maxResults", 50))
    if not 1 <= asked <= IDS_ONLY:
        raise Refused(400, f"maxResults must be between 1 and {IDS_ONLY}.")
    ids_only = set(fields) <= {"id"}
    now = site.now()
    at, after, number = now, None, 0
    if body.get("nextPageToken"):
        at, after, number = _open(str(body["nextPageToken"]), jql)
        if now - at > TOKEN_LIFE:
            raise Refused(400, "The provided next page token is expired. Please start from the first page.")
    keys, rows = site.results.of(site, jql, at, reconcile)
    start = 0 if after is None else bisect.bisect_right(keys, after)
    size = min(asked, site.next_ids_size() if ids_only and set(expand) <= {""} else site.next_page_size())
    page = rows[start : start + size]
    version = request.names["version"]
    answer: dict[str, Any] = {
        "issues": [
            _brief(row) if ids_only else shown
            for row in page
            if (shown := _shown(site, request, row, version, fields, expand))
        ]
    }
    last = start + size >= len(rows)
    answer["isLast"] = last
    if not last:
        answer["nextPageToken"] = _seal(jql, at, keys[start + size - 1] if start + size else None, number + 1)
    if "names" in expand:
        wanted = [name for name in site.fields if "*all" in fields or name in fields]
        answer["names"] = {name: site.fields[name]["name"] for name in wanted}
    return Answer(body=answer)


def _brief(row: Row) -> dict[str, Any]:
    return {"id": str(row.id)}


def _shown(
    site: JiraSite, request: Request, row: Row, version: str, fields: Sequence[str], expand: Sequence[str]
) -> dict[str, Any] | None:
    one = site.find(str(row.id))
    if one is None:
        return None  # the index still knows what is deleted
    return render.issue(site, one, request.base_url, render.version_of(site, version), fields, expand)


def _seal(jql: str, at: datetime, after: Any, number: int) -> str:
    """A token: the query, when it began, the last sorting key, and the page's number (so that no token comes twice)."""
    text = json.dumps([hash_of(jql), int(at.timestamp() * 1_000_000), after, number])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _open(token: str, jql: str) -> tuple[datetime, Any, int]:
    try:
        sealed, at, after, number = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    except (binascii.Error, ValueError):
        sealed, at, after, number = "", 0, None, 0
    if sealed != hash_of(jql):
        raise Refused(400, "The provided next page token is invalid for this query.")
    began = datetime.fromtimestamp(at // 1_000_000, UTC) + timedelta(microseconds=at % 1_000_000)
    return began, _tuples(after), int(number)


def hash_of(text: str) -> str:
    """A short fingerprint that ties a token to what it was given for."""
    return format(binascii.crc32(text.encode()), "08x")


def _tuples(value: Any) -> Any:
    return tuple(_tuples(part) for part in value) if isinstance(value, list) else value


def count(site: JiraSite, request: Request) -> Answer:
    """POST search/approximate-count."""
    _, rows = site.results.of(site, str(request.json().get("jql", "")), site.now())
    return Answer(body={"count": len(rows)})


def by_number(site: JiraSite, request: Request) -> Answer:
    """GET or POST search on Data Center (startAt, maxResults, total); on Cloud it is gone (410)."""
    if site.cloud:
        raise Refused(
            410,
            "The requested API has been removed. Please migrate to the /rest/api/3/search/jql API.",
        )
    body = _body(request)
    jql = str(body.get("jql", ""))
    start = int(body.get("startAt", 0))
    if start > DEEPEST:
        raise Refused(400, f"The value of startAt must not be above {DEEPEST}.")
    expand = body.get("expand", [])
    wanted = expand.split(",") if isinstance(expand, str) else [str(part) for part in expand]
    fields = [str(name) for name in body.get("fields") or ["*navigable"]]
    _, rows = site.results.of(site, jql, site.now())
    asked = int(body.get("maxResults", 50))
    size = min(asked, site.next_page_size()) if asked >= 0 else site.next_page_size()
    shown = (_shown(site, request, row, "2", fields, wanted) for row in rows[start : start + size])
    answer = {"expand": "names,schema", "startAt": start, "maxResults": size, "total": len(rows)}
    return Answer(body={**answer, "issues": [one for one in shown if one is not None]})
