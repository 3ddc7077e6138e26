"""The made-up company's nine months of work, generated from one seed, in no tracker's words yet."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from demo.plot import (
    BUGS_SHARE,
    DELIVERED_A_WEEK,
    DRIFT_BEGINS,
    EPICS_AT_A_TIME,
    THEMES,
    WEEKS,
    WHIM,
    Theme,
    shares,
)
from demo.titles import BUGS, EPICS, STEPS, SUBTASKS

ZONE = ZoneInfo("Europe/Paris")
SEED = 10
POINTS = (1.0, 2.0, 3.0, 5.0, 8.0)
PEOPLE_PER_TEAM = 6


class Move(NamedTuple):
    """The piece entered a stage (`todo`, `doing`, `review`, `done` or `dropped`) at an instant."""

    at: datetime
    stage: str


@dataclass(eq=False)
class Piece:
    """One work item: `kind` is epic, story, bug or subtask; `number` is its place in its project, from 1."""

    theme: Theme
    kind: str
    title: str
    created: datetime
    parent: Piece | None = None
    points: float | None = None
    person: int | None = None
    number: int = 0
    moves: list[Move] = field(default_factory=list)
    labelled_at: datetime | None = None  # when its labels were set, if not at creation

    @property
    def stage(self) -> str:
        return self.moves[-1].stage if self.moves else "todo"

    @property
    def touched(self) -> datetime:
        return max([self.created, *(move.at for move in self.moves), *filter(None, [self.labelled_at])])


def monday_of(today: date) -> date:
    """The Monday of the running week: the story ends on the Sunday before it."""
    return today - timedelta(days=today.weekday())


def _to_utc(piece: Piece) -> None:
    """Turn a piece's local times into instants."""

    def instant(local: datetime) -> datetime:
        return local.replace(tzinfo=ZONE).astimezone(UTC)

    piece.created = instant(piece.created)
    piece.moves = [Move(instant(move.at), move.stage) for move in piece.moves]
    piece.labelled_at = instant(piece.labelled_at) if piece.labelled_at else None


@dataclass
class _Epic:
    piece: Piece
    left: int
    steps: Iterator[str]


