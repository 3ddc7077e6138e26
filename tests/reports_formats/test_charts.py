"""The pictures: valid specifications, the same bytes each time, told in words, legible without colour."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise
from xml.etree import ElementTree

import altair
import pytest
from jsonschema import ValidationError

from reports.charts import allocation, cells, flow, trend, verdict
from reports.charts.marks import spread
from reports.charts.svg import svg
from reports.charts.theme import HUES, Spec, wrapped
from reports.document import Document
from reports.formats.pictures import NARROW, WIDE

Sample = Callable[[str], Document]
Draw = Callable[[Document, int], Spec | None]
DRAWN: list[Draw] = [allocation.allocation, cells.cells, flow.flow, trend.trend, verdict.scale]


@pytest.mark.parametrize("draw", DRAWN)
@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_specifications_are_valid_vega_lite(sample: Sample, draw: Draw, width: int) -> None:
    spec = draw(sample("drifting_fr"), width)
    assert spec is not None
    altair.LayerChart.from_dict(spec, validate=True)


@pytest.mark.parametrize("name", ["nothing_delivered_fr", "no_strategy_en"])
def test_half_empty_specifications_are_valid_too(sample: Sample, name: str) -> None:
    spec = allocation.allocation(sample(name), WIDE)
    assert spec is not None
    altair.LayerChart.from_dict(spec, validate=True)


def test_a_wrong_specification_would_be_found(sample: Sample) -> None:
    spec = verdict.scale(sample("drifting_fr"), WIDE)
    assert spec is not None
    spec["layer"] = [{**spec["layer"][0], "mark": {"type": "blob"}}]
    with pytest.raises(ValidationError):
        altair.LayerChart.from_dict(spec, validate=True)


@pytest.mark.parametrize("draw", DRAWN)
@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_pictures_have_the_width_asked_for(document: Document, draw: Draw, width: int) -> None:
    spec = draw(document, width)
    assert spec is None or spec["width"] + spec["padding"]["left"] + spec["padding"]["right"] == width


def test_every_font_list_ends_with_a_generic_name(sample: Sample) -> None:
    spec = flow.flow(sample("drifting_fr"), WIDE)
    assert spec is not None
    assert spec["config"]["font"].endswith(", sans-serif")


def test_ids_are_numbered_anew_and_begin_with_the_name() -> None:
    spec: Spec = {
        "data": {"values": [{"a": 0.25}]},
        "width": 40,
        "height": 40,
        "mark": {"type": "bar", "clip": True},
        "encoding": {"x": {"field": "a", "type": "quantitative", "axis": {"format": ".0%", "values": [0.25]}}},
    }
    drawn = [svg(spec, "one", "T", "D", "fr") for _ in range(2)]
    assert drawn[0] == drawn[1]
    assert re.findall(r'id="([^"]+)"', drawn[0]) == ["one-title", "one-desc", "one-1"]
    assert "url(#one-1)" in drawn[0]
    assert "25\u202f%" in drawn[0]


def test_pictures_are_labelled_and_scale(rendered: Callable[[str, str], str], name: str) -> None:
    pictures = re.findall(r"<svg.*?</svg>", rendered(name, "html"), flags=re.DOTALL)
    assert pictures
    for drawn in pictures:
        root = ElementTree.fromstring(drawn)  # noqa: S314 - our own picture
        space = "{http://www.w3.org/2000/svg}"
        title, description = root.find(f"{space}title"), root.find(f"{space}desc")
        assert title is not None
        assert description is not None
        assert title.text
        assert description.text
        assert root.attrib["role"] == "img"
        assert root.attrib["aria-labelledby"] == f"{title.attrib['id']} {description.attrib['id']}"
        assert root.attrib["viewBox"]


def test_there_is_no_picture_of_nothing(sample: Sample) -> None:
    document = sample("nothing_delivered_fr")
    assert flow.flow(document, WIDE) is None
    assert trend.trend(document, WIDE) is None
    assert verdict.scale(document, WIDE) is None
    assert cells.cells(document, WIDE) is None
    document["allocation"] = []
    assert allocation.allocation(document, WIDE) is None


def test_a_target_is_marked_only_outside_its_band_and_beyond_chance(sample: Sample) -> None:
    rows = {row["target"]: row for row in sample("drifting_fr")["allocation"]}
    assert [target for target, row in rows.items() if allocation.remarkable(row)] == ["O2", "O4"]
    rows["O2"]["chance"] = None
    rows["O4"]["delivered"] = 0.14
    assert not any(allocation.remarkable(row) for row in rows.values())


def words_in(spec: Spec | None) -> list[str]:
    """Every text that a picture sets, in its order."""
    assert spec is not None
    rows = [row for layer in spec["layer"] for row in layer["data"]["values"]]
    return [str(row["text"]) for row in rows if "text" in row]


def test_the_figures_of_planned_and_delivered_stand_beside_a_wide_picture(sample: Sample) -> None:
    document = sample("drifting_fr")
    document["allocation"][0]["delivered"] = None
    texts = words_in(allocation.allocation(document, WIDE))
    start = texts.index("Prévu")
    assert texts[start : start + 3] == ["Prévu", "Livré", "Écart"]
    assert texts[start + 3 : start + 7] == ["40\u202f%", "inconnu", "20\u202f%", "3\u202f%"]


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_each_key_result_stands_in_its_cell_and_those_without_reading_apart(sample: Sample, width: int) -> None:
    document = sample("no_signal_en")
    spec = cells.cells(document, width)
    assert spec is not None
    grounds = {row["y"]: row for row in spec["layer"][0]["data"]["values"]}
    heads = {row["text"]: (row["x"], row["y"]) for row in spec["layer"][1]["data"]["values"]}
    titles = {row["text"]: (row["x"], row["y"]) for row in spec["layer"][-2]["data"]["values"]}
    assert len(grounds) == 3, "two rows of cells, and one for what has no recent reading"
    right, low = heads["Effort without progress"]
    left, high = heads["Progress without effort"]
    assert left < right
    assert high < low
    assert heads["No recent reading"][1] > low
    assert titles["Checkout conversion"][0] > right
    assert titles["Checkout conversion"][1] < low
    assert titles["Monthly active customers"][1] > heads["No recent reading"][1]


def test_the_cell_of_work_without_progress_has_a_sign_of_its_own(sample: Sample) -> None:
    spec = cells.cells(sample("drifting_fr"), WIDE)
    assert spec is not None
    signs = {layer["mark"]["shape"]: layer["data"]["values"] for layer in spec["layer"][2:4]}
    assert {shape: len(rows) for shape, rows in signs.items()} == {"circle": 2, "diamond": 1}


def test_a_full_cell_says_how_many_more_there_are(sample: Sample) -> None:
    document = sample("no_signal_en")
    stuck = next(row for row in document["key_results"] if row["cell"] == "effort_without_progress")
    document["key_results"] = [{**stuck, "title": f"Result {place}"} for place in range(9)]
    texts = words_in(cells.cells(document, WIDE))
    assert "Effort without progress (3 more)" in texts
    assert [text for text in texts if text.startswith("Result")] == [f"Result {place}" for place in range(6)]
    assert "No recent reading" not in texts
    assert "Result 8" in cells.described(document), "the picture in words has them all"


def test_figures_of_a_key_result_never_turn_the_unknown_into_nought(sample: Sample) -> None:
    document = sample("no_signal_en")
    document["key_results"] = [row for row in document["key_results"] if row["cell"] == "neither"]
    assert "progress 0%, 57% expected; 1% of the effort" in words_in(cells.cells(document, WIDE))
    document["key_results"][0]["effort"] = None
    assert "progress 0%, 57% expected" in words_in(cells.cells(document, WIDE))


def test_the_cells_are_told_in_words(sample: Sample) -> None:
    told = cells.described(sample("no_signal_en"))
    assert told.startswith("Effort and progress: Checkout conversion. Effort without progress: Baskets left")
    assert told.endswith("No recent reading: Monthly active customers.")


def test_targets_beyond_nine_are_put_together_and_nothing_is_lost(sample: Sample) -> None:
    document = sample("drifting_fr")
    efforts = {f"T{place}": float(place) for place in range(1, 15)} | {"unaligned": 1.0}
    document["weekly"] = [
        {"window": "2026-W47", "target": target, "effort": effort} for target, effort in efforts.items()
    ]
    names, weeks = flow.shares(document)
    assert len(names) == 10
    assert names[-2:] == [flow.REST, "unaligned"]
    assert sum(weeks["2026-W47"].values()) == pytest.approx(1.0)
    assert weeks["2026-W47"][flow.REST] == pytest.approx(21 / 106)


def test_labels_of_the_flow_never_touch(document: Document) -> None:
    for width in (WIDE, NARROW):
        spec = flow.flow(document, width)
        if spec is None:
            continue
        labels = sorted(
            row["y"] for row in spec["layer"][-2 if "plan" in str(spec["layer"][-1]) else -1]["data"]["values"]
        )
        assert all(lower - upper >= 12 for upper, lower in pairwise(labels))


@pytest.mark.parametrize(
    ("wanted", "placed"),
    [([0, 1, 2], [0, 20, 40]), ([10, 50, 90], [10, 50, 90]), ([80, 90, 95], [60, 80, 100]), ([], [])],
)
def test_labels_are_spread(wanted: list[float], placed: list[float]) -> None:
    assert spread(wanted, 20, 100) == placed


def test_neighbouring_colours_differ_in_lightness() -> None:
    def lightness(colour: str) -> float:
        red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    assert all(abs(lightness(one) - lightness(other)) > 30 for one, other in pairwise(HUES))


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("short", ["short"]),
        ("one two three four", ["one two", "three four"]),
        ("one two three four five six", ["one two", "three…"]),
        ("x" * 30, ["x" * 10, "x" * 9 + "…"]),
        ("", [""]),
        ("ABCDEFGH", ["ABCDEFG", "H"]),
        ("倉庫の情報", ["倉庫の情", "報"]),
    ],
)
def test_titles_are_wrapped_and_never_longer(text: str, lines: list[str]) -> None:
    assert wrapped(text, 10) == lines
