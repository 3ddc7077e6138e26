"""Jira as a tracker: the port's methods, each a few steps long."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from config.settings import Source
from connectors.jira import census, cloud, data_center, jql
from connectors.jira.client import Client
from connectors.jira.comments import JiraComments
from connectors.jira.context import write
from connectors.jira.convert import convert
from connectors.jira.cursor import begin, milliseconds, scope_of
from connectors.jira.fields import discover
from connectors.jira.marks import JiraMarks
from connectors.jira.options import Options, read
from connectors.jira.rights import rights_of
from connectors.jira.run import Run
from connectors.jira.site import Site, find_projects, sign_in, unknown_projects
from connectors.port import Access, Commenter, Confirmed, Context, Cursor, Held, Marker, Page, Rights, Use
from connectors.transport import Gate
from domain.clock import Clock
from domain.errors import ConfigurationError, ProtocolError
from domain.work import Record

REQUESTS_PER_SECOND = 50.0


def connect(
    source: Source,
    *,
    folder: Path,
    zone: ZoneInfo,
    clock: Clock,
    dropped_resolutions: Sequence[str],
    extra_fields: frozenset[str],
    agent: str,
) -> JiraTracker:
    """The tracker of one Jira source; nothing is sent yet. Arguments and errors as in `connectors.registry.build`."""
    if source.kind != "jira":
        raise ConfigurationError(f"Source {source.id}: it is no Jira source but {source.kind}.")
    del folder  # no path of a Jira source is relative to the workspace
    options = read(source, zone=zone, dropped_resolutions=dropped_resolutions, extra_fields=extra_fields)
    gate = Gate(
        source.id, clock, per_second=source.limits.per_second or REQUESTS_PER_SECOND, budget=source.limits.per_run
    )
    return JiraTracker(options, Client(options, gate, agent))


class JiraTracker:
    """One Jira site, Cloud or Data Center."""

    def __init__(self, options: Options, client: Client) -> None:
        self._options = options
        self._client = client

    def __repr__(self) -> str:
        return f"JiraTracker({self._options.source!r})"

    @property
    def requests(self) -> int:
        return self._client.gate.requests

    def access(self) -> Access:
        site = sign_in(self._client, self._options)
        projects = find_projects(self._client, site, self._options.projects)
        notes = [f"Project {one} is not there, or this account may not browse it." for one in projects.hidden]
        notes += [
            f"Project {written} is called {key} now."
            for written, key in projects.keys.items()
            if written.casefold() != key.casefold()
        ]
        return Access(site.account, self._options.projects, tuple(projects.keys), tuple(notes))

    def rights(self, uses: Mapping[str, Collection[Use]]) -> Rights:
        site = sign_in(self._client, self._options)
        return rights_of(self._client, site, find_projects(self._client, site, list(uses)), uses)

    def pull(self, cursor: Cursor | None, held: Held) -> Iterator[Page]:
        options, client = self._options, self._client
        site = sign_in(client, options)
        run = self._run(site, held, anew=cursor is None)
        since = milliseconds(options.since) if options.since else None
        scope = scope_of(site.cloud, site.base_url, sorted(options.projects), since, options.jql, run.fields.wanted)
        scan = begin(cursor, scope, site.now)
        run.settles = scan.daily
        if scan.first or scan.daily:  # else looked up within the last day
            self._find_projects(site)
        warnings = [
            f"Source {options.source}: a mapping rule tests the field {name}, which this site does not have."
            for name in run.fields.unknown
        ]
        yield from (cloud if site.cloud else data_center).pull(run, scan, warnings)

    def census(self) -> Iterator[Sequence[str]]:
        site = sign_in(self._client, self._options)
        self._find_projects(site)
        run = self._run(site, _nothing, anew=True)
        yield from census.listed(run) if site.cloud else data_center.census(run)

    def confirm(self, ids: Sequence[str], held: Held) -> Iterator[Confirmed]:
        site = sign_in(self._client, self._options)
        yield from census.confirm(self._run(site, held, anew=True), ids)

    def _run(self, site: Site, held: Held, *, anew: bool) -> Run:
        options = self._options
        fields = discover(self._list("field", site.version, "list of fields"), options)
        statuses = self._list("status", site.version, "list of statuses")
        since = milliseconds(options.since) if options.since else None
        return Run(
            client=self._client,
            options=options,
            site=site,
            fields=fields,
            context=write(options, site.base_url, fields, statuses),
            part=jql.scope(options.projects, since, options.jql),
            held=held,
            anew=anew,
        )

    def _find_projects(self, site: Site) -> None:
        """ConfigurationError when a wanted project is not to be seen: a search would answer nothing, without a word."""
        projects = find_projects(self._client, site, self._options.projects)
        if projects.hidden:
            raise unknown_projects(self._client, site, self._options, projects)

    def convert(self, raw: bytes, context: Context) -> Record:
        """What the admin says counts as it is today: levels and dropped resolutions are not those of the pull."""
        mine = {"levels": dict(self._options.levels), "dropped": list(self._options.dropped)}
        return convert(raw, {**context, **mine})

    def commenter(self) -> Commenter:
        return JiraComments(self._options, self._client)

    def marker(self) -> Marker:
        return JiraMarks(self._options, self._client)

    def close(self) -> None:
        self._client.close()

    def _list(self, path: str, version: int, what: str) -> list[Mapping[str, Any]]:
        answer = self._client.get(path, version, what=what).json()
        if not isinstance(answer, list):
            raise ProtocolError(f"Source {self._options.source}, {what}: the answer is no list.")
        return answer


def _nothing(_ids: Sequence[str]) -> Mapping[str, bytes]:
    return {}
