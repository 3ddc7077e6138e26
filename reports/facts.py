"""Everything that one report may see, as of one instant: the only input of every figure and finding."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from config.rules import Acknowledgement
from config.settings import Drift
from domain.calendar import Window
from domain.effect import Effect
from domain.findings import Sighting
from domain.rot import Rot
from domain.strategy import Strategy
from domain.tags import Assignment
from domain.work import History, ItemRef, WorkItem
from reports.document import InputsData


@dataclass(frozen=True, slots=True)
class OutOfSight:
    """Of a project's `of` items the account no longer sees `gone`: too many at once to be deletions."""

    project: str
    gone: int
    of: int


@dataclass(frozen=True, slots=True)
class SourceHealth:
    """How well a source was read, seen from as_of.

    `synced_at` is the end of the last successful run at or before as_of (None: never); `period` is its schedule's
    usual distance in seconds (None: it has no schedule); `unread` counts items that its last run could not read;
    `problems` are sentences of that run (a part that failed,
    projects that are no longer visible); `vanished` is what the last census lost sight of.
    """

    id: str
    synced_at: datetime | None
    data_as_of: datetime | None
    period: float | None = None
    problems: Sequence[str] = ()
    unread: int = 0
    vanished: Sequence[OutOfSight] = ()


@dataclass(frozen=True, slots=True)
class Retagging:
    """An item that was changed after work on it had begun, last at `at`, so that it serves something else; both are
    shares by the ids that the mapping names.
    """

    ref: ItemRef
    at: datetime
    before: Mapping[str, float]
    after: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Manifest:
    """What the report rests on; digests are `sha256:…`. `later` names revisions that were first seen after as_of.

    `inputs` is None where the facts were read from nowhere.
    """

    strategy: str
    mapping: str
    config: str
    later: Sequence[str] = ()
    inputs: InputsData | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """What a team said of an item in its ticket: the shares it serves, or with a reason that it serves nothing."""

    ref: ItemRef
    at: datetime
    shares: Mapping[str, float]
    reason: str | None = None


@dataclass(frozen=True)
class Facts:
    """`items` holds those that exist at as_of, as they stood then; `history` only entries at or before as_of.

    `as_of` may lie inside the window: then it is in progress. `earlier` are the findings of the window before
    (None: there was no earlier report). `replies` are what teams say in their tickets, and `effect` what came of the
    comments of 13 weeks (None: there were none). `retaggings` are those of the horizon (None: not known). `rot` is what
    is wrong with the mapping's rules (None: not known). All instants are UTC.
    """

    organisation: str
    language: str
    window: Window
    as_of: datetime
    items: Mapping[ItemRef, WorkItem]
    history: Mapping[ItemRef, History]
    assignments: Mapping[ItemRef, Assignment]
    strategy: Strategy
    options: Drift
    manifest: Manifest
    sources: Sequence[SourceHealth] = ()
    earlier: Sequence[Sighting] | None = None
    acknowledgements: Sequence[Acknowledgement] = field(default=())
    replies: Sequence[Reply] = ()
    effect: Effect | None = None
    retaggings: Sequence[Retagging] | None = None
    rot: Rot | None = None
