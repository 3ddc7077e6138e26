"""What a changed mapping does to work, figures, findings and comments; nothing is stored."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TypedDict

from config.workspace import Revision, Workspace
from domain.calendar import Period, instant_text, local_day, midnight
from domain.clock import Clock
from domain.errors import ConfigurationError
from domain.strategy import Strategy
from domain.tags import NOTHING, Dimension
from domain.work import ItemRef, WorkItem
from mapping.diff import Move, moves
from mapping.needs import extra_fields
from reports.comparison import FindingChange, finding_changes
from reports.compute import compute
from reports.document import Document, Verdict
from reports.facts import Facts
from reports.measure.drift import PeriodDrift, drift_of
from reports.measure.ledger import Ledger
from reports.measure.periods import QUARTER
from reports.rounding import rounded
from store.kept import StoredRevision
from store.open import Store
from store.queries import Reader
from sync.drafts import Draft, drafts
from sync.reporting import SERIES, Basis, facts_of, subject_of

EXAMPLES = 5  # tickets that are named of a kind


class Side(TypedDict):
    """The report of the last week that was over, by one of the mappings."""

    verdict: Verdict
    index: float | None
    expected: float | None
    unaligned: float | None


class Shift(TypedDict):
    """A target's part in what was delivered in the period; `shift` is after less before. None: not known."""

    target: str
    title: str
    planned: float | None
    before: float | None
    after: float | None
    shift: float | None


class Group(TypedDict):
    """Items that go from one split to another for the same reason; `by_…` is a rule's id, "pin", "ticket" or None.

    `effort` is what they took in the period, `refs` names each of them, `examples` are keys of the largest.
    """

    before: dict[str, float]
    after: dict[str, float]
    by_before: str | None
    by_after: str | None
    items: int
    effort: float
    examples: list[str]
    refs: list[tuple[str, str]]


class Comment(TypedDict):
    """What a ticket's comment says now and would say, in a clause each."""

    key: str
    before: str
    after: str


class Comments(TypedDict):
    tickets: int
    examples: list[Comment]


class MappingChange(TypedDict):
    """Shares are fractions; `comments` is None where none are written. The strategy of today serves both sides.

    `items` of the counted items that are open or took effort in the period go elsewhere; `other_tags` counts those of
    which another dimension changes. `same` and `same_strategy`: the files say the same on both sides. `new_fields` are
    extra fields that only the changed rules look at, so that the store may not have them yet.
    """

    against: str
    same: bool
    same_strategy: bool
    new_fields: list[str]
    since: str
    until: str
    measure: str
    items: int
    effort: float
    shares: list[Shift]
    groups: list[Group]
    other_tags: dict[str, int]
    week: str
    before: Side
    after: Side
    findings: list[FindingChange]
    comments: Comments | None


@dataclass(frozen=True)
class Old:
    """The workspace that is compared with, and what it is called."""

    name: str
    workspace: Workspace


def period_of(workspace: Workspace, since: date | None, until: date | None, now: datetime) -> Period:
    """The days from `since` to `until`, both included, as far as they have gone.

    Without `since`: from the start of the earliest cycle that is still going on the last day; 13 weeks where none is.
    ConfigurationError for a period that is empty, or has not begun.
    """
    zone = workspace.zone
    end = now if until is None else min(now, midnight(until + timedelta(days=1), zone))
    last = local_day(end - timedelta(microseconds=1), zone)
    going = [cycle.start for cycle in workspace.strategy.cycles if cycle.start <= last <= cycle.end]
    first = since or min(going, default=last - timedelta(days=QUARTER))
    if midnight(first, zone) >= end:
        raise ConfigurationError(f"No day lies between {first} and {last}; expected an earlier --since.")
    return Period(midnight(first, zone), end)


def mapping_change(workspace: Workspace, old: Old, store: Store, clock: Clock, period: Period) -> MappingChange:
    """What the mapping of a workspace does to a period that that of another workspace would not have done.

    Strategy, settings and data are those of today on both sides, so that what differs is the mapping's doing; both
    mappings are seen from the end of the period. ConfigurationError for a mapping that cannot be applied.
    """
    with store.reading() as reader:
        before, after = (
            _facts(workspace, old.workspace.mapping_revision, reader, period),
            _facts(workspace, workspace.mapping_revision, reader, period),
        )
    ledgers = Ledger(before), Ledger(after)
    drifts = [drift_of(ledger, period, after.options.measure) for ledger in ledgers]
    efforts = {work.item.ref: amount for work, amount in drifts[1].sample.amounts}
    met = {
        work.item.ref
        for work in ledgers[1].work
        if work.open or work.item.ref in efforts or (work.delivered is not None and work.delivered in period)
    }
    moved = [
        move for ref, move in moves(before.assignments, after.assignments, ledgers[1].hierarchy).items() if ref in met
    ]
    documents = compute(before), compute(after)
    found: MappingChange = {
        "against": old.name,
        "same": old.workspace.mapping_revision == workspace.mapping_revision,
        "same_strategy": old.workspace.strategy_revision == workspace.strategy_revision,
        "new_fields": sorted(extra_fields(workspace.mapping) - extra_fields(old.workspace.mapping)),
        "since": instant_text(period.start),
        "until": instant_text(period.end),
        "measure": after.options.measure,
        "items": len(moved),
        "effort": sum(efforts.get(move.ref, 0.0) for move in moved),
        "shares": _shifts(drifts[0], drifts[1], after.strategy),
        "groups": _groups(moved, after.items, efforts),
        "other_tags": _other_tags(before, after, met),
        "week": after.window.label,
        "before": _side(documents[0]),
        "after": _side(documents[1]),
        "findings": list(finding_changes(*documents)),
        "comments": _comments(workspace, old.workspace, store, clock),
    }
    result: MappingChange = rounded(found)
    return result


