"""What came of comments, and when a ticket is left in peace."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest

from config.load import load
from domain.effect import Effect
from domain.lines import Line
from domain.work import WorkItem
from store.kept import Purpose, StoredComment
from sync.intent import Intent, plan
from sync.tagging import tag
from tests.drafts.conftest import NOW, Desk, StillClock

Make = Callable[..., WorkItem]
DAY = timedelta(days=1)
ON = "{enabled: true, projects: [SHOP]}"
markers = count(1)


@pytest.fixture
def here(desk: Desk) -> Desk:
    return desk.with_(comments=ON)


def write(desk: Desk, item: WorkItem, at: datetime, purpose: Purpose = "asks", state: Any = "standing") -> None:
    """Our comment was written in a ticket."""
    marker = str(next(markers))
    with desk.store.writing() as unit:
        fence = unit.take_lease("comments:shop", marker, at, 60)
        assert fence is not None
        number = unit.begin_write(
            item.ref, "edit", fence, marker=marker, body="b", digest=marker, why="w", purpose=purpose, at=at
        )
        unit.end_write(number, "sent", at)
        unit.keep_comment(StoredComment(item.ref, "7", marker, marker, state, at, at, "s", "b"))
        unit.release_lease(fence)


def settled(desk: Desk, at: datetime) -> Effect:
    """What is known at an instant of what came of the comments of 13 weeks."""
    workspace = load(desk.folder, {}, secrets=False)
    tag(workspace, desk.store, StillClock(at))
    with desk.store.reading() as reader:
        return reader.effect(at - 91 * DAY, at)


def intents(desk: Desk, at: datetime) -> dict[str, Intent]:
    found = desk.drafts(at=at)
    workspace = load(desk.folder, {}, secrets=False)
    return {one.item.key: one for one in plan(workspace, desk.store, at, found, approved=True)}


def test_a_goal_within_two_weeks_is_an_effect_and_nothing_is_not(here: Desk, make_item: Make) -> None:
    mapped, late, never = (make_item(f"SHOP-{number}") for number in (1, 2, 3))
    here.drafts(mapped, late, never)
    for item in (mapped, late, never):
        write(here, item, NOW)
    assert settled(here, NOW + DAY) == Effect(tickets=3, asked=3, waiting=3)
    here.keep([make_item("SHOP-1", components=("Payments",), updated_at=NOW + DAY)])
    assert settled(here, NOW + 13 * DAY) == Effect(tickets=3, asked=3, waiting=2, mapped=1)
    here.keep([make_item("SHOP-2", components=("Payments",), updated_at=NOW + DAY)])
    assert settled(here, NOW + 14 * DAY) == Effect(tickets=3, asked=3, mapped=1, ignored=2)
    with here.store.reading() as reader:
        assert reader.effect(NOW - DAY, NOW + 12 * DAY) == Effect(tickets=3, asked=3, waiting=3)
        assert reader.effect(NOW + DAY, NOW + 99 * DAY) == Effect()


def test_a_team_that_says_it_serves_nothing_has_answered(here: Desk, make_item: Make) -> None:
    item = make_item("SHOP-1")
    here.drafts(item)
    write(here, item, NOW)
    here.hear(item, '/filrouge not-aligned "incident"', at=NOW + DAY)
    assert settled(here, NOW + 2 * DAY) == Effect(tickets=1, asked=1, mapped=1)


def test_what_people_do_to_a_comment_is_counted(here: Desk, make_item: Make) -> None:
    items = [make_item(f"SHOP-{number}", components=("Payments",)) for number in range(1, 6)]
    items[2] = make_item("SHOP-3", labels=("filrouge-mute",))
    here.drafts(*items)
    for item, state in zip(items, ("deleted", "edited", "standing", "standing", "standing"), strict=True):
        write(here, item, NOW, "tells", state)
    here.hear(items[3], "/filrouge mute", at=NOW + DAY)
    assert settled(here, NOW + DAY) == Effect(tickets=5, removed=1, edited=1, muted=2)


def test_after_two_comments_without_an_effect_a_ticket_is_left_in_peace(here: Desk, make_item: Make) -> None:
    item = make_item("SHOP-1")
    here.drafts(item)
    write(here, item, NOW)
    settled(here, NOW + 14 * DAY)
    assert intents(here, NOW + 14 * DAY)["SHOP-1"].held is None
    write(here, item, NOW + 14 * DAY)
    settled(here, NOW + 28 * DAY)
    later = NOW + 28 * DAY
    assert intents(here, later)["SHOP-1"].held == "2 comments there were ignored"
    # Somebody who asks is answered, and work that has a goal is told so.
    here.hear(item, "/filrouge help", at=later)
    asked = intents(here, later)["SHOP-1"]
    assert (asked.held, asked.purpose) == (None, "answers")
    here.keep([make_item("SHOP-1", components=("Payments",), updated_at=later)])
    told = intents(here, later + 8 * DAY)["SHOP-1"]
    assert (told.held, told.action) == (None, "edit")


def test_an_answer_is_given_once_in_spite_of_silence_and_budget(here: Desk, make_item: Make) -> None:
    item = make_item("SHOP-1")
    here.drafts(item)
    write(here, item, NOW, "tells")
    assert "the budget of a ticket" in (intents(here, NOW + DAY)["SHOP-1"].held or "")
    lines = [
        Line(item.ref, "1", "/filrouge mute", "someone", True, NOW + DAY, NOW + DAY),
        Line(item.ref, "2", "/filrouge why", "someone", True, NOW + 2 * DAY, NOW + 2 * DAY),
    ]
    with here.store.writing() as unit:
        unit.keep_lines(item.ref, lines[:1], NOW + DAY, NOW + DAY)
    assert intents(here, NOW + DAY)["SHOP-1"].held == "muted by a command in the ticket"
    with here.store.writing() as unit:
        unit.keep_lines(item.ref, lines, NOW + 2 * DAY, NOW + 2 * DAY)
    asked = intents(here, NOW + 2 * DAY)["SHOP-1"]
    assert (asked.held, asked.purpose, asked.action) == (None, "answers", "edit")
    write(here, item, NOW + 3 * DAY, "answers")
    again = intents(here, NOW + 9 * DAY)["SHOP-1"]
    assert (again.held, again.purpose) == ("muted by a command in the ticket", "asks")
