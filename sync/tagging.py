"""The tags of everything in the store, by the mapping of today."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from config.workspace import Workspace
from domain.clock import Clock
from domain.rot import BrokenReference
from domain.tags import Assignment
from domain.work import ItemRef, WorkItem
from mapping.assign import assign
from mapping.heard import tags_said
from store.open import Store
from store.queries import Reader
from sync.outcomes import settle
from sync.rot import broken_now


@dataclass(frozen=True, slots=True)
class Tagged:
    """The assignment of every item, and what rules name that the trackers no longer have."""

    assignments: Mapping[ItemRef, Assignment]
    broken: tuple[BrokenReference, ...]

    @property
    def mapped(self) -> int:
        """How many items are mapped."""
        return sum(1 for assignment in self.assignments.values() if assignment.mapped)


def remember_revisions(workspace: Workspace, store: Store, clock: Clock) -> None:
    """Keep what the admin says today, so that a report about today can be made again later."""
    now = clock.now()
    with store.writing() as unit:
        unit.record_revision("config", workspace.config_revision.text, workspace.config_revision.digest, now)
        unit.record_revision("strategy", workspace.strategy_revision.text, workspace.strategy_revision.digest, now)
        unit.record_revision("mapping", workspace.mapping_revision.text, workspace.mapping_revision.digest, now)


def present_items(reader: Reader) -> dict[ItemRef, WorkItem]:
    """Every item that is not deleted, as it stands."""
    return {item.ref: item for item in reader.items()}


def unmarked(items: Mapping[ItemRef, WorkItem], prefix: str | None) -> dict[ItemRef, WorkItem]:
    """The items without the labels that begin as ours do, so that nothing said of them rests on our own marks."""
    if prefix is None:
        return dict(items)
    start = prefix.casefold()
    bare: dict[ItemRef, WorkItem] = {}
    for ref, item in items.items():
        labels = tuple(label for label in item.labels if not label.casefold().startswith(start))
        bare[ref] = item if len(labels) == len(item.labels) else replace(item, labels=labels)
    return bare


def tags_of(
    workspace: Workspace, reader: Reader, items: Mapping[ItemRef, WorkItem], now: datetime
) -> dict[ItemRef, Assignment]:
    """What items serve by the workspace as it is written now, which may not be how they were last mapped.

    ConfigurationError for a mapping that cannot be applied to these items.
    """
    strategy = workspace.strategy
    return assign(items, workspace.mapping_at(now), strategy, tags_said(reader.lines(), strategy))


def tag(workspace: Workspace, store: Store, clock: Clock) -> Tagged:
    """Map every item of the store, keep the assignments with the revisions they rest on, and what came of comments."""
    now = clock.now()
    remember_revisions(workspace, store, clock)
    with store.reading() as reader:
        items = present_items(reader)
        assignments = tags_of(workspace, reader, items, now)
        broken = broken_now(reader, workspace.mapping_at(now), items, now)
    with store.writing() as unit:
        unit.replace_assignments(
            assignments, mapping=workspace.mapping_revision.digest, strategy=workspace.strategy_revision.digest
        )
    settle(workspace, store, assignments, now)
    return Tagged(assignments, broken)
