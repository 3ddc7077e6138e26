"""A source was not read for too long, or only in part.

What it finds
    A source that was not read successfully for three periods of its schedule, that was never read, or whose last run
    failed in part or lost sight of something it used to see.

Why it matters
    What was not read is not in these figures. A quiet week and a broken connection look the same from here.

What to do
    Run `filrouge status` and `filrouge check --online`, renew the credentials or the permissions that they name, and
    synchronise again.

Ask the team
    - Did the account, its token or its permissions change lately?
    - Was anything moved or archived in the tracker?
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from domain.findings import Finding, Severity
from reports.facts import SourceHealth
from reports.rules.rule import Options, Sight

code = "M05"
name = "stale-source"
severity = Severity.ERROR
options: Options = {"periods": 3}


def check(sight: Sight) -> Iterable[Finding] | None:
    """One finding for each source in trouble; None when the report knows of no source."""
    if not sight.facts.sources:
        return None
    return [
        Finding(code, name, severity, source.id, message)
        for source in sorted(sight.facts.sources, key=lambda source: source.id)
        if (message := _trouble(sight, source)) is not None
    ]


def _trouble(sight: Sight, source: SourceHealth) -> str | None:
    say, zone = sight.say, sight.figures.frame.zone
    if source.synced_at is None:
        return say.text("{source} has never been read successfully.", source=source.id)
    if source.problems:
        return say.text(
            "{source} was read only in part: {problem}",
            source=source.id,
            problem="; ".join(problem.rstrip(".") for problem in source.problems) + ".",
        )
    if source.unread:
        return say.count(
            "{source} was read only in part: {n} item could not be read.",
            "{source} was read only in part: {n} items could not be read.",
            source.unread,
            source=source.id,
        )
    if source.period is None:
        return None
    if sight.facts.as_of - source.synced_at <= timedelta(seconds=source.period * sight.options["periods"]):
        return None
    return say.text(
        "{source} was last read on {instant}, more than {n} of its periods ago.",
        source=source.id,
        instant=say.instant(source.synced_at, zone),
        n=say.number(sight.options["periods"]),
    )
