"""A files source from outside: what a pull brings, when it brings it again, and what it says of broken input."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from connectors.port import Page, Tracker
from domain.calendar import instant_text
from domain.errors import ConfigurationError
from domain.work import State

Open = Callable[..., Tracker]


def nothing_held(_ids: Sequence[str]) -> Mapping[str, bytes]:
    raise AssertionError("a line is a whole item; nobody need be asked")


def pull(tracker: Tracker, cursor: Mapping[str, Any] | None = None) -> list[Page]:
    return list(tracker.pull(cursor, nothing_held))


def keys(pages: Sequence[Page]) -> list[str]:
    return [record.item.key for page in pages for record in page.records]


def line(key: str, **changes: Any) -> str:
    return json.dumps(
        {
            "key": key,
            "type": "Story",
            "title": f"Title of {key}",
            "state": "todo",
            "project": "P",
            "created_at": "2026-03-01T00:00:00Z",
            **changes,
        }
    )


def write(path: Path, *rows: str) -> None:
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")


def test_lines_become_items_without_a_request(tmp_path: Path, open_source: Open) -> None:
    write(tmp_path / "a.jsonl", line("A-1", labels=["b", "a"], points=3), "", line("A-2", source="shop", id="77"))
    tracker = open_source("*.jsonl")
    pages = pull(tracker)
    first, second = pages[0].records
    assert (first.item.source, first.item.id, first.item.labels, first.item.points) == ("legacy", "A-1", ("a", "b"), 3)
    assert (second.item.source, second.item.id, second.item.key) == ("shop", "77", "A-2")
    assert tracker.requests == 0
    assert [tracker.convert(record.raw, pages[0].context) for record in pages[0].records] == [first, second]
    tracker.close()


def test_nothing_comes_again_until_the_content_changes(tmp_path: Path, open_source: Open) -> None:
    write(tmp_path / "a.jsonl", line("A-1"))
    write(tmp_path / "b.jsonl", line("B-1"))
    tracker = open_source("*.jsonl")
    cursor = pull(tracker)[-1].cursor
    again = pull(tracker, json.loads(json.dumps(cursor)))
    assert [page.records for page in again] == [[]]
    assert again[-1].cursor == cursor
    write(tmp_path / "b.jsonl", line("B-2"))  # as long as before, and perhaps within one tick of the clock
    assert keys(pull(tracker, cursor)) == ["B-2"]


def test_a_stopped_pull_goes_on_where_it_was(
    tmp_path: Path, open_source: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.files.tracker.PAGE", 2)
    write(tmp_path / "a.jsonl", *(line(f"A-{n}") for n in range(5)))
    tracker = open_source("a.jsonl")
    whole = pull(tracker)
    assert [len(page.records) for page in whole] == [2, 2, 1, 0]
    for stop in range(len(whole)):
        rest = pull(tracker, whole[stop].cursor)
        assert keys(whole[: stop + 1]) + keys(rest) == keys(whole)
        assert rest[-1].cursor == whole[-1].cursor
    write(tmp_path / "a.jsonl", *(line(f"Z-{n}") for n in range(5)))
    assert keys(pull(tracker, whole[0].cursor)) == [f"Z-{n}" for n in range(5)]


def test_another_way_of_reading_reads_everything_again(tmp_path: Path, open_source: Open) -> None:
    write(tmp_path / "a.jsonl", line("A-1", type="Theme"))
    cursor = pull(open_source("a.jsonl"))[-1].cursor
    pages = pull(open_source("a.jsonl", levels={"Theme": 2}), cursor)
    assert [record.item.level for page in pages for record in page.records] == [2]


def test_a_broken_line_is_set_aside_by_its_place_and_the_others_go_on(tmp_path: Path, open_source: Open) -> None:
    (tmp_path / "a.jsonl").write_bytes(
        b"\xef\xbb\xbf"
        + "\n".join(
            [
                line("A-1"),
                "{not json",
                line("A-3", state="closed"),
                "[1]",
                line("A-5", points=float("nan")),
                line("A-6"),
            ]
        ).encode()
        + b'\n{"key": "\xff"}\n'
        + b"[" * 100_000
        + b"\n"
        + line("A-9").encode()
    )
    pages = pull(open_source("a.jsonl"))
    assert keys(pages) == ["A-1", "A-6", "A-9"]
    aside = {one.id: one.reason for page in pages for one in page.set_aside}
    assert sorted(aside) == [f"a.jsonl:{n}" for n in (2, 3, 4, 5, 7, 8)]
    assert "not JSON" in aside["a.jsonl:2"]
    assert "`state` is 'closed'; expected one of todo, doing, done, dropped." in aside["a.jsonl:3"]
    assert "found a list" in aside["a.jsonl:4"]
    assert "NaN" in aside["a.jsonl:5"]
    assert "UTF-8" in aside["a.jsonl:7"]
    assert "not JSON" in aside["a.jsonl:8"]
    assert all(reason.startswith(place) for place, reason in aside.items())


def test_keys_that_no_item_has_are_told_once(tmp_path: Path, open_source: Open) -> None:
    write(tmp_path / "a.jsonl", line("A-1", titel="x"), line("A-2", titel="y", tags={}))
    pages = pull(open_source("a.jsonl"))
    assert [warning for page in pages for warning in page.warnings] == [
        "Source legacy: a.jsonl has 'titel', which is no field of a work item and is not read."
    ]


def test_a_file_that_went_is_told_and_its_items_stay(tmp_path: Path, open_source: Open) -> None:
    write(tmp_path / "a.jsonl", line("A-1"))
    write(tmp_path / "b.jsonl", line("B-1"))
    tracker = open_source("*.jsonl")
    cursor = pull(tracker)[-1].cursor
    (tmp_path / "a.jsonl").unlink()
    pages = pull(tracker, cursor)
    assert keys(pages) == []
    assert pages[0].warnings == ["Source legacy: a.jsonl is gone; the items that it brought stay."]
    assert pages[0].deleted == ()


def test_a_census_shows_what_the_files_hold_now(tmp_path: Path, open_source: Open) -> None:
    write(tmp_path / "a.jsonl", line("A-1"), line("A-2", source="shop", id="77"))
    write(tmp_path / "b.jsonl", line("A-3"))
    tracker = open_source("*.jsonl")
    assert sorted(one for ids in tracker.census() for one in ids) == ["A-1", "A-3"]
    told = list(tracker.confirm(["A-1", "A-9"], nothing_held))
    assert [record.item.id for part in told for record in part.records] == ["A-1"]
    assert [one for part in told for one in part.gone] == ["A-9"]


def test_a_line_that_cannot_be_read_may_be_the_missing_one(tmp_path: Path, open_source: Open) -> None:
    write(tmp_path / "a.jsonl", line("A-1"), "{broken")
    told = list(open_source("*.jsonl").confirm(["A-2", "A-3", "a.jsonl:2"], lambda _ids: {"A-2": b"{}"}))
    assert [one for part in told for one in part.gone] == ["A-3"]
    assert {one.id for part in told for one in part.set_aside} == {"A-2", "a.jsonl:2"}


def test_no_file_is_a_configuration_error_that_says_what_was_looked_for(tmp_path: Path, open_source: Open) -> None:
    tracker = open_source("exports/*.jsonl")
    for act in (tracker.access, lambda: pull(tracker)):
        with pytest.raises(ConfigurationError, match=re.escape(f"'exports/*.jsonl' in {tmp_path}")):
            act()


def test_access_tells_the_files(tmp_path: Path, open_source: Open) -> None:
    (tmp_path / "x").mkdir()
    write(tmp_path / "x" / "a.jsonl", line("A-1"))
    access = open_source("**/*.jsonl").access()
    assert access.wanted == access.visible == ["**/*.jsonl"]
    assert access.notes == ["Source legacy: reads x/a.jsonl."]


HEADER = "Ref;Kind;Summary;Stage;Area;Opened;Closed;Estimate;Tags;Squad"
COLUMNS = {
    "key": "Ref",
    "type": "Kind",
    "title": "Summary",
    "state": "Stage",
    "project": "Area",
    "created_at": "Opened",
    "done_at": "Closed",
    "points": "Estimate",
    "labels": "Tags",
    "fields.Squad": "Squad",
}


def test_a_table_is_read_by_its_columns(tmp_path: Path, open_source: Open) -> None:
    write(
        tmp_path / "t.csv",
        "\ufeff" + HEADER,
        "T-1;Epic;Paiement;Done;Web;2026-03-29;2026-04-01T12:00:00;3,5;b, a;Ocean",
        'T-2;Story;"two\nlines; and a ""quote""";todo;Web;2026-03-30T00:30:00+02:00;;;;',
        "T-3;Story;One line;todo;Web;2026-03-31;;1.5;x;",
    )
    pages = pull(open_source("t.csv", columns=COLUMNS))
    first, second, third = (record.item for page in pages for record in page.records)
    assert (first.level, first.state, first.points, first.labels) == (1, State.DONE, 3.5, ("a", "b"))
    assert first.fields == {"Squad": ("Ocean",)}
    # Days and naive instants are of the organisation's zone: winter time at midnight on 29 March, summer in April.
    assert instant_text(first.created_at) == "2026-03-28T23:00:00Z"
    assert first.done_at is not None
    assert instant_text(first.done_at) == "2026-04-01T10:00:00Z"
    assert second.title == 'two\nlines; and a "quote"'
    assert instant_text(second.created_at) == "2026-03-29T22:30:00Z"
    assert (second.points, second.labels, second.done_at, second.fields) == (None, (), None, {})
    assert third.points == 1.5
    tracker = open_source("t.csv")
    again = [tracker.convert(record.raw, pages[0].context) for page in pages for record in page.records]
    assert again == [record for page in pages for record in page.records]


