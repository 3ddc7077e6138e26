"""Less of the work went to a target than its band allows, and chance hardly does that.

What it finds
    A target whose share of the delivered work lies below its band over the horizon, where so little chance explains
    it that it would happen to some target in at most one horizon of twenty. It is an error when besides no work of
    it was started or delivered in the whole horizon.

Why it matters
    An objective that gets no work does not come closer, whatever its weight in the strategy says. The earlier it is
    seen, the more ways there are to answer: start, shrink the ambition, or say openly that it waits.

What to do
    Find out what holds the work back, then either give the objective people and time from what is over-invested, or
    lower its weight in the strategy.

Ask the team
    - What would have to be true for work on this objective to start next week?
    - Is this still an objective of this cycle, and who would miss it if it were not?
"""

from __future__ import annotations

from collections.abc import Iterable

from domain.calendar import Period
from domain.findings import Finding, Severity
from domain.work import State
from reports.measure.ledger import Work
from reports.measure.outliers import starved
from reports.measure.rows import Row
from reports.rules.rule import Options, Sight
from reports.rules.speech import delivered_evidence, off_sentence

code = "A02"
name = "starved"
severity = Severity.WARNING
options: Options = {}


def check(sight: Sight) -> Iterable[Finding] | None:
    """One finding for each starved target; None where the horizon shows nothing because it could not."""
    horizon = sight.figures.horizon
    found = starved(sight.figures.rows, horizon.drift, sight.facts.options)
    if not found and horizon.verdict in ("not_enough_data", "no_signal"):
        return None
    return [_finding(sight, row) for row in found]


def _finding(sight: Sight, row: Row) -> Finding:
    period = sight.figures.horizon.drift.period
    idle = not any(_touched(work, period) for work in sight.figures.ledger.serving.get(row.target, ()))
    message = off_sentence(sight, row)
    if idle:
        message += " " + sight.say.text("Nothing of it was started either.")
    grave = Severity.ERROR if idle else severity
    return Finding(code, name, grave, row.target, message, delivered_evidence(sight, row))


def _touched(work: Work, period: Period) -> bool:
    """Whether the item entered `doing` or was delivered in a period."""
    if work.delivered is not None and work.delivered in period:
        return True
    if work.item.started_at is not None and work.item.started_at in period:
        return True
    return any(
        entry.field == "state" and entry.after == State.DOING and entry.before != State.DOING and entry.at in period
        for entry in work.history
    )
