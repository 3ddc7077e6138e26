"""A less important target gets too much while a more important one waits with work that is ready.

What it finds
    One target is over-invested while another of higher planned share is starved, although that one has work at hand:
    items that are open and mapped to it. The finding speaks of the starved one.

Why it matters
    The order of priorities is the part of a plan that people remember. When work contradicts it although nothing
    stands in the way, the order is not known, not believed, or not the real one.

What to do
    Take the next free hands to the ready work named here, before new work on the over-invested target is begun.

Ask the team
    - What keeps us from picking up the ready work of the more important objective?
    - Do we all know the same order of priorities?
"""

from __future__ import annotations

from collections.abc import Iterable

from domain.findings import Finding, Severity
from domain.work import State
from reports.measure.clusters import CRUMB
from reports.measure.ledger import Work
from reports.measure.outliers import over_invested, starved
from reports.rules.rule import Options, Sight
from reports.rules.speech import named

code = "A06"
name = "priority-inversion"
severity = Severity.WARNING
options: Options = {}


def check(sight: Sight) -> Iterable[Finding] | None:
    """One finding for each starved target with ready work; None where the horizon could not show any."""
    figures, rules = sight.figures, sight.facts.options
    over = over_invested(figures.rows, figures.horizon.drift, rules)
    under = starved(figures.rows, figures.horizon.drift, rules)
    if not (over and under) and figures.horizon.verdict in ("not_enough_data", "no_signal"):
        return None
    found = []
    for row in under:
        planned = row.planned or 0.0
        instead = [other for other in over if (other.planned or 0.0) < planned - CRUMB]
        ready = sorted((work for work in figures.ledger.serving.get(row.target, ()) if work.open), key=_nearest)
        if not instead or not ready:
            continue
        message = sight.say.count(
            "{target}, planned at {planned}, waits with {n} open item while {other}, planned at {other_planned}, "
            "gets more than its share.",
            "{target}, planned at {planned}, waits with {n} open items while {other}, planned at {other_planned}, "
            "gets more than its share.",
            len(ready),
            target=named(sight, row.target),
            planned=sight.say.percent(planned),
            other=sight.say.joined([named(sight, other.target) for other in instead]),
            other_planned=sight.say.joined([sight.say.percent(other.planned or 0.0) for other in instead]),
        )
        found.append(Finding(code, name, severity, row.target, message, tuple(work.item.ref for work in ready)))
    return found


def _nearest(work: Work) -> tuple[bool, tuple[str, str]]:
    """Work under way comes before work that waits."""
    return work.item.state is not State.DOING, work.item.ref
