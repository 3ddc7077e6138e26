"""A files source in a folder of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from config.settings import FilesSource
from connectors.port import Tracker
from connectors.registry import build

Open = Callable[..., Tracker]


class StoppedClock:
    """A clock that nobody should need to read twice."""

    def now(self) -> datetime:
        return datetime(2026, 11, 25, tzinfo=UTC)

    def monotonic(self) -> float:
        return 0.0

    def sleep(self, seconds: float) -> None:
        raise AssertionError("files wait for nobody")


@pytest.fixture
def open_source(tmp_path: Path) -> Open:
    """Make the tracker of a files source `legacy` in tmp_path."""

    def make(
        path: str,
        columns: Mapping[str, str] | None = None,
        levels: Mapping[str, int] | None = None,
        extra_fields: frozenset[str] = frozenset(),
        zone: str = "Europe/Paris",
    ) -> Tracker:
        source = FilesSource(
            id="legacy", kind="files", path=path, columns=dict(columns or {}), levels=dict(levels or {})
        )
        return build(
            source,
            folder=tmp_path,
            zone=ZoneInfo(zone),
            clock=StoppedClock(),
            dropped_resolutions=(),
            extra_fields=extra_fields,
            agent="filrouge/test",
        )

    return make
