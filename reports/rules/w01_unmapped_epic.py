"""An epic serves no target, and not all of the work below it does.

What it finds
    An item of level 1 or more that is open, or was delivered in the horizon, without a target of its own or from
    above, some of whose counted work is not mapped either. An epic that the mapping declares unaligned is left alone.

Why it matters
    The epic is where teams decide what their work is for. One unmapped epic leaves all of its stories without a goal,
    and its share of the effort out of every comparison.

What to do
    Tag the epic with the objective or key result that it serves, or add a mapping rule that reaches it; where it
    serves none, give it a budget or declare it unaligned.

Ask the team
    - If this epic succeeds, which number will move?
    - Who asked for it, and which goal did they have in mind?
"""

from __future__ import annotations

from collections.abc import Iterable

from domain.findings import Finding, Severity
from domain.strategy import UNALIGNED
from domain.tags import NOTHING, Assignment
from domain.work import ItemRef, WorkItem
from reports.rules.rule import Options, Sight
from reports.rules.speech import concerned

code = "W01"
name = "unmapped-epic"
severity = Severity.WARNING
options: Options = {}


def check(sight: Sight) -> Iterable[Finding] | None:
    """One finding for each unmapped epic; None when there is no item of level 1 or more."""
    epics = sight.figures.ledger.epics
    if not epics:
        return None
    found = []
    for epic in epics:
        if not concerned(sight, epic) or _spoken(sight, sight.facts.assignments.get(epic.ref, NOTHING)):
            continue
        counted, unmapped = _below(sight, epic.ref)
        if not unmapped:
            continue
        found.append(Finding(code, name, severity, epic.key, _message(sight, epic, counted, unmapped), (epic.ref,)))
    return found


def _message(sight: Sight, epic: WorkItem, counted: int, unmapped: int) -> str:
    if epic.ref in sight.figures.ledger.by_ref:
        return sight.say.text("{key} serves no target.", key=epic.key)
    if unmapped == counted:
        return sight.say.count(
            "{key} serves no target, and neither does the {n} item below it.",
            "{key} serves no target, and neither does any of the {n} items below it.",
            counted,
            key=epic.key,
        )
    return sight.say.count(
        "{key} serves no target, and neither does {n} of the {counted} items below it.",
        "{key} serves no target, and neither do {n} of the {counted} items below it.",
        unmapped,
        key=epic.key,
        counted=sight.say.number(counted),
    )


def _spoken(sight: Sight, assignment: Assignment) -> bool:
    """Whether a target was found, or the mapping said on purpose that there is none."""
    return _serves(sight, assignment) or (set(assignment.shares) == {UNALIGNED} and not assignment.conflict)


def _serves(sight: Sight, assignment: Assignment) -> bool:
    return any(t in sight.figures.ledger.target_of and t != UNALIGNED for t in assignment.shares)


def _below(sight: Sight, ref: ItemRef) -> tuple[int, int]:
    """How many counted items the epic stands for, itself included, and how many of them serve no target."""
    ledger, assignments = sight.figures.ledger, sight.facts.assignments
    works = [here for here in (ref, *ledger.hierarchy.descendants(ref)) if here in ledger.by_ref]
    return len(works), sum(1 for here in works if not _serves(sight, assignments.get(here, NOTHING)))
