"""The tags of everything in the store, by the mapping of today."""

from __future__ import annotations

from config.workspace import Workspace
from domain.clock import Clock
from domain.tags import Assignment
from domain.work import ItemRef, WorkItem
from mapping.assign import assign
from mapping.heard import tags_said
from store.open import Store
from store.queries import Reader
from sync.outcomes import settle


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


def tag(workspace: Workspace, store: Store, clock: Clock) -> dict[ItemRef, Assignment]:
    """Map every item of the store, keep the assignments with the revisions they rest on, and what came of comments."""
    remember_revisions(workspace, store, clock)
    with store.reading() as reader:
        items, lines = present_items(reader), reader.lines()
    assignments = assign(items, workspace.mapping, workspace.strategy, tags_said(lines, workspace.strategy))
    with store.writing() as unit:
        unit.replace_assignments(
            assignments, mapping=workspace.mapping_revision.digest, strategy=workspace.strategy_revision.digest
        )
    settle(workspace, store, assignments, clock.now())
    return assignments
