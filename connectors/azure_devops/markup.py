"""A message as Azure DevOps takes it: Markdown or HTML."""

from __future__ import annotations

import re
from html import escape

from domain.message import Block, Message, Piece
from domain.tidy import fitted, lists, shown, tidy, units

_ENTITIES = {mark: f"&#{ord(mark)};" for mark in "@#&<>!"}  # whoever looks for mentions finds no sign of one
_SPECIAL = re.compile(
    r"[\\`*_{}\[\]()~|$^\"'=@#&<>!]"
    r"|(?<!\w)[-+]|[-+](?!\w)"  # within a word they are nothing else
    r"|:(?=\S)"  # addresses and short names of pictures
)
_NUMBERED = re.compile(r"^(\d{1,9})\.")
_CODE = re.compile(r"[^`@#&<>\\!]+")  # what may stand in a code span, where nothing can be escaped


def as_markdown(message: Message) -> str:
    """The message as Markdown (CommonMark), at most 32,767 characters; pure.

    Every mark that could be markup is escaped; the signs by which Azure DevOps finds people, work items and pull
    requests (`@ # !`) stand as numeric entities, also where a text is shown as code.
    """
    return fitted(tidy(message), _markdown, units)


def as_html(message: Message) -> str:
    """The message as HTML of paragraphs, lists, bold, code and links alone, at most 32,767 characters; pure."""
    return fitted(tidy(message), _html, units)


def _markdown(message: Message) -> str:
    parts = []
    for kind, run in lists(message.blocks):
        if kind == "point":
            parts.append("\n".join("- " + _line(block) for block in run))
        else:
            parts += [_line(block) for block in run]
    return "\n\n".join(parts)


def _line(block: Block) -> str:
    pieces = block.pieces
    written = [_inline(piece) for piece in pieces]
    for index, piece in enumerate(pieces):
        before = written[index - 1][-1:] if index else ""
        after = written[index + 1][:1] if index + 1 < len(pieces) else ""
        if piece.strong and _may_be_strong(written[index], before, after):
            written[index] = f"**{written[index]}**"
    return _NUMBERED.sub(r"\1\\.", "".join(written))


def _may_be_strong(text: str, before: str, after: str) -> bool:
    """Whether the asterisks are read as bold here, and not as asterisks (CommonMark 0.31, 6.2)."""
    opens = text[0].isalnum() or not before or before == " "
    closes = text[-1].isalnum() or not after or after == " "
    return opens and closes


def _inline(piece: Piece) -> str:
    text = shown(piece.text)
    text = f"`{text}`" if piece.code and _CODE.fullmatch(text) else escaped(text)
    return f"[{text}]({piece.link})" if piece.link else text


def escaped(text: str) -> str:
    """Text as Markdown that shows just it."""
    return _SPECIAL.sub(lambda found: _ENTITIES.get(found[0], "\\" + found[0]), text)


def _html(message: Message) -> str:
    parts = []
    for kind, run in lists(message.blocks):
        if kind == "point":
            parts.append("<ul>" + "".join(f"<li>{_spans(block)}</li>" for block in run) + "</ul>")
        else:
            parts += [f"<p>{_spans(block)}</p>" for block in run]
    return "".join(parts)


def _spans(block: Block) -> str:
    return "".join(_span(piece) for piece in block.pieces)


def _span(piece: Piece) -> str:
    text = escape(shown(piece.text)).replace("@", "&#64;")
    if piece.code:
        text = f"<code>{text}</code>"
    if piece.strong:
        text = f"<b>{text}</b>"
    return f'<a href="{escape(piece.link)}">{text}</a>' if piece.link else text
