"""A line that somebody wrote to Filrouge in a ticket."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from domain.work import ItemRef


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
