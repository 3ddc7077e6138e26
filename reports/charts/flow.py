"""Where the effort of thirteen weeks went: one bar a week, divided among the targets, the plan beside them."""

from __future__ import annotations

from domain.plain import isolated
from reports.charts.marks import Row, marks, pixel, rules, spread, texts
from reports.charts.theme import GREY, INK, QUIET, UNALIGNED, Spec, breadth, colours, framed, wrapped
from reports.document import Document
from reports.words import title_of, words_of

ID = 11.5  # characters of an id that a narrow picture has room for
MOST = 9  # targets with a colour of their own
REST = "\u0000rest"  # the smallest targets beyond, together
NARROW_BELOW = 600
BARS, NARROW_BARS, TOP, BOTTOM, LEFT = 232, 180, 28, 30, 44


def shares(document: Document) -> tuple[list[str], dict[str, dict[str, float]]]:
    """The targets from top to bottom, and for each window with delivery the share of each.

    Targets are in the order of the report with unaligned work last; beyond nine, the smallest are put together.
    """
    totals: dict[str, float] = {}
    for point in document["weekly"]:
        totals[point["target"]] = totals.get(point["target"], 0.0) + point["effort"]
    order = [row["target"] for row in document["allocation"]]
    order += sorted(set(totals) - set(order))
    shown = [target for target in order if totals.get(target) and target != UNALIGNED]
    kept = set(shown)
    if len(shown) > MOST:
        kept = set(sorted(shown, key=lambda target: -totals[target])[: MOST - 1])
    names = [target for target in shown if target in kept]
    names += [REST] if len(kept) < len(shown) else []
    names += [UNALIGNED] if totals.get(UNALIGNED) else []
    weeks: dict[str, dict[str, float]] = {}
    for point in document["weekly"]:
        week = weeks.setdefault(point["window"], {})
        name = point["target"] if point["target"] in kept or point["target"] == UNALIGNED else REST
        week[name] = week.get(name, 0.0) + point["effort"]
    for label, efforts in weeks.items():
        whole = sum(efforts.values())
        weeks[label] = {name: effort / whole for name, effort in efforts.items()} if whole > 0 else {}
    return names, weeks


def named(document: Document, name: str) -> str:
    """What a target of `shares` is called."""
    return words_of(document).text("others") if name == REST else title_of(document, name)


def flow(document: Document, width: int) -> Spec | None:
    """The picture at a width in pixels; None when nothing was delivered in the thirteen weeks."""
    names, weeks = shares(document)
    windows = [point["window"] for point in document["trend"]]
    if not names or not windows:
        return None
    narrow = width < NARROW_BELOW
    right = 100 if narrow else 290
    plot = width - LEFT - right
    bars = NARROW_BARS if narrow else BARS
    height = TOP + bars + BOTTOM
    plan = _plan(document, names)
    columns = len(windows) + (2 if plan else 0)
    step = plot / columns
    thick = step * (0.72 if narrow else 0.66)
    stacks: list[tuple[float, dict[str, float]]] = [(step / 2, plan)] if plan else []
    stacks += [
        (step * (place + (2 if plan else 0) + 0.5), weeks.get(window, {})) for place, window in enumerate(windows)
    ]
    hue = colours([name for name in names if name != REST]) | {REST: GREY}
    layers = [
        rules([{"x": 0, "x2": plot, "y": bars * part, "y2": bars * part} for part in (0, 0.25, 0.5, 0.75, 1)]),
        texts(
            [
                {"x": -8, "y": bars * (1 - part), "text": words_of(document).percent(part)}
                for part in (0, 0.25, 0.5, 0.75, 1)
            ],
            align="right",
            color=QUIET,
            fontSize=12,
        ),
        _segments(stacks, names, hue, thick, bars),
        *_weeks(document, windows, stacks[-len(windows) :], bars, narrow),
        *_names(document, names, stacks[-1], thick, plot, bars, hue, narrow),
    ]
    if plan:
        layers.append(
            texts(
                [{"x": step / 2, "y": bars + 16, "text": words_of(document).text("plan")}],
                align="center",
                fontSize=12,
                fontWeight="bold",
            )
        )
    return framed(width, height, {"left": LEFT, "right": right, "top": TOP, "bottom": BOTTOM}, layers)


def _plan(document: Document, names: list[str]) -> dict[str, float]:
    """The planned shares as a bar of their own, of the targets that the picture shows."""
    planned = {row["target"]: row["planned"] for row in document["allocation"] if row["planned"]}
    plan: dict[str, float] = {}
    for target, weight in planned.items():
        name = target if target in names else REST
        plan[name] = plan.get(name, 0.0) + (weight or 0.0)
    return plan


