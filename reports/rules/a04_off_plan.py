"""Delivery as a whole is away from the plan, further than chance would put it.

What it finds
    The verdict of the horizon is `drifting` or `off_plan`: some target is so far off that chance would hardly do it,
    the drift index is above its threshold (10 % and 25 %), and some target lies outside its band.

Why it matters
    The index is the share of the work that would have to move for delivery to match the plan. A plan that is missed
    by a quarter is not the plan that is being carried out, and decisions that trust it go wrong.

What to do
    Read the planned and delivered shares side by side, decide for the largest gap whether the work or the plan is to
    move, and write the decision down with a date on which to look again.

Ask the team
    - Which of these gaps did we choose, and which ones happened to us?
    - What would we stop first to bring delivery back to the plan?
"""

from __future__ import annotations

from collections.abc import Iterable

from domain.findings import Finding, Severity
from reports.rules.rule import Options, Sight
from reports.rules.speech import horizon_words

code = "A04"
name = "off-plan"
severity = Severity.WARNING
options: Options = {}
SUBJECT = "organisation"


def check(sight: Sight) -> Iterable[Finding] | None:
    """At most one finding, an error for `off_plan`; None when the verdict is grey."""
    horizon = sight.figures.horizon
    if horizon.verdict in ("not_enough_data", "no_signal"):
        return None
    if horizon.verdict == "on_plan" or horizon.drift.index is None or horizon.drift.noise is None:
        return []
    message = sight.say.text(
        "{index} of the work over {span} would have to move to match the plan, "
        "where chance alone gives {expected} on average and rarely more than {by_chance} with this little work.",
        index=sight.say.percent(horizon.drift.index),
        span=horizon_words(sight),
        expected=sight.say.percent(horizon.drift.noise.expected),
        by_chance=sight.say.percent(horizon.drift.noise.by_chance),
    )
    grave = Severity.ERROR if horizon.verdict == "off_plan" else severity
    return [Finding(code, name, grave, SUBJECT, message)]
