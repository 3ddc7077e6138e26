"""One valid workspace: settings, strategy and mapping of the same moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from config.rules import MappingRules
from config.settings import Settings
from domain.strategy import Strategy


@dataclass(frozen=True)
class Revision:
    """A file's content as it counts: `text` is canonical JSON of what the admin said, `digest` is `sha256:…` of it.

    Comments, order of keys and white space do not change it. Secrets are never in it (references are).
    """

    text: str
    digest: str


@dataclass(frozen=True)
class Workspace:
    folder: Path
    settings: Settings
    strategy: Strategy
    mapping: MappingRules
    config_revision: Revision
    strategy_revision: Revision
    mapping_revision: Revision
    notes: tuple[str, ...] = ()  # what is valid and yet seldom meant, each with its place

    def mapping_at(self, instant: datetime) -> MappingRules:
        """The mapping as an instant sees it."""
        return self.mapping.at(instant, self.zone)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.settings.timezone)

    @property
    def store_url(self) -> str:
        """The store's address, a relative SQLite path taken from the workspace's folder."""
        prefix = "sqlite:///"
        url = self.settings.store
        if url.startswith(prefix) and not url.startswith(prefix + "/") and ":memory:" not in url:
            return prefix + str((self.folder / url[len(prefix) :]).resolve())
        return url
