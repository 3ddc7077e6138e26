"""Writing into the tickets of one source: a row of the outbox first, then the tracker, then what came of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from threading import Event

import structlog

from config.workspace import Workspace
from connectors.port import Commenter, Standing
from domain.clock import Clock
from domain.errors import (
    BudgetError,
    ConfigurationError,
    CredentialsError,
    FilrougeError,
    ItemError,
    LeaseError,
    ProtocolError,
    StoreError,
)
from domain.message import Message
from domain.work import WorkItem
from store.kept import UNCLEAR, CommentState, Fence, Outcome, StoredComment, StoredWrite, WriteAction, WriteState
from store.open import Store
from sync.drafts import Draft
from sync.intent import Intent, plan, quiet_until
from sync.listen import Listener
from sync.turn import Taken

log = structlog.get_logger("outbox")

# A write that had no answer may still be on its way in the tracker for so long; nothing is posted there until then.
SETTLED = timedelta(minutes=10)
WRITTEN = ("posted", "edited", "removed", "adopted", "marked", "unmarked")
FAILURES = 3  # in a row, after which a source is left for the next run

Token = Callable[[], str]  # a word of hexadecimal digits that was never given before


@dataclass
class OutboxRun:
    """What one run of the outbox did in one source.

    `counts` are of posted, edited, removed, adopted (a comment of ours that the store did not know), marked and
    unmarked (marks set and removed), left (a person changed or deleted it, noticed now), unclear, refused and held;
    besides of tickets whose marks were looked at.
    """

    source: str
    outcome: Outcome = "ok"
    counts: Counter[str] = field(default_factory=Counter)
    requests: int = 0
    problems: list[str] = field(default_factory=list)
    error: FilrougeError | None = None
    taken: Taken | None = None

    def summary(self) -> dict[str, object]:
        """The run as it is kept in the store and printed as JSON."""
        words = (*WRITTEN, "left", "unclear", "refused", "held")
        counted = {word: self.counts[word] for word in words}
        problem = self.problems[0] if self.problems else None
        return {
            "source": self.source,
            "outcome": self.outcome,
            **counted,
            "requests": self.requests,
            "problem": problem,
        }

    def sentence(self) -> str:
        """The run in one sentence for people."""
        if self.taken is not None:
            return f"{self.source}: skipped, since {self.taken.sentence()}."
        told = [f"{self.counts[word]:,} {word}" for word in WRITTEN]
        said = ", ".join(part for part in told if not part.startswith("0 ")) or "nothing to write"
        extras = {
            "left": "left alone, since a person set, changed or deleted it",
            "unclear": "without an answer: the next run looks first",
            "refused": "refused by the tracker",
            "held": "held back",
        }
        more = "".join(f"; {self.counts[word]:,} {text}" for word, text in extras.items() if self.counts[word])
        return f"{self.source}: {said}{more}."


@dataclass
class Writer:
    """One source, in our turn."""

    source: str
    commenter: Commenter
    store: Store
    clock: Clock
    token: Token
    fence: Fence
    result: OutboxRun
    failures: int = 0

    def post(self, workspace: Workspace, drafts: Sequence[Draft], budget: int, stop: Event, *, approved: bool) -> None:
        self._clear_up()
        commands = workspace.settings.comments.commands
        listener = Listener(self.commenter, self.store, self.clock, commands) if commands is not None else None
        # Only now: what was cleared up, and what another process did before our turn, counts.
        intents = plan(workspace, self.store, self.clock.now(), drafts, budget=budget, approved=approved)
        self.result.counts["held"] += sum(
            1 for one in intents if one.action in ("new", "edit") and one.held is not None
        )
        for intent in intents:
            if not intent.writes:
                continue
            if stop.is_set() or quiet_until(workspace.settings.comments, workspace.zone, self.clock.now()):
                self.result.outcome = "interrupted"
                return
            with self.attempt(intent.item):
                written = self._edit(intent) if intent.action == "edit" else self._post(intent)
                if written is not None and listener is not None:
                    # What was answered before our write would be hidden behind it at the next pull.
                    listener.hear(intent.item, max(intent.item.updated_at, written))

    def withdraw(self, project: str | None, stop: Event) -> None:
        self._clear_up()
        with self.store.reading() as reader:
            unclear = {one.ref for one in reader.writes(UNCLEAR, source=self.source)}
            comments = reader.comments(self.source)
            items = reader.items_of(comments)
        for ref, comment in comments.items():
            item = items.get(ref)
            if item is None or comment.state != "standing" or ref in unclear or not is_of(item, project):
                continue
            if stop.is_set():
                self.result.outcome = "interrupted"
                return
            with self.attempt(item):
                self._remove(item, comment)

    def _clear_up(self) -> None:
        """Find out what became of each write that had no answer."""
        with self.store.reading() as reader:
            writes = reader.writes(UNCLEAR, source=self.source)
            items = reader.items_of({one.ref for one in writes}, deleted=True)
            comments = reader.comments(self.source)
        for write in writes:
            with self.attempt(items[write.ref]):
                if not self._settle(write, items[write.ref], comments.get(write.ref)):
                    self.result.counts["unclear"] += 1

    def _settle(self, write: StoredWrite, item: WorkItem, comment: StoredComment | None) -> bool:
        """Whether it is known now what became of a write."""
        if item.deleted is not None:
            self._end(write.number, "void", problem="the ticket was deleted")
        elif write.action == "post":
            return self._settle_post(write, item)
        elif comment is None:
            self._end(write.number, "void", problem="there is no comment of ours to change")
        elif write.action == "edit":
            stands = self.commenter.read(item, comment.comment)
            if stands is not None and stands.stamp != comment.stamp and stands.last_by_us:
                self._sent(write, replace(comment, digest=write.digest, body=write.body, stamp=stands.stamp), "edited")
            elif stands is not None and stands.stamp == comment.stamp:
                self._end(write.number, "void", problem="it never arrived")
            else:
                self._leave(comment, "deleted" if stands is None else "edited", write.number)
        elif self.commenter.read(item, comment.comment) is None:
            self._sent(write, replace(comment, state="withdrawn"), "removed")
        else:
            self._end(write.number, "void", problem="it never arrived")
        return True

    def _settle_post(self, write: StoredWrite, item: WorkItem) -> bool:
        found = self.commenter.look(item)
        if found:
            stays = self._only(item, found)
            mine = stays.marker == write.marker
            self._adopt(item, stays, write=write if mine else None)
            if not mine:
                self._end(write.number, "void", problem="another comment of ours stands there")
        elif write.tried_at is None or self.clock.now() >= write.tried_at + SETTLED:
            self._end(write.number, "void", problem="it never arrived")
        else:
            self._end(write.number, "unclear", problem=write.problem)
            return False
        return True

    def _post(self, intent: Intent) -> datetime | None:
        """Write a first comment; the tracker's instant of it, or of the one that was there already."""
        item, now = intent.item, self.clock.now()
        # A store that was lost or put back from a copy does not know what stands there.
        found = self.commenter.look(item)
        if found:
            stays = self._only(item, found)
            self._adopt(item, stays)
            return stays.at
        marker = self.token()
        number = self._begin(intent, "post", marker)
        with self._sending(number, item):
            stands = self.commenter.post(item, _message(intent), marker=marker, digest=intent.digest)
            new = StoredComment(
                item.ref, stands.comment, marker, intent.digest, "standing", now, None, stands.stamp, intent.body
            )
            self._record_post(number, item, new)
            return stands.at
        return None

    def _edit(self, intent: Intent) -> datetime | None:
        """Put another text in the place of ours; the tracker's instant of it, None where it was not done."""
        comment = intent.comment
        assert comment is not None, "only what stands is edited"
        if not self._is_untouched(intent.item, comment):
            return None
        number = self._begin(intent, "edit", self.token())
        with self._sending(number, intent.item):
            stands = self.commenter.edit(
                intent.item,
                comment.comment,
                _message(intent),
                marker=comment.marker,
                digest=intent.digest,
            )
            new = replace(
                comment, digest=intent.digest, body=intent.body, stamp=stands.stamp, edited_at=self.clock.now()
            )
            self._record(number, new, "edited")
            return stands.at
        return None

    def _remove(self, item: WorkItem, comment: StoredComment) -> None:
        if not self._is_untouched(item, comment):
            return
        with self.store.writing() as unit:
            number = unit.begin_write(
                item.ref,
                "remove",
                self.fence,
                marker=self.token(),
                body="",
                digest="",
                why="withdrawn",
                purpose="tells",
                at=self.clock.now(),
            )
        with self._sending(number, item):
            self.commenter.remove(item, comment.comment)
            self._record(number, replace(comment, state="withdrawn"), "removed")

    def _is_untouched(self, item: WorkItem, comment: StoredComment) -> bool:
        """Whether the comment stands as we left it; one that a person changed or deleted is left alone for ever."""
        stands = self.commenter.read(item, comment.comment)
        if stands is not None and stands.stamp == comment.stamp:
            return True
        self._leave(comment, "deleted" if stands is None else "edited")
        return False

    def _begin(self, intent: Intent, action: WriteAction, marker: str) -> int:
        with self.store.writing() as unit:
            return unit.begin_write(
                intent.item.ref,
                action,
                self.fence,
                marker=marker,
                body=intent.body,
                digest=intent.digest,
                why=intent.why,
                purpose=intent.purpose,
                at=self.clock.now(),
            )

    @contextmanager
    def _sending(self, number: int, item: WorkItem) -> Iterator[None]:
        """While a write is under way: what comes of it when the tracker refuses it, or when no answer comes."""
        try:
            yield
        except (LeaseError, StoreError):
            raise
        except (ItemError, ProtocolError) as error:
            self._end(number, "refused", problem=str(error))
            self.result.counts["refused"] += 1
            self.result.problems.append(str(error))
            log.info("outbox.refused", source=self.source, item=item.key)
        except FilrougeError as error:
            self._end(number, "unclear", problem=str(error))
            self.result.counts["unclear"] += 1
            raise

    @contextmanager
    def attempt(self, item: WorkItem) -> Iterator[None]:
        """One ticket; a failure is told and the next one goes on, unless it says that no other will fare better."""
        try:
            yield
        except (CredentialsError, BudgetError, LeaseError, StoreError, ConfigurationError):
            raise
        except FilrougeError as error:
            log.info("outbox.failed", source=self.source, item=item.key)
            self.result.problems.append(str(error))
            self.failures += 1
            if self.failures >= FAILURES:
                raise
        else:
            self.failures = 0

    def _record(self, number: int, comment: StoredComment, word: str) -> None:
        with self.store.writing() as unit:
            unit.end_write(number, "sent", self.clock.now())
            unit.keep_comment(comment)
        self.result.counts[word] += 1

    def _record_post(self, number: int, item: WorkItem, comment: StoredComment) -> None:
        try:
            with self.store.writing() as unit:
                unit.check_lease(self.fence)
                unit.end_write(number, "sent", self.clock.now())
                unit.keep_comment(comment)
        except LeaseError:
            # We were held up before the write, and who took over could not know of it.
            self._only(item, self.commenter.look(item))
            raise
        self.result.counts["posted"] += 1

    def _only(self, item: WorkItem, found: Sequence[Standing]) -> Standing:
        """The one of ours that stays: the one that the store knows, else the oldest; others of ours are taken away."""
        with self.store.reading() as reader:
            known = reader.comments(self.source).get(item.ref)
        stays = next((one for one in found if known is not None and one.comment == known.comment), found[0])
        for one in found:
            if one is not stays and one.last_by_us:
                self.commenter.remove(item, one.comment)
        return stays

    def _sent(self, write: StoredWrite, comment: StoredComment, word: str) -> None:
        self._record(write.number, replace(comment, edited_at=write.tried_at), word)

    def _adopt(self, item: WorkItem, stands: Standing, write: StoredWrite | None = None) -> None:
        """Keep a comment of ours that the store did not know; one that a person changed since is left alone."""
        at = (write.tried_at if write else None) or self.clock.now()
        state: CommentState = "standing" if stands.last_by_us else "edited"
        digest = write.digest if write else stands.digest or ""
        body = write.body if write else None
        marker = stands.marker or (write.marker if write else "")
        new = StoredComment(item.ref, stands.comment, marker, digest, state, at, None, stands.stamp, body)
        with self.store.writing() as unit:
            unit.keep_comment(new)
            if write is not None:
                unit.end_write(write.number, "sent", self.clock.now())
        self.result.counts["adopted" if stands.last_by_us else "left"] += 1

    def _leave(self, comment: StoredComment, state: CommentState, write: int | None = None) -> None:
        with self.store.writing() as unit:
            unit.keep_comment(replace(comment, state=state))
            if write is not None:
                unit.end_write(write, "void", self.clock.now(), "a person changed or deleted our comment")
        self.result.counts["left"] += 1

    def _end(self, number: int, state: WriteState, *, problem: str | None) -> None:
        with self.store.writing() as unit:
            unit.end_write(number, state, self.clock.now(), problem)


def _message(intent: Intent) -> Message:
    assert intent.message is not None, "what is written has a text"
    return intent.message


def is_of(item: WorkItem, project: str | None) -> bool:
    """Whether an item is of a project, ignoring case; None is every project."""
    return project is None or item.project.casefold() == project.casefold()
