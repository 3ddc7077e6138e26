"""Work goes into a key result, and its figure does not move.

What it finds
    A key result that got 10 % or more of the cycle's work to date, that was read lately, and that lags more than 25
    points behind what was expected by now. Nothing is said before a third of the cycle is over.

Why it matters
    Work that does not move its figure may be the wrong work, or its effect comes later. While there is time left in
    the cycle the difference is worth knowing.

What to do
    Write down which of the delivered pieces were meant to move the figure, by how much and when. Stop what nobody can
    say this of, and put one small test of the strongest idea in its place.

Ask the team
    - Which delivered piece of work should have moved this figure by now?
    - What have we learnt about our users that we did not know when the cycle began?
"""

from __future__ import annotations

from collections.abc import Iterable

from domain.findings import Finding, Severity
from reports.measure.clusters import CRUMB
from reports.rules.rule import Options, Sight
from reports.rules.speech import cycle_share, lagging, named

code = "V01"
name = "effort-without-outcome"
severity = Severity.WARNING
options: Options = {"effort": 10, "lag": 25}
EARLY = 1 / 3  # of the cycle


def check(sight: Sight) -> Iterable[Finding] | None:
    """One finding for each such key result; None while no reading is recent, or the cycles are young."""
    known = [
        outcome
        for outcome in sight.figures.outcomes
        if outcome.effort is not None
        and outcome.cell != "no_recent_reading"
        and cycle_share(sight, outcome) >= EARLY - CRUMB
    ]
    if not known:
        return None
    found = []
    for outcome in lagging(sight, known):
        effort = outcome.effort or 0.0
        if effort < sight.options["effort"] / 100 - CRUMB:
            continue
        message = sight.say.text(
            "{key_result} got {effort} of the work of its cycle to date and stands at {progress}, where {expected} was "
            "expected by now.",
            key_result=named(sight, outcome.id),
            effort=sight.say.percent(effort),
            progress=sight.say.percent(outcome.progress.value or 0.0),
            expected=sight.say.percent(outcome.progress.expected or 0.0),
        )
        found.append(Finding(code, name, severity, outcome.id, message))
    return found
