"""Pieces of a message put together from a translated sentence and foreign texts."""

from __future__ import annotations

import string
from collections.abc import Sequence

from domain.message import Piece
from domain.plain import plain

WORD_LENGTH = 40  # what is longer is no word, and would push everything else off the screen

Pieces = tuple[Piece, ...]


def joined(pieces: Sequence[Piece]) -> Pieces:
    """Pieces with commas between them."""
    return tuple(part for piece in pieces for part in (Piece(", "), piece))[1:]


def filled(told: str, /, **parts: str | Pieces) -> Pieces:
    """A translated message with pieces in its places."""
    pieces: list[Piece] = []
    for text, name, _, _ in string.Formatter().parse(told):
        if text:
            pieces.append(Piece(text))
        if name:
            part = parts[name]
            pieces += [Piece(part)] if isinstance(part, str) else part
    return tuple(pieces)


def short(text: str, words: int) -> str:
    """The first words of a foreign text on one line, each of a bearable length."""
    all_words = plain(text).split()
    kept = [word if len(word) <= WORD_LENGTH else word[: WORD_LENGTH - 1] + "…" for word in all_words[:words]]
    return " ".join(kept) + "…" * (len(all_words) > words and not kept[-1].endswith("…"))
