"""The drift report's data, worked out from the facts alone."""

from __future__ import annotations

from dataclasses import asdict
from typing import cast

from domain.calendar import instant_text, local_day
from domain.strategy import UNALIGNED
from reports.document import (
    AllocationRow,
    CommentsData,
    Document,
    FlowPoint,
    HorizonDrift,
    KeyResultData,
    ReplyData,
    TrendPoint,
    ValueStreamData,
    WeekDrift,
)
from reports.facts import Facts, Reply
from reports.findings import evidence_of, findings_of
from reports.language import Language, language
from reports.measure.drift import PeriodDrift
from reports.measure.figures import Figures, Judged, figures_of
from reports.measure.flow import StreamFlow
from reports.measure.outcome import Outcome
from reports.measure.parts import by_source, by_team, efforts
from reports.measure.quality import quality_notes
from reports.measure.rows import Row
from reports.report import Report
from reports.rounding import rounded
from reports.seal import sealed
from reports.workings import item_rows

SCHEMA = 1
METHOD = 1


def compute(facts: Facts) -> Document:
    """The data of the report of a window, seen from an instant.

    The same facts give the same document, byte for byte once dumped; the order of items does not matter. Figures
    are fractions rounded half-even to 6 decimals, None where something cannot be known (DRIFT).
    """
    return report_of(facts).document


def report_of(facts: Facts) -> Report:
    """The data of a report with the work items behind them, both from the same figures."""
    figures = figures_of(facts)
    document = _document(figures, facts)
    return Report(document, item_rows(figures, facts, shown=document["by_team"]))


def _document(figures: Figures, facts: Facts) -> Document:
    say = language(facts.language)
    frame, horizon = figures.frame, figures.horizon.drift
    lists = findings_of(figures, facts, say)
    document: Document = {
        "schema": SCHEMA,
        "method": METHOD,
        "organisation": facts.organisation,
        "language": "fr" if facts.language == "fr" else "en",
        "timezone": frame.zone.key,
        "window": {
            "from": instant_text(frame.window.period.start),
            "to": instant_text(frame.window.period.end),
            "label": frame.window.label,
            "in_progress": frame.in_progress,
        },
        "horizon": {
            "from": instant_text(frame.nominal_horizon.start),
            "to": instant_text(frame.nominal_horizon.end),
        },
        "as_of": instant_text(facts.as_of),
        "manifest": {
            "data_as_of": {
                source.id: None if source.data_as_of is None else instant_text(source.data_as_of)
                for source in sorted(facts.sources, key=lambda source: source.id)
            },
            "strategy": facts.manifest.strategy,
            "mapping": facts.manifest.mapping,
            "config": facts.manifest.config,
            "later": list(facts.manifest.later),
            "inputs": facts.manifest.inputs,
            "document": "",
        },
        "measure": facts.options.measure,
        "delivered": {
            "items": len(horizon.sample.amounts),
            "effort": horizon.sample.total,
            "clusters": len(horizon.clusters),
            "imputed": horizon.sample.imputed,
            "left_out": horizon.sample.left_out,
        },
        "drift": {
            "week": _week_drift(figures.week, facts),
            "horizon": _horizon_drift(figures.horizon, facts),
        },
        "previous": None if figures.previous is None else _horizon_drift(figures.previous, facts),
        "allocation": [_row(row, facts, say) for row in figures.rows],
        "unaligned": {
            "share": horizon.unaligned,
            "items": len(figures.unserved),
            "reasons": dict(figures.reasons),
        },
        "trend": _trend(figures),
        "sustained_since": figures.trend.sustained_since,
        "weekly": _weekly(figures),
        "key_results": [_key_result(outcome) for outcome in figures.outcomes],
        "value_streams": [_stream(flow, facts, say) for flow in figures.streams],
        "small_value_streams": figures.small_streams,
        "by_source": by_source(horizon.sample.amounts),
        "by_team": by_team(horizon.sample.amounts, facts.strategy.teams, facts.options.smallest_team),
        "findings": lists.findings,
        "resolved": lists.resolved,
        "acknowledged": lists.acknowledged,
        "replies": [_reply(reply, facts) for reply in facts.replies if frame.nominal_horizon.start <= reply.at],
        "comments": None if facts.effect is None else cast(CommentsData, asdict(facts.effect)),
        "decisions": [],
        "data_quality": list(quality_notes(figures, say)),
    }
    return sealed(cast(Document, rounded(document)))


