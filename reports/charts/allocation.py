"""Planned beside delivered: for each target its planned band, what was delivered, and the gap."""

from __future__ import annotations

from math import ceil
from typing import NamedTuple

from domain.plain import isolated
from reports.charts.marks import CIRCLE, DIAMOND, Row, legend, legend_height, marks, pixel, rules, share, texts
from reports.charts.theme import ALARM, BAND, POINT, QUIET, Spec, breadth, framed, wrapped
from reports.document import AllocationRow, Document
from reports.language import Language
from reports.words import title_of, words_of

CHANCE = 0.05  # at or below it, chance alone is no likely reason for a gap


class Layout(NamedTuple):
    """Distances in pixels: a wide picture has the titles beside the rows, a narrow one above them."""

    left: int
    right: int
    row: int
    characters: int
    lines: int
    top: int
    lift: int  # of title and gap above their row


WIDE = Layout(left=300, right=236, row=30, characters=46, lines=2, top=26, lift=0)
NARROW = Layout(left=10, right=14, row=62, characters=38, lines=1, top=8, lift=26)
BOTTOM, NARROW_BELOW = 34, 600
COLUMN = 74  # of figures beside the rows of a wide picture


def remarkable(row: AllocationRow) -> bool:
    """Whether a target lies outside its band further than chance would take it."""
    band, delivered, chance = row["band"], row["delivered"], row["chance"]
    if band is None or delivered is None or chance is None:
        return False
    return chance <= CHANCE and not band[0] <= delivered <= band[1]


