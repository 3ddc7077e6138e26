"""Intervals, cron expressions and hours of the day as an admin writes them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import time

_INTERVAL = re.compile(r"([1-9][0-9]{0,4})([mhd])")
_UNIT: Mapping[str, int] = {"m": 60, "h": 3600, "d": 86400}
_HOURS = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])-([01][0-9]|2[0-3]):([0-5][0-9])")

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_LONGEST = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def interval_seconds(text: str) -> int:
    """`15m`, `2h` or `1d` in seconds; ValueError with one sentence otherwise."""
    match = _INTERVAL.fullmatch(text)
    if match is None:
        raise ValueError(f"`{text}` is no interval; expected a whole number with m, h or d, such as 15m, 2h or 1d")
    return int(match[1]) * _UNIT[match[2]]


def quiet_hours(text: str) -> tuple[time, time]:
    """`19:00-08:00` as (from, until) in local time; ValueError with one sentence otherwise."""
    match = _HOURS.fullmatch(text)
    if match is None or (match[1], match[2]) == (match[3], match[4]):
        raise ValueError(f"`{text}` is no span of hours; expected two different times such as 19:00-08:00")
    return time(int(match[1]), int(match[2])), time(int(match[3]), int(match[4]))


def check_cron(text: str) -> None:
    """Nothing for a cron expression of five fields that comes round; ValueError with one sentence otherwise.

    Minute, hour, day of the month, month, day of the week. Days of the week are names, because cron counts them
    from Sunday and APScheduler from Monday.
    """
    fields = text.split()
    if len(fields) != 5:
        raise ValueError(
            f"`{text}` has {len(fields)} fields; expected five: minute, hour, day, month, day of the week "
            "(such as `0 7 * * mon`)"
        )
    _values(fields[0], "minute", 0, 59)
    _values(fields[1], "hour", 0, 23)
    days = _values(fields[2], "day of the month", 1, 31)
    months = _values(fields[3], "month", 1, 12, MONTHS)
    if re.search(r"[0-9]", re.sub(r"/[0-9]+", "", fields[4])):
        raise ValueError(
            f"`{fields[4]}` counts days of the week; expected names ({', '.join(WEEKDAYS)}), "
            "since not everyone counts from the same day"
        )
    _values(fields[4], "day of the week", 0, 6, WEEKDAYS)
    if min(days) > max(_LONGEST[month - 1] for month in months):
        raise ValueError(f"`{text}` never comes: there is no day {min(days)} in that month; expected one that exists")


def _values(field: str, what: str, low: int, high: int, names: tuple[str, ...] = ()) -> set[int]:
    found: set[int] = set()
    for part in field.split(","):
        match = re.fullmatch(r"(?:(\*)|([0-9]{1,2}|[A-Za-z]+)(?:-([0-9]{1,2}|[A-Za-z]+))?)(?:/([0-9]{1,2}))?", part)
        step = int(match[4]) if match and match[4] else 1
        if match is None or step == 0 or (match[4] and not match[1] and not match[3]):
            raise ValueError(f"`{part}` is no {what}; expected `*`, `*/n`, a value, a list or a range{_words(names)}")
        first = low if match[1] else _value(match[2], what, low, high, names)
        last = high if match[1] else _value(match[3], what, low, high, names) if match[3] else first
        if last < first:
            raise ValueError(f"`{part}` runs backwards; expected the earlier {what} first")
        if step > max(last - first, 1):
            raise ValueError(f"`{part}` steps over its whole range; expected a step of at most {last - first}")
        if step > 1 and match[2] and not match[2].isdigit():
            raise ValueError(f"`{part}` steps through names, which the scheduler cannot; expected the names in a list")
        found.update(range(first, last + 1, step))
    return found


def _value(word: str, what: str, low: int, high: int, names: tuple[str, ...]) -> int:
    if word.lower() in names:
        return names.index(word.lower()) + low
    if word.isdigit() and low <= int(word) <= high:
        return int(word)
    expected = ", ".join(names) if names and not word.isdigit() else f"{low} to {high}"
    raise ValueError(f"`{word}` is no {what}; expected {expected}")


def _words(names: tuple[str, ...]) -> str:
    return f" of {', '.join(names)}" if names else ""