def _week_drift(drift: PeriodDrift, facts: Facts) -> WeekDrift:
    return {
        "index": drift.index,
        "unaligned": drift.unaligned,
        "misplaced": drift.misplaced,
        "expected": drift.noise.expected if drift.noise else None,
        "by_chance": drift.noise.by_chance if drift.noise else None,
        "significant": drift.significant(facts.options.thresholds.chance),
    }


def _horizon_drift(horizon: Judged, facts: Facts) -> HorizonDrift:
    return {
        **_week_drift(horizon.drift, facts),
        "least_visible": horizon.least_visible,
        "outside_band": horizon.drift.outside_band,
        "verdict": horizon.verdict,
        "agreement": horizon.agreement,
    }


def _row(row: Row, facts: Facts, say: Language) -> AllocationRow:
    titles = {budget.id: budget.title for budget in facts.strategy.budgets}
    titles |= {objective.id: objective.title for objective in facts.strategy.objectives}
    titles |= {UNALIGNED: say.text("Work that serves no target")}
    return {
        "target": row.target,
        "title": titles.get(row.target, row.target),
        "kind": row.kind,
        "planned": row.planned,
        "delivered": row.delivered,
        "gap": row.gap,
        "low": row.low,
        "high": row.high,
        "band": None if row.band is None else list(row.band),
        "chance": row.chance,
        "week": row.week,
        "items": row.items,
    }


def _trend(figures: Figures) -> list[TrendPoint]:
    return [
        {
            "window": window.label,
            "index": window.index,
            "expected": window.expected,
            "z": window.z,
            "line": window.line,
        }
        for window in figures.trend.shown
    ]


def _weekly(figures: Figures) -> list[FlowPoint]:
    return [
        {"window": window.label, "target": target, "effort": effort}
        for window in figures.trend.shown
        for target, effort in efforts(window.sample.amounts).items()
    ]


def _reply(reply: Reply, facts: Facts) -> ReplyData:
    return {
        "item": evidence_of(facts, reply.ref),
        "on": local_day(reply.at, facts.window.zone).isoformat(),
        "targets": {target: share for target, share in sorted(reply.shares.items()) if target != UNALIGNED},
        "reason": reply.reason,
    }


def _key_result(outcome: Outcome) -> KeyResultData:
    progress = outcome.progress
    return {
        "id": outcome.id,
        "title": outcome.title,
        "objective": outcome.objective,
        "progress": progress.value,
        "raw": progress.raw,
        "expected": progress.expected,
        "lag": progress.lag,
        "effort": outcome.effort,
        "cell": outcome.cell,
        "read_on": None if progress.read_on is None else progress.read_on.isoformat(),
    }


def _stream(flow: StreamFlow, facts: Facts, say: Language) -> ValueStreamData:
    titles = {stream.id: stream.title for stream in facts.strategy.value_streams}
    return {
        "id": flow.id,
        "title": say.text("Work of no value stream") if flow.id is None else titles.get(flow.id, flow.id),
        "velocity": {"items": flow.items, "effort": flow.effort},
        "flow_time": {
            "items": len(flow.times.items),
            "median": flow.times.median,
            "p85": flow.times.late,
            "before": flow.before.late,
        },
        "load": len(flow.load),
        "work_classes": dict(flow.classes),
        "efficiency": flow.efficiency,
        "delivered": flow.delivered,
        "capacity": flow.capacity,
    }
