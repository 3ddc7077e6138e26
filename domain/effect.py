"""What came of the comments in tickets."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Effect:
    """Numbers of tickets.

    `tickets` got a comment; `asked` of them were asked for a goal, of which `mapped` had one within two weeks,
    `ignored` had none, and `waiting` have still time. In `muted` ones people silenced us, in `removed` ones they
    deleted our comment, in `edited` ones they changed it.
    """

    tickets: int = 0
    asked: int = 0
    mapped: int = 0
    ignored: int = 0
    waiting: int = 0
    muted: int = 0
    removed: int = 0
    edited: int = 0
