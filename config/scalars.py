"""The kinds of single values that settings are made of, each with its own sentence when it is wrong."""

from __future__ import annotations

import math
import re
from datetime import date
from typing import Annotated, Any

from pydantic import BeforeValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from config.tree import stands

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def wrong(sentence: str) -> PydanticCustomError:
    """The error of a value that cannot be taken; `sentence` says what is wrong and what was expected."""
    return PydanticCustomError("filrouge", "{sentence}", {"sentence": sentence})


def as_text(value: Any) -> str:
    """Text, a number as it was written; surrounding space is cut."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise wrong(f"{stands(value)}; expected text (in quotes if it looks like something else)")
    text = str(getattr(value, "text", value)).strip()
    if not text:
        raise wrong("an empty text stands here; expected at least one character")
    return text


def as_pattern(value: Any) -> str:
    """A pattern's text as written, whatever it looks like to YAML."""
    if isinstance(value, bool):
        return str(value).lower()
    return as_text(value)


def as_number(value: Any) -> float:
    """A finite number; a number in quotes is text and no number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise wrong(f"{stands(value)}; expected a number")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise wrong(f"{stands(value)}; expected a finite number")
    return number


def as_whole(value: Any) -> int:
    """A whole number that a float could hold exactly."""
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > 2**53:
        raise wrong(f"{stands(value)}; expected a whole number")
    return int(value)


def as_version(value: Any) -> int:
    """The version of a file's form, of which there is one so far."""
    if isinstance(value, bool) or value != 1:
        raise wrong(f"{stands(value)}; expected 1, the version of this form of the file")
    return 1


def as_flag(value: Any) -> bool:
    """`true` or `false`, and no other word."""
    if not isinstance(value, bool):
        raise wrong(f"{stands(value)}; expected `true` or `false`")
    return value


def as_day(value: Any) -> date:
    """A local date written as 2026-10-01."""
    if isinstance(value, date):
        return value
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        raise wrong(f"{stands(value)}; expected a day such as 2026-10-01")
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise wrong(f"there is no day {value}; expected a day such as 2026-10-01") from None


def as_list(value: Any) -> Any:
    """One value where a list is allowed too: a list of it."""
    return value if isinstance(value, list | tuple) else [value]


TEXT_SCHEMA = {"type": ["string", "number"], "minLength": 1}
PATTERN_SCHEMA = {"type": ["string", "number", "boolean"], "minLength": 1}
DAY_SCHEMA = {"type": "string", "format": "date", "pattern": r"^\d{4}-\d{2}-\d{2}$"}

Text = Annotated[str, BeforeValidator(as_text), WithJsonSchema(TEXT_SCHEMA)]
Version = Annotated[int, BeforeValidator(as_version), WithJsonSchema({"const": 1})]
Number = Annotated[float, BeforeValidator(as_number)]
Whole = Annotated[int, BeforeValidator(as_whole)]
Flag = Annotated[bool, BeforeValidator(as_flag)]
Day = Annotated[date, BeforeValidator(as_day), WithJsonSchema(DAY_SCHEMA)]
Texts = Annotated[
    tuple[Text, ...],
    BeforeValidator(as_list),
    WithJsonSchema({"anyOf": [TEXT_SCHEMA, {"type": "array", "items": TEXT_SCHEMA}]}),
]
