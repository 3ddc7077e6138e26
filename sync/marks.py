"""Which marks a ticket should bear, and what has to change for that: decided from what is known of it."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from config.settings import Comments, JiraSource
from config.workspace import Workspace
from domain.work import WorkItem
from store.kept import StoredMark
from store.open import Store
from sync.allowed import forbidden
from sync.drafts import Draft
from sync.intent import quiet_until

PROPERTY = "filrouge"  # the key of ours on Jira's issues


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a ticket should bear: labels, and a property's value as JSON (None: no property)."""

    labels: tuple[str, ...] = ()
    value: str | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """What one request has to add and remove, and what is known of the ticket's marks while it is sent and after."""

    add: tuple[str, ...]
    remove: tuple[str, ...]
    during: list[StoredMark]
    after: list[StoredMark]


@dataclass(frozen=True, slots=True)
class MarkIntent:
    """What the marks of one ticket need; without `add` and `remove` the ticket has to be looked at alone.

    `held` says what keeps it from being done now.
    """

    item: WorkItem
    wanted: Wanted
    add: tuple[str, ...]
    remove: tuple[str, ...]
    held: str | None

    @property
    def writes(self) -> bool:
        """Whether it would be done now."""
        return self.held is None

    @property
    def told(self) -> str:
        """The change in short, such as `+fil-O1 -fil-O2`; empty where the ticket is looked at alone."""
        return " ".join([*(f"+{name}" for name in self.add), *(f"-{name}" for name in self.remove)])


def wanted_of(draft: Draft, workspace: Workspace) -> Wanted:
    """The marks that a ticket should bear by what it serves, as configured."""
    marks, target_of = workspace.settings.comments.marks, workspace.strategy.target_of()
    objectives: dict[str, float] = {}
    for target, share in draft.serves.items():
        objectives[target_of[target]] = objectives.get(target_of[target], 0.0) + share
    labels = () if marks.label is None else tuple(marks.label + objective for objective in sorted(objectives))
    jira = {source.id for source in workspace.settings.sources if isinstance(source, JiraSource)}
    if not marks.property or not objectives or draft.item.source not in jira:
        return Wanted(labels)
    told = {"objectives": _shares(objectives), "targets": _shares(draft.serves)}
    return Wanted(labels, json.dumps(told, sort_keys=True, ensure_ascii=False))


def label_change(
    known: Sequence[StoredMark], wanted: Collection[str], there: Iterable[str], now: datetime, item_at: datetime
) -> Change:
    """What has to be done to labels that are `there` for the `wanted` ones to be, and no others of ours.

    A label that a person set before us, or one of ours that a person took away, is theirs (`left`) as long as it is
    wanted. Upper and lower case are the same. `item_at`: when the item was last changed, as the store holds it.
    """
    here = {label.casefold() for label in there}
    ours = {mark.name.casefold(): mark for mark in known if mark.kind == "label"}
    wants = {label.casefold(): label for label in wanted}
    add: list[str] = []
    remove: list[str] = []
    after = [mark for mark in known if mark.kind != "label"]
    during = list(after)
    for name in sorted(ours.keys() | wants.keys()):
        mark, label = ours.get(name), wants.get(name)
        if label is None:
            if mark is not None and mark.state != "left" and name in here:
                remove.append(mark.name)
                during.append(replace(mark, state="clearing", at=now))
            continue
        stands = StoredMark("label", label if mark is None else mark.name, "set", None, now, item_at)
        theirs = replace(stands, state="left")
        if mark is not None and mark.state == "left":
            kept = mark
        elif name in here:
            kept = theirs if mark is None else stands
        elif mark is not None and mark.state == "set":
            kept = theirs
        else:
            add.append(stands.name)
            during.append(replace(stands, state="setting"))
            after.append(stands)
            continue
        during.append(kept)
        after.append(kept)
    return Change(tuple(add), tuple(remove), during, after)


def property_change(known: Sequence[StoredMark], value: str | None, now: datetime, item_at: datetime) -> Change:
    """What has to be done for a ticket's property to have a value, or (None) for it to be gone.

    The key is ours alone, so nobody else's word is looked for.
    """
    mark = next((one for one in known if one.kind == "property"), None)
    others = [one for one in known if one.kind != "property"]
    if value is not None and (mark is None or mark.state != "set" or mark.value != value):
        kept = StoredMark("property", PROPERTY, "set", value, now, item_at)
        return Change((PROPERTY,), (), [*others, replace(kept, state="setting")], [*others, kept])
    if value is None and mark is not None:
        return Change((), (PROPERTY,), [*others, replace(mark, state="clearing", at=now)], others)
    return Change((), (), list(known), list(known))


def plan_marks(
    workspace: Workspace,
    store: Store,
    now: datetime,
    drafts: Iterable[Draft],
    *,
    budget: int | None = None,
    approved: bool = False,
) -> list[MarkIntent]:
    """An intent for every draft whose ticket's marks have to change or to be looked at, in their order.

    Arguments as in `sync.intent.plan`. Reads the store and nothing else.
    """
    settings = workspace.settings.comments
    left = settings.budget.marks_per_run if budget is None else budget
    with store.reading() as reader:
        known, projects = reader.marks(), reader.written_projects()
    quiet = quiet_until(settings, workspace.zone, now)
    intents: list[MarkIntent] = []
    for draft in drafts:
        item, wanted = draft.item, wanted_of(draft, workspace)
        marks = known.get(item.ref, [])
        labels = label_change(marks, wanted.labels, _there(item, marks), now, item.updated_at)
        value = property_change(marks, wanted.value, now, item.updated_at)
        if not _differs(marks, labels) and not (value.add or value.remove):
            continue
        held = _held(draft, settings, projects, approved=approved) or quiet
        if held is None and left <= 0:
            held = f"the budget of a run ({settings.budget.marks_per_run} tickets with marks) is used up"
        left -= held is None
        add = (*labels.add, *(f"property {name}" for name in value.add))
        remove = (*labels.remove, *(f"property {name}" for name in value.remove))
        intents.append(MarkIntent(item, wanted, add, remove, held))
    return intents


def _held(draft: Draft, settings: Comments, projects: Collection[tuple[str, str]], *, approved: bool) -> str | None:
    item = draft.item
    first = not approved and (item.source, item.project) not in projects
    return (
        forbidden(item, settings)
        or draft.silence
        or (f"the first marks in {item.project} need --yes" if first else None)
    )


def _there(item: WorkItem, known: Iterable[StoredMark]) -> list[str]:
    """The labels of a ticket as far as the store can tell: where it has not changed since, ours are as we set them."""
    set_then = [mark for mark in known if mark.state == "set" and mark.item_at == item.updated_at]
    return [*item.labels, *(mark.name for mark in set_then)]


def _differs(known: Iterable[StoredMark], change: Change) -> bool:
    states = {(mark.kind, mark.name, mark.state) for mark in known}
    return bool(change.add or change.remove) or states != {(one.kind, one.name, one.state) for one in change.after}


def _shares(shares: Mapping[str, float]) -> dict[str, float]:
    return {name: round(share, 4) for name, share in shares.items()}
