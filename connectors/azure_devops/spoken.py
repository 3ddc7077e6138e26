"""The text of a person's comment in Azure DevOps as plain lines, from HTML or Markdown."""

from __future__ import annotations

import re
from typing import Any

from connectors.spoken import unescaped

_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)([^<>]*)>")
_LINES = {"br", "div", "p", "li", "ul", "ol", "pre", "table", "tr", "hr", "blockquote"} | {f"h{n}" for n in range(1, 7)}
_FENCE = re.compile(r"\s*(?:`{3,}[^`]*|~{3,}.*)")
_POINT = re.compile(r"^\s*(?:[-*+]|\d{1,9}[.)])\s+")
_MENTION = re.compile(r"@<[^<>]*>")
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")


def plain(text: Any, form: Any) -> str:
    """The lines of a comment's text; `form` is its format (older servers tell none and know HTML alone).

    It never raises; what is no text has none. A mention is told as `@`, for people are named nowhere. What is quoted
    does not stand at the beginning of its line, so that nobody gives a command by quoting one.
    """
    if not isinstance(text, str):
        return ""
    return _markdown(text) if form == "markdown" else _html(text)


def _html(text: str) -> str:
    parts: list[str] = []
    end, mentioned = 0, False
    for tag in _TAG.finditer(text):
        closing, name, attributes = tag[1], tag[2].lower(), tag[3]
        if not mentioned:
            parts.append(_words(text[end : tag.start()]))
        end = tag.end()
        if name == "a":
            # How a mention is written is seen in texts that the web editor made; the interface's description is silent.
            mentioned = not closing and "data-vss-mention" in attributes
            parts.append("@" if mentioned else "")
        elif name in _LINES:
            parts.append("\n> " if name == "blockquote" and not closing else "\n")
    if not mentioned:
        parts.append(_words(text[end:]))
    return "".join(parts)


def _words(text: str) -> str:
    """A text between two tags; where its source begins a new line is no line to anybody who reads it."""
    return re.sub(r"\s+", " ", unescaped(text))


def _markdown(text: str) -> str:
    """Line by line: less fences, backticks, points and escapes, and then what HTML may stand in it."""
    lines = (line for line in text.splitlines() if not _FENCE.fullmatch(line))
    return "\n".join(_html(_escaped(_MENTION.sub("@", _POINT.sub("", line)))) for line in lines)


def _escaped(line: str) -> str:
    return _ESCAPE.sub(lambda found: f"&#{ord(found[1])};", line).replace("`", "")
