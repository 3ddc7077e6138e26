"""How targets and key results stand, as far as it is known: from the newest report and the readings."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta

from config.settings import Drift
from config.workspace import Workspace
from domain.calendar import local_day, midnight, parse_instant, week_of
from domain.strategy import KeyResult, KpiKind, Strategy
from reports.document import AllocationRow, Document
from reports.measure.progress import progress_of
from reports.ticket import Judgement, Reached, Standing
from store.queries import Reader
from sync.reporting import SERIES

DAY = timedelta(days=1)


def standings(workspace: Workspace, reader: Reader, now: datetime) -> Mapping[str, Standing]:
    """By target what the newest report says of the horizon that ended last week, or the week before that.

    Empty without such a report: older figures would be no news. A report of a week in progress says nothing yet.
    """
    last = week_of(local_day(now, workspace.zone), workspace.zone).earlier(1)
    stored = reader.newest_report(SERIES, begun=last.earlier(1).period.start, until=last.period.start)
    if stored is None:
        return {}
    document: Document = json.loads(reader.document(stored.number))
    if document["window"]["in_progress"]:
        return {}
    start, end = (parse_instant(document["horizon"][edge]) for edge in ("from", "to"))
    until = local_day(end, workspace.zone) - DAY
    windows = round((end - start) / timedelta(weeks=1))
    judged = document["drift"]["horizon"]["verdict"] != "not_enough_data"
    return {
        row["target"]: Standing(
            row["target"],
            windows,
            until,
            row["delivered"],
            row["planned"],
            _judgement(row, workspace.settings.drift) if judged else "too_little",
        )
        for row in document["allocation"]
        if row["planned"] is not None and row["delivered"] is not None
    }


def reached(key_result: KeyResult, strategy: Strategy, workspace: Workspace, now: datetime) -> Reached | None:
    """How far a key result has come by its last reading; None where that cannot be told."""
    cycle = next(
        strategy.cycle(objective.cycle) for objective in strategy.objectives if objective.id == key_result.objective
    )
    end = midnight(cycle.end + DAY, workspace.zone)
    progress = progress_of(key_result, cycle, min(now, end), now, workspace.zone)
    if progress.value is None or progress.read_on is None or key_result.kpi is None:
        return None
    return Reached(key_result.id, progress.read_on, progress.value, banded=key_result.kpi.kind is KpiKind.MAINTAIN)


def _judgement(row: AllocationRow, options: Drift) -> Judgement:
    """As the findings A01 and A02 judge: within the band it is as planned, outside of it chance has its say."""
    delivered, band, chance = row["delivered"] or 0.0, row["band"], row["chance"]
    if band is None or band[0] <= delivered <= band[1]:
        return "as_planned"
    if chance is None or chance > options.thresholds.chance:
        return "unclear"
    return "less" if delivered < band[0] else "more"
