"""Which comments speak to Filrouge, and the line that they say."""

from __future__ import annotations

import re
from html import unescape

from domain.lines import COMMAND

MOST = 500  # characters of a line
_CALL = re.compile(rf"{COMMAND}(?: |$)", re.ASCII | re.IGNORECASE)
_LONG_NUMBER = re.compile(r"&#\d{8,};?")  # no character; Python refuses to read a number of thousands of digits
# Editors and telephones make these of the quotation marks that a person types.
_STRAIGHT = str.maketrans(dict.fromkeys("“”„‟«»″", '"') | dict.fromkeys("‘’‚‛", "'"))


def spoken(text: str) -> str | None:
    """The first line of a plain text when it begins with `/filrouge`; None for every other text. It never raises.

    Blank lines before it do not count. Of the line, white space is one blank, quotation marks are straight ones, what
    is not to be seen (zero width, half a surrogate pair) is left out, and 500 characters remain.
    """
    line = next(filter(None, map(_plain, text.splitlines())), "")
    return line[:MOST].rstrip() if _CALL.match(line) else None


def unescaped(text: str) -> str:
    """A text with its character references (`&nbsp;`, `&#64;`) as what they stand for. It never raises."""
    return unescape(_LONG_NUMBER.sub("", text))


def _plain(line: str) -> str:
    words = " ".join(line.translate(_STRAIGHT).split())
    return "".join(letter for letter in words if letter.isprintable()).strip()
