"""No work is meant for a key result of the running cycle.

What it finds
    A key result, in a cycle that holds the window's last day, to which no counted item maps that is open or delivered,
    while none maps to its objective alone either.

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

from domain.findings import Finding, Severity
from domain.work import State
from reports.rules.rule import Options, Sight
from reports.rules.speech import current_outcomes, cycle_share, named

code = "S05"
name = "idle-key-result"
severity = Severity.INFO
options: Options = {}


def check(sight: Sight) -> Iterable[Finding] | None:
    """One finding for each idle key result; None without work items, or where the running cycles have none."""
    current = current_outcomes(sight)
    alive = [work for work in sight.figures.ledger.work if work.item.state is not State.DROPPED]
    if not alive or not current:
        return None
    tagged = {tag for work in alive for tag in work.tagged}
    return [
        Finding(
            code,
            name,
            severity,
            outcome.id,
            sight.say.text(
                "No item at hand ({n} in all) serves {key_result} or its objective alone; {over} of its cycle is over.",
                n=sight.say.number(len(alive)),
                key_result=named(sight, outcome.id),
                over=sight.say.percent(cycle_share(sight, outcome)),
            ),
        )
        for outcome in current
        if not tagged & {outcome.id, outcome.objective}
    ]
