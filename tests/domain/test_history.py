"""Work items as they stood at an instant."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.history import as_of, delivered_at, value_at
from domain.work import HISTORY_FIELDS, FieldValue, State, Transition, WorkItem

MakeItem = Callable[..., WorkItem]
BORN = datetime(2026, 1, 5, 8, tzinfo=UTC)


def day(number: int) -> datetime:
    return BORN + timedelta(days=number)


def state(on: int, before: str, after: str) -> Transition:
    return Transition(day(on), "state", before, after)


def points(on: int, before: FieldValue, after: FieldValue) -> Transition:
    return Transition(day(on), "points", before, after)


@pytest.mark.parametrize(("on", "expected"), [(0, 1.0), (1.99, 1.0), (2, 3.0), (4.5, 3.0), (5, 8.0), (9, 8.0)], ids=str)
def test_a_value_is_the_last_after_else_the_first_before(on: float, expected: float) -> None:
    history = [points(2, 1.0, 3.0), state(3, "todo", "doing"), points(5, 3.0, 8.0)]
    assert value_at(history, "points", BORN + timedelta(days=on), 99.0) == expected


def test_without_an_entry_the_present_value_stands_for_all_times() -> None:
    assert value_at([state(3, "todo", "doing")], "points", day(0), 5.0) == 5.0


def test_entries_of_one_instant_count_in_their_order() -> None:
    history = [points(2, 1.0, 3.0), points(2, 3.0, None)]
    assert value_at(history, "points", day(2), 7.0) is None


@pytest.mark.parametrize(
    ("history", "seen_on", "expected_on"),
    [
        ([state(1, "todo", "doing"), state(3, "doing", "done")], 3, 3),
        ([state(3, "doing", "done"), state(4, "done", "doing"), state(6, "doing", "done")], 9, 6),
        ([state(3, "doing", "done"), state(4, "done", "doing"), state(6, "doing", "done")], 3.5, 3),
        ([state(3, "doing", "done"), state(5, "done", "done")], 9, 3),
        ([state(2, "done", "doing"), state(6, "doing", "done")], 1, 0),
    ],
)
def test_delivered_at_the_last_entry_into_done(
    make_item: MakeItem, history: list[Transition], seen_on: float, expected_on: int
) -> None:
    present = make_item("S-1", state=State.DONE, done_at=day(6))
    instant = BORN + timedelta(days=seen_on)
    seen = as_of(present, history, instant)
    assert seen is not None
    assert seen.state is State.DONE
    assert seen.done_at == delivered_at(seen, history, instant) == day(expected_on)


def test_a_reopened_item_is_not_delivered(make_item: MakeItem) -> None:
    history = [state(3, "doing", "done"), state(4, "done", "doing"), state(6, "doing", "done")]
    seen = as_of(make_item("S-1", state=State.DONE, done_at=day(6)), history, day(5))
    assert seen is not None
    assert seen.state is State.DOING
    assert seen.done_at is None


@pytest.mark.parametrize("seen_on", [2, 9])
def test_done_from_the_start_counts_at_done_at_else_at_creation(make_item: MakeItem, seen_on: int) -> None:
    exported = make_item("S-1", state=State.DONE, done_at=day(4))
    assert delivered_at(exported, [], day(seen_on)) == day(4)
    assert delivered_at(replace(exported, done_at=None), [], day(seen_on)) == BORN


def test_an_item_does_not_exist_before_it_is_created_nor_after_it_is_deleted(make_item: MakeItem) -> None:
    item = make_item("S-1", deleted=day(5))
    assert as_of(item, [], BORN - timedelta(seconds=1)) is None
    seen = as_of(item, [], day(4))
    assert seen is not None
    assert seen.deleted is None
    assert as_of(item, [], BORN) is not None
    assert as_of(item, [], day(5)) is None


def test_a_restored_item_was_away_only_between(make_item: MakeItem) -> None:
    gone = day(5).isoformat()
    history = [Transition(day(5), "deleted", None, gone), Transition(day(7), "deleted", gone, None)]
    existed = [as_of(make_item("S-1"), history, day(number)) is not None for number in (4, 5, 6, 7)]
    assert existed == [True, False, False, True]


def test_every_field_goes_back(make_item: MakeItem) -> None:
    present = make_item(
        "S-1",
        title="New",
        labels=("b",),
        parent="id-E-2",
        parent_key="E-2",
        state=State.DOING,
        started_at=day(3),
        points=5.0,
    )
    history = [
        Transition(day(3), "title", "Old", "New"),
        Transition(day(3), "labels", ("a", "c"), ("b",)),
        Transition(day(3), "parent", "id-E-1", "id-E-2"),
        Transition(day(3), "points", None, 5.0),
        state(3, "todo", "doing"),
    ]
    before, after = as_of(present, history, day(2)), as_of(present, history, day(3))
    assert before is not None
    assert (before.title, before.labels, before.parent, before.parent_key, before.points, before.state) == (
        "Old",
        ("a", "c"),
        "id-E-1",
        None,
        None,
        State.TODO,
    )
    assert before.started_at is None
    assert after == present


def test_started_at_is_the_first_entry_into_doing_else_what_the_tracker_says(make_item: MakeItem) -> None:
    history = [state(2, "todo", "doing"), state(3, "doing", "todo"), state(5, "todo", "doing")]
    seen = as_of(make_item("S-1", state=State.DOING), history, day(8))
    assert seen is not None
    assert seen.started_at == day(2)
    told = as_of(make_item("S-1", state=State.DOING, started_at=day(4)), [], day(8))
    assert told is not None
    assert told.started_at == day(4)
    early = as_of(make_item("S-1", state=State.DOING, started_at=day(4)), [], day(3))
    assert early is not None
    assert early.started_at is None


def test_every_field_with_a_history_is_a_field_of_the_work_item(make_item: MakeItem) -> None:
    item = make_item("S-1")
    assert all(hasattr(item, name) for name in HISTORY_FIELDS)


@settings(derandomize=True, max_examples=100, deadline=None)
@given(
    moves=st.lists(st.tuples(st.integers(0, 20), st.sampled_from(list(State))), max_size=8),
    seen_on=st.integers(0, 25),
)
def test_what_comes_later_changes_nothing(make_item: MakeItem, moves: list[tuple[int, State]], seen_on: int) -> None:
    """Cutting off what came after an instant, with the present set to what it then was, gives the same view."""
    moves.sort(key=lambda move: move[0])
    history, now = [], State.TODO
    for on, to in moves:
        history.append(state(on, now, to))
        now = to
    done = [entry.at for entry in history if entry.after == State.DONE and entry.before != State.DONE]
    present = make_item("S-1", state=now, done_at=done[-1] if now is State.DONE else None)
    seen = as_of(present, history, day(seen_on))
    past = [entry for entry in history if entry.at <= day(seen_on)]
    assert seen is not None
    assert as_of(seen, past, day(seen_on)) == seen
    assert (seen.done_at is not None) == (seen.state is State.DONE)
    assert seen.done_at is None or seen.done_at <= day(seen_on)
