"""A message as Jira writes it: Atlassian Document Format for the Cloud, wiki text for Data Center."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from domain.message import Block, Message, Piece
from domain.tidy import fitted, lists, shown, tidy, units

# What may begin or end markup, or stand for something else, in wiki text.
_SPECIAL = re.compile(
    r"[\\{}\[\]()*_?+^~!|#@&<>\"]"
    r"|(?<!\w)-|-(?!\w)"  # within a word a hyphen is a hyphen
    r"|:(?=\S)"  # addresses and smileys
)
_HEADING = re.compile(r"^(h[1-6]|bq)\.")


def as_adf(message: Message) -> dict[str, Any]:
    """The message as a document of version 1, at most 32,767 characters of JSON; pure.

    Text stands in text nodes alone, so nothing in it is markup; there are no mentions and no pictures.
    """
    return fitted(tidy(message), _document, lambda document: units(json.dumps(document, ensure_ascii=False)))


def as_wiki(message: Message) -> str:
    """The message as wiki text, at most 32,767 characters; pure.

    What would be markup stands as a numeric entity, which Jira shows as the character and never reads as markup. (A
    backslash cannot do that for itself: two of them are a line break.)
    """
    return fitted(tidy(message), _wiki, units)


def _document(message: Message) -> dict[str, Any]:
    return {"type": "doc", "version": 1, "content": list(_nodes(message))}


def _nodes(message: Message) -> Iterator[dict[str, Any]]:
    for kind, run in lists(message.blocks):
        paragraphs = [{"type": "paragraph", "content": [_text(piece) for piece in block.pieces]} for block in run]
        if kind == "point":
            points = [{"type": "listItem", "content": [paragraph]} for paragraph in paragraphs]
            yield {"type": "bulletList", "content": points}
        else:
            yield from paragraphs


def _text(piece: Piece) -> dict[str, Any]:
    marks: list[dict[str, Any]] = []
    if piece.link:
        marks.append({"type": "link", "attrs": {"href": piece.link}})
    if piece.code:
        marks.append({"type": "code"})  # which goes with no other mark than a link
    elif piece.strong:
        marks.append({"type": "strong"})
    node: dict[str, Any] = {"type": "text", "text": shown(piece.text)}
    return node | {"marks": marks} if marks else node


def _wiki(message: Message) -> str:
    parts = []
    for kind, run in lists(message.blocks):
        if kind == "point":
            parts.append("\n".join("* " + _line(block) for block in run))
        else:
            parts += [_line(block) for block in run]
    return "\n\n".join(parts)


def _line(block: Block) -> str:
    line = "".join(_inline(piece) for piece in block.pieces)
    return _HEADING.sub(r"\1&#46;", line)


def _inline(piece: Piece) -> str:
    text = escaped(shown(piece.text))
    if piece.link:
        text = f"[{text}|{piece.link}]"
    if piece.code:
        return "{{" + text + "}}"
    return "{*}" + text + "{*}" if piece.strong else text


def escaped(text: str) -> str:
    """Text as wiki text that shows just it."""
    return _SPECIAL.sub(lambda found: f"&#{ord(found[0])};", text)
