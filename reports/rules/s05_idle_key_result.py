"""No work is meant for a key result of the running cycle.

What it finds
    A key result, in a cycle that holds the window's last day, to which no counted item maps that is open or was
    delivered in the cycle so far, while none maps to its objective alone either.

Why it matters
    Either the figure is to move by itself, or the work that is to move it stands somewhere else, under another goal or
    under none. In the first case nobody steers it, in the second nobody sees it.

What to do
    Find the work that should move this figure and let the mapping say so; where there is none, plan a first step or
    drop the key result.

Ask the team
    - What are we doing, or could we do, that would move this figure?
    - Is there work under another goal that really serves this one?
"""

from __future__ import annotations

from collections.abc import Iterable

from domain.calendar import midnight
from domain.findings import Finding, Severity
from reports.measure.outcome import Outcome
from reports.rules.rule import Options, Sight
from reports.rules.speech import current_outcomes, cycle_share, named

code = "S05"
name = "idle-key-result"
severity = Severity.INFO
options: Options = {}


def check(sight: Sight) -> Iterable[Finding] | None:
    """One finding for each idle key result; None without work items, or where the running cycles have none."""
    current = current_outcomes(sight)
    if not sight.figures.ledger.work or not current:
        return None
    return [
        Finding(
            code,
            name,
            severity,
            outcome.id,
            sight.say.text(
                "No item of its cycle serves {key_result} or its objective alone; {over} of the cycle is over.",
                key_result=named(sight, outcome.id),
                over=sight.say.percent(cycle_share(sight, outcome)),
            ),
        )
        for outcome in current
        if not _served(sight, outcome)
    ]


def _served(sight: Sight, outcome: Outcome) -> bool:
    """Whether something open, or delivered since the cycle's start, is meant for the key result or its objective."""
    ledger = sight.figures.ledger
    begun = midnight(ledger.plan.cycle(outcome.objective).start, ledger.zone)
    return any(
        work.open or (work.delivered is not None and work.delivered >= begun)
        for work in ledger.serving.get(outcome.objective, ())
        if work.tagged.keys() & {outcome.id, outcome.objective}
    )
