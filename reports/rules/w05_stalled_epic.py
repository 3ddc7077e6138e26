"""An epic is under way, but nothing has happened to it for three weeks.

What it finds
    An item of level 1 or more that is under way while neither it nor anything below it was created or changed for 21
    days. Where nothing at all is known of how an epic changed, nothing is said of it.

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

from domain.calendar import local_day
from domain.findings import Finding, Severity
from domain.work import ItemRef, State, WorkItem
from reports.measure.periods import days_before
from reports.rules.rule import Options, Sight
from reports.rules.speech import days_words

code = "W05"
name = "stalled-epic"
severity = Severity.WARNING
options: Options = {"days": 21}


def check(sight: Sight) -> Iterable[Finding] | None:
    """One finding for each stalled epic; None where no item of level 1 or more that is under way has a history."""
    found, known = [], False
    for epic in sight.figures.ledger.epics:
        if epic.state is not State.DOING:
            continue
        family = (epic.ref, *sight.figures.ledger.hierarchy.descendants(epic.ref))
        if any(sight.facts.history.get(ref) for ref in family):
            known = True
            found += _findings(sight, epic, family)
    return found if known else None


def _findings(sight: Sight, epic: WorkItem, family: tuple[ItemRef, ...]) -> list[Finding]:
    facts, frame = sight.facts, sight.figures.frame
    created = (facts.items[ref].created_at for ref in family)
    changed = (history[-1].at for ref in family if (history := facts.history.get(ref)))
    last = max((*created, *changed))
    if last >= days_before(frame.until, int(sight.options["days"]), frame.zone):
        return []
    day = local_day(last, frame.zone)
    message = sight.say.count(
        "{key} is under way, but nothing has happened to it or to the {n} item below it since {day}: for {days}.",
        "{key} is under way, but nothing has happened to it or to the {n} items below it since {day}: for {days}.",
        len(family) - 1,
        key=epic.key,
        day=sight.say.day(day),
        days=days_words(sight, (local_day(frame.until, frame.zone) - day).days),
    )
    return [Finding(code, name, severity, epic.key, message, (epic.ref,))]