def _facts(workspace: Workspace, mapping: Revision, reader: Reader, period: Period) -> Facts:
    """What the report of the last week that was over at the period's end would read, and the period's work besides."""
    subject = subject_of(workspace, week=None, as_of=period.end, now=period.end)
    strategy = workspace.strategy_revision
    basis = Basis(
        StoredRevision(strategy.text, strategy.digest, period.end, later=False),
        StoredRevision(mapping.text, mapping.digest, period.end, later=False),
        reader.earlier_report(SERIES, before=subject.window.period.start, as_of=subject.as_of),
    )
    # The command line speaks English, and findings with it.
    return replace(facts_of(workspace, reader, subject, basis, period.start), language="en")


def _shifts(before: PeriodDrift, after: PeriodDrift, strategy: Strategy) -> list[Shift]:
    """Every target that is planned or got something, those that shift most first."""
    targets = {*(before.shares or {}), *(after.shares or {}), *(after.plan.planned or {})}
    titles = strategy.titles()
    rows: list[Shift] = []
    for target in sorted(targets):
        was, now = before.share(target), after.share(target)
        rows.append(
            {
                "target": target,
                "title": titles.get(target, "Work that serves no target"),
                "planned": after.plan.share(target),
                "before": was,
                "after": now,
                "shift": None if was is None or now is None else now - was,
            }
        )
    return sorted(rows, key=lambda row: -abs(row["shift"] or 0.0))


Split = tuple[tuple[str, float], ...]


def _groups(moved: Sequence[Move], items: Mapping[ItemRef, WorkItem], efforts: Mapping[ItemRef, float]) -> list[Group]:
    """Moves of one kind together, the largest effort first."""
    kinds: dict[tuple[Split, Split, str, str], list[Move]] = defaultdict(list)
    for move in moved:
        kinds[_split(move.before), _split(move.after), move.by_before or "", move.by_after or ""].append(move)
    groups: list[Group] = []
    for (before, after, by_before, by_after), here in sorted(kinds.items()):
        largest = sorted(here, key=lambda move: (-efforts.get(move.ref, 0.0), move.ref))
        groups.append(
            {
                "before": dict(before),
                "after": dict(after),
                "by_before": by_before or None,
                "by_after": by_after or None,
                "items": len(here),
                "effort": sum(efforts.get(move.ref, 0.0) for move in here),
                "examples": [items[move.ref].key for move in largest[:EXAMPLES]],
                "refs": [(move.ref.source, items[move.ref].key) for move in here],
            }
        )
    return sorted(groups, key=lambda group: (-group["effort"], -group["items"]))


def _split(shares: Mapping[str, float]) -> Split:
    return tuple(sorted((target, round(share, 9)) for target, share in shares.items()))


def _other_tags(before: Facts, after: Facts, met: set[ItemRef]) -> dict[str, int]:
    """How many items get another value in each of the other dimensions."""

    def said(facts: Facts, ref: ItemRef, dimension: Dimension) -> object:
        return getattr(facts.assignments.get(ref, NOTHING), dimension.value)

    return {
        dimension.value: sum(1 for ref in met if said(before, ref, dimension) != said(after, ref, dimension))
        for dimension in Dimension
        if dimension is not Dimension.CONTRIBUTES_TO
    }


def _side(document: Document) -> Side:
    horizon = document["drift"]["horizon"]
    return {
        "verdict": horizon["verdict"],
        "index": horizon["index"],
        "expected": horizon["expected"],
        "unaligned": document["unaligned"]["share"],
    }


def _comments(workspace: Workspace, old: Workspace, store: Store, clock: Clock) -> Comments | None:
    """The tickets whose comment or marks would not be the same; None where no comments are written."""
    settings = workspace.settings.comments
    if not settings.enabled:
        return None
    marked = settings.marks.label is not None or settings.marks.property

    def shown(draft: Draft) -> object:
        return draft.message.plain() if settings.text else None, draft.serves if marked else None

    past = {draft.item.ref: draft for draft in drafts(replace(workspace, mapping=old.mapping), store, clock)}
    changed = [
        (past[draft.item.ref], draft)
        for draft in drafts(workspace, store, clock)
        if shown(past[draft.item.ref]) != shown(draft)
    ]
    return {
        "tickets": len(changed),
        "examples": [
            {"key": draft.item.key, "before": was.why, "after": draft.why} for was, draft in changed[:EXAMPLES]
        ],
    }
