"""Some days of the window have no plan to be held against.

What it finds
    Days of the window on which no objective with a weight above 0 is in its cycle. Work delivered on them takes no
    part in drift.

Why it matters
    Without a plan there is no drift, only work. The gap usually lies between two cycles, when the new objectives are
    being discussed and the teams have long begun.

What to do
    Add the missing cycle, or weights for its objectives, to the strategy file, even as a draft: what it covers
    is held against it from the next report on.

Ask the team
    - What are we working towards until the next objectives are decided?
    - Who can say today what the coming cycle will weigh?
"""

from __future__ import annotations

from collections.abc import Iterable

from domain.findings import Finding, Severity
from reports.rules.rule import Options, Sight

code = "S01"
name = "no-strategy"
severity = Severity.ERROR
options: Options = {}
SUBJECT = "strategy"


def check(sight: Sight) -> Iterable[Finding] | None:
    """At most one finding; None when no day of the window has begun."""
    plan = sight.figures.week.plan
    if not plan.days:
        return None
    if not plan.uncovered:
        return []
    message = sight.say.count(
        "{n} day of the week has no objective with a weight, the first on {first}.",
        "{n} days of the week have no objective with a weight, the first on {first}.",
        len(plan.uncovered),
        first=sight.say.day(plan.uncovered[0]),
    )
    return [Finding(code, name, severity, SUBJECT, message)]
