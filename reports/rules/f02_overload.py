"""More is under way than can be finished in a month.

What it finds
    A value stream with more items under way at the window's end than it delivered in four weeks at the pace of the
    horizon. Of fewer than five items under way nothing is said.

Why it matters
    What is begun today ends only after all that was begun before it. The more is under way, the longer each piece
    takes, and the less anybody can say when it will be there.

What to do
    Begin nothing new until the number has fallen: finish what has been under way longest, or put it back openly.

Ask the team
    - Which of these items does nobody work on today?
    - How many can we really carry at once?
"""

from __future__ import annotations

from collections.abc import Iterable

from domain.findings import Finding, Severity
from reports.measure.clusters import CRUMB
from reports.rules.rule import Options, Sight
from reports.rules.speech import named

code = "F02"
name = "overload"
severity = Severity.INFO
options: Options = {"weeks": 4, "items": 5}


def check(sight: Sight) -> Iterable[Finding] | None:
    """One finding for each such value stream; None without value streams, or without a whole day in the horizon."""
    known = [flow for flow in sight.figures.streams if flow.id is not None and flow.items is not None]
    if not known:
        return None
    found = []
    for flow in known:
        load, pace = len(flow.load), flow.items or 0.0
        if flow.id is None or load < sight.options["items"] or load <= pace * sight.options["weeks"] + CRUMB:
            continue
        message = sight.say.text(
            "{stream}: {load} items are under way, more than {weeks} weeks of work at a pace of {pace} items a week.",
            stream=named(sight, flow.id),
            load=sight.say.number(load),
            weeks=sight.say.number(sight.options["weeks"]),
            pace=sight.say.number(pace, 1),
        )
        found.append(Finding(code, name, severity, flow.id, message, tuple(flow.load)))
    return found
