"""A key result lags behind, and the work on it is running dry.

What it finds
    A key result more than 25 points behind what was expected by now, whose share of the work over the horizon is half
    or less of what it was over the horizon before. At least two items of that earlier horizon must have served it:
    one item more or less is no trend.

Why it matters
    The outcome is being given up without anybody having said so. It is found out at the review, when it is too late to
    choose.

What to do
    Decide it now, in the open: put the people back, shrink the target, or drop the key result and say what takes its
    place.

Ask the team
    - What took the place of this work, and who decided it?
    - Would we still choose this key result today?
"""

from __future__ import annotations

from collections.abc import Iterable

from domain.findings import Finding, Severity
from reports.measure.clusters import CRUMB
from reports.measure.effort import Sample, sample
from reports.measure.outcome import Outcome, effort_shares
from reports.rules.rule import Options, Sight
from reports.rules.speech import horizon_words, lagging, named

code = "V02"
name = "abandoned-outcome"
severity = Severity.ERROR
options: Options = {"lag": 25, "items": 2}


def check(sight: Sight) -> Iterable[Finding] | None:
    """One finding for each such key result; None without any known lag, or without work in one of the horizons."""
    figures = sight.figures
    known = [outcome for outcome in figures.outcomes if outcome.progress.lag is not None]
    if not known:
        return None
    now = figures.horizon.drift.sample
    before = sample(figures.ledger, figures.frame.horizon_before, sight.facts.options.measure)
    shares_before, shares = effort_shares(before), effort_shares(now)
    if shares_before is None or shares is None:
        return None
    return [
        found
        for outcome in lagging(sight, known)
        for found in _findings(
            sight, outcome, before, was=shares_before.get(outcome.id, 0.0), here=shares.get(outcome.id, 0.0)
        )
    ]


def _findings(sight: Sight, outcome: Outcome, before: Sample, *, was: float, here: float) -> list[Finding]:
    served = sum(1 for work, _ in before.amounts if work.tagged.get(outcome.id, 0.0) > 0)
    if served < max(1, sight.options["items"]) or here > was / 2 + CRUMB:
        return []
    message = sight.say.text(
        "{key_result} is {lag} points behind, and its share of the work fell to {now} over {span}, from {before} over "
        "as many before.",
        key_result=named(sight, outcome.id),
        lag=sight.say.number(100 * (outcome.progress.lag or 0.0)),
        now=sight.say.percent(here),
        span=horizon_words(sight),
        before=sight.say.percent(was),
    )
    ready = [
        work.item.ref
        for work in sight.figures.ledger.serving.get(outcome.objective, ())
        if work.open and work.tagged.get(outcome.id, 0.0) > 0
    ]
    return [Finding(code, name, severity, outcome.id, message, tuple(ready))]
