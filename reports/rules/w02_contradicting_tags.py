"""A work item says that it serves one objective, its parent that it serves another.

What it finds
    An item, open or delivered in the horizon, whose own tags (a pin, a command, a rule that speaks of it) name
    objectives none of which its parent serves. Upkeep below an epic is usual, so budgets and unaligned work contradict
    nothing.

Why it matters
    The item counts for its own objective, whatever the epic was approved for. One such item is a detail, ten of them
    are an epic that serves something other than its title says.

What to do
    Take the tag off the item where the epic is right; where the item is right, move it to an epic of its objective.

Ask the team
    - Which of the two objectives would miss this item if it were not done?
    - Was the item tagged on purpose, or did a label come along with something else?
"""

from __future__ import annotations

from collections.abc import Iterable, Set

from domain.findings import Finding, Severity
from domain.tags import NOTHING, Assignment, Dimension
from domain.work import ItemRef
from reports.rules.rule import Options, Sight
from reports.rules.speech import concerned, named

code = "W02"
name = "contradicting-tags"
severity = Severity.INFO
options: Options = {}


def check(sight: Sight) -> Iterable[Finding] | None:
    """One finding for each such item; None where no item with tags of its own has a parent that serves an objective."""
    items, parent_of = sight.facts.items, sight.figures.ledger.hierarchy.parent
    found, compared = [], False
    for ref in sorted(ref for ref, item in items.items() if concerned(sight, item)):
        parent, assignment = parent_of(ref), sight.facts.assignments.get(ref, NOTHING)
        own = _objectives(sight, assignment) if parent is not None and _own(assignment) else frozenset()
        if parent is None or not own:
            continue
        above = _objectives(sight, sight.facts.assignments.get(parent, NOTHING))
        compared = compared or bool(above)
        if above and not above & own:
            found.append(_finding(sight, ref, own, parent, above))
    return found if compared else None


def _finding(sight: Sight, ref: ItemRef, own: Set[str], parent: ItemRef, above: Set[str]) -> Finding:
    items = sight.facts.items
    message = sight.say.text(
        "{key} says by its own tags that it serves {own}, while its parent {parent} serves {above}.",
        key=items[ref].key,
        own=sight.say.joined([named(sight, target) for target in sorted(own)]),
        parent=items[parent].key,
        above=sight.say.joined([named(sight, target) for target in sorted(above)]),
    )
    return Finding(code, name, severity, items[ref].key, message, (ref,))


def _own(assignment: Assignment) -> bool:
    """Whether the item has its targets from something that speaks of the item itself."""
    via = assignment.via.get(Dimension.CONTRIBUTES_TO.value)
    return bool(assignment.shares) and not (via or "").startswith("inherited:")


def _objectives(sight: Sight, assignment: Assignment) -> frozenset[str]:
    targets, objectives = sight.figures.ledger.target_of, sight.figures.ledger.objectives
    return frozenset(targets[tag] for tag in assignment.shares if targets.get(tag) in objectives)
