"""Which class does what: the only place where the parts of a running Filrouge are picked and put together."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from secrets import token_hex

from config.load import load
from config.settings import ReportJob, Source
from config.workspace import Workspace
from connectors import registry
from connectors.fetch import fetch
from connectors.port import Tracker
from domain.clock import Clock
from mapping.needs import extra_fields
from reports.delivery.port import Channel
from reports.delivery.registry import Around, channels_of
from store.open import Store, open_store
from sync.clock import SystemClock
from sync.trust import trusted, trusting


@dataclass(frozen=True)
class House:
    """A loaded workspace with its open store and the clock: what every command works with."""

    workspace: Workspace
    store: Store
    clock: Clock

    def connect(self, source: Source) -> Tracker:
        """The tracker of a source; FilrougeError when it cannot be made."""
        return connect(self.workspace, source, self.clock)

    def fetch(self, url: str) -> bytes:
        """What stands at an https address that the workspace names; FilrougeError as in `connectors.fetch`."""
        return fetch_for(self.workspace, url)

    def channels(self, job: ReportJob) -> list[Channel]:
        """Where a report goes, in the order of the settings."""
        with self.store.writing() as unit:
            origin = unit.keepsake("origin", token_hex(16))
        around = Around(self.workspace.folder, origin, agent(), trusted())
        return channels_of(job, self.workspace.settings, around)

    def salt(self) -> str:
        """What makes accounts into pseudonyms; the same as long as the store lives."""
        with self.store.writing() as unit:
            return unit.keepsake("pseudonyms", token_hex(16))


def connect(workspace: Workspace, source: Source, clock: Clock) -> Tracker:
    """The tracker of one source of a workspace; FilrougeError when it cannot be made."""
    return registry.build(
        source,
        folder=workspace.folder,
        zone=workspace.zone,
        clock=clock,
        dropped_resolutions=workspace.settings.drift.dropped_resolutions,
        extra_fields=extra_fields(workspace.mapping),
        agent=agent(),
    )


def fetch_for(workspace: Workspace, url: str) -> bytes:
    """What stands at an https address that a workspace names; FilrougeError as in `connectors.fetch`."""
    hosts = workspace.settings.readings.private_hosts
    return fetch(url, agent=agent(), private_hosts=hosts, trusted=trusted())


def agent() -> str:
    """How we introduce ourselves to a tracker."""
    return f"filrouge/{version('filrouge')}"


@contextmanager
def open_house(
    folder: Path, *, secrets: bool, environ: Mapping[str, str] | None = None, clock: Clock | None = None
) -> Iterator[House]:
    """Load the workspace and open its store.

    `secrets` says whether references to secrets must be resolved (only what talks to a tracker needs them).
    ConfigurationError for a broken workspace, StoreError for a store that cannot be opened.
    """
    workspace = load(folder, os.environ if environ is None else environ, secrets=secrets)
    store = open_store(workspace.store_url)
    try:
        with trusting(workspace) if secrets else nullcontext():
            yield House(workspace, store, clock or SystemClock())
    finally:
        store.close()
