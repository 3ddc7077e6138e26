"""How the effort of each source and team was divided among the targets: shares alone, nobody is ranked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence

from reports.measure.allocation import delivered_shares
from reports.measure.ledger import Work

Amounts = Sequence[tuple[Work, float]]


def by_source(amounts: Amounts) -> dict[str, dict[str, float]]:
    """Each source's delivered shares, summing to 1 within the source."""
    return _by(amounts, lambda work: work.item.source)


def by_team(amounts: Amounts) -> dict[str, dict[str, float]]:
    """Each team's delivered shares, summing to 1 within the team; work without a team belongs to none."""
    return _by(amounts, lambda work: work.item.team)


def _by(amounts: Amounts, part: Callable[[Work], str | None]) -> dict[str, dict[str, float]]:
    parts: dict[str, list[tuple[Work, float]]] = defaultdict(list)
    for work, amount in amounts:
        name = part(work)
        if name:
            parts[name].append((work, amount))
    shares = {name: delivered_shares(parts[name]) for name in sorted(parts)}
    return {name: share for name, share in shares.items() if share is not None}


def efforts(amounts: Amounts) -> dict[str, float]:
    """Effort by target, in order of targets."""
    found: dict[str, float] = defaultdict(float)
    for work, amount in amounts:
        for target, share in work.shares:
            found[target] += amount * share
    return {target: found[target] for target in sorted(found)}
