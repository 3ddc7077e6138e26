"""A finding's manual page, which is the docstring of its file."""

from __future__ import annotations

import inspect
import re
from functools import cache

from reports.language import Language
from reports.rules.registry import BY_CODE

HEADINGS = ("What it finds", "Why it matters", "What to do", "Ask the team")


def manual(code: str) -> str:
    """The manual page of a finding as plain text, with its code and name above; KeyError for an unknown code."""
    rule = BY_CODE[code]
    return f"{rule.code} {rule.name} ({rule.severity.value})\n\n{inspect.cleandoc(rule.__doc__ or '')}\n"


def advice(code: str, language: Language) -> tuple[str, list[str]]:
    """What to do, and the two questions to ask the team, in a language; KeyError for an unknown code."""
    found = sections(code)
    what_to_do = language.text(found["What to do"])
    return what_to_do, [language.text(question) for question in questions(found["Ask the team"])]


@cache
def sections(code: str) -> dict[str, str]:
    """The page's sections by heading, each on one line; `""` is the first line, which says what the rule finds."""
    text = inspect.cleandoc(BY_CODE[code].__doc__ or "")
    parts = re.split(rf"^({'|'.join(HEADINGS)})$", text, flags=re.MULTILINE)
    bodies = {"": parts[0], **dict(zip(parts[1::2], parts[2::2], strict=True))}
    return {heading: " ".join(body.split()) for heading, body in bodies.items()}


def questions(section: str) -> list[str]:
    """The questions of the section Ask the team."""
    return [question.strip() for question in re.split(r"(?:^|(?<=\?) )- ", section) if question.strip()]
