"""More of the work went to a target than its band allows, and chance hardly does that.

What it finds
    A target whose share of the delivered work lies above its band over the horizon, where so little chance explains
    it that it would happen to some target in at most one horizon of twenty. Work that serves no target has a finding
    of its own. A target without a planned share is named only when it holds at least half of all such work.

Why it matters
    What one objective gets beyond its plan is missing elsewhere. It may be right: plans age, and teams often know
    first. But then the plan should say so, and somebody should have decided it.

What to do
    Look at the largest pieces of work named here, and either move people to what was planned, or raise the weight of
    this target in the strategy and say which other one pays for it.

Ask the team
    - What made this work more urgent than what was planned?
    - If we keep this pace, which other objective are we ready to give less?
"""

from __future__ import annotations

from collections.abc import Iterable

from domain.findings import Finding, Severity
from reports.measure.outliers import over_invested
from reports.rules.rule import Options, Sight
from reports.rules.speech import delivered_evidence, off_sentence

code = "A01"
name = "over-invested"
severity = Severity.WARNING
options: Options = {}


def check(sight: Sight) -> Iterable[Finding] | None:
    """One finding for each over-invested target; None where the horizon shows nothing because it could not."""
    horizon = sight.figures.horizon
    found = over_invested(sight.figures.rows, horizon.drift, sight.facts.options)
    if not found and horizon.verdict in ("not_enough_data", "no_signal"):
        return None
    return [
        Finding(code, name, severity, row.target, off_sentence(sight, row), delivered_evidence(sight, row))
        for row in found
    ]
