"""What each ticket's comment should say."""

from __future__ import annotations

from dataclasses import dataclass

from domain.message import Message
from domain.work import WorkItem


@dataclass(frozen=True, slots=True)
class Draft:
    """The text for one item; `why` is one clause that says what it comes from."""

    item: WorkItem
    message: Message
    why: str
