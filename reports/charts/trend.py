"""How drift has moved over thirteen weeks, with the line above which it alarms."""

from __future__ import annotations

from collections.abc import Callable

from reports.charts.marks import (
    CIRCLE,
    DIAMOND,
    HOLLOW,
    Entries,
    Row,
    legend,
    legend_height,
    marks,
    pixel,
    rules,
    texts,
)
from reports.charts.theme import ALARM, LINE, POINT, QUIET, Spec, framed
from reports.document import Document, TrendPoint
from reports.language import Language, monday_of
from reports.words import words_of

TOP, PLOT, NARROW_PLOT, LEFT, RIGHT, NARROW_BELOW = 26, 170, 150, 34, 24, 600

Level = Callable[[float], float]


def above(point: TrendPoint) -> bool:
    """Whether a week that can be judged is above its alarm line."""
    return point["line"] is not None and point["z"] > point["line"]


def trend(document: Document, width: int) -> Spec | None:
    """The picture at a width in pixels; None when no week can be judged."""
    points = document["trend"]
    if all(point["index"] is None for point in points):
        return None
    words, narrow = words_of(document), width < NARROW_BELOW
    signs, room, below = _legend(words), width - 20, 34 if narrow else 52
    plot, tall = width - LEFT - RIGHT, NARROW_PLOT if narrow else PLOT
    bottom = below + legend_height(signs, room)
    height = TOP + tall + bottom
    step = plot / len(points)
    low = min(0.0, *(point["z"] for point in points))
    high = max(1.0, *(point["z"] for point in points), *(point["line"] or 0.0 for point in points)) * 1.12

    def level(value: float) -> float:
        return tall * (high - value) / (high - low)

    middles = [step * (place + 0.5) for place in range(len(points))]
    placed = list(zip(points, middles, strict=True))
    path = marks(
        {"type": "line", "color": POINT, "strokeWidth": 2},
        [{"x": x, "y": level(point["z"])} for point, x in placed],
        x=pixel("x"),
        y=pixel("y"),
    )
    alarm = marks(
        {"type": "line", "color": ALARM, "strokeWidth": 2, "strokeDash": [6, 4]},
        [{"x": x, "y": level(point["line"])} for point, x in placed if point["line"] is not None],
        x=pixel("x"),
        y=pixel("y"),
    )
    labels: list[Row] = []
    dates: list[Row] = []
    for place, (point, x) in enumerate(placed):
        if narrow and (len(points) - 1 - place) % 3:
            continue
        labels.append({"x": x, "y": tall + 16, "text": words.short_week(point["window"])})
        if not narrow:
            dates.append({"x": x, "y": tall + 32, "text": words.short_day(monday_of(point["window"]))})
    layers = [
        rules([{"x": 0, "x2": plot, "y": level(0), "y2": level(0)}], color=LINE),
        texts([{"x": -8, "y": level(0), "text": words.number(0)}], align="right", color=QUIET, fontSize=12),
        *_since(document, placed, tall, plot),
        alarm,
        path,
        *_signs(placed, level),
        texts(labels, align="center", fontSize=12),
        texts(dates, align="center", fontSize=11, color=QUIET),
        *legend(
            signs,
            -LEFT + 6,
            tall + below + 6,
            room,
        ),
    ]
    return framed(width, height, {"left": LEFT, "right": RIGHT, "top": TOP, "bottom": bottom}, layers)


def _legend(words: Language) -> Entries:
    dash: Spec = {"type": "tick", "orient": "horizontal", "thickness": 2, "size": 18, "color": ALARM}
    return [
        (dash, words.text("alarm line")),
        ({**CIRCLE, "size": 90}, words.text("trend of drift beyond chance")),
        ({**DIAMOND, "size": 120}, words.text("above the line")),
        ({**HOLLOW, "size": 60}, words.text("not judged")),
    ]


def _signs(placed: list[tuple[TrendPoint, float]], level: Level) -> list[Spec]:
    """One sign a week, told apart by shape: judged and calm, above the line, not judged."""
    kinds: dict[str, list[Row]] = {"calm": [], "alarm": [], "silent": []}
    for point, x in placed:
        kind = "silent" if point["index"] is None else "alarm" if above(point) else "calm"
        kinds[kind].append({"x": x, "y": level(point["z"])})
    return [
        marks({**HOLLOW, "size": 60}, kinds["silent"], x=pixel("x"), y=pixel("y")),
        marks({**CIRCLE, "size": 90}, kinds["calm"], x=pixel("x"), y=pixel("y")),
        marks({**DIAMOND, "size": 150}, kinds["alarm"], x=pixel("x"), y=pixel("y")),
    ]


def _since(document: Document, placed: list[tuple[TrendPoint, float]], tall: float, plot: float) -> list[Spec]:
    """A mark at the week in which the present alarm began."""
    words, since = words_of(document), document["sustained_since"]
    at = [x for point, x in placed if point["window"] == since]
    if since is None or not at:
        return []
    text = words.text("above since {week}", week=words.short_week(since))
    align = "right" if at[0] > plot / 2 else "left"
    place = {"x": at[0] + (-6 if align == "right" else 6), "y": -12, "text": text}
    return [
        rules([{"x": at[0], "x2": at[0], "y": -18, "y2": tall}], color=ALARM, opacity=0.5, strokeDash=[2, 3]),
        texts([place], align=align, color=ALARM, fontSize=12),
    ]


def described(document: Document) -> str:
    """The picture in words: the last judged week against its line."""
    words = words_of(document)
    judged = [point for point in document["trend"] if point["line"] is not None]
    if not judged:
        return words.text("There is too little work for an alarm line.")
    last = judged[-1]
    return words.text(
        "In {week} the trend stands at {z}, its alarm line at {line}.",
        week=words.short_week(last["window"]),
        z=words.number(last["z"], 2),
        line=words.number(last["line"] or 0.0, 2),
    )
