"""The text of a person's comment in Jira as plain lines: from a document on the Cloud, from wiki text elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from connectors.spoken import unescaped

_LINES = {"paragraph", "heading", "codeBlock", "blockquote", "listItem", "taskItem", "decisionItem", "rule"}
_BEFORE = {"hardBreak": "\n", "blockquote": "> ", "mention": "@"}
_MACRO = re.compile(r"\{(?:noformat|code|color|panel)(?::[^{}\n]*)?\}|\{\{|\}\}")
_MENTION = re.compile(r"\[~[^\[\]\n]*\]")
_LINK = re.compile(r"\[([^\[\]|\n]+)\|[^\[\]\n]*\]")
_ESCAPE = re.compile(r"\\([^\w\s\\])")
_POINT = re.compile(r"^[ \t]*[*#-]+[ \t]+", re.MULTILINE)


def plain(body: Any) -> str:
    """The lines of a comment's body: a document (version 3 of the interface) or wiki text (version 2).

    It never raises; what is neither has no text. A mention is told as `@`, for people are named nowhere. What is
    quoted does not stand at the beginning of its line, so that nobody gives a command by quoting one.
    """
    if isinstance(body, dict):
        return "".join(_document(body))
    return _wiki(body) if isinstance(body, str) else ""


def _document(body: dict[str, Any]) -> Iterator[str]:
    """The text of a document, whose nodes may lie in each other as deep as they like."""
    waiting: list[Any] = [body]
    while waiting:
        node = waiting.pop()
        if isinstance(node, str):
            yield node
        if not isinstance(node, dict):
            continue
        kind, content = node.get("type"), node.get("content")
        yield _words(kind, node)
        if str(kind) in _LINES:
            waiting.append("\n")
        if isinstance(content, list):
            waiting += reversed([part for part in content if isinstance(part, dict)])


def _words(kind: Any, node: dict[str, Any]) -> str:
    """What a node says before its content."""
    attributes = node.get("attrs")
    if kind == "text":
        return str(node.get("text") or "")
    if kind == "date" and isinstance(attributes, dict):
        return _day(attributes.get("timestamp"))
    if kind in ("emoji", "status", "inlineCard") and isinstance(attributes, dict):
        return str(next(filter(None, map(attributes.get, ("text", "shortName", "url"))), ""))
    return _BEFORE.get(str(kind), "")


def _day(timestamp: Any) -> str:
    """The day of a date node, whose milliseconds stand there as text."""
    try:
        return datetime.fromtimestamp(int(str(timestamp)[:20]) / 1000, UTC).date().isoformat()
    except (ValueError, OverflowError, OSError):
        return ""


def _wiki(text: str) -> str:
    """Wiki text less the marks that an editor puts around a line; two backslashes are a line break."""
    text = _MACRO.sub("", text).replace("\\\\", "\n")
    text = _LINK.sub(r"\1", _MENTION.sub("@", _POINT.sub("", text)))
    return unescaped(_ESCAPE.sub(r"\1", text))
