"""What we ask of Azure DevOps, as plain JSON, under the one policy for requests."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlsplit

from connectors.azure_devops.options import Options
from connectors.azure_devops.wire import Wire
from connectors.gate import Gate
from connectors.transport import Answer, call, server_says
from domain.calendar import instant_text
from domain.errors import CredentialsError, FilrougeError, ItemError, ProtocolError

# Ids of resources (the same on every server) and the version asked for; an older server is asked for its own.
CONNECTION_DATA = ("00d9565f-ed9c-4a06-9a50-00e7896ccab4", "7.1-preview.1")
PROJECTS = ("603fe2ac-9723-48b9-88ad-09305aa6c6e1", "7.1")
TEAMS = ("d30a3dd1-f8ba-442a-b86a-bd0c0c383e59", "7.1")
TEAM_MEMBERS = ("294c494c-2600-4d7e-b76c-3dd50c3c95be", "7.1")
TEAM_FIELD_VALUES = ("07ced576-58ed-49e6-9c1e-5cb53ab8bf2a", "7.1")
BACKLOGS = ("7799f497-3cb5-4f16-ad4f-5cd06012db64", "7.1")
FIELDS = ("b51fd764-e5c2-4b9b-aaf7-3395cf4bdd94", "7.1")
TYPES = ("7c8d7a76-4a09-43e8-b5df-bd792f4ac6aa", "7.1")
TYPE_STATES = ("7c9d7a76-4a09-43e8-b5df-bd792f4ac6aa", "7.1")
REVISIONS = ("f828fe59-dd87-495d-a17c-7a8d6211ca6c", "7.1")
LINKS = ("b5b5b6d0-0308-40a1-b3f4-b9bb3c66878f", "7.1")
WORK_ITEM = ("72c7ddf8-2cdc-4f60-90cd-ab71c14a399b", "7.1")
BATCH = ("908509b6-4248-4475-a1cd-829139ba419f", "7.1")
ITEM_REVISIONS = ("a00c85a5-80fa-4565-99c3-bcd2181434bb", "7.1")
WIQL = ("1a9c53f7-f243-4447-b110-35ef023636e4", "7.1")
RECYCLE_BIN = ("b70d8d39-926c-465e-b927-b1bf0e5ca0e0", "7.1")
COMMENTS = ("608aac0a-32e1-4493-a863-b9cf4566d257", "7.1-preview.4")

BATCH_SIZE = 200  # ids in one workitemsbatch; more are refused (VS403474)
REVISIONS_SIZE = 200  # revisions of one item in one answer
LIST_SIZE = 500  # projects, teams or members asked for at a time
FULL = 100  # a page of fewer is the last one: no server is known to give less where there is more (unconfirmed)
TOO_MANY = "VS402337"
MOST_PAGES = 1000  # of projects, teams or members; a server that never ends is not believed

PAT_NOTE = (
    " Personal access tokens for all organisations stop working on 2026-12-01: if this is one, make one for this "
    "organisation."
)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Batch:
    """One answer of the reporting API. `token` is where the next one goes on; `last` says that we caught up."""

    values: Sequence[Mapping[str, Any]]
    token: str | None
    last: bool


class FieldRefusedError(Exception):
    """The server refused one of the fields that were asked for; `name` is its reference name."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class Client:
    """The requests of one source.

    An answer whose JSON has another shape than expected raises KeyError, TypeError or ValueError here or where it is
    used; tracker.py makes one sentence of it.
    """

    def __init__(self, options: Options, gate: Gate, wire: Wire) -> None:
        self._options, self._gate, self._wire = options, gate, wire

    def account(self) -> str:
        """The display name of the account that signed in. CredentialsError when the server takes us for nobody."""
        user = self._user()
        name = str(user.get("providerDisplayName") or user.get("customDisplayName") or user.get("id") or "")
        if not name or name.casefold() == "anonymous":
            raise CredentialsError(
                f"Source {self._options.source}: the server took us for nobody (anonymous); check `auth` of this "
                f"source.{self._note()}"
            )
        return name

    def identity(self) -> str:
        """The id of the account that signed in, as the authors of comments bear it; empty where it is not told."""
        return str(self._user().get("id") or "")

    def comments(
        self,
        method: str,
        route: Mapping[str, str],
        what: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Any = None,
        accept: Sequence[int] = (),
    ) -> Answer:
        """One request for comments; `route` holds project, workItemId and maybe commentId.

        Whatever is no GET changes something and is sent once. ItemError where it is not there or not for us.
        """
        return self._ask(
            method,
            COMMENTS,
            what,
            route=route,
            query=query,
            body=body,
            accept=accept,
            absent=ItemError,
            repeatable=method == "GET",
        )

    def work_item(self, item: str, field: str, what: str) -> Answer:
        """One work item with one of its fields: `{id, rev, fields}`; ItemError where it is not there or not for us."""
        return self._ask("GET", WORK_ITEM, what, route={"id": item}, query={"fields": field}, absent=ItemError)

    def patch_work_item(self, item: str, patch: Any, what: str, *, accept: Sequence[int]) -> Answer:
        """Change a work item by a JSON Patch: sent once; ItemError where it is not there or not for us."""
        return self._ask(
            "PATCH", WORK_ITEM, what, route={"id": item}, body=patch, accept=accept, absent=ItemError, repeatable=False
        )

    def takes_markdown(self) -> bool:
        """Whether comments may be written in Markdown (7.1-preview.4 on); older servers know HTML alone."""
        self._read_resources()
        return self._wire.speaks(*COMMENTS)

    def projects(self) -> list[Mapping[str, Any]]:
        """Every project that the account may see: `{id, name, …}`."""
        return self._all(PROJECTS, "the projects")

    def fields(self) -> list[Mapping[str, Any]]:
        """Every field of the organisation: `{name, referenceName, type, …}`."""
        return _values(self._get(FIELDS, "the fields"))

    def types(self, project: str) -> list[Mapping[str, Any]]:
        """The project's work item types, each with `states` that have a category."""
        what = f"the work item types of {project}"
        types = _values(self._get(TYPES, what, route={"project": project}))
        whole: list[Mapping[str, Any]] = []
        for kind in types:
            states = kind.get("states") or ()
            if not states or not all(state.get("category") for state in states):
                route = {"project": project, "type": str(kind["name"])}
                what = f"the states of {kind['name']} in {project}"
                states = _values(self._get(TYPE_STATES, what, route=route))
            whole.append({**kind, "states": states})
        return whole

    def backlogs(self, project: str) -> Mapping[str, Any]:
        """The backlog configuration of the project's default team."""
        return _as(dict, self._get(BACKLOGS, f"the backlogs of {project}", route={"project": project}))

    def teams(self, project: str, identity: str, absent: type[FilrougeError] = ProtocolError) -> dict[str, str]:
        """The names of the project's teams, and their ids; `identity` is the project's id or name."""
        values = self._all(TEAMS, f"the teams of {project}", route={"projectId": identity}, absent=absent)
        return {str(one["name"]): str(one["id"]) for one in values}

    def team_members(self, project: str, team: str) -> list[Mapping[str, Any]]:
        """The identities in a team: `{id, uniqueName, …}`; `team` is its id. ItemError where it is not for us.

        Teams - Get Team Members With Extended Properties (core-7.1.json): `{identity, isTeamAdmin}` each, by `$top` and
        `$skip`. Unconfirmed: whether the people of a group within the team are among them.
        """
        route = {"projectId": project, "teamId": team}
        what = f"the members of a team of {project}"
        return self._all(TEAM_MEMBERS, what, within="identity", route=route, absent=ItemError)

    def team_areas(self, project: str, team: str) -> Mapping[str, Any]:
        """A team's areas: `{field: {referenceName}, values: [{value, includeChildren}]}`."""
        route = {"project": project, "team": team}
        return _as(dict, self._get(TEAM_FIELD_VALUES, f"the areas of team {team} in {project}", route=route))

    def revisions(self, fields: Sequence[str], token: str | None, since: str | None, long_text: bool) -> Batch:
        """A batch of revisions of the whole organisation, deleted items included.

        From `token`, else from the instant `since`, else from the beginning: never both (the API forbids it).
        FieldRefusedError when the server does not report one of the fields.
        """
        query = _from(token, since) | ({"$expand": "fields"} if long_text else {})
        body = {"fields": list(fields), "includeDeleted": True, "includeIdentityRef": True}
        answer = self._ask("POST", REVISIONS, "the revisions", query=query, body=body, accept=(400,))
        if answer.status == 400:
            said = server_says(answer)
            refused = next((name for name in sorted(fields, key=len, reverse=True) if name in said), None)
            if refused is not None:
                raise FieldRefusedError(refused)
            hint = " If it is the place to go on from, `sync --full` starts anew." if token else ""
            raise ProtocolError(
                f"Source {self._options.source}, the revisions: the tracker refused the request (400). "
                f"The server says: {said or 'nothing'}{hint}"
            )
        return self._batch(answer.json(), "the revisions")

    def links(self, token: str | None, since: str | None) -> Batch:
        """A batch of link changes of the whole organisation, from `token`, else `since`, else the beginning.

        All types of links are read: which names the filter takes differs between servers, and a wrong one would
        silently bring nothing.
        """
        return self._batch(self._get(LINKS, "the links", query=_from(token, since)), "the links")

    def items(self, ids: Sequence[str], as_of: str | None = None) -> dict[str, Mapping[str, Any]]:
        """Up to 200 whole work items with their relations, as they are or were at an instant, by id.

        What is gone or hidden is absent (the server gives null for it).
        """
        body: dict[str, Any] = {"ids": [int(one) for one in ids], "$expand": "relations", "errorPolicy": "omit"}
        if as_of is not None:
            body["asOf"] = as_of
        values = _as(dict, self._ask("POST", BATCH, f"{len(ids)} work items", body=body).json()).get("value") or ()
        return {str(one["id"]): one for one in values if one is not None}

    def item_revisions(self, item: str, absent: type[FilrougeError]) -> list[Mapping[str, Any]]:
        """All revisions of one item: `{rev, fields}`; raises `absent` when it is gone or hidden."""
        found: dict[int, Mapping[str, Any]] = {}
        for page in range(MOST_PAGES):
            query = {"$top": str(REVISIONS_SIZE), "$skip": str(page * REVISIONS_SIZE)}
            what = f"the revisions of item {item}"
            values = _values(self._get(ITEM_REVISIONS, what, route={"id": item}, query=query, absent=absent))
            fresh = {int(one["rev"]): one for one in values if int(one["rev"]) not in found}
            found |= fresh
            if not fresh or len(values) < REVISIONS_SIZE:
                break
        return [found[rev] for rev in sorted(found)]

    def ids(self, query: str) -> list[str] | None:
        """The ids that a flat query finds; None when they are more than one answer holds (20,000: VS402337)."""
        what = "the census"
        precise = {"timePrecision": "true"}
        answer = self._ask("POST", WIQL, what, query=precise, body={"query": query}, accept=(400,))
        if answer.status == 400:
            said = server_says(answer)
            if TOO_MANY in said:
                return None
            raise ProtocolError(
                f"Source {self._options.source}, {what}: the tracker refused the query. It says: {said}"
            )
        return [str(one["id"]) for one in _as(list, _as(dict, answer.json())["workItems"])]

    def recycled(self, ids: Sequence[str]) -> dict[str, str]:
        """Those of up to 200 items that lie in the recycle bin: id to the date of deletion, as the server writes it.

        Empty where the account may not look into it.
        """
        try:
            values = _values(self._get(RECYCLE_BIN, "the recycle bin", query={"ids": ",".join(ids)}, absent=ItemError))
        except ItemError:
            return {}
        return {str(one["id"]): str(one.get("deletedDate") or "") for one in values if one.get("id") is not None}

    def _user(self) -> Mapping[str, Any]:
        return _as(dict, self._get(CONNECTION_DATA, "who we are")).get("authenticatedUser") or {}

    def _batch(self, answer: Any, what: str) -> Batch:
        document = _as(dict, answer)
        if "values" not in document:
            raise ProtocolError(f"Source {self._options.source}, {what}: the answer has no `values`.")
        token = document.get("continuationToken") or _token_in(document.get("nextLink"))
        last = bool(document.get("isLastBatch", token is None))
        if not last and token is None:
            raise ProtocolError(
                f"Source {self._options.source}, {what}: the tracker says that more follows, but not from where (it "
                "gave no token). What was read so far is kept; try again later."
            )
        return Batch(list(document["values"] or ()), None if token is None else str(token), last)

    def _all(
        self, resource: tuple[str, str], what: str, *, within: str = "", **request: Any
    ) -> list[Mapping[str, Any]]:
        """The entries of a list of whatever length (or of each entry what lies `within`), each id once."""
        found: dict[str, Mapping[str, Any]] = {}
        full = FULL  # of longer pages the first is one
        for _ in range(MOST_PAGES):
            query = {"$top": str(LIST_SIZE), "$skip": str(len(found))}
            values = _values(self._get(resource, what, query=query, **request))
            before = len(found)
            found |= {str(one["id"]): one for one in (one[within] if within else one for one in values)}
            if len(found) == before or len(values) < full:
                break
            full = len(values)
        return list(found.values())

    def _get(self, resource: tuple[str, str], what: str, **request: Any) -> Any:
        return self._ask("GET", resource, what, **request).json()

    def _ask(
        self,
        method: str,
        resource: tuple[str, str],
        what: str,
        *,
        route: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
        body: Any = None,
        accept: Sequence[int] = (),
        absent: type[FilrougeError] = ProtocolError,
        repeatable: bool = True,
    ) -> Answer:
        """One request; `repeatable=False` for what changes something (most of those by POST only read)."""
        self._read_resources()
        location, version = resource
        if not self._wire.offers(location):
            raise absent(f"Source {self._options.source}, {what}: this server does not have it.")
        return self._under_policy(
            lambda: self._wire.send(method, location, version, route=route, query=query, body=body),
            what=what,
            accept=accept,
            absent=absent,
            repeatable=repeatable,
        )

    def _read_resources(self) -> None:
        if self._wire.knows_resources:
            return
        self._under_policy(self._wire.read_resources, what="the list of resources")
        if not self._wire.knows_resources:
            raise ProtocolError(
                f"Source {self._options.source}: {self._options.url} gives no list of resources (OPTIONS _apis), so it "
                "is no organisation or collection of Azure DevOps, or a proxy answers in its place. Check `url`."
            )

    def _under_policy(self, send: Callable[[], Answer], *, what: str, **options: Any) -> Answer:
        try:
            return call(send, self._gate, what=what, **options)
        except CredentialsError as error:
            raise CredentialsError(f"{error}{self._note()}") from None

    def _note(self) -> str:
        return PAT_NOTE if self._options.method == "pat" else ""


def since_text(options: Options) -> str | None:
    """The instant from which the first load reads, as the reporting API takes it; None for the beginning."""
    return None if options.since is None else instant_text(options.since)


def _from(token: str | None, since: str | None) -> dict[str, str]:
    if token is not None:
        return {"continuationToken": token}
    return {"startDateTime": since} if since is not None else {}


def _token_in(link: Any) -> str | None:
    """The token in a nextLink, where the answer does not name it beside (Microsoft's examples); None without one."""
    if not isinstance(link, str):
        return None
    # A token such as 842;5;3 may stand there unquoted: only & separates.
    return next(iter(parse_qs(urlsplit(link).query, separator="&").get("continuationToken", [])), None)


def _values(document: Any) -> list[Mapping[str, Any]]:
    """The entries of a list, which comes as `{count, value: […]}`."""
    values = document.get("value") if isinstance(document, dict) else document
    return [one for one in _as(list, values) if isinstance(one, dict)]


def _as(kind: type[T], value: Any) -> T:
    if not isinstance(value, kind):
        raise TypeError(f"expected {kind.__name__}, found {type(value).__name__}")
    return value
