"""Nothing is open for an objective of the running cycle, and nothing was delivered.

What it finds
    An objective whose cycle holds the window's last day, with no open item mapped to it and none delivered since the
    cycle began.

Why it matters
    Either nobody has planned work for it, or the work exists and the mapping does not find it. Both are better known
    early in the cycle than at its review.

What to do
    Ask the owner of the objective where its work is planned, then add the work to the tracker, or the missing rule to
    the mapping, or take the objective out of the cycle.

Ask the team
    - What would be the first small step towards this objective?
    - Is there work for it somewhere that this report does not see?
"""

from __future__ import annotations

from collections.abc import Iterable

from domain.findings import Finding, Severity
from reports.measure.outcome import cycle_to_date
from reports.rules.rule import Options, Sight
from reports.rules.speech import named

code = "S02"
name = "idle-objective"
severity = Severity.WARNING
options: Options = {}


def check(sight: Sight) -> Iterable[Finding] | None:
    """One finding for each idle objective; None without any work item, or without an objective that day."""
    figures = sight.figures
    ledger, day = figures.ledger, figures.frame.last_day
    current = [o for o in sight.facts.strategy.objectives if ledger.plan.in_cycle(o.id, day)]
    if not ledger.work or not current:
        return None
    found = []
    for objective in sorted(current, key=lambda objective: objective.id):
        cycle = ledger.plan.cycle(objective.id)
        to_date = cycle_to_date(cycle, figures.frame)
        works = ledger.serving.get(objective.id, ())
        if any(work.open or (work.delivered is not None and work.delivered in to_date) for work in works):
            continue
        message = sight.say.text(
            "{target} has no open item, and nothing was delivered for it since {start}.",
            target=named(sight, objective.id),
            start=sight.say.day(cycle.start),
        )
        found.append(Finding(code, name, severity, objective.id, message))
    return found
