"""An epic is under way, but nothing has happened to it for three weeks.

What it finds
    An item of level 1 or more that is under way while neither it nor anything below it was created or changed for 21
    days. One finding speaks of all that stands still below one such item. Where nothing at all is known of how an epic
    changed, nothing is said of it.

Why it matters
    Work that waits is begun and paid for, and nobody has anything of it. The more of it there is, the longer
    everything else takes.

What to do
    Decide for each epic named here: take it up again with a next step that someone has in hand, put it back to the
    ideas, or drop it.

Ask the team
    - What is this epic waiting for, and who could end the waiting?
    - If it had not been started, would we start it today?
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from domain.calendar import local_day
from domain.findings import Finding, Severity
from domain.work import ItemRef, State
from reports.measure.periods import days_before
from reports.rules.rule import Options, Sight
from reports.rules.speech import days_words

code = "W05"
name = "stalled-epic"
severity = Severity.WARNING
options: Options = {"days": 21}


def check(sight: Sight) -> Iterable[Finding] | None:
    """One finding for each stalled epic that has no stalled one above it; None where no item of level 1 or more that
    is under way has a history.
    """
    frame, hierarchy = sight.figures.frame, sight.figures.ledger.hierarchy
    limit = days_before(frame.until, int(sight.options["days"]), frame.zone)
    doing = [epic.ref for epic in sight.figures.ledger.epics if epic.state is State.DOING]
    last = {ref: instant for ref in doing if (instant := _last_change(sight, ref)) is not None}
    if not last:
        return None
    stalled: dict[ItemRef, list[ItemRef]] = {ref: [] for ref, instant in last.items() if instant < limit}
    for ref in list(stalled):
        above = [up for up in hierarchy.ancestors(ref) if up in stalled]
        if above:
            stalled[above[-1]] += [ref, *stalled.pop(ref)]
    return [
        Finding(code, name, severity, sight.facts.items[ref].key, _message(sight, ref, last[ref]), (ref, *below))
        for ref, below in stalled.items()
    ]


def _last_change(sight: Sight, epic: ItemRef) -> datetime | None:
    """When something last happened to an epic or below it; None when no change of any of it is known."""
    facts = sight.facts
    family = (epic, *sight.figures.ledger.hierarchy.descendants(epic))
    changed = [history[-1].at for ref in family if (history := facts.history.get(ref))]
    return max((*changed, *(facts.items[ref].created_at for ref in family))) if changed else None


def _message(sight: Sight, epic: ItemRef, last: datetime) -> str:
    frame = sight.figures.frame
    day = local_day(last, frame.zone)
    return sight.say.count(
        "{key} is under way, but nothing has happened to it or to the {n} item below it since {day}: for {days}.",
        "{key} is under way, but nothing has happened to it or to the {n} items below it since {day}: for {days}.",
        sum(1 for _ in sight.figures.ledger.hierarchy.descendants(epic)),
        key=sight.facts.items[epic].key,
        day=sight.say.day(day),
        days=days_words(sight, (local_day(frame.until, frame.zone) - day).days),
    )
