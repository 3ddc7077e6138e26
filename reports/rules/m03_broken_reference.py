"""A mapping rule names something that the trackers do not have.

What it finds
    A label, component, type, area, project, team or field in the conditions of a rule, those under `not` among them,
    that no work item of the sources it speaks of has now, although some had. What the items got in the same change in
    which they lost it is told as its new name; otherwise the nearest word, if one is near. A word that was never seen
    is named only where it looks like a slip of the pen for one that is there and that no rule names: it may be meant
    for work to come. A wildcard is named when it matches nothing any more of what it used to.

Why it matters
    Trackers are tidied without a thought for the mapping. From that day on work falls out of the figures, or to the
    wrong target, and nothing looks broken.

What to do
    Run `filrouge map lint`: it shows where the word stands and how the line would read, and `--fix` changes it. Where
    nothing took its place, take the word out of the rule.

Ask the team
    - What was renamed, merged or taken away, and what is it called now?
    - Who could tell the people who keep the mapping next time?
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby
from operator import attrgetter

from domain.findings import Finding, Severity
from domain.rot import BrokenReference
from reports.language import Language
from reports.rules.rule import Options, Sight
from reports.rules.speech import known_rot

code = "M03"
name = "broken-reference"
severity = Severity.ERROR
options: Options = {}


def check(sight: Sight) -> Iterable[Finding] | None:
    """One finding for each rule with such words; None when the mapping's rules are not known."""
    rot = known_rot(sight)
    if rot is None:
        return None
    return [_finding(sight, rule, list(found)) for rule, found in groupby(rot.broken, attrgetter("rule"))]


def _finding(sight: Sight, rule: str, found: list[BrokenReference]) -> Finding:
    message = " ".join(dict.fromkeys(sentence(sight.say, one) for one in found))
    evidence = dict.fromkeys(ref for one in found for ref in one.items)
    return Finding(code, name, severity, rule, message, tuple(evidence))


def sentence(say: Language, broken: BrokenReference) -> str:
    """What is said of one word in a rule."""
    told = {
        "rule": broken.rule,
        "word": _named(say)[broken.kind].format(word=broken.word),
        "sources": say.joined(broken.sources),
    }
    if broken.instead is None:
        return say.text("Rule {rule} names {word}, which nothing in {sources} has any more.", **told)
    if broken.items:
        return say.count(
            "Rule {rule} names {word}, which nothing in {sources} has any more; {n} item got {instead} in its place.",
            "Rule {rule} names {word}, which nothing in {sources} has any more; {n} items got {instead} in its place.",
            len(broken.items),
            instead=broken.instead,
            **told,
        )
    if broken.seen:
        return say.text(
            "Rule {rule} names {word}, which nothing in {sources} has any more; the nearest is {instead}.",
            instead=broken.instead,
            **told,
        )
    return say.text(
        "Rule {rule} names {word}, which nothing in {sources} ever had; the nearest is {instead}.",
        instead=broken.instead,
        **told,
    )


def _named(say: Language) -> Mapping[str, str]:
    """A word with what it is, by the condition that it stands in."""
    return {
        "project": say.text("the project {word}"),
        "type": say.text("the type {word}"),
        "label": say.text("the label {word}"),
        "component": say.text("the component {word}"),
        "area_path": say.text("the area {word}"),
        "team": say.text("the team {word}"),
        "field": say.text("the field {word}"),
    }
