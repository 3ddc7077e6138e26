"""Column types that give the same values and the same order on SQLite and on PostgreSQL."""

# ruff: noqa: ARG002 # SQLAlchemy passes the dialect to every conversion; most of ours give the same on both
from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Protocol, runtime_checkable

from sqlalchemy import BigInteger, Dialect, Text
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.types import TypeDecorator, TypeEngine

from domain.work import FieldValue, State

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def clean(text: str) -> str:
    """Text with U+FFFD for each NUL and each lone surrogate, which PostgreSQL and UTF-8 cannot hold.

    The tracker's own words stay in the raw payload, where JSON writes both as escapes.
    """
    if text.isascii() and "\x00" not in text:
        return text
    return UNSTORABLE.sub(REPLACEMENT, text)


def clean_all(texts: Sequence[str | None]) -> Sequence[str | None]:
    """`clean` for each text of many, by one look at all of them: hardly ever is there anything to replace."""
    if not UNSTORABLE.search("".join(filter(None, texts))):
        return texts
    return [None if text is None else clean(text) for text in texts]


def to_json(value: Any) -> str:
    """Compact JSON text; NUL and lone surrogates are replaced as in `clean`, tuples become lists."""
    text = _encode(value)
    if "\\u0000" in text:
        # An escaped backslash before u0000 looks the same, so the value itself is cleaned.
        text = _encode(_cleaned(value))
    return clean(text)


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, Mapping):
        return {clean(name): _cleaned(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_cleaned(inner) for inner in value]
    return value


@lru_cache(maxsize=65_536)
def field_value(text: str) -> FieldValue:
    """A history value from its JSON text; values repeat, so equal ones are one object."""
    value = json.loads(text)
    if isinstance(value, list):
        return tuple(value)
    if isinstance(value, int):
        return float(value)
    assert value is None or isinstance(value, (str, float))
    return value


@lru_cache(maxsize=65_536, typed=True)
def field_text(value: FieldValue) -> str:
    """A history value as JSON text; texts are cleaned."""
    return to_json(value)


@lru_cache(maxsize=65_536)
def _texts_text(value: tuple[str, ...]) -> str:
    return to_json(value)


@lru_cache(maxsize=65_536)
def _texts(text: str) -> tuple[str, ...]:
    return tuple(json.loads(text))


@runtime_checkable
class Together(Protocol):
    """A column type that converts many values at once, at a fraction of the price of one by one."""

    def together(self, values: Sequence[Any], dialect: Dialect) -> Iterable[Any]:
        """What `process_bind_param` gives for each value."""


class Word(TypeDecorator[str]):
    """Text in the order of its code points; what no database can hold is replaced as in `clean`."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        # SQLite compares bytes of UTF-8 already, which is the order of code points.
        return Text(collation="C") if dialect.name == "postgresql" else Text()

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else clean(value)

    def together(self, values: Sequence[Any], dialect: Dialect) -> Iterable[Any]:
        """Texts, cleaned."""
        return clean_all(values)


class StateWord(Word):
    """A state as its word."""

    cache_ok = True

    def process_result_value(self, value: str | None, dialect: Dialect) -> State | None:
        return None if value is None else State(value)


class Instant(TypeDecorator[datetime]):
    """An aware instant in UTC: microseconds since 1970 on SQLite, `timestamp with time zone` on PostgreSQL."""

    impl = BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return TIMESTAMP(timezone=True) if dialect.name == "postgresql" else BigInteger()

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value.isoformat()} has no time zone; the store takes aware instants only.")
        return value if dialect.name == "postgresql" else (value - EPOCH) // MICROSECOND

    def together(self, values: Sequence[Any], dialect: Dialect) -> Iterable[Any]:
        """Instants; equal objects next to each other are converted once."""
        last, converted = None, None
        found = []
        for value in values:
            if value is not last:
                last, converted = value, self.process_bind_param(value, dialect)
            found.append(converted)
        return found

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if dialect.name == "postgresql":
            assert isinstance(value, datetime)
            return value.astimezone(UTC)
        return EPOCH + timedelta(microseconds=value)


class Texts(TypeDecorator[tuple[str, ...]]):
    """A tuple of texts as a JSON list."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: tuple[str, ...] | None, dialect: Dialect) -> str | None:
        return None if value is None else _texts_text(value)

    def together(self, values: Sequence[Any], dialect: Dialect) -> Iterable[Any]:
        """Lists of texts as JSON."""
        return [None if value is None else _texts_text(value) for value in values]

    def process_result_value(self, value: str | None, dialect: Dialect) -> tuple[str, ...] | None:
        return None if value is None else _texts(value)


class FieldJson(TypeDecorator[FieldValue]):
    """A value of a history entry as JSON: text, number, list of texts or null, never SQL's NULL."""

    impl = Text
    cache_ok = True
    coerce_to_is_types = ()

    def process_bind_param(self, value: FieldValue, dialect: Dialect) -> str:
        return field_text(value)

    def together(self, values: Sequence[Any], dialect: Dialect) -> Iterable[Any]:
        """Values as JSON."""
        return map(field_text, values)

    def process_result_value(self, value: str | None, dialect: Dialect) -> FieldValue:
        return None if value is None else field_value(value)


class FieldsJson(TypeDecorator[Mapping[str, tuple[str, ...]]]):
    """Names to tuples of texts, as a JSON object of lists."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Mapping[str, tuple[str, ...]] | None, dialect: Dialect) -> str | None:
        if value is None:
            return None
        return to_json(dict(value)) if value else "{}"

    def process_result_value(self, value: str | None, dialect: Dialect) -> dict[str, tuple[str, ...]] | None:
        if value is None:
            return None
        return {name: tuple(texts) for name, texts in json.loads(value).items()} if value != "{}" else {}


class Json(TypeDecorator[Any]):
    """Any JSON value as text, exactly as it was: beyond ASCII everything is escaped."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else json.dumps(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else json.loads(value)
