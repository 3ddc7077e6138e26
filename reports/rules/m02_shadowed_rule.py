"""A mapping rule has nothing left to decide, because rules above it take it all.

What it finds
    A rule that decided nothing in the last 13 weeks although other rules stand above it that speak of the same work in
    the same dimensions. Either its conditions say so for whatever work there will be: they hold only where those of
    rules above hold too. Or it is what happened: it matched at least 5 items, and rules above had decided all of them.
    The message says which. A rule without conditions is meant for what is left over, and is never named.

Why it matters
    The rule looks as if it counted. Whoever changes it changes nothing, and whoever reads it believes that the work
    goes where it says.

What to do
    Move the rule above those that are named, if it is the more special one; narrow them, if they reach too far; or take
    it away. `filrouge map explain KEY` shows for one of the items which rule spoke first.

Ask the team
    - Which of these rules says what this work is really for?
    - Was the order of these rules chosen, or did it come about?
"""

from __future__ import annotations

from collections.abc import Iterable

from domain.findings import Finding, Severity
from domain.rot import ShadowedRule
from reports.language import Language
from reports.rules.rule import Options, Sight
from reports.rules.speech import known_rot

code = "M02"
name = "shadowed-rule"
severity = Severity.WARNING
options: Options = {}


def check(sight: Sight) -> Iterable[Finding] | None:
    """One finding for each shadowed rule; None where nothing was open or changed in 13 weeks, or a source not read."""
    rot = known_rot(sight)
    if rot is None or rot.shadowed is None:
        return None
    return [Finding(code, name, severity, one.rule, sentence(sight.say, one), one.items) for one in rot.shadowed]


def sentence(say: Language, shadowed: ShadowedRule) -> str:
    """What is said of one shadowed rule."""
    rules = say.joined(shadowed.by)
    if shadowed.certain:
        return say.text(
            "Rule {rule} can decide nothing, whatever work there is: all that meets its conditions is decided above "
            "it, by {rules}.",
            rule=shadowed.rule,
            rules=rules,
        )
    return say.count(
        "Rule {rule} decided nothing in 13 weeks: the {n} item that it matched was decided above it, by {rules}.",
        "Rule {rule} decided nothing in 13 weeks: all {n} items that it matched were decided above it, by {rules}.",
        len(shadowed.items),
        rule=shadowed.rule,
        rules=rules,
    )
