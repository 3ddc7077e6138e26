"""The Jira Query Language at work: from a tree of clauses to a test and an order of issues."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Any

from demo.trackers.jira.jql import Call, Clause, Every, JqlError, Literal, Node, Not, Query, Some

COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_DATES = {"updated": "updated", "created": "created", "resolved": "resolved", "resolutiondate": "resolved"}
_ALIASES = {"type": "issuetype", "component": "components", "fixversion": "fixVersions", "affectedversion": "versions"}
_SAME = ("issuetype", "status", "priority", "resolution", "labels", "components", "fixVersions", "versions", "assignee")
_MORE = ("reporter", "creator", "parent", "summary", "description", "statusCategory", "project")
_KNOWN = {name.lower(): name for name in (*_SAME, *_MORE)}
_KEY = re.compile(r"([A-Za-z][A-Za-z0-9_]*)-(\d+)")
_RELATIVE = re.compile(r"[+-]?(?:\s*\d+[wdhm])+")
_UNITS = {"w": "weeks", "d": "days", "h": "hours", "m": "minutes"}
_ISO_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?")


@dataclass(frozen=True, slots=True)
class Row:
    """What the index knows of an issue; instants are epoch milliseconds (None: never)."""

    id: int
    key: str
    project: str
    number: int
    updated: int
    created: int
    resolved: int | None
    fields: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Terms:
    """What a query is read with: the present instant, the account's zone, and field names (lower case) to ids."""

    now: datetime
    zone: tzinfo
    names: Mapping[str, str]


Test = Callable[[Row], bool]


def test_of(node: Node | None, terms: Terms) -> Test:
    """A function that says whether an issue matches; an unknown field or an odd value raises JqlError."""
    if node is None:
        return lambda _: True
    if isinstance(node, Not):
        inner = test_of(node.inner, terms)
        return lambda row: not inner(row)
    if isinstance(node, Every | Some):
        tests = [test_of(part, terms) for part in node.parts]
        if isinstance(node, Every):
            return lambda row: all(test(row) for test in tests)
        return lambda row: any(test(row) for test in tests)
    return _clause(node, terms)


def uses_clock(node: Node | None) -> bool:
    """Whether what a tree finds depends on the present instant: on a period such as -75m, or on a function."""
    if node is None:
        return False
    if isinstance(node, Clause):
        return any(isinstance(value, Call) or _RELATIVE.fullmatch(value.text.strip()) for value in node.values)
    return any(uses_clock(part) for part in ((node.inner,) if isinstance(node, Not) else node.parts))


def key_of(query: Query, terms: Terms) -> Callable[[Row], tuple[Any, ...]]:
    """A function that gives the sorting key of an issue; ties go by id, and without an order the newest id is first."""
    if not query.order:
        return lambda row: (-row.id,)
    parts: list[Callable[[Row], Any]] = []
    for name, descending in query.order:
        if name.lower() in ("id", "issue", "issuekey", "key"):
            parts.append(_signed(lambda row: row.id, descending))
        elif name.lower() in _DATES:
            parts.append(_signed(_date_getter(_DATES[name.lower()]), descending))
        else:
            parts.append(_signed_text(_field_id(name, terms), descending))
    return lambda row: (*(part(row) for part in parts), row.id)


def _signed(get: Callable[[Row], int | None], descending: bool) -> Callable[[Row], int]:
    sign = -1 if descending else 1
    return lambda row: sign * (get(row) or 0)


def _signed_text(field_id: str, descending: bool) -> Callable[[Row], Any]:
    def key(row: Row) -> Any:
        text = " ".join(words(_value(row, field_id))).casefold()
        return tuple(-ord(letter) for letter in text) if descending else tuple(ord(letter) for letter in text)

    return key


def _clause(clause: Clause, terms: Terms) -> Test:
    name = clause.field.lower()
    if name in ("id", "issue", "issuekey", "key"):
        return _issue(clause)
    if name in _DATES:
        return _date(clause, _DATES[name], terms)
    return _field(clause, _field_id(clause.field, terms))


def _issue(clause: Clause) -> Test:
    if clause.operator in ("is", "is not", "~", "!~"):
        raise JqlError(f"The operator '{clause.operator}' is not supported by the '{clause.field}' field.")
    ids: set[int] = set()
    keys: dict[str, tuple[str, int]] = {}
    for value in clause.values:
        text = _text(value)
        found = _KEY.fullmatch(text)
        if text.isdecimal():
            ids.add(int(text))
        elif found is not None:
            keys[text.upper()] = (found[1].upper(), int(found[2]))
        else:
            raise JqlError(f"The issue key '{text}' for field '{clause.field}' is invalid.")
    if clause.operator in ("=", "in"):
        return lambda row: row.id in ids or row.key in keys
    if clause.operator in ("!=", "not in"):
        return lambda row: row.id not in ids and row.key not in keys
    compare = COMPARE[clause.operator]
    if ids:
        bound = next(iter(ids))
        return lambda row: compare(row.id, bound)
    project, number = next(iter(keys.values()))
    return lambda row: row.project == project and compare(row.number, number)


def _date_getter(name: str) -> Callable[[Row], int | None]:
    return operator.attrgetter(name)


