"""From the store to what each ticket's comment should say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from config.settings import FilesSource, Source
from config.workspace import Workspace
from domain.calendar import local_day
from domain.clock import Clock
from domain.message import Message
from domain.strategy import UNALIGNED, KeyResult, Strategy
from domain.tags import Assignment, Dimension
from domain.work import ItemRef, WorkItem
from mapping.assign import assign, assignment
from mapping.authority import Authority, Court, Decision
from mapping.commands import Command, Misunderstood
from mapping.contribution import TEMPLATE
from mapping.heard import Heard, Lines, hear, tags_said
from reports.comment import comment
from reports.language import language
from reports.ticket import Answer, Candidate, Goal, Reached, Standing, Ticket, Unserved
from store.kept import Purpose
from store.open import Store
from sync.allowed import forbidden
from sync.candidates import Relatives
from sync.confidential import Discretion
from sync.readings import known_strategy
from sync.reasons import Said, passed_over, reason
from sync.standing import reached, standings
from sync.tagging import present_items, unmarked


@dataclass(frozen=True, slots=True)
class Draft:
    """What the comment of one ticket should say, and what for; `why` is one clause for whoever plans.

    `serves` has the share of each goal that the ticket serves. `silence` says why its people want no comment now.
    `asked_at` is when we read a command that the text answers or confirms.
    """

    item: WorkItem
    message: Message
    why: str
    purpose: Purpose = "tells"
    silence: str | None = None
    asked_at: datetime | None = None
    serves: Mapping[str, float] = field(default_factory=dict)


class Advice(NamedTuple):
    """A label that would say what an item serves, and the one that it would replace."""

    label: str | None = None
    instead_of: str | None = None


NO_ADVICE = Advice()


def drafts(workspace: Workspace, store: Store, clock: Clock) -> Iterator[Draft]:
    """A draft for every ticket that may have a comment, in the order of (source, id); it reads the store alone.

    It may where project and level are allowed, the source is a tracker, the item is neither done nor dropped nor
    deleted, and no label silences Filrouge there. ConfigurationError for a mapping that cannot be applied.
    """
    now = clock.now()
    with store.reading() as reader:
        items, lines = present_items(reader), reader.lines()
        stands = standings(workspace, reader, now)
        workspace = replace(workspace, strategy=known_strategy(workspace.strategy, reader, now))
    sources = {source.id: source for source in workspace.settings.sources if not isinstance(source, FilesSource)}
    chosen = [
        item
        for _, item in sorted(items.items())
        if item.source in sources and forbidden(item, workspace.settings.comments) is None
    ]
    if not chosen:
        return
    bare = unmarked(items, workspace.settings.comments.marks.label)
    desk = _Desk(workspace, bare, lines, chosen, stands, now)
    labels = desk.labels_that_work(chosen) if workspace.settings.comments.commands is None else {}
    say = language(workspace.settings.language)
    for item in chosen:
        heard = desk.heard(item.ref)
        ticket = desk.ticket(item, sources[item.source], labels.get(item.ref, NO_ADVICE), heard)
        yield Draft(
            item,
            comment(ticket, say),
            _clause(ticket),
            "tells" if ticket.unserved in (None, "declared") else "asks",
            _silence(heard, now, workspace.zone),
            _asked(heard),
            {goal.id: share for goal, share in ticket.serves},
        )


class _Desk:
    """Everything that the drafts of one moment rest on."""

    def __init__(
        self,
        workspace: Workspace,
        items: Mapping[ItemRef, WorkItem],
        lines: Lines,
        chosen: Sequence[WorkItem],
        stands: Mapping[str, Standing],
        now: datetime,
    ) -> None:
        self._workspace, self._items, self._stands, self._now = workspace, items, stands, now
        self._strategy, self._rules = workspace.strategy, workspace.mapping_at(now)
        self._targets = self._strategy.target_of()
        self._goals = _goals(self._strategy)
        self._key_results: Mapping[str, KeyResult] = {
            key_result.id: key_result for objective in self._strategy.objectives for key_result in objective.key_results
        }
        self._lines = lines
        self._court = Court(items, self._rules, self._strategy, tags_said(lines, self._strategy))
        self._decisions = {ref: self._court.decide(ref) for ref in items}
        self._tags = {ref: assignment(decided, items) for ref, decided in self._decisions.items()}
        self._discretion = Discretion(workspace.settings.comments, items)
        relatives = Relatives(self._court.tree, self._tags, list(self._goals), self._discretion)
        self._candidates = {
            item.ref: relatives.candidates(item.ref) for item in chosen if _seeks_a_goal(self._tags[item.ref])
        }

    def heard(self, ref: ItemRef) -> Heard | None:
        """What people wrote to us in a ticket."""
        return hear(self._lines.get(ref, ()), self._court.targets)

    def ticket(self, item: WorkItem, tracker: Source, advice: Advice, heard: Heard | None) -> Ticket:
        """What one item's comment is made of."""
        tags = self._tags[item.ref]
        shares = sorted(
            ((self._goals[target], share) for target, share in tags.shares.items() if target in self._goals),
            key=lambda pair: (-pair[1], pair[0].id),
        )
        decision = self._decisions[item.ref].get(Dimension.CONTRIBUTES_TO)
        first = shares[0][0] if shares else None
        return Ticket(
            serves=shares,
            unserved=None if shares else _unserved(tags),
            unknown=[one for one in tags.unknown if self._discretion.may_say(one, item)],
            reason=None
            if decision is None
            else reason(item, decision, self._court, self._discretion, tracker, self._said),
            candidates=[
                Candidate(self._goals[target], count, bases)
                for target, count, bases in self._candidates.get(item.ref, ())
            ],
            standing=self._stands.get(self._targets[first.id]) if first else None,
            reached=self._reached(first),
            label=advice.label,
            instead_of=advice.instead_of,
            marks="tag" if tracker.kind == "azure_devops" else "label",
            goals=() if self._workspace.settings.comments.commands is None else self._examples(item),
            answer=None if heard is None else self._answer(item, heard, decision),
        )

    def _said(self, ref: ItemRef) -> Said:
        heard = self.heard(ref)
        assert heard is not None, "only what stands in a ticket decides as one"
        assert heard.tag is not None, "only what stands in a ticket decides as one"
        line, command = heard.tag
        return local_day(line.at, self._workspace.zone), command.reason

    def _answer(self, item: WorkItem, heard: Heard, decision: Decision | None) -> Answer | None:
        """What there is to say to the newest command; None where the rest of the text says it."""
        line, meaning = heard.newest
        match meaning:
            case None:
                return Answer("forbidden", said=_verb(line.said))
            case Misunderstood(trouble, word, near):
                return Answer(trouble, said=_verb(line.said), word=word, near=near)
            case Command("help"):
                return Answer("help")
            case Command("why"):
                return Answer("why", tried=passed_over(item, decision, self._court, self._discretion))
            case Command("map" | "not-aligned") if decision is not None and decision.by == Authority.PIN:
                return Answer("overruled", said=_verb(line.said))
            case _:
                return None

    def _examples(self, item: WorkItem) -> Sequence[str]:
        """Two goals that an example of a command may name, the likeliest first."""
        first = self._another(item)
        return [] if first is None else [first, *(goal for goal in self._goals if goal != first)][:2]

    def labels_that_work(self, chosen: Sequence[WorkItem]) -> dict[ItemRef, Advice]:
        """By item a label that would say what it serves: tried on the mapping, not guessed.

        For work that serves nothing it names the first candidate, else a goal that the work does not serve yet. An
        item that has such a label is tried without it.
        """
        found: dict[ItemRef, Advice] = {}
        for rule in self._rules.rules:
            prefix = _label_prefix(rule.set.contributes_to)
            if prefix is None:
                continue
            asked: dict[ItemRef, tuple[str, str | None]] = {}
            tried = dict(self._items)
            for item in chosen:
                goal = None if item.ref in found else self._another(item)
                if goal is not None:
                    old = [label for label in item.labels if label.casefold().startswith(prefix.casefold())]
                    kept = [label for label in item.labels if label not in old]
                    asked[item.ref] = goal, old[0] if old else None
                    tried[item.ref] = replace(item, labels=(*kept, prefix + goal))
            outcome = assign(tried, self._rules, self._strategy)
            for ref, (goal, replaced) in asked.items():
                if outcome[ref].via.get(Dimension.CONTRIBUTES_TO) == rule.id and set(outcome[ref].shares) == {goal}:
                    found[ref] = Advice(prefix + goal, replaced)
        return found

    def _another(self, item: WorkItem) -> str | None:
        """A goal that an item might serve instead of what it serves now."""
        candidates = self._candidates.get(item.ref, ())
        if candidates:
            return candidates[0][0]
        served = {self._targets.get(target) for target in self._tags[item.ref].shares}
        others = [goal for goal in self._goals if self._targets[goal] not in served]
        return next((goal for goal in others if goal in self._key_results), others[0] if others else None)

    def _reached(self, goal: Goal | None) -> Reached | None:
        key_result = self._key_results.get(goal.id) if goal else None
        return reached(key_result, self._strategy, self._workspace, self._now) if key_result else None


