"""Drift on its scale, beside what chance alone does and where it stood a week before."""

from __future__ import annotations

from math import ceil

from reports.charts.marks import marks, pixel, rules, share, texts
from reports.charts.theme import ALARM, BAND, INK, POINT, QUIET, Spec, framed
from reports.document import Document
from reports.words import words_of

HEIGHT, TOP, BOTTOM, SIDE = 92, 30, 30, 22


def scale(document: Document, width: int) -> Spec | None:
    """The picture at a width in pixels; None when there is no drift to show, or nothing to hold against it."""
    words, drift, before = words_of(document), document["drift"]["horizon"], document["previous"]
    index, expected, by_chance = drift["index"], drift["expected"], drift["by_chance"]
    if index is None or expected is None or by_chance is None or drift["verdict"] == "not_enough_data":
        return None
    earlier = before["index"] if before and before["verdict"] != "not_enough_data" else None
    top = min(1.0, max(0.4, ceil(max(index, by_chance, earlier or 0.0) * 10 + 0.5) / 10))
    step = 0.1 if top <= 0.6 else 0.2
    x = share("x", top, [round(step * place, 1) for place in range(int(top / step + 1e-9) + 1)])
    plot, tall = width - 2 * SIDE, HEIGHT - TOP - BOTTOM
    alarming = drift["verdict"] in ("drifting", "off_plan")
    colour = ALARM if alarming else POINT

    def at(value: float) -> float:
        return plot * value / top

    layers = [
        marks(
            {"type": "rect", "color": BAND, "cornerRadius": 3},
            [{"x": 0, "x2": by_chance, "y": 0, "y2": tall}],
            x=x,
            x2={"field": "x2"},
            y=pixel("y"),
            y2={"field": "y2"},
        ),
        rules([{"x": at(expected), "x2": at(expected), "y": 0, "y2": tall}], color=QUIET, strokeWidth=2),
        marks(
            {
                "type": "point",
                "shape": "diamond" if alarming else "circle",
                "filled": True,
                "color": colour,
                "opacity": 1,
                "stroke": "white",
                "size": 240,
            },
            [{"x": index, "y": 0.34 * tall}],
            x=x,
            y=pixel("y"),
        ),
        texts(
            [
                {
                    "x": min(max(at(index), 40), plot - 40),
                    "y": -14,
                    "text": words.text("drift {index}", index=words.percent(index)),
                }
            ],
            align="center",
            fontWeight="bold",
            fontSize=14,
            color=colour,
        ),
    ]
    if earlier is not None:
        layers.insert(
            2,
            marks(
                {
                    "type": "point",
                    "shape": "circle",
                    "filled": True,
                    "color": "white",
                    "opacity": 1,
                    "stroke": INK,
                    "size": 70,
                },
                [{"x": earlier, "y": 0.76 * tall}],
                x=x,
                y=pixel("y"),
            ),
        )
    return framed(width, HEIGHT, {"left": SIDE, "right": SIDE, "top": TOP, "bottom": BOTTOM}, layers)


def described(document: Document) -> str:
    """The picture in words."""
    words, drift = words_of(document), document["drift"]["horizon"]
    if drift["index"] is None or drift["expected"] is None or drift["by_chance"] is None:
        return ""
    return words.text(
        "Drift {index}; chance alone gives {expected} on average and less than {by_chance} nineteen times in twenty.",
        index=words.percent(drift["index"]),
        expected=words.percent(drift["expected"]),
        by_chance=words.percent(drift["by_chance"]),
    )