def _date(clause: Clause, name: str, terms: Terms) -> Test:
    get = _date_getter(name)
    if clause.operator == "is":
        return lambda row: get(row) is None
    if clause.operator == "is not":
        return lambda row: get(row) is not None
    if clause.operator in ("~", "!~"):
        raise JqlError(f"The operator '{clause.operator}' is not supported by the '{clause.field}' field.")
    bounds = [bound for value in clause.values if (bound := instant(value, clause.field, terms)) is not None]
    if not bounds:
        return lambda _: False  # an ISO literal with a T matches nothing, silently
    if clause.operator == "in":
        return lambda row: get(row) in bounds
    if clause.operator == "not in":
        return lambda row: get(row) not in bounds
    compare, bound = COMPARE[clause.operator], bounds[0]

    def test(row: Row) -> bool:
        value = get(row)
        return value is not None and compare(value, bound)

    return test


def instant(value: Literal | Call, field: str, terms: Terms) -> int | None:
    """Epoch milliseconds of a date in a query: a number of milliseconds, `-75m`, `2026-01-31 09:30` in the account's
    zone, or a function. None for an ISO instant, which Jira takes and matches with nothing. Else JqlError.
    """
    if isinstance(value, Call):
        return _function(value, terms)
    text = value.text.strip()
    if re.fullmatch(r"-?\d+", text):
        return int(text)
    if _RELATIVE.fullmatch(text):
        return _milliseconds(terms.now + _offset(text))
    for pattern in ("%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M", "%Y-%m-%d", "%Y/%m/%d"):
        try:
            local = datetime.strptime(text, pattern)  # noqa: DTZ007 - the account's zone follows
        except ValueError:
            continue
        return _milliseconds(local.replace(tzinfo=terms.zone))
    if _ISO_INSTANT.fullmatch(text):
        return None
    raise JqlError(
        f"Date value '{text}' for field '{field}' is invalid. Valid formats include: 'yyyy/MM/dd HH:mm', "
        "'yyyy-MM-dd HH:mm', 'yyyy/MM/dd', 'yyyy-MM-dd', or a period format e.g. '-5d', '4w 2d'."
    )


def _function(call: Call, terms: Terms) -> int:
    local = terms.now.astimezone(terms.zone)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    starts = {
        "now": local,
        "startofday": midnight,
        "startofweek": midnight - timedelta(days=(midnight.weekday() + 1) % 7),  # Jira's weeks begin on Sunday
        "startofmonth": midnight.replace(day=1),
        "startofyear": midnight.replace(month=1, day=1),
    }
    start = starts.get(call.name.lower())
    if start is None:
        raise JqlError(f"Unable to find JQL function '{call.name}({', '.join(call.arguments)})'.")
    for argument in call.arguments:
        if not _RELATIVE.fullmatch(argument):
            raise JqlError(
                f"Duration for function '{call.name}' should have the format (+/-)n(wdhm), not '{argument}'."
            )
        start += _offset(argument)
    return _milliseconds(start)


def _offset(text: str) -> timedelta:
    sign = -1 if text.startswith("-") else 1
    total = sum(
        (timedelta(**{_UNITS[unit]: int(count)}) for count, unit in re.findall(r"(\d+)([wdhm])", text)), timedelta()
    )
    return sign * total


def _milliseconds(when: datetime) -> int:
    return round(when.timestamp() * 1000)


def _field_id(name: str, terms: Terms) -> str:
    lower = name.lower()
    if lower in _ALIASES:
        return _ALIASES[lower]
    if lower in _KNOWN:
        return _KNOWN[lower]
    if lower in terms.names:
        return terms.names[lower]
    raise JqlError(f"Field '{name}' does not exist or you do not have permission to view it.")


def _value(row: Row, field_id: str) -> Any:
    if field_id == "statusCategory":
        return (row.fields.get("status") or {}).get("statusCategory")
    return row.fields.get(field_id)


def words(value: Any) -> list[str]:
    """The words by which JQL may name a field's value: of an object its id, key, name, value and account."""
    if value is None:
        return []
    if isinstance(value, Mapping):
        found = (value.get(part) for part in ("name", "value", "key", "id", "accountId", "displayName"))
        return [str(part) for part in found if part is not None]
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [word for part in value for word in words(part)]
    if isinstance(value, float) and value.is_integer():
        return [str(int(value))]
    return [str(value)]


def _field(clause: Clause, field_id: str) -> Test:
    if clause.operator in ("is", "is not"):
        filled = clause.operator == "is not"
        return lambda row: bool(words(_value(row, field_id))) == filled
    wanted = [_text(value) for value in clause.values]
    folded = {text.casefold() for text in wanted}
    if clause.operator in ("=", "in"):
        return lambda row: any(word.casefold() in folded for word in words(_value(row, field_id)))
    if clause.operator in ("!=", "not in"):  # issues without a value match neither, as in Jira

        def differs(row: Row) -> bool:
            have = words(_value(row, field_id))
            return bool(have) and not any(word.casefold() in folded for word in have)

        return differs
    if clause.operator in ("~", "!~"):
        part, contains = wanted[0].casefold().strip("*"), clause.operator == "~"
        return lambda row: contains == any(part in word.casefold() for word in words(_value(row, field_id)))
    return _number(clause, field_id, wanted[0])


def _number(clause: Clause, field_id: str, text: str) -> Test:
    try:
        bound = float(text)
    except ValueError:
        raise JqlError(f"The operator '{clause.operator}' is not supported by the '{clause.field}' field.") from None
    compare = COMPARE[clause.operator]

    def test(row: Row) -> bool:
        value = _value(row, field_id)
        return isinstance(value, int | float) and compare(value, bound)

    return test


def _text(value: Literal | Call) -> str:
    if isinstance(value, Call):
        raise JqlError(f"Unable to find JQL function '{value.name}({', '.join(value.arguments)})'.")
    return value.text
