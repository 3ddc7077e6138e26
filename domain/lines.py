"""A line that somebody wrote to Filrouge in a ticket, and the words that such lines are made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from domain.work import ItemRef

COMMAND = "/filrouge"  # what every such line begins with

Verb = Literal["map", "not-aligned", "why", "snooze", "mute", "unmute", "help"]
VERBS: Sequence[Verb] = ("map", "not-aligned", "why", "snooze", "mute", "unmute", "help")
# What may be wrong with a line.
Trouble = Literal["no such command", "no goal", "no such goal", "parts", "no reason", "no span"]


@dataclass(frozen=True, slots=True)
class Line:
    """`comment` is the tracker's id of the comment that it begins, `author` that of the account (None: hidden).

    `allowed` says whether they may say it. It was written `at`, read `known_at`, and stood there no more `ended_at`.
    """

    ref: ItemRef
    comment: str
    said: str
    author: str | None
    allowed: bool
    at: datetime
    known_at: datetime
    ended_at: datetime | None = None
