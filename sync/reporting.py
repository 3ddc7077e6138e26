"""The drift report of a week, as of an instant: from the store to the report's data."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from config.load import mapping_from_revision, strategy_from_revision
from config.revisions import digest_of, without_readings
from config.rules import MappingRules
from config.workspace import Workspace
from domain.calendar import Window, instant_text, local_day, parse_week, week_of
from domain.clock import Clock
from domain.errors import ConfigurationError
from domain.findings import Sighting
from domain.strategy import Strategy
from domain.tags import Assignment
from domain.work import ItemRef, WorkItem
from mapping.assign import assign
from mapping.contribution import Targets
from mapping.heard import Lines, hear, tags_said
from reports.compute import report_of
from reports.document import EarlierReport
from reports.facts import Facts, Manifest, OutOfSight, Reply, SourceHealth
from reports.measure.periods import Frame
from reports.measure.reach import reach
from reports.report import Report
from store.kept import StoredReport, StoredRevision, StoredRun
from store.open import Store
from store.queries import Reader
from sync.census import last_ended, vanished_of
from sync.inputs import (
    commands_digest,
    comments_digest,
    findings_digest,
    items_digests,
    readings_digest,
    sources_digest,
    words_digest,
)
from sync.readings import known_strategy
from sync.retagging import retaggings
from sync.rot import rot_at
from sync.schedule import usual_period
from sync.tagging import remember_revisions
from sync.traces import span

SERIES = "drift"  # the one series of reports whose findings are new, known or resolved from week to week
EFFECT = timedelta(weeks=13)  # how far back comments count whose effect is told
SETTLED = timedelta(hours=24)  # after a window's end its report no longer changes (DRIFT 1, as_of)


@dataclass(frozen=True)
class Subject:
    """Which report is asked for: a window, seen from an instant."""

    window: Window
    as_of: datetime


def subject_of(workspace: Workspace, *, week: str | None, as_of: datetime | None, now: datetime) -> Subject:
    """The window and instant of a report (DRIFT 1).

    Without a week: the last that is over at as_of (or now). Without as_of: now for a window in progress, else 24
    hours after its end where that is past. ConfigurationError in one sentence for an instant in the future, or
    one before the window begins.
    """
    if as_of is not None and as_of > now:
        raise ConfigurationError(f"--as-of {as_of.isoformat()} is in the future; expected an instant that is past.")
    zone = workspace.zone
    if week is None:
        window = week_of(local_day(as_of or now, zone), zone).earlier(1)
    else:
        try:
            window = parse_week(week, zone)
        except ValueError as error:
            raise ConfigurationError(f"--week: {error}") from None
    seen = as_of or default_as_of(window, now)
    if seen <= window.period.start:
        raise ConfigurationError(
            f"Week {window.label} had not begun at {seen.isoformat()}; choose an earlier week or a later --as-of."
        )
    return Subject(window, seen)


def default_as_of(window: Window, now: datetime) -> datetime:
    """The instant from which a window is seen when nobody says otherwise."""
    return min(now, window.period.end + SETTLED) if now >= window.period.end else now


def make_report(workspace: Workspace, store: Store, clock: Clock, subject: Subject) -> Report:
    """Compute a report, keep its data, and say what is new since the week before.

    Where the store holds no report of the week before, that one is computed first, as it would have stood one
    week earlier: so even a first report says what changed.
    """
    with span("report", window=subject.window.label):
        return _made(workspace, store, clock, subject)


def _made(workspace: Workspace, store: Store, clock: Clock, subject: Subject) -> Report:
    remember_revisions(workspace, store, clock)
    before = subject.window.earlier(1)
    with store.reading() as reader:
        known = reader.earlier_report(SERIES, before=subject.window.period.start, as_of=subject.as_of)
    if known is None or known.label != before.label:
        earlier = Subject(before, min(subject.as_of, default_as_of(before, clock.now())))
        _compute_and_keep(workspace, store, earlier)
    return _compute_and_keep(workspace, store, subject)


def _compute_and_keep(workspace: Workspace, store: Store, subject: Subject) -> Report:
    with store.reading() as reader:
        facts = facts_of(workspace, reader, subject, basis_of(reader, subject))
    report = report_of(facts)
    findings = [
        Sighting(
            fingerprint=finding["fingerprint"],
            code=finding["code"],
            name=finding["name"],
            severity=finding["severity"],
            subject=finding["subject"],
            message=finding["message"],
            since=finding["since"],
        )
        for finding in report.document["findings"]
    ]
    with store.writing() as unit:
        unit.save_report(
            SERIES,
            label=subject.window.label,
            window_from=subject.window.period.start,
            as_of=subject.as_of,
            document=json.dumps(report.document, ensure_ascii=False).encode(),
            findings=findings,
        )
    return report


def last_facts(workspace: Workspace, store: Store, clock: Clock) -> Facts:
    """What the report of the last week that is over would read now."""
    remember_revisions(workspace, store, clock)
    subject = subject_of(workspace, week=None, as_of=None, now=clock.now())
    with store.reading() as reader:
        return facts_of(workspace, reader, subject, basis_of(reader, subject))


@dataclass(frozen=True)
class Basis:
    """What a report rests on besides items and what was said of them.

    `earlier` is the report whose findings are known (None: there is none). `data_as_of` is how far each source had
    been read, where that is known better than its runs say by now.
    """

    strategy: StoredRevision
    mapping: StoredRevision
    earlier: StoredReport | None
    data_as_of: Mapping[str, datetime | None] | None = None


def basis_of(reader: Reader, subject: Subject) -> Basis:
    """What was in force at the report's instant; both revisions have been recorded before."""
    strategy = reader.revision_at("strategy", subject.as_of)
    mapping = reader.revision_at("mapping", subject.as_of)
    assert strategy is not None, "recorded before every report"
    assert mapping is not None, "recorded before every report"
    earlier = reader.earlier_report(SERIES, before=subject.window.period.start, as_of=subject.as_of)
    return Basis(strategy, mapping, earlier)


