"""Jira's ways of writing things."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.jira.values import instant, names, number, person, present_sprint, sprints, texts

MOMENT = datetime(2014, 5, 9, 2, 39, 42, 734000, tzinfo=UTC)


@pytest.mark.parametrize(
    "told",
    [
        "2014-05-09T02:39:42.734+0000",
        "2014-05-09T10:39:42.734+0800",
        "2014-05-08T18:39:42.734-08:00",
        "2014-05-09T02:39:42.734Z",
        MOMENT.timestamp(),
        int(MOMENT.timestamp() * 1000),
        str(int(MOMENT.timestamp() * 1000)),
    ],
)
def test_an_instant_in_every_form(told: Any) -> None:
    assert instant(told) == MOMENT


@pytest.mark.parametrize("told", [None, "", "yesterday", "2014-05-09T02:39:42", True, "2014-05-09"])
def test_what_is_no_instant_is_an_error(told: Any) -> None:
    with pytest.raises(ValueError, match=r".+"):
        instant(told)


@given(
    st.integers(1_009_843_200_000, 3_786_912_000_000),  # 2002 to 2090
    st.integers(-14 * 60, 14 * 60),
)
@settings(max_examples=100, deadline=None, derandomize=True)
def test_offsets_change_nothing(milliseconds: int, minutes: int) -> None:
    whole = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=milliseconds)
    there = whole.astimezone(timezone(timedelta(minutes=minutes)))
    assert instant(there.strftime("%Y-%m-%dT%H:%M:%S.%f%z")) == whole
    assert abs(instant(milliseconds) - whole) < timedelta(milliseconds=1)


@pytest.mark.parametrize(
    ("told", "figure"),
    [("3", 3.0), (5, 5.0), ("2,5", 2.5), (0, 0.0), ("", None), (None, None), ("x", None), (True, None), ("inf", None)],
)
def test_numbers(told: Any, figure: float | None) -> None:
    assert number(told) == figure


def test_texts_of_every_kind_of_field() -> None:
    assert texts({"self": "https://x", "value": "Gold", "id": "1"}) == ("Gold",)
    assert texts([{"value": "A"}, {"value": "B"}, {"value": "A"}]) == ("A", "B")
    assert texts({"value": "Europe", "child": {"value": "France"}}) == ("Europe", "France")
    assert texts(3.0) == ("3",)
    assert texts(True) == ("true",)
    assert texts(None) == ()
    assert texts([]) == ()
    document = {
        "type": "doc",
        "content": [
            {"type": "paragraph", "content": [{"type": "text", "text": "One"}, {"type": "text", "text": "two"}]}
        ],
    }
    assert texts(document) == ("One two",)


def test_people_are_their_opaque_ids() -> None:
    someone = {"accountId": "5b1", "displayName": "A. Martin", "emailAddress": "a@acme.example"}
    assert texts([someone]) == ("5b1",)
    assert person(someone) == "5b1"
    assert person({"key": "JIRAUSER7", "name": "amartin", "displayName": "A. Martin"}) == "JIRAUSER7"
    assert person({"name": "gone", "active": False}) == "gone"
    assert person({"displayName": "A. Martin"}) is None


def test_names_are_sorted_and_unique() -> None:
    assert names([{"name": "b"}, {"name": "a"}, {"name": "b"}, {"name": None}]) == ("a", "b")
    assert names(["x", "a"]) == ("a", "x")
    assert names(None) == ()


def test_a_sprint_s_text_with_commas_in_its_name() -> None:
    start = "com.atlassian.greenhopper.service.sprint.Sprint@41b017c6"
    told = (
        f"{start}[id=7,rapidViewId=<null>,state=ACTIVE,name=Pay, ship, note=well,startDate=2026-11-02T08:00:00.000Z,"
        "endDate=<null>,completeDate=<null>,sequence=7]"
    )
    assert sprints([told]) == [("7", "Pay, ship, note=well", "active")]
    old = f"{start}[rapidViewId=2,state=CLOSED,name=DuraCloud 2.4,startDate=<null>]"
    assert sprints([old]) == [(None, "DuraCloud 2.4", "closed")]


def test_the_active_sprint_else_the_last() -> None:
    closed, active = {"id": 1, "name": "S1", "state": "closed"}, {"id": 2, "name": "S2", "state": "active"}
    future = {"id": 3, "name": "S3", "state": "future"}
    assert present_sprint([closed, active, future]) == "S2"
    assert present_sprint([closed, future]) == "S3"
    assert present_sprint([]) is None
    assert present_sprint(None) is None
