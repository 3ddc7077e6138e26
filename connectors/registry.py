"""Which kind of source is whose: one line each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import cast
from zoneinfo import ZoneInfo

from config.settings import Source
from connectors.port import Tracker
from domain.clock import Clock
from domain.errors import ConfigurationError

# The module of each kind has a function `connect` with the arguments of `build`. It is imported only when a source
# of that kind is built, so that commands that need no tracker start at once.
KINDS: Mapping[str, str] = {
    "jira": "connectors.jira.tracker",
    "azure_devops": "connectors.azure_devops.tracker",
    "files": "connectors.files.tracker",
}


def build(
    source: Source,
    *,
    folder: Path,
    zone: ZoneInfo,
    clock: Clock,
    dropped_resolutions: Sequence[str],
    extra_fields: frozenset[str],
    agent: str,
) -> Tracker:
    """The tracker of one configured source; sends nothing yet.

    `folder` is the workspace's (relative paths start there), `zone` the organisation's, `dropped_resolutions` ids or
    untranslated names of resolutions that end work without delivery, `extra_fields` the names that mapping rules
    test with `field:`, as written, `agent` the User-Agent. Raises ConfigurationError for a source that cannot be
    built.
    """
    module = KINDS.get(source.kind)
    if module is None:
        raise ConfigurationError(
            f"Source {source.id}: unknown kind {source.kind!r}; expected one of {', '.join(KINDS)}."
        )
    tracker = import_module(module).connect(
        source,
        folder=folder,
        zone=zone,
        clock=clock,
        dropped_resolutions=dropped_resolutions,
        extra_fields=extra_fields,
        agent=agent,
    )
    return cast(Tracker, tracker)
