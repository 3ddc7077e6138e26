"""Text of foreign origin, made safe to stand inside a sentence of ours."""

from __future__ import annotations

import unicodedata
from urllib.parse import quote, urlsplit

ISOLATE, POP = "\u2068", "\u2069"
# Marks that change the direction of what follows: embeddings, overrides and isolates.
BREAKS = "\t\n\r\v\f\u0085\u2028\u2029"
DIRECTIONS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def plain(text: str) -> str:
    """The text on one line, runs of white as one space, without control characters and marks of direction."""
    return spaced(text).strip(" ")


def spaced(text: str) -> str:
    """As `plain`, but white at either end stays as one space, for a piece that others stand beside."""
    kept = "".join(" " if mark in BREAKS else mark for mark in text if mark in BREAKS or not _unprintable(mark))
    words = " ".join(part for part in kept.split(" ") if part)
    if not words:
        return " " if kept else ""
    return " " * kept.startswith(" ") + words + " " * kept.endswith(" ")


def isolated(text: str) -> str:
    """The text, plain, and where it reads from right to left shut off from what stands around it (Unicode UAX 9)."""
    clean = plain(text)
    leftward = any(unicodedata.bidirectional(mark) in ("R", "AL", "AN") for mark in clean)
    return f"{ISOLATE}{clean}{POP}" if leftward else clean


def web_address(url: str) -> str | None:
    """The address when it is one of the web (http, https) and safe inside quotes and brackets; else None."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.netloc:
        return None
    return quote(url, safe="%/:?#@!$&*+,;=~-._[]")


def _unprintable(mark: str) -> bool:
    if mark in DIRECTIONS or unicodedata.category(mark) in ("Cc", "Cs"):
        return True
    # Code points that Unicode promises never to assign, which XML refuses.
    return ord(mark) & 0xFFFE == 0xFFFE or 0xFDD0 <= ord(mark) <= 0xFDEF
