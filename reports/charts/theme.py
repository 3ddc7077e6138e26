"""What all pictures share: paper, ink, type and the colours of the targets."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

Spec = dict[str, Any]

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
# vl-convert brings Liberation Sans along; Arial and Helvetica have its widths. A list without an existing
# font makes all text vanish, hence the generic name at its end.
FONT = "Liberation Sans, Arial, Helvetica, sans-serif"
INK, QUIET, LINE, BAND, ALARM = "#1f2933", "#52606d", "#d9dee4", "#cfe0ee", "#a23b2a"
POINT = "#14466b"
# Mostly hues of Paul Tol's "muted" scheme, told apart by people with any colour vision and ordered so that
# neighbours differ in lightness too, for paper without colour.
HUES = ("#332288", "#ddcc77", "#117733", "#88ccee", "#882255", "#f0b27a", "#2a8577", "#e0a3ae", "#6b5ca5")
GREY = "#8f99a5"
UNALIGNED = "unaligned"


def framed(width: int, height: int, padding: Mapping[str, int], layers: Sequence[Spec]) -> Spec:
    """A specification of a fixed size in pixels, padding included.

    Nothing in it is laid out by measured text, so that it comes out the same whatever fonts a machine has.
    """
    return {
        "$schema": SCHEMA,
        "width": width - padding["left"] - padding["right"],
        "height": height - padding["top"] - padding["bottom"],
        "autosize": {"type": "none"},
        "padding": dict(padding),
        "background": "transparent",
        "config": {
            "font": FONT,
            "view": {"stroke": None},
            "axis": {
                "labelColor": QUIET,
                "labelFontSize": 12,
                "labelOverlap": False,
                "labelPadding": 6,
                "domain": False,
                "ticks": False,
                "gridColor": LINE,
                "title": None,
            },
            "text": {"color": INK, "fontSize": 13},
        },
        "layer": list(layers),
    }


def colours(targets: Sequence[str]) -> dict[str, str]:
    """A colour for each target in its order; work that serves none is grey."""
    named = [target for target in targets if target != UNALIGNED]
    chosen = {target: HUES[place % len(HUES)] for place, target in enumerate(named)}
    return {target: chosen.get(target, GREY) for target in targets}


def breadth(text: str) -> float:
    """About how wide a text is, in small letters: capitals are broader, ideographs and pictures twice as broad."""
    return sum(
        2.1 if unicodedata.east_asian_width(sign) in "WF" else 1.6 if sign in "mwMW@" else 1.35 if sign.isupper() else 1
        for sign in text
    )


def wrapped(text: str, room: float, lines: int = 2) -> list[str]:
    """A text in at most so many lines, each at most so broad, broken at spaces; what does not fit ends in `…`."""
    rows: list[str] = []
    rest = text
    while rest:
        if breadth(rest) <= room:
            return [*rows, rest]
        last = len(rows) == lines - 1
        fits = [end for end in range(1, len(rest)) if breadth(rest[:end]) <= room - last]
        cut = fits[-1] if fits else 1
        space = rest.rfind(" ", 0, cut + 1)
        cut = space if space > cut // 2 else cut
        rows.append(rest[:cut].rstrip() + ("…" if last else ""))
        if last:
            return rows
        rest = rest[cut:].lstrip()
    return rows or [""]
