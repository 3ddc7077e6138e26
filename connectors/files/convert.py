"""A record from a line of a file, without the file."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from connectors.files.options import EXTRA
from domain.calendar import instant_text, midnight
from domain.errors import ItemError
from domain.exchange import INSTANTS, LISTS, record_from_json
from domain.work import Record

DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def convert(raw: bytes, context: Mapping[str, Any], source: str) -> Record:
    """A record of the source from a line as lines.py keeps it; pure.

    `context` holds `levels` (type in lower case to level), `columns` (field to column) and `zone`, the time zone of
    instants in CSV files that have no offset. Raises ItemError with one sentence.
    """
    document = parse(raw)
    if isinstance(document, dict) and set(document) == {"row"}:
        document = from_row(document["row"], context["columns"], ZoneInfo(context["zone"]))
    return record_from_json(document, source=source, raw=raw, levels=context["levels"])


def parse(raw: bytes) -> Any:
    """The JSON of a line. ItemError with what is wrong and where."""
    try:
        return json.loads(raw, parse_constant=_refuse)
    except UnicodeDecodeError:
        raise ItemError("it is not UTF-8.") from None
    except json.JSONDecodeError as error:
        raise ItemError(f"it is not JSON: {error.msg.lower()} at column {error.colno}.") from None
    except RecursionError:
        raise ItemError("it is not JSON that can be read: too many levels.") from None


def from_row(row: Mapping[str, str], columns: Mapping[str, str], zone: ZoneInfo) -> dict[str, Any]:
    """The object that a CSV row stands for, with each cell in its field's type; empty cells are absent.

    Lists are separated by semicolons, or by commas where there is no semicolon. A number may have a decimal comma.
    A day, or an instant without an offset, is of the organisation's time zone.
    """
    document: dict[str, Any] = {}
    extra: dict[str, list[str]] = {}
    for field, column in columns.items():
        cell = (row.get(column) or "").strip()
        if not cell:
            continue
        if field.startswith(EXTRA):
            extra[field.removeprefix(EXTRA)] = [cell]
        elif field in LISTS:
            parts = cell.split(";" if ";" in cell else ",")
            document[field] = [part.strip() for part in parts if part.strip()]
        elif field == "points":
            document[field] = _number(cell, column)
        elif field == "level":
            document[field] = int(cell) if re.fullmatch(r"-?\d+", cell) else cell
        elif field in INSTANTS:
            document[field] = _instant(cell, column, zone)
        elif field == "state":
            document[field] = cell.casefold()
        else:
            document[field] = cell
    return document | ({"fields": extra} if extra else {})


def _number(cell: str, column: str) -> float:
    try:
        return float(cell.replace(",", ".") if cell.count(",") == 1 and "." not in cell else cell)
    except ValueError:
        raise ItemError(f"column {column!r} is {cell[:40]!r}; expected a number.") from None


def _instant(cell: str, column: str, zone: ZoneInfo) -> str:
    try:
        if DAY.fullmatch(cell):
            return instant_text(midnight(date.fromisoformat(cell), zone))
        found = datetime.fromisoformat(cell)
    except ValueError:
        raise ItemError(
            f"column {column!r} is {cell[:40]!r}; expected a day such as 2026-11-25 or an instant such as "
            "2026-11-25T08:00:00Z."
        ) from None
    return instant_text(found if found.tzinfo is not None else found.replace(tzinfo=zone))


def _refuse(word: str) -> Any:
    raise ItemError(f"it is not JSON: {word} is no number.")
