"""Azure DevOps behind the port."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from zoneinfo import ZoneInfo

from config.settings import AzureDevOpsSource, Source
from connectors.azure_devops import census, convert, options
from connectors.azure_devops.client import Client
from connectors.azure_devops.comments import AzureDevOpsComments
from connectors.azure_devops.marks import AzureDevOpsMarks
from connectors.azure_devops.options import Options
from connectors.azure_devops.pull import Pull
from connectors.azure_devops.scope import match, unknown
from connectors.azure_devops.wire import Wire
from connectors.gate import Gate
from connectors.port import Access, Commenter, Confirmed, Context, Cursor, Held, Marker, Page, Rights, Tracker, Use
from domain.clock import Clock
from domain.errors import CredentialsError, ProtocolError
from domain.work import Record

# 200 units in five minutes are free (API_FACTS); a request for a page of revisions costs about one or less. What the
# server asks for on top of this rate (Retry-After) is obeyed.
REQUESTS_PER_SECOND = 20.0


def connect(
    source: Source,
    *,
    folder: Path,  # noqa: ARG001 # nothing of this source lies in the workspace
    zone: ZoneInfo,
    clock: Clock,
    dropped_resolutions: Sequence[str],  # noqa: ARG001 # the state category Removed says it here (DRIFT 1)
    extra_fields: frozenset[str],
    agent: str,
) -> Tracker:
    """The tracker of an Azure DevOps source; sends nothing yet. ConfigurationError when its settings make no sense.

    `zone` says when the day `since` begins, `extra_fields` which fields mapping rules test (by reference name or
    display name), `agent` is the User-Agent.
    """
    assert isinstance(source, AzureDevOpsSource)
    gate = Gate(
        source.id, clock, per_second=source.limits.per_second or REQUESTS_PER_SECOND, budget=source.limits.per_run
    )
    return AzureDevOps(options.read(source, zone=zone, extra_fields=extra_fields, agent=agent), clock, gate=gate)


class AzureDevOps:
    """One organisation (Services) or collection (Server)."""

    def __init__(self, settings: Options, clock: Clock, wire: Wire | None = None, gate: Gate | None = None) -> None:
        self._options, self._clock = settings, clock
        self._gate = gate or Gate(settings.source, clock, per_second=REQUESTS_PER_SECOND)
        self._wire = wire or Wire(settings.url, method=settings.method, token=settings.token, agent=settings.agent)
        self._client = Client(settings, self._gate, self._wire)

    @property
    def requests(self) -> int:
        return self._gate.requests

    def access(self) -> Access:
        with self._sense():
            account = self._client.account()
            projects = self._client.projects()
            found, missing = match(self._options.projects, projects)
            names = [str(one["name"]) for one in projects]
        return Access(
            account=account,
            wanted=self._options.projects,
            visible=sorted(found),
            notes=[f"Source {self._options.source}: {unknown(name, names)}" for name in missing],
        )

    def rights(self, uses: Mapping[str, Collection[Use]]) -> Rights:  # noqa: ARG002 # no use of a token can be asked
        """Of a token's scopes the server tells nothing: whether work items may be read is tried, no more."""
        with self._sense():
            try:
                self._client.fields()
            except (CredentialsError, ProtocolError):
                return Rights(lacking=["the scope Work Items (Read)"], spare=())
        return Rights(lacking=(), spare=())

    def pull(self, cursor: Cursor | None, held: Held) -> Iterator[Page]:
        with self._sense():
            yield from Pull(self._client, self._options, self._clock, cursor, held).pages()

    def census(self) -> Iterator[Sequence[str]]:
        with self._sense():
            yield from census.listed(self._client, self._options)

    def confirm(self, ids: Sequence[str], held: Held) -> Iterator[Confirmed]:
        with self._sense():
            yield from census.confirm(self._client, self._options, self._clock, ids, held)

    def convert(self, raw: bytes, context: Context) -> Record:
        """What the admin says counts as it is today: levels are not those of the pull."""
        return convert.convert(raw, {**context, "levels": dict(self._options.levels)}, self._options.source)

    def commenter(self) -> Commenter:
        return AzureDevOpsComments(self._options, self._client, self._gate)

    def marker(self) -> Marker:
        return AzureDevOpsMarks(self._options, self._client)

    @contextmanager
    def _sense(self) -> Iterator[None]:
        """One sentence in place of an error about JSON of another shape than expected; the cause stays for --debug."""
        try:
            yield
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            # Of the error only a missing key is told: other texts may quote what the tracker said.
            what = f"{error} is missing" if isinstance(error, KeyError) else "its JSON has another shape than expected"
            raise ProtocolError(
                f"Source {self._options.source}: the tracker's answer to the last request makes no sense ({what}). Is "
                "`url` an Azure DevOps organisation or collection?"
            ) from error

    def close(self) -> None:
        self._wire.close()

    def __repr__(self) -> str:
        return f"AzureDevOps({self._options.source!r}, {self._options.url!r})"
