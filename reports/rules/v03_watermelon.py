"""Everything is on time, except the figure that it was for: green outside, red inside.

What it finds
    A key result more than 25 points behind what was expected by now, although every epic that serves it is on time:
    done, or with at least as large a part of its items delivered as is over of the cycle. Dropped epics and dropped
    items are left aside.

Why it matters
    A plan that is carried out and does not work will not work better when it is carried out to the end. Reports on
    tickets alone stay green until the last day.

What to do
    Leave the epics alone for an hour and ask what would move the figure. Change at least one of the epics that have
    not begun.

Ask the team
    - What did we believe would happen to this figure, and what happened instead?
    - What would we do in the rest of the cycle if we had to plan it today?
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from domain.findings import Finding, Severity
from domain.tags import NOTHING
from domain.work import State, WorkItem
from reports.measure.clusters import CRUMB
from reports.rules.rule import Options, Sight
from reports.rules.speech import cycle_share, lagging, named

code = "V03"
name = "watermelon"
severity = Severity.WARNING
options: Options = {"lag": 25}


def check(sight: Sight) -> Iterable[Finding] | None:
    """One finding for each such key result; None when none of known lag has an epic."""
    measured = [outcome for outcome in sight.figures.outcomes if outcome.progress.lag is not None]
    epics = _epics_by_tag(sight)
    known = [outcome for outcome in measured if outcome.id in epics]
    if not known:
        return None
    found = []
    for outcome in lagging(sight, known):
        over = cycle_share(sight, outcome)
        if not all(_on_time(sight, epic, over) for epic in epics[outcome.id]):
            continue
        message = sight.say.count(
            "The {n} epic of {key_result} is on time with {over} of the cycle over, yet it stands at {progress} where "
            "{expected} was expected.",
            "All {n} epics of {key_result} are on time with {over} of the cycle over, yet it stands at {progress} "
            "where {expected} was expected.",
            len(epics[outcome.id]),
            key_result=named(sight, outcome.id),
            over=sight.say.percent(over),
            progress=sight.say.percent(outcome.progress.value or 0.0),
            expected=sight.say.percent(outcome.progress.expected or 0.0),
        )
        evidence = tuple(epic.ref for epic in epics[outcome.id])
        found.append(Finding(code, name, severity, outcome.id, message, evidence))
    return found


def _epics_by_tag(sight: Sight) -> Mapping[str, Sequence[WorkItem]]:
    """The epics that are not dropped, by what the mapping says that they serve."""
    found: dict[str, list[WorkItem]] = {}
    for epic in sight.figures.ledger.epics:
        if epic.state is not State.DROPPED:
            for tag in sight.facts.assignments.get(epic.ref, NOTHING).shares:
                found.setdefault(tag, []).append(epic)
    return found


def _on_time(sight: Sight, epic: WorkItem, over: float) -> bool:
    if epic.state is State.DONE:
        return True
    ledger = sight.figures.ledger
    below = (ledger.by_ref[ref] for ref in ledger.hierarchy.descendants(epic.ref) if ref in ledger.by_ref)
    states = [work.item.state for work in below if work.item.state is not State.DROPPED]
    done = sum(1 for state in states if state is State.DONE)
    return bool(states) and done / len(states) >= over - CRUMB
