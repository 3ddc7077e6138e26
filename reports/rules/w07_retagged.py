"""What a work item is for was changed after work on it had begun.

What it finds
    An item, open or delivered in the horizon, that was changed in the horizon and after its start so that it now serves
    another target, by the mapping of this report. Five or more such changes in the last three days of a week are one
    finding.

Why it matters
    Often a tag is put right, and the figures are better for it. But figures follow tags: work that changes its
    objective half-way, above all just before a report, shifts effort that has already been spent.

What to do
    Ask what the item was begun for and leave the tag that tells the truth about the work that was done; where the plan
    has changed, write that down as a decision instead.

Ask the team
    - What did we learn that made this work serve something else?
    - Is the work itself another one now, or only its name?
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from domain.calendar import local_day, week_of
from domain.findings import Finding, Severity
from domain.strategy import UNALIGNED
from domain.tags import Assignment
from reports.facts import Retagging
from reports.measure.periods import days_before
from reports.measure.shares import Shares, alike, target_shares
from reports.rules.rule import Options, Sight
from reports.rules.speech import concerned, days_words, named

code = "W07"
name = "retagged"
severity = Severity.INFO
options: Options = {"many": 5, "days": 3}
SUBJECT = "organisation"  # of many at once


def check(sight: Sight) -> Iterable[Finding] | None:
    """One finding for each item, or for many at the end of a week; None when no change of any item is known."""
    if sight.facts.retaggings is None:
        return None
    found = [
        one
        for one in sight.facts.retaggings
        if _targets(sight, one.before) != _targets(sight, one.after) and concerned(sight, sight.facts.items[one.ref])
    ]
    late: dict[str, list[Retagging]] = defaultdict(list)
    for one in found:
        window = week_of(local_day(one.at, sight.figures.frame.zone), sight.figures.frame.zone)
        if one.at >= days_before(window.period.end, int(sight.options["days"]), window.zone):
            late[window.label].append(one)
    bursts = {label: ones for label, ones in sorted(late.items()) if len(ones) >= sight.options["many"]}
    together = [one for ones in bursts.values() for one in ones]
    single = [_finding(sight, one) for one in found if one not in together]
    return [*single, *([_burst(sight, list(bursts), together)] if together else [])]


def _finding(sight: Sight, one: Retagging) -> Finding:
    item, zone = sight.facts.items[one.ref], sight.figures.frame.zone
    message = sight.say.text(
        "{key} was started on {start} for {before} and serves {after} since {day}.",
        key=item.key,
        start=sight.say.day(local_day(item.started_at or item.created_at, zone)),
        before=_words(sight, one.before),
        after=_words(sight, one.after),
        day=sight.say.day(local_day(one.at, zone)),
    )
    return Finding(code, name, severity, item.key, message, (one.ref,))


def _burst(sight: Sight, labels: Sequence[str], together: Sequence[Retagging]) -> Finding:
    message = sight.say.count(
        "{n} item that was already begun came to serve another target within {days} of the end of {weeks}.",
        "{n} items that were already begun came to serve another target within {days} of the end of {weeks}.",
        len(together),
        days=days_words(sight, int(sight.options["days"])),
        weeks=sight.say.joined([sight.say.week(label) for label in labels]),
    )
    return Finding(code, name, severity, SUBJECT, message, tuple(one.ref for one in together))


def _targets(sight: Sight, tagged: Mapping[str, float]) -> Shares:
    return alike(target_shares(Assignment(tagged), sight.figures.ledger.target_of))


def _words(sight: Sight, tagged: Mapping[str, float]) -> str:
    targets = [target for target, _ in _targets(sight, tagged)]
    return sight.say.joined(
        [sight.say.text("no target") if target == UNALIGNED else named(sight, target) for target in targets]
    )
