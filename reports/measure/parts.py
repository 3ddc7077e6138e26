"""How the effort of each source and team was divided among the targets: shares alone, nobody is ranked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

from domain.strategy import Team
from reports.measure.allocation import delivered_shares
from reports.measure.ledger import Work

Amounts = Sequence[tuple[Work, float]]


def by_source(amounts: Amounts) -> dict[str, dict[str, float]]:
    """Each source's delivered shares, summing to 1 within the source."""
    return _by(amounts, lambda work: work.item.source)


def by_team(amounts: Amounts, teams: Sequence[Team], smallest: int) -> dict[str, dict[str, float]]:
    """Each shown team's delivered shares, summing to 1 within the team; work without a team belongs to none."""
    shown = shown_teams([work for work, _ in amounts], teams, smallest)
    return {name: shares for name, shares in _by(amounts, lambda work: work.item.team).items() if name in shown}


def shown_teams(works: Iterable[Work], teams: Sequence[Team], smallest: int) -> set[str]:
    """The teams of some work that may be shown apart.

    Figures of a few people are figures of persons: a team of fewer than `smallest` people is left out. Its people are
    its declared capacity, else as many as had its items; where neither is known, it is left out too.
    """
    capacities = {team.id.casefold(): team.capacity for team in teams if team.capacity is not None}
    people: dict[str, set[str]] = defaultdict(set)
    for work in works:
        if work.item.team:
            people[work.item.team].update([work.item.assignee] if work.item.assignee else ())
    return {name for name, there in people.items() if capacities.get(name.casefold(), len(there)) >= smallest}


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
