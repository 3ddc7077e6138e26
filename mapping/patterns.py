"""A pattern as written in YAML, compiled to a test of one text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from functools import lru_cache

from mapping.regexes import BrokenRegexError, searcher

TextTest = Callable[[str], bool]


class PatternError(ValueError):
    """A pattern that makes no sense; the message says why, after the words "the pattern"."""


@lru_cache(maxsize=65536)
def fold(text: str) -> str:
    """The form in which texts are compared: without regard to case or to how accents are composed."""
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())


def is_regex(pattern: str) -> bool:
    """Whether the pattern is a regular expression in slashes."""
    return len(pattern) > 1 and pattern[0] == "/" == pattern[-1]


def is_exact(pattern: str) -> bool:
    """Whether the pattern matches one text alone, give or take case."""
    return not is_regex(pattern) and "*" not in pattern and "?" not in pattern


def text_test(pattern: str, *, path: bool = False) -> TextTest:
    """Compile one pattern to a test of a text as the tracker wrote it.

    `path` is for area paths and iterations: `*` and `?` stop at a backslash there, `**` does not, and a final
    backslash with `**` also matches the node itself. PatternError for a broken regular expression; the test
    raises SlowPatternError when a regular expression runs into its time limit.
    """
    if is_regex(pattern):
        try:
            return searcher(pattern)
        except BrokenRegexError as error:
            raise PatternError(str(error)) from None
    folded = fold(pattern)
    if is_exact(pattern):
        return lambda text: fold(text) == folded
    needle, test = wildcard_test(pattern, path=path)
    return lambda text: needle in (here := fold(text)) and test(here)


def wildcard_test(pattern: str, *, path: bool = False) -> tuple[str, TextTest]:
    """Compile a wildcard to a plain part of it, and a test of a folded text that contains that part.

    To look for the plain part first is several times faster where most texts do not match.
    """
    folded = fold(pattern)
    if path:
        return "", _path_test(folded)
    match = _wildcard(folded).match
    return max(re.split(r"[*?]+", folded), key=len), lambda here: match(here) is not None


def any_test(patterns: Sequence[str], *, path: bool = False) -> TextTest:
    """Compile several patterns to a test that holds when one of them does."""
    exact = frozenset(fold(pattern) for pattern in patterns if is_exact(pattern))
    tests = [text_test(pattern, path=path) for pattern in patterns if not is_exact(pattern)]
    if not tests:
        return lambda text: fold(text) in exact
    if len(tests) == 1 and not exact:
        return tests[0]
    return lambda text: fold(text) in exact or any(test(text) for test in tests)


def capture(pattern: str) -> Callable[[str], str | None]:
    """Compile a wildcard to a function that gives what its first `*` took, folded (None: no match).

    Where several readings are possible the first `*` takes as little as it can. PatternError for a pattern
    without `*`, and for a regular expression.
    """
    if is_regex(pattern):
        raise PatternError(f"{pattern} is a regular expression; expected a wildcard such as okr-*")
    if "*" not in pattern:
        raise PatternError(f"{pattern} has no *, which stands for the id; expected something like okr-*")
    match = _wildcard(fold(pattern)).match

    def taken(text: str) -> str | None:
        found = match(fold(text))
        return found[1] if found else None

    return taken


def _wildcard(folded: str) -> re.Pattern[str]:
    """A wildcard as an expression that must match the whole text, with what the first `*` took as its group 1.

    Each part between two `*` is looked for as early as possible and never again (an atomic group), which is enough
    for wildcards, so that no text makes it slow.
    """
    first, *rest = (_literal(part) for part in re.sub(r"\*+", "*", folded).split("*"))
    if not rest:
        return re.compile(first + r"\Z", re.DOTALL)
    *middle, last = rest
    if not middle:
        return re.compile(rf"{first}(.*){last}\Z", re.DOTALL)
    parts = "".join(f"(?>.*?{part})" for part in middle[1:])
    return re.compile(rf"{first}(?>(.*?){middle[0]}){parts}.*{last}\Z", re.DOTALL)


def _literal(part: str) -> str:
    return "".join("." if char == "?" else re.escape(char) for char in part)


def _path_test(folded: str) -> TextTest:
    """A test of a folded path, whose nodes are parted by backslashes."""
    node = folded.removesuffix("\\**")
    if node != folded and "*" not in node and "?" not in node:
        below = node + "\\"
        return lambda here: here == node or here.startswith(below)
    whole = _automaton(folded)
    if node == folded:
        return whole
    itself = _automaton(node)
    return lambda here: whole(here) or itself(here)


def _automaton(folded: str) -> TextTest:
    """A path wildcard as a set of positions in the pattern that moves along the text: linear for every text."""
    tokens: list[str] = re.findall(r"\*\*?|.", re.sub(r"\*{2,}", "**", folded), re.DOTALL)
    end = len(tokens)

    def skip_stars(positions: set[int]) -> set[int]:
        reached = set(positions)
        for position in sorted(positions):
            here = position
            while here < end and tokens[here] in ("*", "**"):
                here += 1
                reached.add(here)
        return reached

    def step(position: int, char: str) -> int | None:
        sign = tokens[position] if position < end else None
        if sign == "**" or (sign == "*" and char != "\\"):
            return position
        if sign == char or (sign == "?" and char != "\\"):
            return position + 1
        return None

    def test(text: str) -> bool:
        positions = skip_stars({0})
        for char in text:
            moved = {after for position in positions if (after := step(position, char)) is not None}
            if not moved:
                return False
            positions = skip_stars(moved)
        return end in positions

    return test
