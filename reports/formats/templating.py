"""Jinja2 as the formats use it: strict, escaped, speaking the document's language."""

from __future__ import annotations

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from domain.calendar import parse_instant
from domain.plain import isolated, web_address
from reports.document import Document
from reports.language import Language
from reports.words import title_of, words_of

SURE = 0.01


def environment(document: Document) -> Environment:
    """Templates of `reports/formats/templates`; what ends in `.html.j2` is escaped, an unknown name is an error."""
    words = words_of(document)
    made = Environment(
        loader=PackageLoader("reports.formats"),
        autoescape=select_autoescape(enabled_extensions=("html.j2",), default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
    )
    made.globals |= {"text": words.text, "count": words.count}
    made.filters |= filters(document, words)
    return made


def filters(document: Document, words: Language) -> Mapping[str, object]:
    """How figures are written; what is not known is said so, never shown as 0."""
    unknown = words.text("unknown")
    zone = ZoneInfo(document["timezone"])

    def percent(share: float | None) -> str:
        return unknown if share is None else words.percent(share)

    def gap(share: float | None) -> str:
        return unknown if share is None else words.text("{gap} pts", gap=words.signed(share))

    def rarely(share: float | None) -> str:
        if share is None:
            return unknown
        return words.text("under {share}", share=words.percent(SURE)) if share < SURE else words.percent(share)

    def number(value: float | None, digits: int = 0) -> str:
        return unknown if value is None else words.number(value, digits)

    def instant(text: str | None) -> str:
        return unknown if text is None else words.instant(parse_instant(text), zone)

    def title(target: str) -> str:
        return isolated(title_of(document, target))

    return {
        "percent": percent,
        "gap": gap,
        "rarely": rarely,
        "number": number,
        "instant": instant,
        "week": words.week,
        "short_week": words.short_week,
        "title_of": title,
        "isolated": isolated,
        "address": web_address,
        "joined": words.joined,
        "first_upper": lambda text: text[:1].upper() + text[1:],
    }
