"""An epic is closed while work below it is still open.

What it finds
    An item of level 1 or more that is done, although some of its children are still to do or under way.

Why it matters
    Either the epic is not finished, and what is left will surprise somebody; or the children were forgotten, and
    they clutter every forecast.

What to do
    Close or drop the children that nobody will do, move the others to the epic where they belong, or open this one
    again.

Ask the team
    - Is the value of this epic with its users although these items are open?
    - Which of these items will ever be done, and for what?
"""

from __future__ import annotations

from collections.abc import Iterable

from domain.findings import Finding, Severity
from domain.work import OPEN, State
from reports.rules.rule import Options, Sight

code = "W03"
name = "done-with-open-children"
severity = Severity.WARNING
options: Options = {"children": 1}


def check(sight: Sight) -> Iterable[Finding] | None:
    """One finding for each such epic; None when there is no item of level 1 or more."""
    items, epics = sight.facts.items, sight.figures.ledger.epics
    if not epics:
        return None
    found = []
    for epic in epics:
        if epic.state is not State.DONE:
            continue
        children = sight.figures.ledger.hierarchy.children.get(epic.ref, ())
        still = [ref for ref in children if items[ref].state in OPEN]
        if not still or len(still) < sight.options["children"]:
            continue
        message = sight.say.count(
            "{key} is done while {n} of its {all} children is still open.",
            "{key} is done while {n} of its {all} children are still open.",
            len(still),
            key=epic.key,
            all=sight.say.number(len(children)),
        )
        found.append(Finding(code, name, severity, epic.key, message, tuple(still)))
    return found
