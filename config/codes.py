"""The findings that exist: code and name, as settings and acknowledgements may name them (DRIFT 9)."""

from __future__ import annotations

from collections.abc import Mapping

CODES: Mapping[str, str] = {
    "A01": "over-invested",
    "A02": "starved",
    "A03": "unaligned-work",
    "A04": "off-plan",
    "A05": "sustained-drift",
    "A06": "priority-inversion",
    "S01": "no-strategy",
    "S02": "idle-objective",
    "S03": "zombie-objective",
    "S04": "stale-key-result",
    "S05": "idle-key-result",
    "W01": "unmapped-epic",
    "W02": "contradicting-tags",
    "W03": "done-with-open-children",
    "W04": "closed-empty",
    "W05": "stalled-epic",
    "W06": "scope-growth",
    "W07": "retagged",
    "V01": "effort-without-outcome",
    "V02": "abandoned-outcome",
    "V03": "watermelon",
    "F01": "slower-flow",
    "F02": "overload",
    "M01": "dead-rule",
    "M02": "shadowed-rule",
    "M03": "broken-reference",
    "M04": "coverage-fell",
    "M05": "stale-source",
    "M06": "expired-acknowledgement",
    "D01": "waiting-demand",
    "D02": "decision-to-review",
    "D03": "decision-without-effect",
}
