"""Which items make the difference between two reports, and why each of them does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Literal

from domain.calendar import local_day
from domain.history import value_at
from domain.tags import Assignment
from domain.work import ItemRef
from reports.facts import Facts
from reports.measure.effort import sample
from reports.measure.ledger import Ledger, Work
from reports.measure.periods import Frame
from reports.measure.shares import Shares, alike, target_shares

What = Literal["entered", "left", "target", "effort", "delivery"]
# Why an item differs: it was `created`, `edited` (its own fields or those above it) or `deleted` in between; it counts
# in another place of the tree; the `mapping`, the `strategy`, a `command` in a ticket or the `settings` differ; the
# horizons are not the same days (`window`); or its `team` shares out its effort anew, since others came or went.
Why = Literal[
    "created", "edited", "deleted", "hierarchy", "mapping", "strategy", "command", "settings", "window", "team"
]
# Of each cause that differs: the later report's assignments as they would be without it.
Without = Mapping[Why, Callable[[], Mapping[ItemRef, Assignment]]]
EPSILON = 1e-9


@dataclass(frozen=True, slots=True)
class Part:
    """An item's part in a report's horizon; `delivered` is None where the measure does not ask for it."""

    amount: float
    shares: Shares
    delivered: datetime | None


@dataclass(frozen=True, slots=True)
class ItemChange:
    """`moved` is the effort that came, went, or serves another target; `on` is the local day of an edit, if one was."""

    ref: ItemRef
    what: What
    why: tuple[Why, ...]
    before: Part | None
    after: Part | None
    moved: float
    on: date | None = None


class Side:
    """One of the two reports, with its counted work and what of it takes part in the horizon."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.frame = Frame(facts.window, facts.as_of, facts.options.horizon)
        self.ledger = Ledger(facts)

    @cached_property
    def parts(self) -> Mapping[ItemRef, Part]:
        taken = sample(self.ledger, self.frame.horizon, self.facts.options.measure)
        return {work.item.ref: Part(amount, work.shares, work.delivered) for work, amount in taken.amounts}

    def work(self, ref: ItemRef) -> Work | None:
        """A counted item; None where it is not counted."""
        return self.ledger.by_ref.get(ref)


def item_changes(one: Side, other: Side, without: Without) -> list[ItemChange]:
    """Every item whose part in the horizon differs, the largest differences first, then in order of (source, id).

    Those that differ only because other weeks are looked at come last.
    """
    retagged: dict[Why, Mapping[ItemRef, Assignment]] = {}
    changes = []
    for ref in sorted({*one.parts, *other.parts}):
        left, right = one.parts.get(ref), other.parts.get(ref)
        what = _what(left, right)
        if what is None:
            continue
        if what == "target" and not retagged:
            retagged = {why: assignments() for why, assignments in without.items()}
        why, on = _why(what, ref, one, other, retagged)
        changes.append(ItemChange(ref, what, why, left, right, _moved(left, right), on))
    return sorted(changes, key=lambda change: (change.why == ("window",), -round(change.moved, 9), change.ref))


def _what(before: Part | None, after: Part | None) -> What | None:
    if before is None or after is None:
        return "entered" if before is None else "left"
    if alike(before.shares) != alike(after.shares):
        return "target"
    if before.delivered != after.delivered:
        return "delivery"
    return "effort" if abs(before.amount - after.amount) > EPSILON else None


def _moved(before: Part | None, after: Part | None) -> float:
    """Half of what the targets gained and lost, or all of it where an item came or went."""
    if before is None or after is None:
        part = before or after
        return part.amount if part else 0.0
    efforts = [{target: part.amount * share for target, share in part.shares} for part in (before, after)]
    targets = {*efforts[0], *efforts[1]}
    return sum(abs(efforts[0].get(target, 0.0) - efforts[1].get(target, 0.0)) for target in targets) / 2


def _why(
    what: What, ref: ItemRef, one: Side, other: Side, retagged: Mapping[Why, Mapping[ItemRef, Assignment]]
) -> tuple[tuple[Why, ...], date | None]:
    match what:
        case "entered":
            why = _why_only_there(ref, absent=one, present=other)
        case "left":
            why = _why_only_there(ref, absent=other, present=one)
        case "target":
            return _why_target(ref, one, other, retagged)
        case "delivery":
            why = "edited"
        case "effort":
            why = _why_effort(ref, one, other)
    return (why,), _edited_on(ref, one, other) if why == "edited" else None


def _why_only_there(ref: ItemRef, *, absent: Side, present: Side) -> Why:
    if ref not in absent.facts.items:
        return "created" if present.facts.items[ref].created_at > absent.facts.as_of else "deleted"
    there, here = absent.work(ref), present.work(ref)
    if there is None or here is None:
        return "hierarchy"
    if here.delivered is not None and here.delivered not in absent.frame.nominal_horizon:
        return "window"
    if there.delivered != here.delivered:
        return "edited"
    if absent.frame.horizon != present.frame.horizon:
        return "window"
    return "strategy" if absent.facts.strategy != present.facts.strategy else "settings"


def _why_target(
    ref: ItemRef, one: Side, other: Side, retagged: Mapping[Why, Mapping[ItemRef, Assignment]]
) -> tuple[tuple[Why, ...], date | None]:
    """The causes without which the item would serve what it served; else those without which it would serve another."""
    before, after = (alike(side.parts[ref].shares) for side in (one, other))
    # Which objective a key result counts for is the strategy's word, too.
    targets = {why: (one if why == "strategy" else other).ledger.target_of for why in retagged}
    served = {why: alike(target_shares(there.get(ref), targets[why])) for why, there in retagged.items()}
    alone = tuple(why for why, shares in served.items() if shares == before)
    causes = alone or tuple(why for why, shares in served.items() if shares != after) or tuple(served)
    return causes, _edited_on(ref, one, other) if "edited" in causes else None


def _why_effort(ref: ItemRef, one: Side, other: Side) -> Why:
    if one.facts.options != other.facts.options:
        return "settings"
    estimates = [_estimate(side.work(ref)) for side in (one, other)]
    return "edited" if estimates[0] != estimates[1] else "team"


def _estimate(work: Work | None) -> object:
    """The estimate as it stood at delivery."""
    if work is None or work.delivered is None:
        return None
    return value_at(work.history, "points", work.delivered, work.item.points)


def _edited_on(ref: ItemRef, one: Side, other: Side) -> date | None:
    """The local day of the last change of an item or of what lies above it that only one of the two has seen."""
    since, late = sorted((one, other), key=lambda side: side.facts.as_of)
    refs = [ref, *late.ledger.hierarchy.ancestors(ref)]
    seen = [entry.at for each in refs for entry in late.facts.history.get(each, ()) if entry.at > since.facts.as_of]
    return local_day(max(seen), late.frame.zone) if seen else None
