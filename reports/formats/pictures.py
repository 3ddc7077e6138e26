"""The pictures of a report: for a page as SVG in two widths, for a mail as PNG."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from markupsafe import Markup

from domain.plain import plain
from reports.charts import allocation, cells, flow, trend, verdict
from reports.charts.png import png
from reports.charts.svg import svg
from reports.charts.theme import Spec
from reports.document import Document
from reports.words import words_of

WIDE, NARROW, MAIL = 860, 358, 460


@dataclass(frozen=True, slots=True)
class Drawing:
    """What a picture is called, how it is drawn at a width (None: nothing to draw), and its content in words."""

    title: str
    draw: Callable[[Document, int], Spec | None]
    described: Callable[[Document], str]


@dataclass(frozen=True, slots=True)
class Image:
    """A picture for a mail: PNG, the width in pixels to show it at, and what stands for it where it is not shown."""

    content: bytes
    width: int
    alternative: str


def drawings(document: Document) -> Mapping[str, Drawing]:
    """The pictures of a report by name."""
    words = words_of(document)
    return {
        "scale": Drawing(words.text("Drift beside chance"), verdict.scale, verdict.described),
        "allocation": Drawing(words.text("Planned beside delivered"), allocation.allocation, allocation.described),
        "cells": Drawing(words.text("Key results beside effort"), cells.cells, cells.described),
        "trend": Drawing(words.text("Trend of drift"), trend.trend, trend.described),
        "flow": Drawing(words.text("Where the effort went"), flow.flow, flow.described),
    }


def pictures(document: Document) -> Mapping[str, Markup | None]:
    """The pictures for a page, each for a wide and for a narrow screen, safe to stand in HTML as they are."""
    return {name: _both(document, name, drawing) for name, drawing in drawings(document).items()}


def images(document: Document) -> Mapping[str, Image]:
    """The pictures for a mail; what has nothing to draw is left out."""
    found: dict[str, Image] = {}
    for name, drawing in drawings(document).items():
        spec = drawing.draw(document, MAIL)
        if spec is not None:
            told = plain(f"{drawing.title}. {drawing.described(document)}")
            found[name] = Image(png(spec, document["language"]), MAIL, told)
    return found


def _both(document: Document, name: str, drawing: Drawing) -> Markup | None:
    both = Markup()
    for size, width in (("wide", WIDE), ("narrow", NARROW)):
        spec = drawing.draw(document, width)
        if spec is None:
            return None
        told = plain(drawing.described(document))
        drawn = svg(spec, f"{name}-{size}", drawing.title, told, document["language"])
        # The serialiser has escaped every title.
        both += Markup('<div class="{}">{}</div>\n').format(size, Markup(drawn))  # noqa: S704 - see above
    return both