def _segments(
    stacks: list[tuple[float, dict[str, float]]], names: list[str], hue: dict[str, str], thick: float, bars: float
) -> Spec:
    rows: list[Row] = []
    for x, stack in stacks:
        for name, above, below in _edges(stack, names):
            rows.append(
                {
                    "x": x - thick / 2,
                    "x2": x + thick / 2,
                    "y": bars * above,
                    "y2": bars * below,
                    "color": hue.get(name, GREY),
                }
            )
    return marks(
        {"type": "rect", "stroke": "white", "strokeWidth": 1},
        rows,
        x=pixel("x"),
        x2={"field": "x2"},
        y=pixel("y"),
        y2={"field": "y2"},
        color={"field": "color", "type": "nominal", "scale": None},
    )


def _edges(stack: dict[str, float], names: list[str]) -> list[tuple[str, float, float]]:
    """Each target of a bar with its upper and lower edge, 0 at the top."""
    edges: list[tuple[str, float, float]] = []
    above = 0.0
    for name in [*names, *(name for name in stack if name not in names)]:
        if stack.get(name):
            edges.append((name, above, above + stack[name]))
            above += stack[name]
    return edges


def _weeks(
    document: Document, windows: list[str], stacks: list[tuple[float, dict[str, float]]], bars: float, narrow: bool
) -> list[Spec]:
    """Below each bar its week, above it how much was delivered."""
    words = words_of(document)
    efforts: dict[str, float] = {}
    for point in document["weekly"]:
        efforts[point["window"]] = efforts.get(point["window"], 0.0) + point["effort"]
    below: list[Row] = []
    above: list[Row] = []
    for place, (window, (x, _)) in enumerate(zip(windows, stacks, strict=True)):
        above.append({"x": x, "y": -12, "text": words.number(efforts.get(window, 0.0))})
        if narrow and (len(windows) - 1 - place) % 3:
            continue
        below.append({"x": x, "y": bars + 16, "text": words.short_week(window)})
    return [
        texts(below, align="center", fontSize=12),
        texts(above, align="center", fontSize=10 if narrow else 12, color=QUIET),
    ]


def _names(
    document: Document,
    names: list[str],
    last: tuple[float, dict[str, float]],
    thick: float,
    plot: float,
    bars: float,
    hue: dict[str, str],
    narrow: bool,
) -> list[Spec]:
    """The names at the right of the last bar, led there by a thin line and repeated by a swatch."""
    middles = {name: bars * (above + below) / 2 for name, above, below in _edges(last[1], names)}
    ordered: list[float] = []
    for place, name in enumerate(names):
        fallback = ordered[-1] if ordered else bars * place / len(names)
        ordered.append(middles.get(name, fallback))
    distance = min(20.0, bars / len(names))
    places = spread(ordered, distance, bars - 4)
    edge = last[0] + thick / 2
    leaders: list[Row] = [
        {"x": edge + 1, "y": middles[name], "x2": plot + 10, "y2": y}
        for name, y in zip(names, places, strict=True)
        if name in middles
    ]
    swatches: list[Row] = [
        {"x": plot + 17, "y": y, "color": hue.get(name, GREY)} for name, y in zip(names, places, strict=True)
    ]
    labels: list[Row] = [
        {"x": plot + 28, "y": y, "text": _name(document, name, narrow)} for name, y in zip(names, places, strict=True)
    ]
    return [
        rules(leaders, color=QUIET, opacity=0.6),
        marks(
            {"type": "square", "size": 110, "opacity": 1},
            swatches,
            x=pixel("x"),
            y=pixel("y"),
            color={"field": "color", "type": "nominal", "scale": None},
        ),
        texts(labels, fontSize=11 if narrow else 13, color=INK),
    ]


def _name(document: Document, name: str, narrow: bool) -> str:
    words = words_of(document)
    if narrow and name != REST:
        short = name
        while breadth(short) > ID:  # ids of one family differ at their end
            short = "…" + short[2:]
        return words.text("none") if name == UNALIGNED else isolated(short)
    return wrapped(isolated(named(document, name)), 40, 1)[0]


def described(document: Document) -> str:
    """The picture in words: the share of each target in the first and the last week with delivery."""
    words = words_of(document)
    names, weeks = shares(document)
    held = [point["window"] for point in document["trend"] if weeks.get(point["window"])]
    if not held:
        return ""
    first, last = held[0], held[-1]
    return " ".join(
        words.text(
            "{title}: {before} in {first}, {after} in {last}.",
            title=named(document, name),
            before=words.percent(weeks[first].get(name, 0.0)),
            first=words.short_week(first),
            after=words.percent(weeks[last].get(name, 0.0)),
            last=words.short_week(last),
        )
        for name in names
    )
