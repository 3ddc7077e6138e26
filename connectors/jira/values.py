"""Jira's ways of writing an instant, a number, a name or a sprint, each read in one place."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

# One pair of Data Center's sprint text; a value ends where the next of the known words begins, so it may hold commas.
WORDS = (
    "id|rapidViewId|state|name|goal|startDate|endDate|completeDate|activatedDate|sequence|synced|autoStartStop"
    "|incompleteIssuesDestinationId"
)
NUMBER = re.compile(r"-?\d{9,}")
PAIR = re.compile(rf"(?:^|,)({WORDS})=(.*?)(?=,(?:{WORDS})=|$)", re.DOTALL)


def instant(value: Any) -> datetime:
    """An instant in UTC from `2014-05-09T02:39:42.734+0000` with any offset, epoch seconds or epoch milliseconds.

    A number from 10^11 on is milliseconds: as seconds it would lie beyond the year 5000. ValueError for anything else.
    """
    if isinstance(value, bool) or value is None:
        raise ValueError("an instant is missing")
    if isinstance(value, (int, float)):
        return datetime.fromtimestamp(value / 1000 if abs(value) >= 1e11 else value, UTC)
    text = str(value).strip()
    if NUMBER.fullmatch(text):
        return instant(int(text))
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} has no time zone")
    return moment.astimezone(UTC)


def number(value: Any) -> float | None:
    """A number, or None for anything that is none."""
    if isinstance(value, bool) or value is None:
        return None
    try:
        figure = float(str(value).strip().replace(",", "."))
    except ValueError:
        return None
    return figure if math.isfinite(figure) else None


def text(value: Any) -> str | None:
    """Text without white space around it; None when nothing is left."""
    if value is None:
        return None
    return (value if type(value) is str else str(value)).strip() or None


def texts(value: Any) -> tuple[str, ...]:
    """What a field of any type says, as texts: options by their value, people by their opaque account id."""
    return tuple(dict.fromkeys(_texts(value)))


def _texts(value: Any) -> Iterator[str]:
    if value is None or value == "":
        return
    if isinstance(value, bool):
        yield "true" if value else "false"
    elif isinstance(value, float) and value.is_integer():
        yield str(int(value))
    elif isinstance(value, dict):
        yield from _texts_of_object(value)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for element in value:
            yield from _texts(element)
    else:
        yield str(value)


def _texts_of_object(value: Mapping[str, Any]) -> Iterator[str]:
    if value.get("type") == "doc" and "content" in value:
        words = " ".join(_document_words(value))
        if words:
            yield words
        return
    if "accountId" in value or "emailAddress" in value or "displayName" in value:
        yield from _texts(person(value))
        return
    for name in ("value", "name", "title", "key", "id"):
        if value.get(name) not in (None, ""):
            yield from _texts(value[name])
            break
    if isinstance(value.get("child"), dict):  # a cascading choice: both of its levels
        yield from _texts_of_object(value["child"])


def _document_words(node: Any) -> Iterator[str]:
    """The words of an Atlassian document, in order."""
    if isinstance(node, dict):
        if isinstance(node.get("text"), str):
            yield node["text"]
        for child in node.get("content") or ():
            yield from _document_words(child)


def person(value: Any) -> str | None:
    """The opaque account id of a person: accountId on Cloud, key or else name on Data Center; never a display name."""
    if not isinstance(value, dict):
        return text(value)
    return text(value.get("accountId") or value.get("key") or value.get("name"))


def names(value: Any) -> tuple[str, ...]:
    """The sorted names of a list of objects (components, versions) or of texts (labels)."""
    if not value or not isinstance(value, list):
        return ()
    found = (text(entry.get("name") if isinstance(entry, dict) else entry) for entry in value)
    return tuple(sorted({name for name in found if name}))


def sprints(value: Any) -> list[tuple[str | None, str, str]]:
    """(id, name, state in lower case) of each sprint of a sprint field, in its order.

    Cloud gives objects, Data Center text such as `…Sprint@1[id=7,state=ACTIVE,name=Pay, then ship,…]` (API_FACTS).
    """
    entries = value if isinstance(value, list) else [value]
    found = []
    for entry in entries:
        if isinstance(entry, dict):
            told: Mapping[str, Any] = entry
        elif isinstance(entry, str) and "[" in entry:
            told = dict(PAIR.findall(entry[entry.index("[") + 1 :].removesuffix("]")))
        else:
            continue
        name = text(told.get("name"))
        if name is not None:
            found.append((text(told.get("id")), name, str(told.get("state") or "").lower()))
    return found


def present_sprint(value: Any) -> str | None:
    """The name of the active sprint, else of the last one; None without any."""
    known = sprints(value)
    active = [name for _, name, state in known if state == "active"]
    return active[-1] if active else known[-1][1] if known else None
