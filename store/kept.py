"""What the store gives back besides work items: counts, runs, revisions, findings, a snapshot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, NamedTuple

from domain.work import ItemRef, Transition, WorkItem

RevisionKind = Literal["strategy", "mapping", "config"]
# A run that was skipped did nothing and is not kept.
Outcome = Literal["ok", "partial", "failed", "interrupted", "skipped"]
WriteAction = Literal["post", "edit", "remove"]
# `trying`: it is being sent, or we were stopped amid it; `unclear`: it was sent, and no answer came; `refused`: the
# tracker would not have it; `void`: it was given up, or proved never to have arrived.
WriteState = Literal["trying", "sent", "unclear", "refused", "void"]
# A write in one of these states may have arrived: nobody knows until the ticket is looked at.
UNCLEAR: Sequence[WriteState] = ("trying", "unclear")
# `edited`, `deleted`: by a person, and so left alone; `withdrawn`: removed by us.
CommentState = Literal["standing", "edited", "deleted", "withdrawn"]
# `setting`, `clearing`: it is being written, or we were stopped amid it; `left`: a label that a person set before us,
# or took away, and so theirs to decide.
MarkState = Literal["setting", "set", "clearing", "left"]
MarkKind = Literal["label", "property"]
# What a write is for: it asks for a goal, tells one, or answers what somebody wrote to us.
Purpose = Literal["asks", "tells", "answers"]
# What came of a write: the work was mapped, or nothing happened for two weeks (of one that asks); people silenced us in
# the ticket, deleted our comment, or changed it.
WriteOutcome = Literal["mapped", "ignored", "muted", "removed", "edited"]

# `waiting`: nothing of it has arrived, and it is tried again; `sending`: it is being handed over, or we were stopped
# amid that; `unclear`: it was handed over, and no answer came; `failed`: nothing of it has arrived, and nobody tries
# again by himself.
DeliveryState = Literal["waiting", "sending", "sent", "failed", "unclear"]


@dataclass(frozen=True, slots=True)
class PageCount:
    """How many records of a page were new, changed, and the same as (or older than) what the store held.

    `deleted` counts items that the page marked as deleted without a record of their own.
    """

    new: int = 0
    changed: int = 0
    same: int = 0
    deleted: int = 0

    def __add__(self, other: PageCount) -> PageCount:
        return PageCount(
            self.new + other.new,
            self.changed + other.changed,
            self.same + other.same,
            self.deleted + other.deleted,
        )


class Fence(NamedTuple):
    """The proof of a lease: its name, and a number that no other holder ever has."""

    name: str
    number: int


@dataclass(frozen=True, slots=True)
class StoredLease:
    """Who took a lease last, by which fence, and until when; one that was given back ended in 1970."""

    holder: str
    fence: Fence
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class StoredRun:
    """One run of a kind (sync, report, …) over a subject (a source's or a report's id).

    `finished_at` and `outcome` are None while it is under way, and for ever if it was killed.
    """

    id: int
    kind: str
    subject: str
    started_at: datetime
    finished_at: datetime | None
    outcome: str | None
    summary: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class StoredRevision:
    """A revision of strategy, mapping or configuration, first seen at `at`; `later`: only after what was asked."""

    text: str
    digest: str
    at: datetime
    later: bool


@dataclass(frozen=True, slots=True)
class StoredReport:
    """A report that is kept; of those of one window and instant the one with the highest number is the newest."""

    number: int
    label: str
    as_of: datetime


@dataclass(frozen=True, slots=True)
class StoredPayload:
    """What the tracker said of an item, and when it was deleted (None: it is there)."""

    id: str
    raw: bytes
    deleted: datetime | None


@dataclass(frozen=True, slots=True)
class StoredSetAside:
    """An item that could not be read, how often in a row, and when it was first and last tried."""

    id: str
    reason: str
    first_at: datetime
    last_at: datetime
    times: int


@dataclass(frozen=True, slots=True)
class SourceCounts:
    """Of one source: items that exist, items marked as deleted, history entries of both."""

    items: int
    deleted: int
    transitions: int


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Every item that existed at an instant as it stood then, each with its history up to then (empty if none)."""

    items: dict[ItemRef, WorkItem]
    history: dict[ItemRef, tuple[Transition, ...]]


@dataclass(frozen=True, slots=True)
class StoredWrite:
    """One row of the outbox: what shall be, or was, written into a ticket.

    `body` is the visible text and `digest` tells it from others; `marker` names this write to the tracker.
    """

    number: int
    ref: ItemRef
    action: WriteAction
    marker: str
    body: str
    digest: str
    why: str
    state: WriteState
    attempts: int
    problem: str | None
    at: datetime
    tried_at: datetime | None
    sent_at: datetime | None
    purpose: Purpose = "tells"
    outcome: WriteOutcome | None = None
    outcome_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class StoredComment:
    """The one standing comment of a ticket, as we last left it.

    `comment` is the tracker's id of it; `stamp` is the tracker's word that changes with every edit, and `body` the
    visible text (both None: not known). The comments in the ticket were read as they stood at its change `heard_to`.
    """

    ref: ItemRef
    comment: str
    marker: str
    digest: str
    state: CommentState
    posted_at: datetime
    edited_at: datetime | None = None
    stamp: str | None = None
    body: str | None = None
    heard_to: datetime | None = None


@dataclass(frozen=True, slots=True)
class StoredMark:
    """A label (in Azure DevOps a tag) or a property of ours on a ticket.

    `value` is what a property holds, as JSON (None for a label). It is known since `at`, when the ticket had last been
    changed at `item_at` as the store held it.
    """

    kind: MarkKind
    name: str
    state: MarkState
    value: str | None
    at: datetime
    item_at: datetime


class DeliveryKey(NamedTuple):
    """Which report's, of which week (2026-W47), to which channel: what arrives once."""

    report: str
    label: str
    channel: str


@dataclass(frozen=True, slots=True)
class StoredDelivery:
    """A report of a week on its way to a channel.

    `digest` tells what is sent from what would be sent by others; `at` is when it was written down.
    """

    key: DeliveryKey
    state: DeliveryState
    digest: str
    attempts: int
    at: datetime
    tried_at: datetime | None
    sent_at: datetime | None
    problem: str | None
