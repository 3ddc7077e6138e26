"""How much of the work is mapped, by source, team and level, and why the rest is not: the data of `map coverage`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Literal, TypedDict

from domain.calendar import Period, instant_text
from domain.reasons import unaligned_reason
from domain.strategy import UNALIGNED
from domain.tags import UnalignedReason
from domain.work import LEVEL_WORDS, ItemRef, level_word
from reports.facts import Facts
from reports.measure.effort import effort_of
from reports.measure.ledger import Ledger, Work
from reports.measure.parts import shown_teams
from reports.rounding import rounded

By = Literal["source", "team", "level"]
EXAMPLES = 5  # keys that are named of each reason


class Mapped(TypedDict):
    """Of some work: an item is mapped when a part of it serves a target; of its effort that part is.

    `share` and `effort_share` are fractions, None where there is nothing to take them of.
    """

    items: int
    mapped: int
    share: float | None
    effort: float
    effort_mapped: float
    effort_share: float | None


class Part(Mapped):
    by: By
    name: str


class Reason(TypedDict):
    """Why items serve no target (DRIFT 9, A03), and their unmapped effort; `examples` are keys."""

    reason: str
    items: int
    effort: float
    examples: list[str]


class CoverageData(TypedDict):
    """`since` and `until` bound what was delivered; without `since` every item that is there is meant."""

    since: str | None
    until: str
    measure: str
    whole: Mapped
    parts: list[Part]
    small_teams: int
    reasons: list[Reason]


def coverage(facts: Facts, since: datetime | None) -> CoverageData:
    """How much of the counted items is mapped, and of the effort by the facts' measure, seen from as_of.

    With `since` the items are those that are open, or were delivered or worked on from then on. A team of fewer people
    than may be shown (`drift.smallest_team`) is counted in the whole alone.
    """
    ledger = Ledger(facts)
    start = since or min((work.item.created_at for work in ledger.work), default=facts.as_of)
    efforts: dict[ItemRef, float] = defaultdict(float)
    for entry in effort_of(ledger, Period(start, facts.as_of), facts.options.measure):
        efforts[entry.work.item.ref] += entry.amount
    works = [work for work in ledger.work if since is None or _is_met(work, since) or work.item.ref in efforts]
    teams = shown_teams(works, facts.strategy.teams, facts.options.smallest_team)
    found: CoverageData = {
        "since": None if since is None else instant_text(since),
        "until": instant_text(facts.as_of),
        "measure": facts.options.measure,
        "whole": _mapped(works, efforts),
        "parts": list(_parts(works, efforts, teams)),
        "small_teams": len({work.item.team for work in works if work.item.team} - teams),
        "reasons": _reasons(works, efforts, ledger),
    }
    result: CoverageData = rounded(found)
    return result


def _is_met(work: Work, since: datetime) -> bool:
    return work.open or (work.delivered is not None and work.delivered >= since)


def _mapped(works: Sequence[Work], efforts: Mapping[ItemRef, float]) -> Mapped:
    mapped = sum(1 for work in works if work.mapped)
    effort = sum(efforts.get(work.item.ref, 0.0) for work in works)
    served = sum(efforts.get(work.item.ref, 0.0) * (1 - work.share(UNALIGNED)) for work in works)
    return {
        "items": len(works),
        "mapped": mapped,
        "share": mapped / len(works) if works else None,
        "effort": effort,
        "effort_mapped": served,
        "effort_share": served / effort if effort > 0 else None,
    }


def _parts(works: Sequence[Work], efforts: Mapping[ItemRef, float], teams: set[str]) -> Iterator[Part]:
    for by, name_of in _BY.items():
        groups: dict[str, list[Work]] = defaultdict(list)
        for work in works:
            name = name_of(work)
            if name and (by != "team" or name in teams):
                groups[name].append(work)
        for name in sorted(groups, key=lambda name: (-LEVEL_WORDS[name] if by == "level" else 0, name)):
            yield {"by": by, "name": name, **_mapped(groups[name], efforts)}


_BY: Mapping[By, Callable[[Work], str | None]] = {
    "source": lambda work: work.item.source,
    "team": lambda work: work.item.team,
    "level": lambda work: level_word(work.item.level),
}


def _reasons(works: Sequence[Work], efforts: Mapping[ItemRef, float], ledger: Ledger) -> list[Reason]:
    """In the order in which reasons are tried; an item that is mapped in part counts with its effort alone."""
    found: dict[UnalignedReason, list[Work]] = defaultdict(list)
    for work in works:
        if work.share(UNALIGNED) > 0:
            reason = unaligned_reason(work.item.ref, ledger.hierarchy, ledger.facts.assignments, ledger.facts.strategy)
            found[reason].append(work)
    return [
        {
            "reason": reason.value,
            "items": sum(1 for work in found[reason] if not work.mapped),
            "effort": sum(efforts.get(work.item.ref, 0.0) * work.share(UNALIGNED) for work in found[reason]),
            "examples": [work.item.key for work in found[reason]][:EXAMPLES],
        }
        for reason in UnalignedReason
        if found[reason]
    ]
