"""The pictures of the page, each drawn for a wide and for a narrow screen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from markupsafe import Markup

from domain.plain import plain
from reports.charts import allocation, cells, flow, trend, verdict
from reports.charts.svg import svg
from reports.charts.theme import Spec
from reports.document import Document
from reports.words import words_of

WIDE, NARROW = 860, 358


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture in its two widths, as SVG that needs no more escaping."""

    wide: Markup
    narrow: Markup


def pictures(document: Document) -> Mapping[str, Picture | None]:
    """The pictures by name; None where there is nothing to draw."""
    words = words_of(document)
    return {
        "scale": _picture(document, "scale", words.text("Drift beside chance"), verdict.scale, verdict.described),
        "allocation": _picture(
            document, "allocation", words.text("Planned beside delivered"), allocation.allocation, allocation.described
        ),
        "cells": _picture(document, "cells", words.text("Key results beside effort"), cells.cells, cells.described),
        "trend": _picture(document, "trend", words.text("Trend of drift"), trend.trend, trend.described),
        "flow": _picture(document, "flow", words.text("Where the effort went"), flow.flow, flow.described),
    }


def _picture(
    document: Document,
    name: str,
    title: str,
    draw: Callable[[Document, int], Spec | None],
    described: Callable[[Document], str],
) -> Picture | None:
    drawn: list[Markup] = []
    for size, width in (("wide", WIDE), ("narrow", NARROW)):
        spec = draw(document, width)
        if spec is None:
            return None
        picture = svg(spec, f"{name}-{size}", title, plain(described(document)), document["language"])
        drawn.append(Markup(picture))  # noqa: S704 - the serialiser has escaped every title
    return Picture(*drawn)
