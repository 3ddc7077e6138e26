"""A message made ready for markup: clean, its pieces merged, and cut where a tracker would refuse it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from typing import TypeVar
from urllib.parse import quote, urlsplit

from domain.message import Block, Message, Piece
from domain.plain import isolated, spaced, web_address

Rendered = TypeVar("Rendered")
LIMIT = 32_767  # characters of a comment in Jira; Azure DevOps takes more
ELLIPSIS = "…"
NEAR = 40  # how far back the end of a word is looked for when a text is cut
JOINERS = "\u200d\ufe0e\ufe0f"  # they bind what stands before to what comes next
LONGEST_LINK = 2_000
PLAIN = Piece("").look


def tidy(message: Message) -> Message:
    """The message as markup may be made of it.

    Every text is one line without control characters and marks of direction, no piece is empty, pieces beside each
    other differ in look, white stands outside of strong, code and linked pieces and at no end of a block, code is not
    strong too, a block without text is left out, and a link is an address of the web without user or password, or none.
    """
    blocks = (replace(block, pieces=_tidy(block.pieces)) for block in message.blocks)
    return Message(tuple(block for block in blocks if block.pieces))


def fitted(
    message: Message, render: Callable[[Message], Rendered], size: Callable[[Rendered], int], limit: int = LIMIT
) -> Rendered:
    """A tidy message in its markup, cut (with an ellipsis) where the whole would be larger than the limit."""
    rendered = render(message)
    if size(rendered) <= limit:
        return rendered
    fits, too_many = 0, sum(len(piece.text) for block in message.blocks for piece in block.pieces)
    while too_many - fits > 1:
        middle = (fits + too_many) // 2
        if size(render(cut(message, middle))) <= limit:
            fits = middle
        else:
            too_many = middle
    return render(cut(message, fits))


def cut(message: Message, characters: int) -> Message:
    """The first so many characters of a message's texts, an ellipsis after them, where it has more."""
    blocks: list[Block] = []
    left = characters
    for block in message.blocks:
        pieces: list[Piece] = []
        for piece in block.pieces:
            if len(piece.text) > left:
                pieces.append(replace(piece, text=_beginning(piece.text, left) + ELLIPSIS))
                return Message((*blocks, replace(block, pieces=tuple(pieces))))
            pieces.append(piece)
            left -= len(piece.text)
        blocks.append(replace(block, pieces=tuple(pieces)))
    return Message(tuple(blocks))


def shown(text: str) -> str:
    """A tidy piece's text, shut off where it reads from right to left; white at its ends stays outside."""
    core = text.strip(" ")
    return text.replace(core, isolated(core)) if core else text


def units(text: str) -> int:
    """How long a text is where characters are counted in UTF-16, as Jira counts them."""
    return len(text.encode("utf-16-le")) // 2


def lists(blocks: Sequence[Block]) -> Iterator[tuple[str, list[Block]]]:
    """Blocks in runs of one kind: every run of points is one list."""
    for kind, run in groupby(blocks, key=lambda block: block.kind):
        yield kind, list(run)


def _tidy(pieces: Sequence[Piece]) -> tuple[Piece, ...]:
    split = [part for piece in pieces for part in _split(piece) if part.text]
    merged = [
        Piece(spaced("".join(piece.text for piece in run)), *look)
        for look, run in groupby(split, key=lambda piece: piece.look)
    ]
    if merged and merged[0].look == PLAIN:
        merged[0] = replace(merged[0], text=merged[0].text.lstrip())
    if merged and merged[-1].look == PLAIN:
        merged[-1] = replace(merged[-1], text=merged[-1].text.rstrip())
    return tuple(piece for piece in merged if piece.text)


def _split(piece: Piece) -> Iterator[Piece]:
    """A piece in its look, without the white at its ends, which stands beside it and looks plain."""
    text = spaced(piece.text)
    core = text.strip()
    if not core:
        yield Piece(text)
        return
    before, _, after = text.partition(core)
    link = _linkable(piece.link) if piece.link else None
    yield from (Piece(before), Piece(core, piece.strong and not piece.code, piece.code, link), Piece(after))


def _linkable(url: str) -> str | None:
    """The address with everything encoded that any markup could take for its own; None when it is no link."""
    address = web_address(url)
    if address is None or set("@[]") & set(urlsplit(address).netloc):
        return None
    encoded = quote(address, safe="%/:?#&=;,-._")
    return encoded if len(encoded) <= LONGEST_LINK else None


def _beginning(text: str, length: int) -> str:
    """At most that many characters, to the end of a word where one is near."""
    start = text[:length]
    space = start.rfind(" ")
    if space > 0 and length - space <= NEAR:
        start = start[:space]
    return start.rstrip(" " + JOINERS)
