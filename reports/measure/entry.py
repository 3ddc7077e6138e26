"""One item's effort on one day, and the team it counts for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from reports.measure.ledger import Work


@dataclass(frozen=True, slots=True)
class Entry:
    """`day` is the local day of delivery, or the day under way for the measure `days`."""

    work: Work
    day: date
    amount: float
    imputed: bool = False


class TeamKey(NamedTuple):
    """A team is known by its name in every source; items without a team are one nameless team per source."""

    name: str
    source: str


def team_of(work: Work) -> TeamKey:
    """The team of an item as of as_of."""
    return TeamKey(work.item.team, "") if work.item.team else TeamKey("", work.item.source)