def test_columns_named_like_fields_need_no_setting(tmp_path: Path, open_source: Open) -> None:
    write(
        tmp_path / "t.tsv",
        "key\ttype\ttitle\tstate\tproject\tcreated_at\tstrategic theme",
        "T-1\tBug\tx\tdoing\tP\t2026-01-01\tGrowth",
    )
    pages = pull(open_source("t.tsv", extra_fields=frozenset({"Strategic Theme", "Other"})))
    (item,) = (record.item for page in pages for record in page.records)
    assert (item.key, item.state, item.fields) == ("T-1", State.DOING, {"Strategic Theme": ("Growth",)})


def test_a_broken_row_is_set_aside_by_its_line(tmp_path: Path, open_source: Open) -> None:
    (tmp_path / "t.csv").write_bytes(
        (HEADER + "\n").encode()
        + b'T-1;Story;"two\nlines";todo;Web;2026-03-31;;;;\n'
        + b"T-2;Story;bad day;todo;Web;31/03/2026;;;;\n"
        + b"T-3;Story;too many;todo;Web;2026-03-31;;;;;;x\n"
        + b"T-4;Story;caf\xe9;todo;Web;2026-03-31;;;;\n"
        + b"T-5;Story;bad number;todo;Web;2026-03-31;;three;;\n"
        + b"\n;;;;;;;;;\n"
        + b"T-8;Story;good;todo;Web;2026-03-31;;;;\n"
    )
    pages = pull(open_source("t.csv", columns=COLUMNS))
    assert keys(pages) == ["T-1", "T-8"]
    aside = {one.id: one.reason for page in pages for one in page.set_aside}
    assert sorted(aside) == [f"t.csv:{n}" for n in (4, 5, 6, 7)]
    assert "column 'Opened' is '31/03/2026'" in aside["t.csv:4"]
    assert "12 cells" in aside["t.csv:5"]
    assert "UTF-8" in aside["t.csv:6"]
    assert "column 'Estimate' is 'three'" in aside["t.csv:7"]