def facts_of(
    workspace: Workspace, reader: Reader, subject: Subject, basis: Basis, since: datetime | None = None
) -> Facts:
    """Everything the report may see: nothing later than its instant.

    `since` is from when on work is asked for besides, where that is earlier than the report itself asks.
    """
    strategy = known_strategy(strategy_from_revision(basis.strategy.text), reader, subject.as_of)
    rules = rules_of(workspace, basis, subject.as_of)
    options = workspace.settings.drift
    reached = reach(subject.window, subject.as_of, options.horizon, strategy)
    start = min(since or reached, reached)
    snapshot = reader.snapshot(subject.as_of, start)
    lines = reader.lines(subject.as_of)
    effect = reader.effect(subject.as_of - EFFECT, subject.as_of)
    earlier = None if basis.earlier is None else reader.sightings(basis.earlier.number)
    sources = [_health(workspace, reader, source.id, subject.as_of, basis) for source in workspace.settings.sources]
    commands = tags_said(lines, strategy)
    horizon = Frame(subject.window, subject.as_of, options.horizon).horizon

    def mapped(items: Mapping[ItemRef, WorkItem]) -> dict[ItemRef, Assignment]:
        return assign(items, rules, strategy, commands)

    assignments = mapped(snapshot.items)
    rot, broken = rot_at(
        reader,
        snapshot,
        subject.window,
        subject.as_of,
        start,
        rules,
        strategy,
        assignments,
        whole=all(source.synced_at for source in sources),
    )
    return Facts(
        organisation=workspace.settings.organisation,
        language=workspace.settings.language,
        window=subject.window,
        as_of=subject.as_of,
        items=snapshot.items,
        history=snapshot.history,
        assignments=assignments,
        strategy=strategy,
        options=options,
        manifest=Manifest(
            strategy=basis.strategy.digest,
            mapping=basis.mapping.digest,
            config=workspace.config_revision.digest,
            later=[
                kind for kind, revision in (("strategy", basis.strategy), ("mapping", basis.mapping)) if revision.later
            ],
            inputs={
                "items": items_digests(snapshot.items, snapshot.history),
                "strategy": digest_of(without_readings(basis.strategy.text)),
                "readings": readings_digest(strategy),
                "commands": commands_digest(lines),
                "comments": comments_digest(effect),
                "sources": sources_digest(sources),
                "words": words_digest(broken.words),
                "earlier": _named(basis.earlier, earlier),
            },
        ),
        sources=sources,
        earlier=earlier,
        acknowledgements=rules.acknowledge,
        replies=list(_replies(lines, snapshot.items, strategy)),
        effect=effect if effect.tickets else None,
        retaggings=retaggings(snapshot.items, snapshot.history, horizon.start, mapped),
        rot=rot,
    )


