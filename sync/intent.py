"""What would be written into which ticket now, why, and what holds it back: decided from the store alone."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Literal, Protocol
from zoneinfo import ZoneInfo

from config.settings import Comments
from config.times import quiet_hours
from config.workspace import Workspace
from domain.message import Message
from domain.work import OPEN, ItemRef, WorkItem
from reports.comment import MUTE, is_muted
from store.kept import UNCLEAR, Purpose, StoredComment, StoredWrite, WriteState
from store.open import Store
from store.queries import Reader
from sync.allowed import forbidden
from sync.drafts import Draft

WEEK = timedelta(days=7)
MOST_IGNORED = 2  # reminders without an effect, after which a ticket is left in peace

REFUSED: tuple[WriteState, ...] = ("refused",)

Action = Literal["new", "edit", "none", "left alone"]
LEFT: Mapping[str, str] = {"edited": "a person edited our comment", "deleted": "a person deleted our comment"}


@dataclass(frozen=True, slots=True)
class Intent:
    """What one ticket needs. `held` says what keeps it from being written now; None: nothing, or nothing to write.

    `message` is what the comment should say (None for a muted ticket), `body` its visible text, `digest` that of it.
    """

    item: WorkItem
    action: Action
    why: str
    held: str | None
    message: Message | None = None
    comment: StoredComment | None = None
    purpose: Purpose = "tells"

    @property
    def writes(self) -> bool:
        """Whether it would be written now."""
        return self.action in ("new", "edit") and self.held is None

    @property
    def body(self) -> str:
        return "" if self.message is None else self.message.plain()

    @property
    def digest(self) -> str:
        return digest_of(self.body)

    @property
    def before(self) -> str | None:
        """The visible text that stands there now, as we left it; None where nothing does or it is not known."""
        stands = self.comment is not None and self.comment.state == "standing"
        return self.comment.body if self.comment is not None and stands else None


def digest_of(body: str) -> str:
    """What tells one visible text from another."""
    return hashlib.blake2b(body.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def plan(
    workspace: Workspace,
    store: Store,
    now: datetime,
    drafts: Iterable[Draft],
    *,
    budget: int | None = None,
    approved: bool = False,
    muted: bool = False,
) -> list[Intent]:
    """An intent for every draft, in their order, and with `muted` for every ticket that its team has muted.

    `budget` is how many writes this run has left (None: as configured); `approved`: the admin has agreed to the first
    comments in a project. Where no text is wanted, no draft has an intent. Reads the store and nothing else.
    """
    settings = workspace.settings.comments
    quiet = quiet_until(settings, workspace.zone, now)
    left = settings.budget.per_run if budget is None else budget
    with store.reading() as reader:
        known = _Known.read(reader, now)
        silent = (
            {item.ref: item for item in reader.items() if is_muted(item.labels) and item.state in OPEN} if muted else {}
        )
    intents: list[Intent] = []
    for draft in drafts if settings.text else ():
        silent.pop(draft.item.ref, None)
        item, stands = draft.item, known.comments.get(draft.item.ref)
        digest = digest_of(draft.message.plain())
        action, held = _action(stands, digest)
        purpose = "answers" if _is_asked(draft, stands) else draft.purpose
        if action in ("new", "edit"):
            held = forbidden(item, settings) or known.holds(item.ref, digest, settings, draft, purpose)
            if held is None and not approved and (item.source, item.project) not in known.projects:
                held = f"the first comments in {item.project} need --yes"
            held = held or quiet
            if held is None and left <= 0:
                held = f"the budget of a run ({settings.budget.per_run}) is used up"
            if held is None:
                left -= 1
        intents.append(Intent(item, action, draft.why, held, draft.message, stands, purpose))
    intents += [
        Intent(item, "none", "a label", f"muted by the label {MUTE}", None, known.comments.get(ref))
        for ref, item in sorted(silent.items())
        if item.project.casefold() in {name.casefold() for name in settings.projects}
    ]
    return intents


class Planned(Protocol):
    """What is planned for one ticket."""

    @property
    def item(self) -> WorkItem: ...

    @property
    def writes(self) -> bool:
        """Whether it would be done now."""


def first_projects(intents: Iterable[Planned], store: Store) -> dict[tuple[str, str], int]:
    """Source and project of those intents that would be the first there, and how many tickets they reach."""
    with store.reading() as reader:
        known = reader.written_projects()
    reached = {one.item.ref: (one.item.source, one.item.project) for one in intents if one.writes}
    return dict(Counter(place for place in reached.values() if place not in known))


def quiet_until(settings: Comments, zone: ZoneInfo, now: datetime) -> str | None:
    """What to say within the quiet hours of the organisation's zone; None outside them.

    The hours are those that a clock on the wall shows, so a night in which clocks change is as quiet as any other.
    """
    if settings.quiet_hours is None:
        return None
    start, end = quiet_hours(settings.quiet_hours)
    here = now.astimezone(zone).time().replace(tzinfo=None)
    within = start <= here < end if start < end else here >= start or here < end
    return f"quiet hours until {_clock(end)}" if within else None


def _clock(at: time) -> str:
    return at.strftime("%H:%M")


def _is_asked(draft: Draft, stands: StoredComment | None) -> bool:
    """Whether somebody waits for an answer that does not stand there yet."""
    written = None if stands is None else stands.edited_at or stands.posted_at
    return draft.asked_at is not None and (written is None or written < draft.asked_at)


def _action(stands: StoredComment | None, digest: str) -> tuple[Action, str | None]:
    if stands is None or stands.state == "withdrawn":
        return "new", None
    if stands.state != "standing":
        return "left alone", LEFT[stands.state]
    return ("none" if stands.digest == digest else "edit"), None


@dataclass(frozen=True)
class _Known:
    """What the store says of comments and writes."""

    comments: Mapping[ItemRef, StoredComment]
    projects: set[tuple[str, str]]
    unclear: set[ItemRef]
    refused: Mapping[ItemRef, StoredWrite]
    spent: Mapping[ItemRef, int]
    ignored: Mapping[ItemRef, int]

    @classmethod
    def read(cls, reader: Reader, now: datetime) -> _Known:
        return cls(
            comments=reader.comments(),
            projects=reader.written_projects(),
            unclear={one.ref for one in reader.writes(UNCLEAR)},
            refused={one.ref: one for one in reader.writes(REFUSED, since=now - WEEK)},
            spent=reader.writes_since(now - WEEK),
            ignored=reader.ignored(),
        )

    def holds(self, ref: ItemRef, digest: str, settings: Comments, draft: Draft, purpose: Purpose) -> str | None:
        refusal = self.refused.get(ref)
        if ref in self.unclear:
            return "an earlier write had no answer; the next post looks first"
        if refusal is not None and refusal.digest == digest:
            return f"the tracker refused it: {refusal.problem}"
        if purpose == "answers":
            return None  # somebody asked: this is no interruption
        return draft.silence or self._spent(ref, settings, purpose)

    def _spent(self, ref: ItemRef, settings: Comments, purpose: Purpose) -> str | None:
        if purpose == "asks" and self.ignored.get(ref, 0) >= MOST_IGNORED:
            return f"{MOST_IGNORED} comments there were ignored"
        if self.spent.get(ref, 0) >= settings.budget.per_item_per_week:
            return f"the budget of a ticket ({settings.budget.per_item_per_week} a week) is used up"
        return None
