"""Single marks of a picture, placed by pixel or by share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from reports.charts.theme import ALARM, INK, LINE, POINT, QUIET, Spec

Place = Mapping[str, Any]
Row = Mapping[str, object]

# The signs of a figure: as it should be, what asks for attention, what is not judged. Their shapes differ too.
CIRCLE: Spec = {"type": "point", "shape": "circle", "filled": True, "color": POINT, "opacity": 1, "stroke": "white"}
DIAMOND: Spec = {"type": "point", "shape": "diamond", "filled": True, "color": ALARM, "opacity": 1, "stroke": "white"}
HOLLOW: Spec = {"type": "point", "shape": "circle", "filled": True, "color": "white", "opacity": 1, "stroke": QUIET}


def pixel(field: str) -> dict[str, Any]:
    """A position given in pixels."""
    return {"field": field, "type": "quantitative", "scale": None, "axis": None}


def share(field: str, top: float, ticks: Sequence[float]) -> dict[str, Any]:
    """A position on the scale of shares, from 0 to `top`, with its ticks written as percentages."""
    return {
        "field": field,
        "type": "quantitative",
        "scale": {"domain": [0, top], "nice": False, "zero": True},
        "axis": {"values": list(ticks), "format": ".0%"},
    }


def marks(kind: Spec | str, rows: Sequence[Row], **encoding: Place) -> Spec:
    """One layer: marks of a kind, one for each row."""
    return {"data": {"values": [dict(row) for row in rows]}, "mark": kind, "encoding": dict(encoding)}


def texts(rows: Sequence[Row], **style: object) -> Spec:
    """Text at pixels: rows with `x`, `y`, `text` (a string, or lines of it)."""
    mark = {"type": "text", "baseline": "middle", "align": "left", "color": INK, "fontSize": 13, **style}
    return marks(mark, rows, x=pixel("x"), y=pixel("y"), text={"field": "text"})


def rules(rows: Sequence[Row], **style: object) -> Spec:
    """Straight lines between pixels: rows with `x`, `y`, `x2`, `y2`."""
    mark = {"type": "rule", "color": LINE, "strokeWidth": 1, **style}
    return marks(mark, rows, x=pixel("x"), y=pixel("y"), x2={"field": "x2"}, y2={"field": "y2"})


LEGEND_STEP = 20
Entries = Sequence[tuple[Spec, str]]


def arranged(entries: Entries, room: float) -> list[tuple[float, int]]:
    """For each entry of a legend its distance from the left and its line.

    Widths are guessed from the number of characters, so that no font has to be measured.
    """
    places: list[tuple[float, int]] = []
    x, line = 0.0, 0
    for _, text in entries:
        width = 40 + 5.8 * len(text)
        if x and x + width > room:
            x, line = 0.0, line + 1
        places.append((x, line))
        x += width
    return places


def legend_height(entries: Entries, room: float) -> int:
    """How many pixels the lines of a legend take."""
    return LEGEND_STEP * (1 + max(line for _, line in arranged(entries, room)))


def legend(entries: Entries, left: float, y: float, room: float) -> list[Spec]:
    """Signs with their meaning, in as many lines as the room asks; a sign is a mark drawn at its place."""
    layers: list[Spec] = []
    for (sign, text), (right, line) in zip(entries, arranged(entries, room), strict=True):
        x, level = left + right, y + LEGEND_STEP * line
        layers.append(marks(sign, [{"x": x + 9, "y": level}], x=pixel("x"), y=pixel("y")))
        layers.append(texts([{"x": x + 24, "y": level, "text": text}], fontSize=12, color=QUIET))
    return layers


def spread(wanted: Sequence[float], distance: float, bottom: float) -> list[float]:
    """Places as near as may be to those wanted (ascending), at least so far apart and not beyond the bottom."""
    places: list[float] = []
    for want in wanted:
        places.append(max(want, places[-1] + distance) if places else want)
    for index in range(len(places) - 1, -1, -1):
        limit = bottom if index == len(places) - 1 else places[index + 1] - distance
        places[index] = min(places[index], limit)
    return places
