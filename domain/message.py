"""A short text for people, in the form from which every tracker's markup is made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Piece:
    """Text of one look. `text` is plain: whoever renders it escapes what would be markup there.

    `link` is an http or https address that the text leads to.
    """

    text: str
    strong: bool = False
    code: bool = False
    link: str | None = None

    @property
    def look(self) -> tuple[bool, bool, str | None]:
        """Everything but the text."""
        return self.strong, self.code, self.link


@dataclass(frozen=True, slots=True)
class Block:
    """One paragraph, or one point of a list: points that follow each other are one list."""

    pieces: Sequence[Piece]
    kind: Literal["paragraph", "point"] = "paragraph"


@dataclass(frozen=True, slots=True)
class Message:
    """Blocks from top to bottom."""

    blocks: Sequence[Block]

    def plain(self) -> str:
        """What a reader sees, one line a block; two messages with the same plain text look the same."""
        marks = {"paragraph": "", "point": "- "}
        return "\n".join(marks[block.kind] + "".join(piece.text for piece in block.pieces) for block in self.blocks)
