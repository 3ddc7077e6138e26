"""Where a pull goes on: what was covered, where a scan under way has come, and which items wait for another try."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Self

from domain.calendar import instant_text, parse_instant

OVERLAP = timedelta(minutes=15)  # the search index may lag by minutes (API_FACTS)
DEEP_OVERLAP = timedelta(hours=24)  # and by hours at worst: once a day we look further back
DEEP_EVERY = timedelta(hours=24)
ASIDE = 100  # items tried again in the next pull, at most


@dataclass(frozen=True)
class Cursor:
    """All instants are the server's.

    `scope` names what was asked (another scope begins anew); `mark`: everything that changed before it, less the
    overlap, was read; `deep`: when a pull last looked a day back. While a scan is under way `started` is when it
    began, `daily` whether it is that look a day back, `floor` its lower bound (None: from the beginning) and `reached`
    how far it came, in epoch milliseconds: all issues up to that `created` were read. `aside` holds ids to try again.
    """

    scope: str
    mark: datetime
    deep: datetime
    started: datetime | None = None
    daily: bool = False
    floor: datetime | None = None
    reached: str | None = None
    aside: tuple[str, ...] = ()

    @property
    def first(self) -> bool:
        """Whether the scan under way is one from the beginning."""
        return self.started is not None and self.floor is None

    def to_json(self) -> dict[str, Any]:
        told = {
            name: instant_text(value) if isinstance(value, datetime) else value for name, value in asdict(self).items()
        }
        return {"version": 1, **told, "aside": list(self.aside)}

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Self | None:
        """Read what `to_json` wrote; None when it makes no sense, which begins anew."""
        try:
            return cls(
                scope=str(told["scope"]),
                mark=parse_instant(told["mark"]),
                deep=parse_instant(told["deep"]),
                started=parse_instant(told["started"]) if told.get("started") else None,
                daily=told.get("daily") is True,
                floor=parse_instant(told["floor"]) if told.get("floor") else None,
                reached=told.get("reached"),
                aside=tuple(told.get("aside") or ()),
            )
        except (KeyError, TypeError, ValueError):
            return None


def begin(told: Mapping[str, Any] | None, scope: str, now: datetime) -> Cursor:
    """The cursor of the scan to do now: the one that was interrupted, the next, or one from the beginning."""
    cursor = Cursor.of(told) if told else None
    if cursor is None or cursor.scope != scope:
        return Cursor(scope, mark=now, deep=now, started=now, aside=cursor.aside if cursor else ())
    if cursor.started is not None:
        return cursor
    daily = not timedelta(0) <= now - cursor.deep < DEEP_EVERY
    floor = cursor.mark - (DEEP_OVERLAP if daily else OVERLAP)
    return replace(cursor, started=now, daily=daily, floor=floor, reached=None, deep=now if daily else cursor.deep)


def advance(cursor: Cursor, reached: str | None, aside: Sequence[str]) -> Cursor:
    """The same scan, further on."""
    return replace(cursor, reached=reached, aside=tuple(dict.fromkeys(aside))[:ASIDE])


def finish(cursor: Cursor, seen: datetime | None, aside: Sequence[str]) -> Cursor:
    """The scan is done. `seen` is the greatest `updated` it met (None: it met nothing).

    The next mark is never later than the server's time when the scan began: an issue that was not yet in the index
    when the scan passed its place would else be lost behind a mark that ran ahead.
    """
    started = cursor.started or cursor.mark
    known = [instant for instant in (None if cursor.first else cursor.mark, seen) if instant is not None]
    mark = min(started, max(known)) if known else started
    return replace(
        cursor,
        mark=mark,
        started=None,
        daily=False,
        floor=None,
        reached=None,
        aside=tuple(dict.fromkeys(aside))[:ASIDE],
    )


def scope_of(*parts: Any) -> str:
    """A short digest of everything that decides which issues are asked for, and with which fields."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]


def milliseconds(instant: datetime) -> int:
    """Epoch milliseconds, rounded down."""
    return int(instant.timestamp() * 1000)
