"""Outcomes beside effort: each key result in one of four cells, those without a recent reading apart."""

from __future__ import annotations

from typing import NamedTuple

from domain.plain import isolated
from reports.charts.marks import CIRCLE, DIAMOND, HOLLOW, Row, marks, pixel, texts
from reports.charts.theme import BAND, LINE, QUIET, Spec, framed, wrapped
from reports.document import Document, KeyResultData
from reports.language import Language
from reports.vocabulary import cells as names_of
from reports.words import words_of

# From left to right more effort, from the bottom to the top more progress.
GRID = (("progress_without_effort", "effort_and_progress"), ("neither", "effort_without_progress"))
APART = "no_recent_reading"
GROUNDS = {"effort_and_progress": BAND, "effort_without_progress": "#fbefec", APART: "#ffffff"}
CALM_GROUND = "#f0f2f4"
MOST = 6  # key results that a cell shows by name; the table beside the picture has them all
NARROW_BELOW = 600
GAP, EDGE, HEAD, LINE_HEIGHT, BETWEEN, LEAST = 8, 12, 30, 17, 6, 76


class Layout(NamedTuple):
    """How many letters a title has in half the picture and in all of it; whether figures stand below a title."""

    half: int
    whole: int
    font: int
    figures: bool


WIDE = Layout(half=56, whole=116, font=13, figures=True)
NARROW = Layout(half=21, whole=46, font=12, figures=False)


class Box(NamedTuple):
    """One cell: where it lies, its heading, and the lines of each key result in it."""

    code: str
    x: float
    y: float
    width: float
    height: float
    head: str
    entries: list[list[str]]


def cells(document: Document, width: int) -> Spec | None:
    """The picture at a width in pixels; None when there is no key result."""
    if not document["key_results"]:
        return None
    layout = NARROW if width < NARROW_BELOW else WIDE
    half, y = (width - 2 - GAP) / 2, 1.0
    boxes: list[Box] = []
    for row in GRID:
        filled = [_entries(document, code, layout, layout.half) for code in row]
        height = max(LEAST, *(_height(entries) for entries in filled))
        boxes += [
            Box(code, 1 + place * (half + GAP), y, half, height, _head(document, code), entries)
            for place, (code, entries) in enumerate(zip(row, filled, strict=True))
        ]
        y += height + GAP
    apart = _entries(document, APART, layout, layout.whole)
    if apart:
        boxes.append(Box(APART, 1, y, width - 2, _height(apart), _head(document, APART), apart))
        y += _height(apart) + GAP
    heads = texts(
        [{"x": box.x + EDGE, "y": box.y + 16, "text": box.head} for box in boxes],
        fontWeight="bold",
        fontSize=layout.font,
    )
    padding = dict.fromkeys(("left", "right", "top", "bottom"), 0)
    return framed(width, round(y - GAP + 1), padding, [_grounds(boxes), heads, *_named(boxes, layout)])


def _head(document: Document, code: str) -> str:
    """What a cell is called, and how many of its key results have no room in it."""
    words = words_of(document)
    name = names_of(words)[code]
    beyond = len(_within(document, code)) - MOST
    head = name[:1].upper() + name[1:]
    return words.count("{cell} ({n} more)", "{cell} ({n} more)", beyond, cell=head) if beyond > 0 else head


def _within(document: Document, code: str) -> list[KeyResultData]:
    return [row for row in document["key_results"] if row["cell"] == code]


def _entries(document: Document, code: str, layout: Layout, room: int) -> list[list[str]]:
    """The lines of each key result of a cell: its title, and below it its figures where there is room."""
    words, within = words_of(document), _within(document, code)
    entries = []
    for row in within[:MOST]:
        lines = wrapped(isolated(row["title"] or row["id"]), room, 2)
        entries.append([*lines, _figures(words, row)] if layout.figures and code != APART else lines)
    return entries


def _figures(words: Language, row: KeyResultData) -> str:
    progress = words.text(
        "progress {progress}, {expected} expected",
        progress=words.percent(row["progress"] or 0.0),
        expected=words.percent(row["expected"] or 0.0),
    )
    if row["effort"] is None:
        return progress
    return words.text("{progress}; {effort} of the effort", progress=progress, effort=words.percent(row["effort"]))


def _height(entries: list[list[str]]) -> float:
    lines = sum(len(entry) for entry in entries)
    return HEAD + LINE_HEIGHT * lines + BETWEEN * max(0, len(entries) - 1) + EDGE


def _grounds(boxes: list[Box]) -> Spec:
    rows: list[Row] = [
        {
            "x": box.x,
            "x2": box.x + box.width,
            "y": box.y,
            "y2": box.y + box.height,
            "color": GROUNDS.get(box.code, CALM_GROUND),
            "edge": LINE if box.code == APART else "transparent",
        }
        for box in boxes
    ]
    return marks(
        {"type": "rect", "cornerRadius": 4, "opacity": 1},
        rows,
        x=pixel("x"),
        x2={"field": "x2"},
        y=pixel("y"),
        y2={"field": "y2"},
        color={"field": "color", "type": "nominal", "scale": None},
        stroke={"field": "edge", "type": "nominal", "scale": None},
    )


def _named(boxes: list[Box], layout: Layout) -> list[Spec]:
    """A sign and the lines of each key result; the sign's shape alone tells what asks for a decision."""
    signs: dict[str, list[Row]] = {"moving": [], "stuck": [], "quiet": []}
    titles: list[Row] = []
    figures: list[Row] = []
    for box in boxes:
        kind = {"effort_and_progress": "moving", "progress_without_effort": "moving"}.get(box.code, "quiet")
        kind = "stuck" if box.code == "effort_without_progress" else kind
        y = box.y + HEAD + LINE_HEIGHT / 2
        for entry in box.entries:
            signs[kind].append({"x": box.x + EDGE + 5, "y": y})
            for place, text in enumerate(entry):
                below = layout.figures and box.code != APART and place == len(entry) - 1
                (figures if below else titles).append({"x": box.x + EDGE + 18, "y": y, "text": text})
                y += LINE_HEIGHT
            y += BETWEEN
    return [
        marks({**CIRCLE, "size": 80}, signs["moving"], x=pixel("x"), y=pixel("y")),
        marks({**DIAMOND, "size": 110}, signs["stuck"], x=pixel("x"), y=pixel("y")),
        marks({**HOLLOW, "size": 60}, signs["quiet"], x=pixel("x"), y=pixel("y")),
        texts(titles, fontSize=layout.font),
        texts(figures, fontSize=12, color=QUIET),
    ]


def described(document: Document) -> str:
    """The picture in words: for each cell its key results."""
    words, said = words_of(document), []
    for code, name in names_of(words).items():
        titles = [row["title"] or row["id"] for row in _within(document, code)]
        if titles:
            said.append(words.text("{cell}: {titles}.", cell=name[:1].upper() + name[1:], titles=words.joined(titles)))
    return " ".join(said)
