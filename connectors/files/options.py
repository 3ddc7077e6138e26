"""What the settings say of a files source, checked as far as it can be without opening a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from zoneinfo import ZoneInfo

from config.settings import FilesSource
from domain.errors import ConfigurationError
from domain.exchange import ITEM_FIELDS

EXTRA = "fields."  # `fields.NAME: COLUMN` fills an extra field, which mapping rules test with `field: {NAME: …}`


@dataclass(frozen=True)
class Options:
    """`columns` maps a work item's field (or `fields.NAME`) to a column; `levels` is by type in lower case."""

    source: str
    folder: Path
    pattern: str
    columns: Mapping[str, str]
    levels: Mapping[str, int]
    extra_fields: frozenset[str]
    zone: ZoneInfo


def read(source: FilesSource, *, folder: Path, zone: ZoneInfo, extra_fields: frozenset[str]) -> Options:
    """The options of a source. ConfigurationError names every column setting that fits no field."""
    problems = []
    if not source.path.strip():
        problems.append("`path` is empty; expected a path such as exports/*.jsonl, from the workspace's folder.")
    for field in source.columns:
        if field not in ITEM_FIELDS and not (field.startswith(EXTRA) and len(field) > len(EXTRA)):
            near = get_close_matches(field, ITEM_FIELDS, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"expected one of {', '.join(ITEM_FIELDS)}."
            problems.append(f"`columns`: {field!r} is no field of a work item; {hint}")
    if problems:
        raise ConfigurationError(*(f"Source {source.id}: {problem}" for problem in problems))
    return Options(
        source=source.id,
        folder=folder,
        pattern=source.path,
        columns=dict(source.columns),
        levels={kind.casefold(): level for kind, level in source.levels.items()},
        extra_fields=extra_fields,
        zone=zone,
    )
