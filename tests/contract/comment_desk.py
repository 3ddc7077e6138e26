"""The outbox of one world: texts that are given by hand, the real command's steps, and faults on the way."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import count
from threading import Event
from typing import Any, TypeVar

from config.settings import CommentBudget, Comments, Source
from config.workspace import Workspace
from connectors.port import Commentable, Commenter, Remark, Standing, Tracker
from demo.trackers.faults import DropAfter, DropBefore, Html, TooManyRequests, Truncated, Unavailable
from demo.trackers.http import Exchange, Fault
from domain.message import Block, Message, Piece
from domain.work import WorkItem
from store.kept import StoredComment
from sync.drafts import Draft
from sync.intent import Intent, plan
from sync.outbox import post, require_approved, withdraw
from sync.writer import OutboxRun
from tests.contract.harness import SOURCE
from tests.contract.world import World

T = TypeVar("T")
WRITES = {"POST", "PUT", "PATCH", "DELETE"}
# What may happen to a write on its way, a lost answer more often than anything else.
FAULTS: Sequence[Fault] = (
    DropAfter(),
    DropAfter(),
    DropBefore(),
    TooManyRequests("3"),
    Truncated(0.5),
    Unavailable(502),
    Html(),
)
MUCH = CommentBudget(per_run=100_000, per_item_per_week=100_000)


class Killed(BaseException):
    """The process ends here."""


def message(text: str) -> Message:
    return Message([Block([Piece(text)])])


class Killing:
    """A commenter that is killed just before a write is sent, or just after it arrived."""

    def __init__(self, inner: Commenter, before: Callable[[], None], after: Callable[[], None]) -> None:
        self._inner, self._before, self._after = inner, before, after

    @property
    def requests(self) -> int:
        return self._inner.requests

    def post(self, item: WorkItem, message: Message, **marks: Any) -> Standing:
        return self._write(lambda: self._inner.post(item, message, **marks))

    def edit(self, item: WorkItem, comment: str, message: Message, **marks: Any) -> Standing:
        return self._write(lambda: self._inner.edit(item, comment, message, **marks))

    def remove(self, item: WorkItem, comment: str) -> None:
        self._write(lambda: self._inner.remove(item, comment))

    def look(self, item: WorkItem) -> Sequence[Standing]:
        return self._inner.look(item)

    def read(self, item: WorkItem, comment: str) -> Standing | None:
        return self._inner.read(item, comment)

    def remarks(self, item: WorkItem) -> Sequence[Remark]:
        return self._inner.remarks(item)

    def holds(self, item: WorkItem, author: str, roles: Collection[str]) -> bool:
        return self._inner.holds(item, author, roles)

    def _write(self, act: Callable[[], T]) -> T:
        self._before()
        done = act()
        self._after()
        return done


class KillingTracker:
    """Wraps a tracker as far as the outbox knows it."""

    def __init__(self, inner: Tracker, before: Callable[[], None], after: Callable[[], None]) -> None:
        self._inner, self._before, self._after = inner, before, after

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def commenter(self) -> Commenter:
        assert isinstance(self._inner, Commentable)
        return Killing(self._inner.commenter(), self._before, self._after)


def _nothing() -> None:
    """Nobody is killed."""


@dataclass
class Desk:
    """Says what each ticket shall say (`texts`, by id) and runs the outbox; `settings` are those of comments."""

    world: World
    texts: dict[str, str] = field(default_factory=dict)
    settings: Comments = field(default_factory=lambda: Comments(enabled=True, levels=(0, 1), budget=MUCH))
    before: Callable[[], None] = _nothing
    after: Callable[[], None] = _nothing
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def __post_init__(self) -> None:
        if not self.settings.projects:
            projects = self.world.harness.projects
            self.settings = self.settings.model_copy(update={"projects": projects})

    @property
    def workspace(self) -> Workspace:
        settings = self.world.workspace.settings.model_copy(update={"comments": self.settings})
        return replace(self.world.workspace, settings=settings)

    def drafts(self) -> list[Draft]:
        items = self.world.items()
        return [Draft(items[one], message(text), "rule first") for one, text in self.texts.items() if one in items]

    def plan(self, *, approved: bool = True) -> list[Intent]:
        return plan(
            self.workspace, self.world.store, self.world.clock.now(), self.drafts(), approved=approved, muted=True
        )

    def post(self, *, approved: bool = True) -> OutboxRun | None:
        """One run of the outbox; None when there was nothing to do."""
        drafts = self.drafts()
        if not approved:
            require_approved(self.workspace, self.world.store, drafts, self.world.clock.now())
        runs = post(
            self.workspace,
            self.world.store,
            drafts,
            self.connect,
            clock=self.world.clock,
            token=self.token,
            approved=approved,
            stop=Event(),
        )
        return runs[0] if runs else None

    def withdraw(self, project: str | None = None) -> OutboxRun | None:
        """One withdrawal; None when there was nothing of ours."""
        runs = withdraw(
            self.workspace,
            self.world.store,
            self.connect,
            clock=self.world.clock,
            token=self.token,
            project=project,
            stop=Event(),
        )
        return runs[0] if runs else None

    def connect(self, source: Source) -> Tracker:
        return KillingTracker(self.world.connect(source), self.before, self.after)

    def token(self) -> str:
        return f"{next(self.numbers):032x}"

    def comments(self) -> Mapping[str, StoredComment]:
        """What the store knows, by id of the item."""
        with self.world.store.reading() as reader:
            return {ref.id: one for ref, one in reader.comments(SOURCE).items()}

    def said(self) -> dict[str, list[str]]:
        """What stands in each ticket that shall say something."""
        return {one: list(self.world.harness.said(one)) for one in self.texts}

    def check(self) -> None:
        """Exactly one comment in each ticket, and it says what it shall."""
        for one, texts in self.said().items():
            assert len(texts) == 1, (one, texts)
            assert self.texts[one] in texts[0]

    @contextmanager
    def watched(self) -> Iterator[list[Exchange]]:
        """The exchanges that came while the block lasted."""
        since = len(self.world.exchanges)
        seen: list[Exchange] = []
        yield seen
        seen += self.world.exchanges[since:]


def writes(exchanges: Sequence[Exchange]) -> list[Exchange]:
    """Those that change a comment."""
    return [one for one in exchanges if one.method in WRITES and "/comment" in one.path.lower()]
