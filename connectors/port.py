"""What Filrouge asks of a tracker."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol, runtime_checkable

from domain.message import Message
from domain.work import Record, WorkItem

Cursor = Mapping[str, Any]  # where the next pull goes on: JSON, opaque to everyone but its connector
Context = Mapping[str, Any]  # what conversion needs besides an item's payload (field ids, state categories): JSON
# Ids to the raw payloads that the store holds of them; several threads may ask at the same time.
Held = Callable[[Sequence[str]], Mapping[str, bytes]]


@dataclass(frozen=True, slots=True)
class SetAside:
    """An item that could not be read this time; it is counted and tried again next time."""

    id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Page:
    """One step of a pull: it is stored whole with its cursor in one transaction, or not at all.

    A crash repeats a page; storing one twice changes nothing. `deleted` names items (by id) that the tracker
    reports as deleted, with the instant. `total` estimates how many items the whole pull brings (None: unknown).
    `warnings` are sentences for the run's summary.
    """

    records: Sequence[Record]
    cursor: Cursor
    context: Context
    deleted: Sequence[tuple[str, datetime]] = ()
    set_aside: Sequence[SetAside] = ()
    total: int | None = None
    warnings: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Confirmed:
    """What became of some items that a census did not show, or showed and we do not hold.

    `records` still exist, wherever they went; `deleted` are those that the tracker itself says are deleted (its
    recycle bin), with the instant; `gone` are ids that are not there, or not for this account, which most trackers do
    not tell apart; `set_aside` cannot be told this time. Every id that was asked for is in one of the four.
    """

    context: Context
    records: Sequence[Record] = ()
    deleted: Sequence[tuple[str, datetime]] = ()
    gone: Sequence[str] = ()
    set_aside: Sequence[SetAside] = ()


@dataclass(frozen=True, slots=True)
class Access:
    """What a source lets us see: `visible` of the `wanted` projects, and sentences that an admin should read."""

    account: str
    wanted: Sequence[str]
    visible: Sequence[str]
    notes: Sequence[str] = ()


class Tracker(Protocol):
    """One configured source.

    Every method raises CredentialsError (not let in), UnavailableError (try later), ConfigurationError (an
    unknown project, a broken query) or ProtocolError (an answer that makes no sense); never a library's own error.
    """

    @property
    def requests(self) -> int:
        """How many HTTP requests were sent so far."""

    def access(self) -> Access:
        """Sign in and say what may be seen; reads nothing else."""

    def pull(self, cursor: Cursor | None, held: Held) -> Iterator[Page]:
        """Everything that changed since the cursor, or everything in scope when it is None.

        The last page's cursor is where the next pull goes on; every page's cursor is a place from which an
        interrupted pull goes on without loss. At least one page comes, even when nothing changed.
        """

    def census(self) -> Iterator[Sequence[str]]:
        """The ids of everything in scope that the account sees now, some at a time, each once or more.

        It comes to its end or raises: a census that was cut short would look like deletions.
        """

    def confirm(self, ids: Sequence[str], held: Held) -> Iterator[Confirmed]:
        """What became of these items, some at a time. Ids that name nothing of this tracker are `gone`."""

    def convert(self, raw: bytes, context: Context) -> Record:
        """A record from a stored payload, without the network; pure.

        `context` says what the tracker said at the pull; what the admin says (levels …) counts as it is today.
        """

    def close(self) -> None:
        """Give back connections."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A comment of ours as it stands in a ticket.

    `marker` and `digest` are those it was posted with (None: not told there); `stamp` changes with every edit;
    `last_by_us`: our account was the last to change it, at the instant `at` (UTC, as exact as the tracker tells the
    instants of its items).
    """

    comment: str
    marker: str | None
    digest: str | None
    stamp: str
    last_by_us: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class Remark:
    """A comment in which a person speaks to Filrouge.

    `author` is the tracker's id of the account (None: deleted or hidden) and `names` everything by which a
    configuration may name it (id, account name, e-mail; never the display name, which is no one's own). `at` is when it
    was written or last edited, and where somebody else edited it, the account is that one's, whose words they are now.
    `said` is the first line of its text, plain.
    """

    comment: str
    author: str | None
    names: Sequence[str]
    at: datetime
    said: str


class Use(StrEnum):
    """What a project's tickets are used for besides being read."""

    COMMENT = "comment"
    MARK = "mark"
    ROLES = "roles"  # asking who has a role there


@dataclass(frozen=True, slots=True)
class Rights:
    """What an account lacks for what it is used for, and what it may without need, each in a few words."""

    lacking: Sequence[str]
    spare: Sequence[str]


@runtime_checkable
class Entitled(Protocol):
    """A tracker that tells what the account may do."""

    def rights(self, uses: Mapping[str, Collection[Use]]) -> Rights:
        """Hold the account's rights against what each project, as configured, is used for; reading always is."""


class Commenter(Protocol):
    """Writes into the tickets of one source.

    What the tracker refuses, or a ticket that is not there or not for this account, raises ItemError or
    ProtocolError: nothing was written. After any other error of `Tracker`'s it is not known whether the write
    arrived. A write is sent once, unless the tracker itself says that it was not taken (429).
    """

    @property
    def requests(self) -> int:
        """How many HTTP requests were sent so far."""

    def post(self, item: WorkItem, message: Message, *, marker: str, digest: str) -> Standing:
        """A new comment that can be told from everybody else's from the instant at which it is there."""

    def look(self, item: WorkItem) -> Sequence[Standing]:
        """Every comment of ours in a ticket, oldest first."""

    def read(self, item: WorkItem, comment: str) -> Standing | None:
        """One comment of ours by its id; None when it was removed though its ticket is there."""

    def edit(self, item: WorkItem, comment: str, message: Message, *, marker: str, digest: str) -> Standing:
        """Another text in its place, without a notification where the tracker can; `marker` as it was posted."""

    def remove(self, item: WorkItem, comment: str) -> None:
        """Take a comment away; one that is gone already is no error."""

    def remarks(self, item: WorkItem) -> Sequence[Remark]:
        """Every comment that begins with `/filrouge`, oldest first, but for ours; of no other comment is anything told.

        A comment that only a group or a role may see counts like any other: who may see a ticket may answer there.
        """

    def holds(self, item: WorkItem, author: str, roles: Collection[str]) -> bool:
        """Whether an account (`author` of a remark) has one of these roles in the item's project, ignoring case.

        Asked at most once per project and role for the life of the commenter. A role that the project does not have
        holds nobody. ConfigurationError where the tracker does not let us read who has one.
        """


@runtime_checkable
class Commentable(Protocol):
    """A tracker in whose tickets comments can be written; nothing is sent until its commenter is used."""

    def commenter(self) -> Commenter:
        """What writes there; it shares the tracker's connections and limits."""


@dataclass(frozen=True, slots=True)
class Labels:
    """The labels (tags) of a ticket as it is now; `stamp` changes with every change of it where the tracker tells."""

    names: Sequence[str]
    stamp: str | None = None


class Marker(Protocol):
    """Sets and removes labels and a property of ours on the tickets of one source, each write as often as one likes.

    Errors as in `Commenter`: after ItemError or ProtocolError nothing was written, after any other it is not known.
    """

    def labels(self, item: WorkItem) -> Labels:
        """The labels that a ticket has now."""

    def change_labels(self, item: WorkItem, seen: Labels, add: Sequence[str], remove: Sequence[str]) -> bool:
        """Add and remove labels and leave all others alone; False when the ticket changed since it was `seen`."""

    def set_property(self, item: WorkItem, value: Mapping[str, Any] | None) -> None:
        """Give the ticket the property `filrouge`, or (None) take it away; no error where it is gone already.

        ItemError where the tracker has no properties.
        """


@runtime_checkable
class Markable(Protocol):
    """A tracker on whose tickets marks can be set; nothing is sent until its marker is used."""

    def marker(self) -> Marker:
        """What sets them; it shares the tracker's connections and limits."""
