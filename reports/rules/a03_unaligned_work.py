"""More than a tenth of the delivered work serves no target.

What it finds
    The share of the horizon's delivered work that maps to no objective and no budget is above the threshold (10 %
    unless `drift.thresholds.unaligned` says otherwise), with at least two items behind it. Each item carries the
    first reason that holds: contradictory tags, a target that the strategy does not have, declared so by the
    mapping, a parent that is not mapped, no parent, no rule.

Why it matters
    Some work serves no objective, and that is healthy up to a point. Beyond it nobody can say what the time was spent
    for; often the work is useful, and it is the mapping that does not reach it yet.

What to do
    Begin with the most frequent reason: add a mapping rule or tag the epics where the work is useful, plan a budget
    where it is upkeep, and stop what nobody would defend.

Ask the team
    - Which of these items would you do again, and for which goal?
    - Where would you look to see what an item is for: its epic, its component, its label?
"""

from __future__ import annotations

from collections.abc import Iterable

from domain.findings import Finding, Severity
from domain.strategy import UNALIGNED
from domain.tags import UnalignedReason
from reports.language import Language
from reports.measure.clusters import CRUMB
from reports.rules.rule import Options, Sight
from reports.rules.speech import horizon_words

code = "A03"
name = "unaligned-work"
severity = Severity.WARNING
options: Options = {"items": 2}


def check(sight: Sight) -> Iterable[Finding] | None:
    """At most one finding; None when nothing was delivered in the horizon."""
    share = sight.figures.horizon.drift.unaligned
    works = sight.figures.unserved
    if share is None:
        return None
    if share <= sight.facts.options.thresholds.unaligned + CRUMB or len(works) < sight.options["items"]:
        return []
    words = reason_words(sight.say)
    counted = sorted(sight.figures.reasons.items(), key=lambda pair: -pair[1])
    message = sight.say.text(
        "{share} of the work over {span} ({n} items) serves no target; {reasons}.",
        share=sight.say.percent(share),
        span=horizon_words(sight),
        n=sight.say.number(len(works)),
        reasons=", ".join(
            sight.say.text("{reason}: {n}", reason=words[reason], n=sight.say.number(n)) for reason, n in counted
        ),
    )
    return [Finding(code, name, severity, UNALIGNED, message, tuple(work.item.ref for work in works))]


def reason_words(say: Language) -> dict[str, str]:
    """What each reason is called by people."""
    return {
        UnalignedReason.CONFLICTING_TAGS: say.text("contradictory tags"),
        UnalignedReason.UNKNOWN_TARGET: say.text("a target that the strategy does not have"),
        UnalignedReason.DECLARED: say.text("declared so by the mapping"),
        UnalignedReason.PARENT_UNMAPPED: say.text("parent not mapped"),
        UnalignedReason.NO_PARENT: say.text("no parent"),
        UnalignedReason.NO_RULE: say.text("no rule"),
    }
