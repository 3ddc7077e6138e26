"""The mapping reaches less of the work than it used to.

What it finds
    A week in which the share of its items that serve some target lies more than 10 points below the mean of the four
    weeks before. Weeks without work are skipped, and a week of fewer than 20 items says too little.

Why it matters
    Drift cannot be told from a mapping that has lost sight of the work. A label renamed, a new project, a new team:
    from that day on the figures speak of the rest alone.

What to do
    Look at what the unmapped items named here have in common, and add the rule that reaches them. `filrouge map explain
    KEY` says of each why no rule spoke.

Ask the team
    - What was renamed, moved or started in the last weeks?
    - Who would tell us next time that something changes in the tracker?
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from domain.findings import Finding, Severity
from reports.measure.clusters import CRUMB
from reports.measure.ledger import Work
from reports.rules.rule import Options, Sight

code = "M04"
name = "coverage-fell"
severity = Severity.ERROR
options: Options = {"points": 10, "items": 20}
SUBJECT = "organisation"
BEFORE = 4  # windows


def check(sight: Sight) -> Iterable[Finding] | None:
    """At most one finding; None when the week, or the weeks before, hold too little work."""
    *earlier, week = ([work for work, _ in window.sample.amounts] for window in sight.figures.trend.shown)
    shares = [_mapped(works) for works in earlier[-BEFORE:] if works]
    if len(week) < max(1, sight.options["items"]) or not shares:
        return None
    now, mean = _mapped(week), sum(shares) / len(shares)
    if now >= mean - sight.options["points"] / 100 - CRUMB:
        return []
    message = sight.say.count(
        "{share} of the week's {items} items serve a target, where it was {mean} on average in the week before.",
        "{share} of the week's {items} items serve a target, where it was {mean} on average in the {n} weeks before.",
        len(shares),
        share=sight.say.percent(now),
        items=sight.say.number(len(week)),
        mean=sight.say.percent(mean),
    )
    unmapped = tuple(work.item.ref for work in week if not work.mapped)
    return [Finding(code, name, severity, SUBJECT, message, unmapped)]


def _mapped(works: Sequence[Work]) -> float:
    return sum(1 for work in works if work.mapped) / len(works)
