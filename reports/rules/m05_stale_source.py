"""A source was not read for too long, or only in part.

What it finds
    A source that was not read successfully for three periods of its schedule, that was never read, or whose last run
    failed in part; or whose last census no longer sees most of a project that it used to see.

Why it matters
    What was not read is not in these figures. A quiet week and a broken connection look the same from here. What is
    out of sight stays in them as it last was, for nothing is deleted on such a doubt.

What to do
    Run `filrouge status` and `filrouge check --online`, renew the credentials or the permissions that they name, and
    synchronise again. Of items out of sight: give the account its access back and run `filrouge sync --census`; if they
    are really gone, run it with `--accept-deletions PROJECT`.

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
        if (message := " ".join([*filter(None, [_trouble(sight, source)]), *_out_of_sight(sight, source)]))
    ]


def _out_of_sight(sight: Sight, source: SourceHealth) -> list[str]:
    """One sentence for each project of which most is no longer to be seen."""
    say = sight.say
    return [
        say.count(
            "{n} of {all} items of project {project} is no longer visible in {source}. It was not deleted here: give "
            "the account its access back, or accept the deletion.",
            "{n} of {all} items of project {project} are no longer visible in {source}. They were not deleted here: "
            "give the account its access back, or accept the deletions.",
            one.gone,
            all=say.number(one.of),
            project=one.project,
            source=source.id,
        )
        for one in source.vanished
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