def _verb(said: str) -> str:
    """The first two words of a line: the rest may hold anything, a person's name too."""
    return " ".join(said.split()[:2])


def _asked(heard: Heard | None) -> datetime | None:
    match heard.newest if heard is not None else None:
        case (_, Command("mute" | "unmute" | "snooze")) | None:
            return None  # which want no word from us
        case (line, _):
            return line.known_at


def _silence(heard: Heard | None, now: datetime, zone: ZoneInfo) -> str | None:
    if heard is None:
        return None
    if heard.muted:
        return "muted by a command in the ticket"
    if heard.snoozed_until is not None and now < heard.snoozed_until:
        return f"snoozed until {local_day(heard.snoozed_until, zone)} by a command in the ticket"
    return None


def _goals(strategy: Strategy) -> dict[str, Goal]:
    """Every goal by its id, in the order of the strategy: objectives, each with its key results, then budgets."""
    goals: dict[str, Goal] = {}
    for objective in strategy.objectives:
        goals[objective.id] = Goal(objective.id, objective.title, "objective")
        for key_result in objective.key_results:
            goals[key_result.id] = Goal(key_result.id, key_result.title, "key_result", objective.id, objective.title)
    for budget in strategy.budgets:
        goals[budget.id] = Goal(budget.id, budget.title, "budget")
    return goals