def _replies(lines: Lines, items: Mapping[ItemRef, WorkItem], strategy: Strategy) -> Iterator[Reply]:
    """What teams say of their items, oldest first."""
    targets = Targets(strategy)
    tags = [heard.tag for ref, there in lines.items() if ref in items and (heard := hear(there, targets)) and heard.tag]
    for line, command in sorted(tags, key=lambda tag: (tag[0].at, tag[0].ref)):
        parts = dict(command.setting.contributes_to or ()) if command.setting else {}
        total = sum(parts.values())
        yield Reply(line.ref, line.at, {target: part / total for target, part in parts.items()}, command.reason)


def rules_of(workspace: Workspace, basis: Basis, as_of: datetime) -> MappingRules:
    """The mapping as seen at as_of: a dated thing is seen when its local midnight is before as_of."""
    return mapping_from_revision(basis.mapping.text).at(as_of, workspace.zone)


def _named(report: StoredReport | None, found: Sequence[Sighting] | None) -> EarlierReport | None:
    if report is None or found is None:
        return None
    return {"window": report.label, "as_of": instant_text(report.as_of), "findings": findings_digest(found)}


def _health(workspace: Workspace, reader: Reader, source_id: str, as_of: datetime, basis: Basis) -> SourceHealth:
    source = next(source for source in workspace.settings.sources if source.id == source_id)
    period = usual_period(source.schedule, workspace.zone, as_of) if source.schedule else None
    last = reader.last_run("sync", source_id, until=as_of)
    census = last_ended(reader, "census", source_id, until=as_of)
    vanished = [OutOfSight(one.project, one.gone, one.of) for one in vanished_of(census)]
    good = _good(reader, source_id, as_of)
    if last is None:
        # First read after as_of: what it brought reaches back, so the instant itself is covered.
        ever = _good(reader, source_id)
        reached = min(as_of, ever.started_at) if ever else None
        if basis.data_as_of is not None:
            reached = basis.data_as_of.get(source_id)
        return SourceHealth(source_id, synced_at=reached, data_as_of=reached, period=period, vanished=vanished)
    # One failed turn is no news: the next one mends it, or three of them make the source stale. Without a schedule
    # there is no next one.
    failed = last.outcome == "failed" and period is None
    later = _good(reader, source_id)
    covered = as_of if later and later.started_at >= as_of else (good.started_at if good else None)
    if basis.data_as_of is not None:
        covered = basis.data_as_of.get(source_id)
    return SourceHealth(
        source_id,
        synced_at=good.finished_at if good else None,
        data_as_of=covered,
        period=period,
        problems=[str(last.summary["problem"])] if failed else [],
        unread=int(last.summary.get("set_aside", 0)),
        vanished=vanished,
    )


def _good(reader: Reader, source_id: str, until: datetime | None = None) -> StoredRun | None:
    """The last run that came to its end, with or without items set aside."""
    return last_ended(reader, "sync", source_id, until=until)
