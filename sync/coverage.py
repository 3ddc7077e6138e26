"""How much of what the store holds is mapped by the mapping of now."""

from __future__ import annotations

from datetime import datetime

from config.workspace import Workspace
from domain.calendar import local_day, week_of
from reports.coverage import CoverageData, coverage
from reports.facts import Facts, Manifest
from store.queries import Reader
from sync.tagging import tags_of


def coverage_of(workspace: Workspace, reader: Reader, now: datetime, since: datetime | None) -> CoverageData:
    """The coverage of every counted item that is there now, or of those that are open or were delivered since.

    ConfigurationError for a mapping that cannot be applied to these items.
    """
    snapshot = reader.snapshot(now, since)
    facts = Facts(
        organisation=workspace.settings.organisation,
        language=workspace.settings.language,
        window=week_of(local_day(now, workspace.zone), workspace.zone),
        as_of=now,
        items=snapshot.items,
        history=snapshot.history,
        assignments=tags_of(workspace, reader, snapshot.items, now),
        strategy=workspace.strategy,
        options=workspace.settings.drift,
        manifest=Manifest(
            workspace.strategy_revision.digest, workspace.mapping_revision.digest, workspace.config_revision.digest
        ),
    )
    return coverage(facts, since)
