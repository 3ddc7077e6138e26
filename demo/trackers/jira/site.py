"""A Jira site in memory: its issues with their change logs, and what changes them while it is served."""

from __future__ import annotations

import base64
import binascii
import itertools
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from demo.trackers.http import Answer, FaultPlan, Observer, Refused, Request, Route
from demo.trackers.jira import changes, times
from demo.trackers.jira.match import Row
from demo.trackers.jira.roles import Actor
from demo.trackers.jira.routes import routes
from demo.trackers.jira.search import Results
from demo.trackers.jira.standard import FIELDS

_INSTANTS = ("created", "updated", "resolutiondate", "statuscategorychangedate")
_ROBOT = {"accountId": "filrouge-demo-account", "displayName": "Demo Account", "active": True}


@dataclass
class Issue:
    """One issue: raw fields as they go over the wire, its change log oldest first, its comments and properties."""

    id: int
    key: str
    fields: dict[str, Any]
    histories: list[dict[str, Any]]
    comments: list[dict[str, Any]] = field(default_factory=list)
    properties: dict[str, Any] = field(default_factory=dict)

    def row(self) -> Row:
        """What the search index knows of the issue as it is now."""
        resolved = self.fields.get("resolutiondate")
        project, _, number = self.key.rpartition("-")
        return Row(
            id=self.id,
            key=self.key,
            project=project,
            number=int(number),
            updated=times.stamp(self.fields["updated"]),
            created=times.stamp(self.fields["created"]),
            resolved=times.stamp(resolved) if resolved else None,
            fields=self.fields,
        )


