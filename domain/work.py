"""The work item and its history, in the same words for every tracker."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple


class State(StrEnum):
    """Where a work item stands, whatever its tracker calls the status."""

    TODO = "todo"
    DOING = "doing"
    DONE = "done"
    DROPPED = "dropped"


OPEN = (State.TODO, State.DOING)


class ItemRef(NamedTuple):
    """Identity of a work item: the source's id and the tracker's own immutable id (text).

    A key is not an identity: a move between Jira projects changes it.
    """

    source: str
    id: str


SUBTASK, STORY, EPIC, INITIATIVE = -1, 0, 1, 2
LEVEL_WORDS: Mapping[str, int] = {"subtask": SUBTASK, "story": STORY, "epic": EPIC, "initiative": INITIATIVE}


def level_word(level: int) -> str:
    """What a level is called: 2 and above is an initiative, -1 and below a sub-task."""
    return next(word for word, number in LEVEL_WORDS.items() if number == min(max(level, SUBTASK), INITIATIVE))


# Value of a field in a transition: text, number, a sorted list of texts, or nothing.
FieldValue = str | float | tuple[str, ...] | None

# The fields whose history is kept (INTERFACE, Data out).
HISTORY_FIELDS: tuple[str, ...] = (
    "state",
    "status",
    "points",
    "parent",
    "type",
    "labels",
    "components",
    "team",
    "area_path",
    "iteration",
    "project",
    "title",
    "priority",
    "fix_versions",
    "assignee",
    "sprint",
    "deleted",
)


@dataclass(frozen=True, slots=True)
class Transition:
    """One change of one field of one work item.

    `at` is UTC and aware. `before` and `after` are field values in the form the work item itself uses
    (a state as its word, points as a number, labels, components and fix versions as sorted tuples, a parent
    as the tracker's id where it is known and else its key, `deleted` as an RFC 3339 instant or None).
    Entries of one instant count in their order in the sequence.
    """

    at: datetime
    field: str
    before: FieldValue
    after: FieldValue


@dataclass(frozen=True, slots=True)
class WorkItem:
    """One epic, story, bug, task… as it stands (or stood) at one instant.

    `parent` is the tracker's id of the parent where it is known and else its key; `parent_key` is its key
    where the tracker gave one. `level`: -1 sub-task, 0 story, 1 epic, 2 and up what lies above.
    `started_at` is the first entry into doing, `done_at` the last into done while the item is done.
    `assignee` is the tracker's opaque account id: it serves the measure `days` alone and is never shown.
    `fields` holds the extra fields that mapping rules may test: name to texts.
    """

    source: str
    id: str
    key: str
    url: str
    type: str
    level: int
    title: str
    status: str
    state: State
    project: str
    created_at: datetime
    updated_at: datetime
    points: float | None = None
    priority: str | None = None
    parent: str | None = None
    parent_key: str | None = None
    team: str | None = None
    labels: tuple[str, ...] = ()
    components: tuple[str, ...] = ()
    area_path: str | None = None
    iteration: str | None = None
    sprint: str | None = None
    fix_versions: tuple[str, ...] = ()
    assignee: str | None = None
    fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    started_at: datetime | None = None
    done_at: datetime | None = None
    deleted: datetime | None = None

    @property
    def ref(self) -> ItemRef:
        return ItemRef(self.source, self.id)


History = Sequence[Transition]


@dataclass(frozen=True, slots=True)
class Record:
    """Everything a tracker said of one work item at one moment.

    `history` is whole and in order (oldest first); `raw` is the tracker's own JSON (UTF-8) from which item and
    history were converted, so that they can be converted again without the network.
    """

    item: WorkItem
    history: tuple[Transition, ...]
    raw: bytes