def allocation(document: Document, width: int) -> Spec | None:
    """The picture at a width in pixels; None when nothing is planned and nothing is delivered."""
    rows = [row for row in document["allocation"] if row["planned"] is not None or row["delivered"] is not None]
    if not rows:
        return None
    words, narrow = words_of(document), width < NARROW_BELOW
    layout = NARROW._replace(characters=(width - 92) // 7) if narrow else _wide(document, rows)
    signs, room = _signs(words), width - 20
    below = BOTTOM + legend_height(signs, room)
    height = layout.top + layout.row * len(rows) + below
    padding = {"left": layout.left, "right": layout.right, "top": layout.top, "bottom": below}
    plot, bottom = width - layout.left - layout.right, layout.row * len(rows)
    top = _top(rows)
    step = 0.1 if top <= (0.4 if narrow else 0.8) else 0.2
    ticks = [round(step * place, 1) for place in range(int(top / step + 1e-9) + 1)]
    middles = [layout.row * (place + 0.5) + (12 if narrow else 0) for place in range(len(rows))]
    placed = list(zip(rows, middles, strict=True))
    x = share("x", top, ticks)
    layers = [
        rules([{"x": -layout.left, "x2": plot + layout.right, "y": y, "y2": y} for y in _lines(layout, len(rows))]),
        marks(
            {"type": "rect", "color": BAND, "cornerRadius": 3},
            [
                {"x": row["band"][0], "x2": row["band"][1], "y": y - 10, "y2": y + 10}
                for row, y in placed
                if row["band"] is not None
            ],
            x=x,
            x2={"field": "x2"},
            y=pixel("y"),
            y2={"field": "y2"},
        ),
        marks(
            {"type": "rule", "color": QUIET, "strokeWidth": 2},
            [{"x": row["planned"], "y": y - 10, "y2": y + 10} for row, y in placed if row["planned"] is not None],
            x=x,
            y=pixel("y"),
            y2={"field": "y2"},
        ),
        *_intervals(placed, top, x),
        *_points(placed, x),
        *_titles(document, placed, layout),
        *_gaps(words, placed, layout, plot),
        *([] if narrow else _shares(words, placed, plot + layout.right - 6)),
        *legend(signs, -layout.left + 6, bottom + 42, room),
    ]
    return framed(width, height, padding, layers)


def _wide(document: Document, rows: list[AllocationRow]) -> Layout:
    """Rows are higher where a title takes two lines."""
    long = any(breadth(title_of(document, row["target"])) > WIDE.characters for row in rows)
    return WIDE._replace(row=36) if long else WIDE


def _lines(layout: Layout, rows: int) -> list[int]:
    return [layout.row * place for place in range(rows + 1)]


def _top(rows: list[AllocationRow]) -> float:
    """The end of the scale: the next tenth after the largest share, band or interval, between 30 and 100 %."""
    ends = [0.3]
    for row in rows:
        ends += [row["planned"] or 0.0, row["delivered"] or 0.0, *(row["band"] or [])]
        if row["planned"] is not None and row["high"] is not None:
            ends.append(row["planned"] + row["high"])
    return min(1.0, ceil(max(ends) * 10 - 1e-9) / 10)


def _intervals(placed: list[tuple[AllocationRow, float]], top: float, x: Row) -> list[Spec]:
    """The interval of the delivered share: that of the gap, moved by the plan."""
    spans: list[Row] = []
    for row, y in placed:
        if row["planned"] is None or row["low"] is None or row["high"] is None:
            continue
        low, high = max(0.0, row["planned"] + row["low"]), min(top, row["planned"] + row["high"])
        spans.append({"x": low, "x2": high, "y": y, "color": ALARM if remarkable(row) else POINT})
    style = {"strokeWidth": 2, "opacity": 0.75}
    color = {"field": "color", "type": "nominal", "scale": None}
    ends = [{"x": span[end], "y": span["y"], "color": span["color"]} for span in spans for end in ("x", "x2")]
    return [
        marks({"type": "rule", **style}, spans, x=x, x2={"field": "x2"}, y=pixel("y"), color=color),
        marks(
            {"type": "tick", "orient": "vertical", "thickness": 2, "size": 8, **style},
            ends,
            x=x,
            y=pixel("y"),
            color=color,
        ),
    ]


def _points(placed: list[tuple[AllocationRow, float]], x: Row) -> list[Spec]:
    plainly: list[Row] = [
        {"x": row["delivered"], "y": y} for row, y in placed if row["delivered"] is not None and not remarkable(row)
    ]
    beyond: list[Row] = [{"x": row["delivered"], "y": y} for row, y in placed if remarkable(row)]
    return [
        marks({**CIRCLE, "size": 110}, plainly, x=x, y=pixel("y")),
        marks({**DIAMOND, "size": 170}, beyond, x=x, y=pixel("y")),
    ]


def _titles(document: Document, placed: list[tuple[AllocationRow, float]], layout: Layout) -> list[Spec]:
    rows: list[Row] = []
    for row, y in placed:
        lines = wrapped(isolated(title_of(document, row["target"])), layout.characters, layout.lines)
        rows += [
            {"x": -layout.left + 6, "y": y - layout.lift + 16 * (line - (len(lines) - 1) / 2), "text": text}
            for line, text in enumerate(lines)
        ]
    return [texts(rows)]


def _gaps(words: Language, placed: list[tuple[AllocationRow, float]], layout: Layout, plot: int) -> list[Spec]:
    beyond: list[Row] = []
    within: list[Row] = []
    for row, y in placed:
        if row["gap"] is not None:
            text = words.text("{gap} pts", gap=words.signed(row["gap"]))
            place = {"x": plot + layout.right - 6, "y": y - layout.lift, "text": text}
            (beyond if remarkable(row) else within).append(place)
    return [
        texts(within, align="right", color=QUIET),
        texts(beyond, align="right", color=ALARM, fontWeight="bold"),
    ]


def _shares(words: Language, placed: list[tuple[AllocationRow, float]], right: int) -> list[Spec]:
    """Planned and delivered in figures, in columns left of the gaps, each column under its name."""
    columns = (right - 2 * COLUMN, right - COLUMN, right)
    heads = (words.text("Planned"), words.text("Delivered"), words.text("Gap"))
    figures: list[Row] = [
        {"x": x, "y": y, "text": words.text("unknown") if figure is None else words.percent(figure)}
        for row, y in placed
        for x, figure in zip(columns, (row["planned"], row["delivered"]), strict=False)
    ]
    return [
        texts(
            [{"x": x, "y": -13, "text": head} for x, head in zip(columns, heads, strict=True)],
            align="right",
            color=QUIET,
            fontSize=12,
        ),
        texts(figures, align="right"),
    ]


def _signs(words: Language) -> list[tuple[Spec, str]]:
    return [
        ({"type": "square", "size": 260, "color": BAND, "opacity": 1}, words.text("planned band")),
        ({"type": "tick", "orient": "vertical", "thickness": 2, "size": 16, "color": QUIET}, words.text("plan")),
        ({**CIRCLE, "size": 90}, words.text("delivered, with its 90% interval")),
        ({**DIAMOND, "size": 120}, words.text("further from the plan than chance")),
    ]


def described(document: Document) -> str:
    """The picture in words, target by target."""
    words, said = words_of(document), []
    for row in document["allocation"]:
        title = title_of(document, row["target"])
        planned, delivered = row["planned"], row["delivered"]
        if planned is not None and delivered is not None:
            said.append(
                words.text(
                    "{title}: {planned} planned, {delivered} delivered.",
                    title=title,
                    planned=words.percent(planned),
                    delivered=words.percent(delivered),
                )
            )
        elif planned is not None:
            said.append(words.text("{title}: {planned} planned.", title=title, planned=words.percent(planned)))
        elif delivered is not None:
            said.append(words.text("{title}: {delivered} delivered.", title=title, delivered=words.percent(delivered)))
    return " ".join(said)
