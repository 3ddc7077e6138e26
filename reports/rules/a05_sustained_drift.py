"""The weekly trend has risen above its alarm line, and stays there.

What it finds
    The smoothed weekly drift, measured against what chance gives with each week's work, is above its line in the last
    week with delivery. The line is set so that chance crosses it in about one quarter of twenty. The finding names the
    first week of the unbroken run.

Why it matters
    One odd week means little. A run of them is a change in how work is chosen, and it seldom ends by itself.

What to do
    Go back to the week in which the run began and look for what changed then: a new customer, a reorganisation, a
    deadline, a person who left; then decide whether that change is the new plan.

Ask the team
    - What changed around the week in which this began?
    - What would tell us that it is over?
"""

from __future__ import annotations

from collections.abc import Iterable

from domain.findings import Finding, Severity
from reports.rules.rule import Options, Sight

code = "A05"
name = "sustained-drift"
severity = Severity.ERROR
options: Options = {}
SUBJECT = "organisation"


def check(sight: Sight) -> Iterable[Finding] | None:
    """At most one finding; None when the last delivering week has no line to be held against."""
    trend = sight.figures.trend
    if not trend.can_alarm:
        return None
    if trend.sustained_since is None:
        return []
    labels = [window.label for window in trend.windows if window.index is not None]
    weeks = len(labels) - labels.index(trend.sustained_since)
    message = sight.say.count(
        "Drift has been above its alarm line since {since}.",
        "Drift has been above its alarm line since {since}: {n} delivering weeks in a row.",
        weeks,
        since=sight.say.week(trend.sustained_since),
    )
    return [Finding(code, name, severity, SUBJECT, message)]
