"""An acknowledgement has passed its date.

What it finds
    An entry under `acknowledge` in the mapping whose last day is over. What it kept quiet is shown again where it still
    holds.

Why it matters
    An acknowledgement is a promise to look again on a day. Past that day it only clutters the mapping, and the next
    reader cannot tell whether it still means something.

What to do
    Look at what it was about: take the entry away where the matter is settled, otherwise give it a new date with
    today's reason.

Ask the team
    - Does the reason that was written down still hold?
    - What did we mean to do before this date?
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from config.rules import Acknowledgement
from domain.calendar import local_day
from domain.findings import Finding, Severity
from reports.rules.rule import Options, Sight
from reports.rules.speech import days_words

code = "M06"
name = "expired-acknowledgement"
severity = Severity.INFO
options: Options = {}


def check(sight: Sight) -> Iterable[Finding] | None:
    """One finding for each such entry, its subject the code and subject of the entry; None when the mapping of that
    day is not known.
    """
    if "mapping" in sight.facts.manifest.later:
        return None
    today = local_day(sight.facts.as_of, sight.facts.window.zone)
    ordered = sorted(sight.facts.acknowledgements, key=lambda ack: (ack.finding, ack.subject, ack.until))
    # Of several entries for one subject the last to hold stands; the others say nothing that it does not.
    last = {(ack.finding, ack.subject): ack for ack in ordered}
    return [
        Finding(code, name, severity, f"{ack.finding} {ack.subject}", _message(sight, ack, today))
        for ack in last.values()
        if ack.until < today
    ]


def _message(sight: Sight, ack: Acknowledgement, today: date) -> str:
    return sight.say.text(
        "What was acknowledged as {finding} for {subject} held until {day}, {days} ago.",
        finding=ack.finding,
        subject=ack.subject,
        day=sight.say.day(ack.until),
        days=days_words(sight, (today - ack.until).days),
    )