def _unserved(tags: Assignment) -> Unserved:
    if tags.conflict:
        return "conflict"
    if UNALIGNED in tags.shares:
        return "declared"
    return "unknown" if tags.unknown else "nothing"


def _seeks_a_goal(tags: Assignment) -> bool:
    """Whether an item serves nothing, and nobody said that this is meant."""
    return tags.conflict or set(tags.shares) <= set(tags.unknown)


def _label_prefix(contributes_to: Sequence[tuple[str, float]] | None) -> str | None:
    """What stands before a goal's id in the labels that a rule reads; None for a rule that reads none."""
    for target, _ in contributes_to or ():
        template = TEMPLATE.fullmatch(target)
        if template and template[1] == "label":
            prefix = template[2].removesuffix("*")
            if prefix and prefix != template[2] and not set("*?") & set(prefix):
                return prefix
    return None


def _clause(ticket: Ticket) -> str:
    """For whoever plans: what the comment says, in short."""
    match ticket.unserved:
        case "declared":
            return "declared as serving nothing"
        case "conflict":
            return "labels name several goals"
        case "unknown" | "nothing":
            return f"serves nothing yet; {len(ticket.candidates)} candidates"
        case None:
            why = ticket.reason
            by = "" if why is None else f" by rule {why.rule}" if why.rule else f" by {why.by}"
            inherited = ", inherited" if why is not None and why.inherited else ""
            return f"serves {', '.join(goal.id for goal, _ in ticket.serves)}{by}{inherited}"