@pytest.mark.parametrize(
    ("name", "content", "columns", "message"),
    [
        ("t.csv", "a,b\n", {"key": "Ref"}, r"t\.csv has no column 'Ref' \(for `key`\); its columns are 'a', 'b'\."),
        ("t.csv", "\n", {}, "names no columns"),
        ("t.csv", "key,key\n", {}, "names 'key' more than once"),
        ("t.csv", "\udce9t\udce9\n", {}, "the first line is not UTF-8"),
        ("t.jsonl", "", {"key": "Ref"}, "`columns` is for CSV files"),
        ("t.csv", "a\n", {"titel": "a"}, "'titel' is no field of a work item; did you mean 'title'"),
    ],
)
def test_columns_that_do_not_fit_are_configuration_errors(
    tmp_path: Path, open_source: Open, name: str, content: str, columns: dict[str, str], message: str
) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8", errors="surrogateescape")
    with pytest.raises(ConfigurationError, match=message):
        pull(open_source(name, columns=columns))


def test_an_absolute_path_is_taken_as_it_is(tmp_path: Path, open_source: Open) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    write(elsewhere / "a.jsonl", line("A-1"))
    assert keys(pull(open_source(str(elsewhere / "*.jsonl")))) == ["A-1"]


def test_a_file_that_cannot_be_opened_is_a_configuration_error(
    tmp_path: Path, open_source: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "a.jsonl", line("A-1"))

    def refuse(self: Path, *_args: object, **_options: object) -> None:
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(ConfigurationError, match=r"a\.jsonl cannot be read \(Permission denied\)"):
        pull(open_source("a.jsonl"))
