"""The delivered work that serves no target, with the reason of each item."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from domain.reasons import unaligned_reason
from domain.strategy import UNALIGNED
from domain.tags import UnalignedReason
from reports.measure.drift import PeriodDrift
from reports.measure.ledger import Ledger, Work


def unserved(horizon: PeriodDrift) -> Sequence[Work]:
    """The items of a period with an unaligned share, those of the largest effort first."""
    found = [(work, amount * work.share(UNALIGNED)) for work, amount in horizon.sample.amounts]
    unaligned = sorted((pair for pair in found if pair[0].share(UNALIGNED) > 0), key=lambda p: (-p[1], p[0].item.ref))
    return [work for work, _ in unaligned]


def reasons(ledger: Ledger, works: Sequence[Work]) -> dict[str, int]:
    """How many items each reason holds for, in the order in which reasons are tried (DRIFT 9, A03)."""
    facts = ledger.facts
    counts = Counter(
        unaligned_reason(work.item.ref, ledger.hierarchy, facts.assignments, facts.strategy) for work in works
    )
    return {reason.value: counts[reason] for reason in UnalignedReason if counts[reason]}
