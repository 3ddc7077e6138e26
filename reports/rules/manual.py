"""A finding's manual page, which is the docstring of its file."""

from __future__ import annotations

import inspect
import re
from functools import cache

from reports.language import Language
from reports.rules.registry import BY_CODE
from reports.rules.rule import Rule

HEADINGS = ("What it finds", "Why it matters", "What to do", "Ask the team")
TUNE = "How to tune it"


def manual(code: str) -> str:
    """The manual page of a finding as plain text, with its code and name above; KeyError for an unknown code."""
    rule = BY_CODE[code]
    body = inspect.cleandoc(rule.__doc__ or "")
    return f"{rule.code} {rule.name} ({rule.severity.value})\n\n{body}\n\n{TUNE}\n    {_tuning(rule)}\n"


def manual_markdown(code: str) -> str:
    """The same page as Markdown, for the documentation; KeyError for an unknown code."""
    rule = BY_CODE[code]
    found = sections(code)
    parts = [f"# {rule.code} {rule.name}", f"Severity: {rule.severity.value}.", found[""]]
    for heading in HEADINGS:
        parts.append(f"## {heading}")
        asked = heading == HEADINGS[-1]
        parts.append("\n".join(f"- {question}" for question in questions(found[heading])) if asked else found[heading])
    return "\n\n".join([*parts, f"## {TUNE}", _tuning(rule)]) + "\n"


def _tuning(rule: Rule) -> str:
    options = "".join(f", `{option}: {usual:g}`" for option, usual in rule.options.items())
    return (
        f"In `filrouge.yaml` under `drift.rules.{rule.code}`: `severity: {rule.severity.value}`{options}; "
        f"`{rule.code}: off` turns it off."
    )


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
