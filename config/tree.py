"""Plain data that knows where each part of it stands."""

from __future__ import annotations

import re
from typing import Any

from config.problems import short
from config.rules import Place

_INT = re.compile(r"[-+]?[0-9]+")
_OCTAL = re.compile(r"0o([0-7]+)")
_HEX = re.compile(r"0x([0-9a-fA-F]+)")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_SPECIAL = re.compile(r"([-+]?\.(?:inf|Inf|INF))|(\.(?:nan|NaN|NAN))")


class WholeNumber(int):
    """An integer that remembers how it was written."""

    text: str


class DecimalNumber(float):
    """A number with a fraction or an exponent that remembers how it was written."""

    text: str


class Keys(dict[str, Any]):
    """A mapping; `places` and `key_places` say where each value and each key stands.

    `reduced` says that faulty keys were taken out, so that nothing may be concluded from what is missing.
    """

    def __init__(self, place: Place, *, reduced: bool = False) -> None:
        super().__init__()
        self.place = place
        self.reduced = reduced
        self.places: dict[str, Place] = {}
        self.key_places: dict[str, Place] = {}

    def put(self, key: str, value: Any, key_place: Place, place: Place) -> None:
        self[key] = value
        self.key_places[key], self.places[key] = key_place, place


class Items(list[Any]):
    """A list; `places` says where each element stands."""

    def __init__(self, place: Place) -> None:
        super().__init__()
        self.place = place
        self.places: list[Place] = []

    def put(self, value: Any, place: Place) -> None:
        self.append(value)
        self.places.append(place)


def scalar(text: str) -> Any:
    """A plain (unquoted) scalar by the core schema of YAML 1.2."""
    if text in {"", "~", "null", "Null", "NULL"}:
        return None
    if text in {"true", "True", "TRUE"}:
        return True
    if text in {"false", "False", "FALSE"}:
        return False
    number: WholeNumber | DecimalNumber
    if _INT.fullmatch(text):
        number = WholeNumber(text)
    elif match := _OCTAL.fullmatch(text):
        number = WholeNumber(match[1], 8)
    elif match := _HEX.fullmatch(text):
        number = WholeNumber(match[1], 16)
    elif _FLOAT.fullmatch(text):
        number = DecimalNumber(text)
    elif match := _SPECIAL.fullmatch(text):
        number = DecimalNumber(text.replace(".", "").lower())
    else:
        return text
    number.text = text
    return number


def stands(value: Any) -> str:
    """The beginning of a sentence on a wrong value: "… stands here"."""
    return f"{describe(value)} {'stand' if isinstance(value, dict) else 'stands'} here"


def describe(value: Any) -> str:
    """What stands there, in words, for a sentence such as "…; found a list"."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, list | tuple):
        return "a list" if value else "an empty list"
    if isinstance(value, dict):
        return "keys with values"
    if isinstance(value, int | float):
        return f"the number {short(getattr(value, 'text', f'{value:g}'))}"
    return f"the text `{short(str(value))}`"
