"""Words, numbers and dates of a report in its language."""

from __future__ import annotations

import gettext
import io
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from babel import Locale, dates, lists, numbers
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from domain.calendar import WEEK

LOCALES = {"en": "en_GB", "fr": "fr_FR"}
MINUS, DASH, NARROW = "\u2212", "\u2013", "\u202f"


class Language:
    """One language: translations from `reports/locale/LANG/*.po` (English is the source), formats from Babel."""

    def __init__(self, code: str, catalogue: gettext.NullTranslations) -> None:
        self.code = code
        self.locale = Locale.parse(LOCALES[code])
        self._catalogue = catalogue

    def text(self, message: str, /, **values: object) -> str:
        """A message in this language, `{name}` filled in; the English text is the message id."""
        translated = self._catalogue.gettext(message)
        return translated.format(**values) if values else translated

    def count(self, one: str, many: str, n: int, /, **values: object) -> str:
        """A message that depends on a number; `{n}` is that number as this language writes it."""
        return self._catalogue.ngettext(one, many, n).format(n=self.number(n), **values)

    def number(self, value: float, digits: int = 0) -> str:
        """A number with at most that many decimals."""
        pattern = "#,##0" + ("." + "#" * digits if digits else "")
        rounded = value if round(value, digits) else 0
        return str(numbers.format_decimal(rounded, format=pattern, locale=self.locale)).replace("-", MINUS)

    def percent(self, share: float, digits: int = 0) -> str:
        """A fraction as a percentage: 0.314 is "31 %" in French (the space does not break), "31%" in English."""
        pattern = self.locale.percent_formats[None].pattern
        if digits:
            pattern = pattern.replace("##0", "##0." + "#" * digits)
        rounded = share if round(share, digits + 2) else 0.0
        written = str(numbers.format_percent(rounded, format=pattern, locale=self.locale))
        return written.replace("-", MINUS).replace("\u00a0", NARROW)

    def signed(self, share: float) -> str:
        """A difference of two shares in points, with its sign: -0.18 is "−18"; 0 has no sign."""
        points = round(share * 100)
        return (MINUS if points < 0 else "+" if points > 0 else "") + self.number(abs(points))

    def joined(self, parts: Sequence[str]) -> str:
        """A list in words: "a, b and c"."""
        return str(lists.format_list(parts, locale=self.locale))

    def day(self, day: date) -> str:
        """A date in words: 23 novembre 2026 (in French the first of a month is 1er)."""
        return self._ordinal(day, str(dates.format_date(day, format="long", locale=self.locale)))

    def short_day(self, day: date) -> str:
        """A date without its year, as short as may be: 16 nov."""
        return str(dates.format_skeleton("MMMd", day, locale=self.locale))

    def span(self, first: date, last: date) -> str:
        """Two days and what lies between, both included: "16–22 novembre 2026", with no more words than needed."""
        if first == last:
            return self.day(first)
        if first.year != last.year:
            return f"{self.day(first)} {DASH} {self.day(last)}"
        if first.month != last.month:
            without_year = str(dates.format_date(first, format="d MMMM", locale=self.locale))
            return f"{self._ordinal(first, without_year)} {DASH} {self.day(last)}"
        start = self._ordinal(first, str(first.day))
        return f"{start}{DASH}{self.day(last)}"

    def week(self, label: str) -> str:
        """An ISO week in words: 2026-W47 is "semaine 47 (16–22 novembre 2026)"."""
        monday = monday_of(label)
        return self.text(
            "week {number} ({days})", number=int(label[-2:]), days=self.span(monday, monday + timedelta(days=6))
        )

    def short_week(self, label: str) -> str:
        """An ISO week for the axis of a picture: "W47", "S47"."""
        return self.text("W{number}", number=label[-2:])

    def instant(self, instant: datetime, zone: ZoneInfo) -> str:
        """Date and time of a zone, to the minute; the zone itself is said once by whoever writes the page."""
        local = instant.astimezone(zone)
        clock = dates.format_time(local, format="short", locale=self.locale)
        return self.text("{day}, {clock}", day=self.day(local.date()), clock=clock)

    def _ordinal(self, day: date, written: str) -> str:
        return written.replace("1", "1er", 1) if self.code == "fr" and day.day == 1 else written


def monday_of(label: str) -> date:
    """The Monday of an ISO week (`2026-W47`); ValueError when that is no week."""
    match = WEEK.fullmatch(label)
    if match is None:
        raise ValueError(f"{label!r} is not an ISO week; expected something like 2026-W47.")
    # isocalendar's own inverse: Babel's week numbers are wrong around New Year.
    return date.fromisocalendar(int(match[1]), int(match[2]), 1)


@cache
def language(code: str) -> Language:
    """The language of that code (`en`, `fr`); ValueError with one sentence for any other."""
    if code not in LOCALES:
        raise ValueError(f"There is no language {code!r}; expected one of {', '.join(sorted(LOCALES))}.")
    if code == "en":
        return Language(code, gettext.NullTranslations())
    merged = gettext.NullTranslations()
    for entry in sorted(files("reports").joinpath("locale", code).iterdir(), key=lambda e: e.name, reverse=True):
        if entry.name.endswith(".po"):
            compiled = io.BytesIO()
            write_mo(compiled, read_po(io.BytesIO(entry.read_bytes()), locale=code))
            compiled.seek(0)
            catalogue = gettext.GNUTranslations(compiled)
            catalogue.add_fallback(merged)
            merged = catalogue
    return Language(code, merged)
