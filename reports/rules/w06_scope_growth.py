"""An epic has grown by more than a quarter since it was started.

What it finds
    An item of level 1 or more that is under way, whose children weigh more than 25 % above what they weighed when it
    was started. They weigh the sum of their estimates, or their number where one of them has no estimate, then or now.
    Dropped children weigh nothing. An epic that began with fewer than five children was not yet cut into pieces: there
    is nothing to compare it with.

Why it matters
    Some growth is learning. Beyond that the epic is not the one that was approved: it ends later, and what it takes is
    missing elsewhere without anyone having decided it.

What to do
    Look at what came in since the start, keep what the goal needs, and move the rest to an epic of its own that has to
    find its place among the others.

Ask the team
    - Which of the later items would we leave out if the epic had to end next week?
    - Did we learn something, or did somebody ask for something?
"""

from __future__ import annotations

from collections.abc import Iterable

from domain.calendar import local_day
from domain.findings import Finding, Severity
from reports.measure.clusters import CRUMB
from reports.measure.scope import Scope, scopes
from reports.rules.rule import Options, Sight

code = "W06"
name = "scope-growth"
severity = Severity.WARNING
options: Options = {"percent": 25, "children": 5}


def check(sight: Sight) -> Iterable[Finding] | None:
    """One finding for each such epic; None when no item of level 1 or more that is under way began with children."""
    known = [scope for scope in scopes(sight.figures.ledger) if scope.children >= sight.options["children"]]
    if not known:
        return None
    most = 1 + sight.options["percent"] / 100
    return [
        Finding(code, name, severity, scope.epic.key, _message(sight, scope), (scope.epic.ref,))
        for scope in known
        if scope.now > scope.before * most + CRUMB
    ]


def _message(sight: Sight, scope: Scope) -> str:
    say = sight.say
    words = {
        "key": scope.epic.key,
        "now": say.number(scope.now, 1),
        "growth": say.percent(scope.now / scope.before - 1),
        "before": say.number(scope.before, 1),
        "day": say.day(local_day(scope.started, sight.figures.frame.zone)),
    }
    if scope.in_points:
        return say.text(
            "{key} holds {now} points, {growth} more than the {before} with which it was started on {day}.", **words
        )
    return say.text(
        "{key} holds {now} children, {growth} more than the {before} with which it was started on {day}.", **words
    )
