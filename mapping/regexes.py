"""Regular expressions that cannot hang: searched with a time limit, save those that are surely quick."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

import regex

TIME_LIMIT = 0.5  # seconds of processor time for one regular expression on one text
SHORT = 1000  # characters of a text on which a simple expression is surely quick
FEW = 64  # ways to read an expression at one place of the text, of those that are surely quick

ESCAPES_AND_CLASSES = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]", re.DOTALL)
FLAGS = re.compile(r"\(\?[aimsuwx]+\)")
GROUP_STARTS = re.compile(r"\(\?[aimsuwx]*:")
NEVER_SIMPLE = "{"  # what a counted repetition begins with


class BrokenRegexError(ValueError):
    """A regular expression that cannot be compiled; the message says why."""


class SlowPatternError(Exception):
    """A regular expression ran into its time limit; the message is the expression as written."""


def searcher(pattern: str) -> Callable[[str], bool]:
    """Compile `/…/` to a test whether it is found anywhere in a text.

    BrokenRegexError when it cannot be compiled; the test raises SlowPatternError after TIME_LIMIT.
    """
    written = unicodedata.normalize("NFC", pattern[1:-1])
    try:
        search = regex.compile(written).search
    except (regex.error, OverflowError, RecursionError, ValueError) as error:
        raise BrokenRegexError(f"{pattern} is no regular expression that can be compiled: {error}") from None
    simple = is_simple(written)

    def test(text: str) -> bool:
        if not text.isascii():
            text = unicodedata.normalize("NFC", text)
        if simple and len(text) <= SHORT:
            return search(text) is not None
        try:
            return search(text, timeout=TIME_LIMIT) is not None
        except TimeoutError:
            raise SlowPatternError(pattern) from None

    return test


def is_simple(written: str) -> bool:
    """Whether an expression is quick on every short text, so that watching the clock would cost more than it.

    At most one repetition without end, and that of a single character or class: quadratic at worst. Besides, the
    number of ways in which optional parts and alternatives may be chosen is small. No counted repetition, no
    reference back, no lookaround, no fuzzy matching.
    """
    bare = GROUP_STARTS.sub("(", FLAGS.sub("", ESCAPES_AND_CLASSES.sub(_bare, written)))
    if re.search(NEVER_SIMPLE + r"|\)[*+?]|\(\?|\(\*|[*+?][*+?]", bare):
        return False
    endless = bare.count("*") + bare.count("+")
    ways = 2 ** bare.count("?") * (bare.count("|") + 1) ** max(1, bare.count("("))
    return endless <= 1 and ways <= FEW


def _bare(found: re.Match[str]) -> str:
    """A letter for an escape or a class, save for a reference to a group."""
    return NEVER_SIMPLE if re.match(r"\\[1-9gkLXR]", found[0]) else "x"
