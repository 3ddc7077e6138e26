"""Work takes much longer than it used to.

What it finds
    A value stream in which the flow time within which 85 % of the horizon's items were delivered is more than 50 %
    above the same figure of the 13 weeks before. It runs from an item's first start to its delivery; ten items on each
    side are needed.

Why it matters
    Work that takes longer waits longer, and whoever waits for it asks more often. It is mostly a sign of too much begun
    at once, seldom of people who work more slowly.

What to do
    Look at the slowest items named here and find where they waited. Begin less for two weeks, and finish what has been
    under way longest first.

Ask the team
    - Where did these items spend most of their time, and waiting for what?
    - What would we have to stop so that work flows again?
"""

from __future__ import annotations

from collections.abc import Iterable

from domain.findings import Finding, Severity
from reports.measure.clusters import CRUMB
from reports.measure.flow import StreamFlow
from reports.rules.rule import Options, Sight
from reports.rules.speech import horizon_words, named

code = "F01"
name = "slower-flow"
severity = Severity.INFO
options: Options = {"percent": 50, "items": 10}


def check(sight: Sight) -> Iterable[Finding] | None:
    """One finding for each such value stream; None where none has enough items of known flow time."""
    fewest = max(1, sight.options["items"])
    known = [
        flow
        for flow in sight.figures.streams
        if flow.id is not None and len(flow.times.items) >= fewest and len(flow.before.items) >= fewest
    ]
    if not known:
        return None
    return [finding for flow in known for finding in _findings(sight, flow)]


def _findings(sight: Sight, flow: StreamFlow) -> list[Finding]:
    late, before = flow.times.late or 0.0, flow.before.late or 0.0
    if flow.id is None or late <= before * (1 + sight.options["percent"] / 100) + CRUMB:
        return []
    message = sight.say.text(
        "{stream}: 85 of 100 items took up to {late} days over {span}, where it was {before} in the 13 weeks before.",
        stream=named(sight, flow.id),
        late=sight.say.number(late, 1),
        span=horizon_words(sight),
        before=sight.say.number(before, 1),
    )
    slow = tuple(ref for days, ref in flow.times.items if days > before)
    return [Finding(code, name, severity, flow.id, message, slow)]
