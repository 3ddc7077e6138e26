"""An epic was closed with nothing in it.

What it finds
    An item of level 1 or more that was delivered in the horizon, with no child and no estimate. Where no such item has
    a child at all, epics are not split here, and nothing is said.

Why it matters
    It counts as one delivered piece of work, yet nothing shows how much work it was. Perhaps the work was done under
    another ticket, perhaps there was none.

What to do
    Where the work was done elsewhere, move that work below this epic; where the epic came to nothing, end it as dropped
    rather than done, so that it does not count as delivered.

Ask the team
    - What did users get when this epic was closed?
    - Where can we see the work that was done for it?
"""

from __future__ import annotations

from collections.abc import Iterable

from domain.findings import Finding, Severity
from domain.work import EPIC
from reports.rules.rule import Options, Sight

code = "W04"
name = "closed-empty"
severity = Severity.INFO
options: Options = {}


def check(sight: Sight) -> Iterable[Finding] | None:
    """One finding for each such epic; None when no item of level 1 or more has a child."""
    ledger = sight.figures.ledger
    children = ledger.hierarchy.children
    if not any(epic.ref in children for epic in ledger.epics):
        return None
    # An epic without children has no counted item below it, so it is counted itself.
    return [
        Finding(
            code,
            name,
            severity,
            work.item.key,
            sight.say.text(
                "{key} was closed on {day} with nothing below it and no estimate.",
                key=work.item.key,
                day=sight.say.day(work.day),
            ),
            (work.item.ref,),
        )
        for work in ledger.delivered_in(sight.figures.horizon.drift.period)
        if work.item.level >= EPIC
        and work.item.points is None
        and work.day is not None
        and work.item.ref not in children
    ]
