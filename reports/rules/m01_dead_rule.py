"""A mapping rule matches nothing of late.

What it finds
    A rule whose conditions no work item meets that was open or changed in the last 13 weeks, this one among them. The
    items that are named are older ones that do. A rule that names something the trackers no longer have, or that can
    decide nothing whatever comes, has a finding of its own.

Why it matters
    Whoever reads the mapping takes each rule for something that happens. Rules that no longer do hide those that do,
    and one that was written yesterday and matches nothing is often not what its author meant.

What to do
    Take the rule away where its work is over. Where it waits for work to come, leave it, and acknowledge the finding
    until then. Otherwise `filrouge map explain KEY` says of an item that should match which condition fails.

Ask the team
    - Is the work that this rule speaks of over, or is it called something else now?
    - Which item should this rule have matched last month?
"""

from __future__ import annotations

from collections.abc import Iterable

from domain.findings import Finding, Severity
from domain.rot import DeadRule
from reports.language import Language
from reports.rules.rule import Options, Sight
from reports.rules.speech import known_rot

code = "M01"
name = "dead-rule"
severity = Severity.INFO
options: Options = {}


def check(sight: Sight) -> Iterable[Finding] | None:
    """One finding for each dead rule; None where nothing was open or changed in 13 weeks, or a source was not read."""
    rot = known_rot(sight)
    if rot is None or rot.dead is None:
        return None
    return [Finding(code, name, severity, dead.rule, sentence(sight.say, dead), dead.before) for dead in rot.dead]


def sentence(say: Language, dead: DeadRule) -> str:
    """What is said of one dead rule."""
    if not dead.before:
        return say.text(
            "No work of 13 weeks meets the conditions of rule {rule}, nor any older work that is still looked at.",
            rule=dead.rule,
        )
    return say.count(
        "No work of 13 weeks meets the conditions of rule {rule}; {n} older item does.",
        "No work of 13 weeks meets the conditions of rule {rule}; {n} older items do.",
        len(dead.before),
        rule=dead.rule,
    )
