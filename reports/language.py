"""Words, numbers and dates of a report in its language."""

from __future__ import annotations

import gettext
import io
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from babel import Locale, dates, numbers
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po


class Language:
    """One language: translations from `reports/locale/LANG/*.po` (English is the source), formats from Babel."""

    def __init__(self, code: str, catalogue: gettext.NullTranslations) -> None:
        self.code = code
        self.locale = Locale.parse(code)
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
        return str(numbers.format_decimal(value, format=pattern, locale=self.locale))

    def percent(self, share: float, digits: int = 0) -> str:
        """A fraction as a percentage: 0.314 is "31 %" in French, "31%" in English."""
        pattern = self.locale.percent_formats[None].pattern
        return str(
            numbers.format_percent(
                share, format=pattern.replace("0%", "0" + "." * bool(digits) + "#" * digits + "%"), locale=self.locale
            )
        )

    def day(self, day: date) -> str:
        """A date in words: 23 novembre 2026."""
        return str(dates.format_date(day, format="long", locale=self.locale))

    def instant(self, instant: datetime, zone: ZoneInfo) -> str:
        """Date and time of a zone, to the minute, with the zone's short name."""
        local = instant.astimezone(zone)
        clock = dates.format_time(local, format="short", locale=self.locale)
        return f"{self.day(local.date())}, {clock}"


@cache
def language(code: str) -> Language:
    """The language of that code (`en`, `fr`)."""
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