class Company:
    """All pieces, oldest first, numbered within their projects.

    `today` (a local date) places the story: its last week is the one that is over. The same seed and date give the
    same company; another date gives the same one, moved by whole weeks.
    """

    def __init__(self, today: date, seed: int = SEED) -> None:
        self.monday = monday_of(today)
        self.start = self.monday - timedelta(weeks=WEEKS)
        self._random = random.Random(seed)  # noqa: S311 # a story needs no secrecy, it needs a seed
        self._pieces: list[Piece] = []
        self._running: list[_Epic] = []
        self._paused: list[_Epic] = []
        self._named: dict[str, int] = {theme.name: 0 for theme in THEMES}
        for week in range(WEEKS):
            self._live(week)
        self._plant()
        self.pieces = sorted(self._pieces, key=lambda piece: (piece.created, piece.title))
        for piece in self.pieces:
            _to_utc(piece)
        counts: dict[str, int] = {}
        for piece in self.pieces:
            counts[piece.theme.project] = piece.number = counts.get(piece.theme.project, 0) + 1

    def _local(self, week: int, weekday: int, minutes: int) -> datetime:
        """The local time on a day of a week (0 is Monday), that many minutes after 08:30.

        The story is made in local time, so that a clock change moves nothing when it is told on another date.
        """
        day = self.start + timedelta(weeks=week, days=weekday)
        return datetime.combine(day, time(8, 30)) + timedelta(minutes=minutes)

    def _live(self, week: int) -> None:
        if week == DRIFT_BEGINS:
            self._turn_away()
        for _ in range(self._random.randint(DELIVERED_A_WEEK - 3, DELIVERED_A_WEEK + 3)):
            self._deliver(week)
        if week % 3 == 1:
            self._drop(week)

    def _turn_away(self) -> None:
        """The people of the delivery promise are needed elsewhere: its epics rest, all but one that is nearly done."""
        promise = [epic for epic in self._running if epic.piece.theme.name == "promise"]
        self._paused = sorted(promise, key=lambda epic: epic.left)[1:]
        self._running = [epic for epic in self._running if epic not in self._paused]

    def _deliver(self, week: int) -> None:
        if self._random.random() < BUGS_SHARE:
            theme = self._random.choice([theme for theme in THEMES if theme.bugs])
            piece = self._piece(theme, "bug", self._random.choice(BUGS), None)
        else:
            epic = self._running_epic(week)
            piece = self._piece(epic.piece.theme, "story", next(epic.steps), epic.piece)
            epic.left -= 1
        done = self._moment(week)
        self._walk(piece, done)
        if self._random.random() < 0.05:  # reopened, and done again a few hours later
            again = done + timedelta(hours=2)
            piece.moves += [Move(done + timedelta(minutes=50), "doing"), Move(again, "done")]
        if piece.kind == "story" and self._random.random() < 0.08:
            self._subtasks(piece)

    def _moment(self, week: int) -> datetime:
        return self._local(week, self._random.randrange(5), self._random.randrange(480))

    def _walk(self, piece: Piece, done: datetime) -> None:
        """From creation to done: doing for two to twelve days, the last of them in review."""
        doing = done - timedelta(days=self._random.randint(2, 12), minutes=self._random.randrange(200))
        piece.created = doing - timedelta(days=self._random.randint(1, 40), minutes=self._random.randrange(400))
        review = done - timedelta(hours=self._random.randint(3, 30))
        piece.moves = [
            Move(doing, "doing"),
            Move(max(review, doing + timedelta(hours=1)), "review"),
            Move(done, "done"),
        ]
        if piece.theme.labels and self._random.random() < 0.3:
            piece.labelled_at = piece.created + timedelta(hours=self._random.randint(1, 20))

    def _running_epic(self, week: int) -> _Epic:
        for epic in [epic for epic in self._running if epic.left == 0]:
            self._running.remove(epic)
            last = max(piece.moves[-1].at for piece in self._pieces if piece.parent is epic.piece)
            epic.piece.moves.append(Move(last + timedelta(hours=3), "done"))
        spread = shares(week)
        while len(self._running) < EPICS_AT_A_TIME:
            alive = Counter(epic.piece.theme.name for epic in self._running)
            # The theme that is furthest from its share comes next, with some of the chance that real plans have.
            wants = {name: EPICS_AT_A_TIME * share - alive[name] for name, share in spread.items()}
            name = max(wants, key=lambda name: wants[name] + self._random.gauss(0, WHIM) - 99 * (spread[name] == 0))
            self._running.append(self._new_epic(next(theme for theme in THEMES if theme.name == name), week))
        return self._random.choice(self._running)

    def _new_epic(self, theme: Theme, week: int) -> _Epic:
        titles = EPICS[theme.name]
        number = self._named[theme.name]
        self._named[theme.name] += 1
        turn, place = divmod(number, len(titles))
        title = titles[place] + (f" ({turn + 1})" if turn else "")
        piece = self._piece(theme, "epic", title, None)
        piece.created = self._local(week - self._random.randint(8, 12), self._random.randrange(5), 60)
        piece.moves = [Move(self._local(week - 3, self._random.randrange(5), 90), "doing")]
        steps = list(STEPS)
        self._random.shuffle(steps)
        return _Epic(piece, self._random.randint(3, 9), iter(steps))

    def _piece(self, theme: Theme, kind: str, title: str, parent: Piece | None) -> Piece:
        estimated = kind in {"story", "bug"} and self._random.random() < 0.85
        piece = Piece(
            theme,
            kind,
            title,
            created=self._local(0, 0, 0),
            parent=parent,
            points=self._random.choice(POINTS) if estimated else None,
            person=self._random.randrange(PEOPLE_PER_TEAM),
        )
        self._pieces.append(piece)
        return piece

    def _subtasks(self, story: Piece) -> None:
        for title in SUBTASKS[: self._random.randint(1, 3)]:
            piece = self._piece(story.theme, "subtask", title, story)
            piece.created = story.created + timedelta(hours=1)
            piece.moves = [Move(story.moves[0].at, "doing"), Move(story.moves[1].at, "done")]

    def _drop(self, week: int) -> None:
        """Now and then something is given up."""
        for epic in self._random.sample(self._running, 3):
            piece = self._piece(epic.piece.theme, "story", f"{self._random.choice(STEPS)} (v0)", epic.piece)
            given_up = self._moment(week)
            piece.created = given_up - timedelta(days=self._random.randint(10, 30))
            piece.moves = [Move(given_up, "dropped")]

    def _plant(self) -> None:
        """What is open at the end, and the single facts that the report is to find."""
        last = WEEKS - 1
        for epic in [*self._running, *self._paused]:
            for _ in range(max(epic.left, 1)):
                piece = self._piece(epic.piece.theme, "story", next(epic.steps), epic.piece)
                piece.created = self._local(last - self._random.randint(3, 6), 1, self._random.randrange(480))
                if epic not in self._paused and self._random.random() < 0.5:
                    piece.moves = [Move(self._moment(last), "doing")]
        # An epic closed with work still open below it: somebody tidied the board.
        closed = next(epic.piece for epic in self._running if epic.piece.theme.name == "checkout")
        closed.moves.append(Move(self._local(last, 3, 400), "done"))
