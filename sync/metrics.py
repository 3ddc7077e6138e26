"""What Prometheus is told: the store as it is at the scrape, and what this process saw and did."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from importlib.metadata import version
from typing import get_args

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from config.workspace import Workspace
from connectors.watch import WATCH
from domain.errors import StoreError
from store.columns import EPOCH
from store.kept import CommentState, DeliveryState, Outcome, StoredReport, WriteState
from store.overview import Overview
from store.queries import Reader
from sync.census import last_ended
from sync.delivery import LEASE, newest
from sync.reporting import SERIES
from sync.schedule import usual_period
from sync.status import watched
from sync.wiring import House

OUTCOMES = tuple(outcome for outcome in get_args(Outcome) if outcome != "skipped")
RUN = ("kind", "subject")  # not `job`, which Prometheus sets itself

Sample = tuple[tuple[str, ...], float]


@dataclass(eq=False)
class Metrics(Collector):
    """What one process tells; `house` gives the house as it is now. Every thread may use it."""

    house: Callable[[], House]
    _valid: bool = True
    _generation: int = 1
    _leading: bool = False
    _shares: dict[int, tuple[float | None, float | None]] = field(default_factory=dict)

    @property
    def config_valid(self) -> bool:
        """Whether the workspace's files are those in use."""
        return self._valid

    def set_config_valid(self, valid: bool) -> None:
        """The workspace's files were read again: they were taken over, or refused."""
        self._valid = valid
        self._generation += valid

    def set_leader(self, leading: bool) -> None:
        """This process leads the schedule, or no more."""
        self._leading = leading

    def registry(self) -> CollectorRegistry:
        """A registry of its own with all of it, and with what the process uses of the machine."""
        registry = CollectorRegistry()
        registry.register(self)
        ProcessCollector(registry=registry)
        return registry

    def describe(self) -> Iterable[Metric]:
        """Nothing: so that registering asks nothing of the store."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """Every metric; those of the store are left out while it cannot be read."""
        yield InfoMetricFamily("filrouge_build", "This version of Filrouge.", value={"version": version("filrouge")})
        yield _gauge(
            "filrouge_config_valid", "1 while the newest workspace files are in use, 0 while refused.", self._valid
        )
        yield _gauge(
            "filrouge_config_generation", "How many times this process took a workspace over.", self._generation
        )
        yield _gauge("filrouge_leader", "1 while this process leads the schedule.", self._leading)
        yield from _requests()
        try:
            told = list(self._of_store())
        except StoreError:
            told = []
        yield _gauge("filrouge_store_reachable", "1 when the store could be read at this scrape.", bool(told))
        yield from told

    def _of_store(self) -> Iterator[Metric]:
        house = self.house()
        now = house.clock.now()
        with house.store.reading() as reader:
            numbers = reader.overview()
            yield from _of_sources(house.workspace, reader, numbers, now)
            yield from _of_runs(house.workspace, reader, now)
            yield from _of_writes(numbers, now)
            yield from _of_deliveries(reader, now)
            report = reader.newest_report(SERIES, begun=EPOCH, until=now)
            if report is not None:
                yield from self._of_report(reader, report)

    def _of_report(self, reader: Reader, report: StoredReport) -> Iterator[Metric]:
        counts: dict[tuple[str, ...], float] = {}
        for one in reader.sightings(report.number):
            counts[one.code, one.severity] = counts.get((one.code, one.severity), 0) + 1
        text = "Findings of the newest report."
        yield _by("filrouge_report_findings", text, ("code", "severity"), counts.items())
        if report.number not in self._shares:
            self._shares = {report.number: _shares(json.loads(reader.document(report.number)))}
        coverage, drift = self._shares[report.number]
        text = "Share of the delivered work that serves a target, by the newest report, from 0 to 1."
        yield _by("filrouge_report_coverage_ratio", text, (), _known(coverage))
        text = "Drift index over the horizon, by the newest report, from 0 to 1."
        yield _by("filrouge_report_drift_ratio", text, (), _known(drift))
        text = "The instant as of which the newest report speaks, in Unix time."
        yield _gauge("filrouge_report_as_of_timestamp_seconds", text, report.as_of.timestamp())


def _requests() -> Iterator[Metric]:
    """What this process sent to trackers since it began."""
    seen = WATCH.seen()
    text = "HTTP requests sent to a source by class of the answer's status; none where no answer came."
    yield _by("filrouge_http_requests", text, ("source", "status"), seen.requests.items(), CounterMetricFamily)
    text = "Times that a source had everybody wait (429, Retry-After)."
    pauses = [((source,), float(count)) for source, count in seen.pauses.items()]
    yield _by("filrouge_http_pauses", text, ("source",), pauses, CounterMetricFamily)
    text = "Seconds that threads waited before a request to a source, for its limits, ours, or another attempt."
    waited = [((source,), seconds) for source, seconds in seen.waited.items()]
    yield _by("filrouge_http_wait_seconds", text, ("source",), waited, CounterMetricFamily)
    text = "By how much the clock of a source was ahead of this machine's at its last answer."
    skew = [((source,), seconds) for source, seconds in seen.skew.items()]
    yield _by("filrouge_http_clock_skew_seconds", text, ("source",), skew)


def _of_sources(workspace: Workspace, reader: Reader, numbers: Overview, now: datetime) -> Iterator[Metric]:
    lags: list[Sample] = []
    periods: list[Sample] = []
    names = [source.id for source in workspace.settings.sources]
    for source in workspace.settings.sources:
        good = last_ended(reader, "sync", source.id)
        if good is not None:
            lags.append(((source.id,), (now - good.started_at).total_seconds()))
        period = usual_period(source.schedule, workspace.zone, now) if source.schedule else None
        if period is not None:
            periods.append(((source.id,), period))
    text = "Age of a source's data: time since its last pull that came to its end began."
    yield _by("filrouge_source_lag_seconds", text, ("source",), lags)
    text = "Usual time between two pulls of a source by its schedule."
    yield _by("filrouge_source_period_seconds", text, ("source",), periods)
    for name, text, counts in (
        ("items", "Work items of a source that are there.", numbers.items),
        ("deleted_items", "Work items of a source that are marked as deleted.", numbers.deleted),
        ("set_aside_items", "Work items of a source that could not be read.", numbers.set_aside),
    ):
        yield _by(f"filrouge_source_{name}", text, ("source",), [((one,), counts.get(one, 0)) for one in names])


def _of_runs(workspace: Workspace, reader: Reader, now: datetime) -> Iterator[Metric]:
    began: list[Sample] = []
    running: list[Sample] = []
    took: list[Sample] = []
    outcomes: list[Sample] = []
    well: list[Sample] = []
    for kind, subject, _ in watched(workspace):
        of = (kind, subject)
        last = reader.last_run(kind, subject)
        if last is None:
            continue
        began.append((of, last.started_at.timestamp()))
        running.append((of, float(last.finished_at is None)))
        ended = reader.last_run(kind, subject, until=now)
        if ended is not None and ended.finished_at is not None:
            took.append((of, (ended.finished_at - ended.started_at).total_seconds()))
            outcomes += [((*of, outcome), float(outcome == ended.outcome)) for outcome in OUTCOMES]
        good = last_ended(reader, kind, subject)
        if good is not None and good.finished_at is not None:
            well.append((of, good.finished_at.timestamp()))
    yield _by("filrouge_run_last_start_timestamp_seconds", "When the last run began, in Unix time.", RUN, began)
    text = "1 while the last run has not ended; also when it was killed, until the next one begins."
    yield _by("filrouge_run_running", text, RUN, running)
    yield _by("filrouge_run_last_duration_seconds", "How long the last run that ended took.", RUN, took)
    text = "1 for how the last run that ended did so, 0 for how it did not."
    yield _by("filrouge_run_last_outcome", text, (*RUN, "outcome"), outcomes)
    text = "When the last run that came to its end well ended, in Unix time."
    yield _by("filrouge_run_last_success_timestamp_seconds", text, RUN, well)


def _of_writes(numbers: Overview, now: datetime) -> Iterator[Metric]:
    writes = [((state,), float(numbers.writes.get(state, 0))) for state in get_args(WriteState)]
    yield _by("filrouge_outbox_writes", "Writes into tickets by state.", ("state",), writes)
    text = "Age of the oldest write of which nobody knows whether it arrived; 0 when there is none."
    oldest = (now - numbers.unclear_since).total_seconds() if numbers.unclear_since else 0.0
    yield _gauge("filrouge_outbox_unclear_age_seconds", text, oldest)
    comments = [((state,), float(numbers.comments.get(state, 0))) for state in get_args(CommentState)]
    yield _by("filrouge_comments", "Our comments in tickets by state.", ("state",), comments)
    held = sorted((name, until) for name, until in numbers.leases.items() if not name.startswith(LEASE))
    leases = [((name,), float(until > now)) for name, until in held]
    text = "1 while somebody holds a lease: the schedule, or a source that is being pulled."
    yield _by("filrouge_lease_held", text, ("lease",), leases)
    yield _gauge("filrouge_store_size_bytes", "Size of the store's database.", numbers.size)


def _of_deliveries(reader: Reader, now: datetime) -> Iterator[Metric]:
    """How it stands with the newest report in each channel; channels name people, so they are only counted."""
    known = newest(reader)
    text = "Reports by how it stands with the newest delivery of each into each channel."
    states = Counter(one.state for one in known)
    yield _by("filrouge_deliveries", text, ("state",), [((state,), states[state]) for state in get_args(DeliveryState)])
    oldest = min((one.at for one in known if one.state != "sent"), default=now)
    text = "Age of the oldest of them that has not arrived, or of which nobody knows; 0 when there is none."
    yield _gauge("filrouge_undelivered_age_seconds", text, (now - oldest).total_seconds())


def _shares(document: dict[str, dict[str, object]]) -> tuple[float | None, float | None]:
    """Coverage and drift of a report's document."""
    unaligned, drift = document["unaligned"]["share"], document["drift"]["horizon"]
    index = drift["index"] if isinstance(drift, dict) else None
    return (1 - unaligned if isinstance(unaligned, float | int) else None), index


def _known(value: float | None) -> list[Sample]:
    return [] if value is None else [((), value)]


def _gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(name, text, value=float(value))


def _by(
    name: str,
    text: str,
    labels: tuple[str, ...],
    samples: Iterable[tuple[tuple[str, ...], float]],
    kind: type[GaugeMetricFamily] | type[CounterMetricFamily] = GaugeMetricFamily,
) -> Metric:
    """A metric of one kind with its samples by the values of its labels."""
    family = kind(name, text, labels=labels)
    for values, value in samples:
        family.add_metric(values, value)
    return family
