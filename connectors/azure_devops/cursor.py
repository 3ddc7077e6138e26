"""Where the next pull goes on, and what it must know to lose nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from connectors.azure_devops.values import instant_or_none
from connectors.port import Cursor
from domain.calendar import instant_text

VERSION = 1


@dataclass
class Place:
    """The cursor in its parts.

    `revisions` and `links` are the two tokens of the reporting API (None: the beginning, or `since`). `loaded` tells
    whether the first load came to its end. `pending` are items whose links or past could not be read, with the
    number of tries; `wanted` are parents that a bounded first load saw and has not looked for yet. `asked` is what
    was asked for (scope.py). The context of the last whole pull is kept with the instant at which it was read.
    """

    revisions: str | None = None
    links: str | None = None
    loaded: bool = False
    pending: dict[str, int] = field(default_factory=dict)
    wanted: set[str] = field(default_factory=set)
    asked: Mapping[str, Any] | None = None
    context: Mapping[str, Any] | None = None
    context_at: datetime | None = None


def load(cursor: Cursor | None) -> Place:
    """The parts of a cursor; those of a new beginning for None and for a cursor of another version."""
    if cursor is None or cursor.get("version") != VERSION:
        return Place()
    return Place(
        revisions=cursor["revisions"],
        links=cursor["links"],
        loaded=bool(cursor["loaded"]),
        pending={str(item): int(tries) for item, tries in cursor["pending"].items()},
        wanted={str(item) for item in cursor["wanted"]},
        asked=cursor["asked"],
        context=cursor.get("context"),
        context_at=instant_or_none(cursor.get("context_at")),
    )


def dump(place: Place, *, whole: bool = False) -> dict[str, Any]:
    """The place as JSON; the context goes into the cursor of a pull's last page (`whole`) alone."""
    cursor: dict[str, Any] = {
        "version": VERSION,
        "revisions": place.revisions,
        "links": place.links,
        "loaded": place.loaded,
        "pending": dict(sorted(place.pending.items())),
        "wanted": sorted(place.wanted),
        "asked": place.asked,
    }
    if whole and place.context is not None and place.context_at is not None:
        cursor |= {"context": place.context, "context_at": instant_text(place.context_at)}
    return cursor