class JiraSite:
    """A site that `demo.trackers.http.serve` can serve; every method may be called while it is.

    `issues` are issues as Jira gives them: `{id, key, fields, changelog: {histories: [...]}}`, recorded or made;
    `created`, `updated` and `project` must be among their fields. `projects`, `issue_types` and `statuses` are
    derived from the issues where they are not given; `fields` (as GET /field gives them) default to the standard ones
    and are added to those, less `without_fields`. All instants are written in `account_time_zone`, in which queries
    are read as well.
    `token`: the accepted token or tokens (None: anybody is let in). `page_limit` caps search pages of more than ids;
    of several numbers each page takes the next one (0 is an empty page with a token to the next); `ids_limit` does
    the same for pages of ids alone.
    `log_limit` the change log that an expand embeds (Cloud), `bulk_limit` the entries of a page of the bulk change
    log. `index_lag` is how much later than the change the search sees it. `now` is the site's clock.
    """

    def __init__(
        self,
        *,
        now: Callable[[], datetime],
        deployment: Literal["cloud", "data_center"] = "cloud",
        issues: Iterable[Mapping[str, Any]] = (),
        projects: Iterable[Mapping[str, Any]] = (),
        fields: Iterable[Mapping[str, Any]] = (),
        issue_types: Iterable[Mapping[str, Any]] = (),
        statuses: Iterable[Mapping[str, Any]] = (),
        account_time_zone: str = "UTC",
        token: str | Collection[str] | None = None,
        page_limit: int | Sequence[int] = 100,
        ids_limit: int | Sequence[int] = 5_000,
        log_limit: int = 40,
        bulk_limit: int = 10_000,
        index_lag: timedelta = timedelta(0),
        log_dates: Literal["milliseconds", "seconds", "text"] = "milliseconds",
        without_fields: Collection[str] = (),
        context_path: str = "",
        title: str = "Demo Jira",
        account: Mapping[str, Any] = _ROBOT,
        permissions: Mapping[str, bool] | None = None,
    ) -> None:
        self.now = now
        self.cloud = deployment == "cloud"
        self.zone_name = account_time_zone
        self.zone = ZoneInfo(account_time_zone)
        self.tokens = None if token is None else {token} if isinstance(token, str) else set(token)
        self._sizes = itertools.cycle([page_limit] if isinstance(page_limit, int) else page_limit)
        self._id_sizes = itertools.cycle([ids_limit] if isinstance(ids_limit, int) else ids_limit)
        self._log_dates = log_dates
        self.log_limit = log_limit
        self.bulk_limit = bulk_limit
        self.index_lag = index_lag
        self.context_path = context_path
        self.title = title
        self.account = dict(account)
        self.permissions = dict(permissions or {})
        self.groups: dict[str, list[Mapping[str, Any]]] = {}  # people by a group's name
        self.roles: dict[str, dict[str, list[Actor]]] = {}  # by role, then by project; every project has every role
        self.observers: list[Observer] = []
        self.faults: FaultPlan | None = None
        self.routes: Sequence[Route] = routes(self)
        self.lock = threading.RLock()
        self.results = Results()
        self.version = 0  # counts changes of the index, so that a search result can be kept between pages
        self.fields: dict[str, dict[str, Any]] = {str(one["id"]): dict(one) for one in (*FIELDS, *fields)}
        for name in without_fields:
            self.fields.pop(name, None)
        self.projects: dict[str, dict[str, Any]] = {str(one["key"]): dict(one) for one in projects}
        self.issue_types: dict[str, dict[str, Any]] = {str(one["id"]): dict(one) for one in issue_types}
        self.statuses: dict[str, dict[str, Any]] = {str(one["id"]): dict(one) for one in statuses}
        self._issues: dict[int, Issue] = {}
        self._ids: dict[str, int] = {}  # by key, former keys included
        self._index: dict[int, Row] = {}
        self._late: list[tuple[datetime, int]] = []
        self._hidden: set[str] = set()
        self._hidden_issues: set[int] = set()
        self._serial = 0
        for issue in issues:
            self._load(issue)
        for one in self._issues.values():
            self._index[one.id] = one.row()

    # --- what the handlers read; they hold the lock

    def index(self) -> Iterable[Row]:
        """The rows that the search sees now."""
        now = self.now()
        due = [entry for entry in self._late if entry[0] <= now]
        if due:
            self._late = [entry for entry in self._late if entry[0] > now]
            for _, issue_id in due:
                self._reindex(issue_id)
        if not self._hidden_issues:
            return self._index.values()
        return [row for row in self._index.values() if row.id not in self._hidden_issues]

    def find(self, id_or_key: str) -> Issue | None:
        """An issue by its id, its key or a former key, if the account may see it."""
        issue_id = int(id_or_key) if id_or_key.isdecimal() else self._ids.get(id_or_key.upper())
        issue = self._issues.get(issue_id) if issue_id is not None else None
        if issue is None or issue.id in self._hidden_issues or self.is_hidden(issue.key):
            return None
        return issue

    def visible_projects(self) -> list[dict[str, Any]]:
        """The projects that the account may browse, by key."""
        return [project for key, project in sorted(self.projects.items()) if key not in self._hidden]

    def is_hidden(self, key: str) -> bool:
        """Whether a project's or issue's key belongs to a hidden project."""
        return key.rpartition("-")[0] in self._hidden or key in self._hidden

    def issues(self) -> Iterator[Issue]:
        """All issues, those of hidden projects included."""
        yield from self._issues.values()

    def instant(self, when: datetime) -> str:
        """An instant as this site writes it."""
        return times.write(when, self.zone)

    def log_date(self, at: int, text: str) -> int | str:
        """The date of an entry in the bulk change log: a number in the vendor's example, a text in its schema."""
        return {"milliseconds": at, "seconds": at // 1000}.get(self._log_dates, text)

    def next_page_size(self) -> int:
        """How many issues the next page of a search may hold."""
        return next(self._sizes)

    def next_ids_size(self) -> int:
        """How many issues the next page of a search for ids alone may hold."""
        return next(self._id_sizes)

    def next_id(self) -> int:
        """A number never given before, for log entries and comments."""
        self._serial += 1
        return 900_000 + self._serial

    # --- what changes the site

    def add(self, issue: Mapping[str, Any]) -> None:
        """Take in one more issue, in the form of the constructor's `issues`."""
        with self.lock:
            self._touch(self._load(issue))

    def edit(
        self,
        issue_id: str,
        at: datetime,
        fields: Mapping[str, Any],
        *,
        author: Mapping[str, Any] | None = None,
        logged: bool = True,
    ) -> None:
        """Set fields (raw values by field id) at an instant: change log, `updated`, and the fields themselves.

        A change of status also sets `statuscategorychangedate` where the category changes. With `logged=False` the
        change log says nothing, as it happens on real sites.
        """
        with self.lock:
            issue = self._known(issue_id)
            entries: list[dict[str, str | None]] = []
            values = dict(issue.fields)
            for name, value in fields.items():
                shown = self.fields.get(name, {}).get("name")
                if values.get(name) != value:
                    entries += changes.items(name, values.get(name), value, name=shown, cloud=self.cloud)
                if name == "status" and _category(values.get(name)) != _category(value):
                    values["statuscategorychangedate"] = self.instant(at)
                values[name] = value
                self._note(name, value)
            values["updated"] = self.instant(max(at, times.read(values["updated"])))
            issue.fields = values
            if logged and entries:
                self._log(issue, at, entries, author)
            self._touch(issue)

    def move(self, issue_id: str, at: datetime, project: Mapping[str, Any], key: str) -> None:
        """Move an issue into another project: its key changes, its id stays, and the old key still leads to it."""
        with self.lock:
            issue = self._known(issue_id)
            old_key, old_project = issue.key, issue.fields["project"]
            self.projects.setdefault(str(project["key"]), dict(project))
            issue.key = key
            issue.fields = {**issue.fields, "project": dict(project), "updated": self.instant(at)}
            self._ids[key] = issue.id
            entries = changes.items("project", old_project, dict(project), cloud=self.cloud)
            entry: dict[str, str | None] = {"field": "Key", "fieldtype": "jira"}
            entry |= {"from": None, "fromString": old_key, "to": None, "toString": key}
            self._log(issue, at, [*entries, entry], None)
            self._touch(issue)

    def delete(self, issue_id: str) -> None:
        """Delete an issue: it is gone without a trace, as in Jira."""
        with self.lock:
            issue = self._known(issue_id)
            del self._issues[issue.id]
            self._ids = {key: found for key, found in self._ids.items() if found != issue.id}
            self._index.pop(issue.id, None)
            self.version += 1

    def hide(self, project: str) -> None:
        """Take a project (by its key) out of the account's sight."""
        with self.lock:
            self._hidden.add(project)
            self.version += 1

    def show(self, project: str) -> None:
        """Give a hidden project back."""
        with self.lock:
            self._hidden.discard(project)
            self.version += 1

    def hide_issues(self, issue_ids: Iterable[str]) -> None:
        """Take single issues (by id) out of the account's sight, as an issue's security level does."""
        with self.lock:
            self._hidden_issues.update(map(int, issue_ids))
            self.version += 1

    def show_issues(self, issue_ids: Iterable[str]) -> None:
        """Give hidden issues back."""
        with self.lock:
            self._hidden_issues.difference_update(map(int, issue_ids))
            self.version += 1

    def changed(self, issue: Issue, at: datetime) -> None:
        """Note that an issue changed in a way that its change log does not say (a comment)."""
        issue.fields = {**issue.fields, "updated": self.instant(max(at, times.read(issue.fields["updated"])))}
        self._touch(issue)

    # --- what the server asks of a site

    def admit(self, request: Request) -> Answer | None:
        """Basic with the token as password, or Bearer; serverInfo is open to everybody."""
        if self.tokens is None or request.path.endswith("/serverInfo"):
            return None
        scheme, _, secret = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "basic":
            try:
                secret = base64.b64decode(secret).decode().partition(":")[2]
            except (binascii.Error, UnicodeDecodeError):
                secret = ""
        if secret in self.tokens:
            return None
        if self.cloud:
            message = "Client must be authenticated to access this resource."
            return Answer(401, {"errorMessages": [message], "errors": {}}, {"WWW-Authenticate": 'OAuth realm="demo"'})
        headers = {"WWW-Authenticate": "Bearer", "X-Seraph-LoginReason": "AUTHENTICATED_FAILED"}
        return Answer(
            401, {"message": "Client must be authenticated to access this resource.", "status-code": 401}, headers
        )

    def refuse(self, refusal: Refused) -> Answer:
        """Jira's error body."""
        return Answer(refusal.status, {"errorMessages": [refusal.message], "errors": {}})

    # --- inside

    def _known(self, issue_id: str) -> Issue:
        issue = self._issues.get(int(issue_id)) if issue_id.isdecimal() else self._issues.get(self._ids[issue_id])
        if issue is None:
            raise KeyError(f"There is no issue {issue_id}.")
        return issue

    def _load(self, given: Mapping[str, Any]) -> Issue:
        fields = dict(given["fields"])
        for name in _INSTANTS:
            if fields.get(name):
                fields[name] = self.instant(times.read(fields[name]))
        fields.setdefault("updated", fields["created"])
        comments = list((fields.pop("comment", None) or {}).get("comments", ()))
        histories = [
            {**entry, "created": self.instant(times.read(entry["created"]))}
            for entry in (given.get("changelog") or {}).get("histories", ())
        ]
        histories.sort(key=lambda entry: times.stamp(entry["created"]))
        issue = Issue(int(given["id"]), str(given["key"]), fields, histories, comments)
        if issue.id in self._issues:
            raise ValueError(f"The issue {issue.id} is there already.")
        self._issues[issue.id] = issue
        self._ids[issue.key] = issue.id
        for name in ("project", "issuetype", "status"):
            self._note(name, fields.get(name))
        return issue

    def _note(self, name: str, value: Any) -> None:
        """Projects, types and statuses that issues bring along are the site's."""
        if not isinstance(value, Mapping):
            return
        known = {"project": self.projects, "issuetype": self.issue_types, "status": self.statuses}.get(name)
        if known is not None:
            known.setdefault(str(value["key" if name == "project" else "id"]), dict(value))

    def _log(
        self, issue: Issue, at: datetime, entries: list[dict[str, str | None]], author: Mapping[str, Any] | None
    ) -> None:
        entry = {
            "id": str(self.next_id()),
            "author": dict(author or self.account),
            "created": self.instant(at),
            "items": entries,
        }
        issue.histories = sorted([*issue.histories, entry], key=lambda one: times.stamp(one["created"]))

    def _touch(self, issue: Issue) -> None:
        if self.index_lag:
            self._late.append((self.now() + self.index_lag, issue.id))
        else:
            self._reindex(issue.id)

    def _reindex(self, issue_id: int) -> None:
        issue = self._issues.get(issue_id)
        if issue is not None:
            self._index[issue_id] = issue.row()
            self.version += 1


def _category(status: Any) -> Any:
    return ((status or {}).get("statusCategory") or {}).get("key") if isinstance(status, Mapping) else None
