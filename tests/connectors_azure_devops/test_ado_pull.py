"""What a pull brings: everything once, whatever the size of pages, wherever it was stopped."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest

from connectors.transport import Answer
from domain.errors import ProtocolError
from domain.work import State
from tests.connectors_azure_devops.organisation import everything, small_company


def test_a_first_pull_brings_every_item_of_the_project_whole(organisation: Any, open_source: Any, shelf: Any) -> None:
    small_company(organisation)
    shelf.pull(open_source())
    assert sorted(shelf.items) == ["1", "2", "3", "4", "5", "6", "8"]
    levels = {key: item.level for key, item in shelf.items.items()}
    assert levels == {"1": 2, "2": 1, "3": 0, "4": 0, "5": -1, "6": 1, "8": 0}
    assert {key: item.parent for key, item in shelf.items.items()} == {
        "1": None, "2": "1", "3": "2", "4": "6", "5": "3", "6": None, "8": None
    }  # fmt: skip
    story = shelf.items["3"]
    assert (story.state, story.points, story.labels) == (State.DONE, 3.0, ("a", "b"))
    assert story.assignee == "ann@acme.example"
    assert story.url == "https://dev.azure.com/acme/Platform/_workitems/edit/3"
    assert shelf.told("3", "state") == [("todo", "doing"), ("doing", "done")]
    assert shelf.told("4", "parent") == [(None, "2"), ("2", None), (None, "6")]
    assert list(shelf.deleted) == ["8"]
    assert shelf.items["8"].deleted == shelf.deleted["8"]
    assert shelf.warnings == []
    assert shelf.aside == []


def test_a_second_pull_right_after_costs_three_requests_and_brings_nothing(
    organisation: Any, open_source: Any, shelf: Any
) -> None:
    small_company(organisation)
    shelf.pull(open_source())
    before = everything(shelf)
    cursor = shelf.cursor
    organisation.asked.clear()
    tracker = open_source()
    pages = list(tracker.pull(shelf.cursor, shelf.held))
    assert [name for name, _, _ in organisation.asked] == ["PROJECTS", "REVISIONS", "LINKS"]
    assert tracker.requests == 3
    assert [page.records for page in pages] == [[]] * len(pages)
    for page in pages:
        shelf.keep(page)
    assert everything(shelf) == before
    assert shelf.cursor == cursor


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100])
@pytest.mark.parametrize("nested", [False, True])
def test_pages_of_any_size_and_links_of_either_shape_bring_the_same(
    new_world: Any, organisation: Any, open_source: Any, shelf: Any, size: int, nested: bool
) -> None:
    small_company(organisation)
    shelf.pull(open_source())
    whole = everything(shelf)
    again = new_world()[1]
    organisation.page, organisation.nested_links, organisation.token_beside = size, nested, False
    again.pull(open_source())
    assert everything(again) == whole


def test_empty_pages_that_say_more_follows_are_read_on(organisation: Any, open_source: Any, shelf: Any) -> None:
    small_company(organisation)
    organisation.page = 4
    empties: dict[str, int] = {"REVISIONS": 0, "LINKS": 0}
    send = organisation.send

    def with_holes(method: str, location: str, version: str, **request: Any) -> Answer:
        answer: Answer = send(method, location, version, **request)
        name = organisation.asked[-1][0]
        if name not in empties or answer.json()["isLastBatch"]:
            return answer
        empties[name] += 1
        token = (request.get("query") or {}).get("continuationToken", "0;7")
        if token.endswith("!"):
            return answer
        hole = {"values": [], "continuationToken": f"{token}!", "isLastBatch": False}
        return Answer(200, {}, json.dumps(hole).encode())

    organisation.send = with_holes
    shelf.pull(open_source())
    assert sorted(shelf.items) == ["1", "2", "3", "4", "5", "6", "8"]
    assert shelf.items["4"].parent == "6"
    assert min(empties.values()) > 0


def test_a_pull_may_stop_after_any_page(new_world: Any, organisation: Any, open_source: Any, shelf: Any) -> None:
    small_company(organisation)
    organisation.page = 2
    shelf.pull(open_source())
    whole = everything(shelf)
    for stop in range(1, shelf.pages + 1):
        again = new_world()[1]
        again.pull(open_source(), stop=stop)
        again.pull(open_source())
        assert again.pages > stop
        # An item that was completed by its relations holds them besides; what it says must be the same.
        assert (again.items, again.history) == whole[:2], stop


def test_every_change_between_stopped_pulls_arrives(organisation: Any, open_source: Any, shelf: Any) -> None:
    small_company(organisation)
    organisation.page = 3
    for stop in (1, 2, 3, 4, 5, 6, 7, None):
        number = 100 + (stop or 0)
        organisation.create(number)
        organisation.set_parent(number, 2)
        organisation.change(4, title=f"Round {stop}")
        shelf.pull(open_source(), stop=stop)
    assert shelf.items["4"].title == "Round None"
    assert {key: shelf.items[key].parent for key in shelf.items if int(key) >= 100} == {
        str(100 + stop): "2" for stop in range(8)
    }


def test_a_token_that_repeats_stops_within_two_requests(organisation: Any, open_source: Any, shelf: Any) -> None:
    small_company(organisation)
    send = organisation.send

    def stuck(method: str, location: str, version: str, **request: Any) -> Answer:
        answer: Answer = send(method, location, version, **request)
        if organisation.asked[-1][0] != "REVISIONS":
            return answer
        return Answer(200, {}, json.dumps({"values": [], "continuationToken": "5;7", "isLastBatch": False}).encode())

    organisation.send = stuck
    with pytest.raises(ProtocolError, match="same token twice"):
        shelf.pull(open_source())
    tokens = [query.get("continuationToken") for name, query, _ in organisation.asked if name == "REVISIONS"]
    assert tokens == [None, "5;7", "5;7"]


def test_more_without_a_token_is_an_error(organisation: Any, open_source: Any, shelf: Any) -> None:
    organisation._revisions = lambda *_: {"values": [], "isLastBatch": False}
    with pytest.raises(ProtocolError, match="says that more follows, but not from where"):
        shelf.pull(open_source())


def test_tokens_that_go_round_stop(organisation: Any, open_source: Any, shelf: Any) -> None:
    tokens = iter(["1", "2", "3", "1", "2", "3"])
    send = organisation.send

    def round_and_round(method: str, location: str, version: str, **request: Any) -> Answer:
        answer: Answer = send(method, location, version, **request)
        if organisation.asked[-1][0] != "LINKS":
            return answer
        document = {"values": [], "continuationToken": next(tokens), "isLastBatch": False}
        return Answer(200, {}, json.dumps(document).encode())

    organisation.send = round_and_round
    organisation.page = 1000
    with pytest.raises(ProtocolError, match="same token twice"):
        shelf.pull(open_source())
    assert organisation.count("LINKS") == 4


def test_a_re_parenting_without_a_revision_is_seen_on_the_next_run(
    organisation: Any, open_source: Any, shelf: Any
) -> None:
    small_company(organisation)
    shelf.pull(open_source())
    organisation.set_parent(3, 6)
    shelf.pull(open_source())
    assert shelf.items["3"].parent == "6"
    assert shelf.items["3"].updated_at == organisation.clock.at
    organisation.set_parent(3, None)
    shelf.pull(open_source())
    assert shelf.items["3"].parent is None
    assert shelf.told("3", "parent") == [(None, "2"), ("2", None), (None, "6"), ("6", None)]


def test_an_item_born_while_links_are_read_keeps_its_parent(organisation: Any, open_source: Any, shelf: Any) -> None:
    """Its link is told before its revisions are, and never again."""
    small_company(organisation)

    def born(name: str) -> None:
        if name == "LINKS" and 50 not in organisation.revisions:
            organisation.create(50)
            organisation.set_parent(50, 2)

    organisation.before = born
    shelf.pull(open_source())
    assert "50" not in shelf.items
    shelf.pull(open_source())
    assert shelf.items["50"].parent == "2"


def test_an_item_that_leaves_stays_and_tells_its_new_project(organisation: Any, open_source: Any, shelf: Any) -> None:
    small_company(organisation)
    shelf.pull(open_source())
    organisation.change(3, project="Shop", area="Shop", iteration="Shop")
    shelf.pull(open_source())
    organisation.change(3, title="Over there")
    shelf.pull(open_source())
    assert (shelf.items["3"].project, shelf.items["3"].title) == ("Shop", "Over there")
    assert shelf.told("3", "project") == [("Platform", "Shop")]


def test_an_item_that_moves_in_comes_with_its_past_and_its_parent(
    organisation: Any, open_source: Any, shelf: Any
) -> None:
    small_company(organisation)
    shelf.pull(open_source())
    organisation.change(7, state="Active")
    organisation.change(7, project="Platform", area="Platform", iteration="Platform")
    organisation.page = 1  # the move is told on a page of its own
    shelf.pull(open_source())
    item = shelf.items["7"]
    assert (item.project, item.parent, item.state) == ("Platform", "2", State.DOING)
    assert shelf.told("7", "state") == [("todo", "doing")]
    assert shelf.told("7", "project") == [("Shop", "Platform")]
    assert item.started_at == datetime.fromisoformat(organisation.revisions[7][1]["System.ChangedDate"])


def test_in_a_first_load_an_item_that_moved_in_comes_with_its_past(
    organisation: Any, open_source: Any, shelf: Any
) -> None:
    small_company(organisation)
    organisation.change(7, project="Platform", area="Platform", iteration="Platform")
    organisation.page = 1
    shelf.pull(open_source())
    assert shelf.told("7", "project") == [("Shop", "Platform")]
    assert shelf.items["7"].parent == "2"
    assert organisation.count("BATCH") == 0, "links tell the parents of a first load"


def test_deleted_and_restored(organisation: Any, open_source: Any, shelf: Any) -> None:
    organisation.create(1)
    shelf.pull(open_source())
    organisation.change(1, deleted=True)
    shelf.pull(open_source())
    gone = organisation.clock.at
    assert shelf.deleted == {"1": gone}
    assert shelf.items["1"].deleted == gone
    organisation.change(1, deleted=None)
    shelf.pull(open_source())
    assert shelf.items["1"].deleted is None
    text = gone.isoformat().replace("+00:00", "Z")
    assert shelf.told("1", "deleted") == [(None, text), (text, None)]


def test_an_item_that_cannot_be_completed_is_set_aside_and_tried_again(
    organisation: Any, open_source: Any, shelf: Any
) -> None:
    small_company(organisation)
    shelf.pull(open_source())
    organisation.create(50)
    organisation.set_parent(50, 2)
    organisation.before = lambda name: organisation.links.clear() if name == "LINKS" else None
    organisation.hidden = {50}
    shelf.pull(open_source())
    assert [item for item, _ in shelf.aside] == ["50"]
    assert "may not see it" in shelf.aside[0][1]
    assert (shelf.items["50"].title, shelf.items["50"].parent) == ("Item 50", None), "what is known is kept"
    organisation.hidden = set()
    shelf.pull(open_source())
    assert shelf.items["50"].parent == "2"
    assert len(shelf.aside) == 1
    organisation.asked.clear()
    shelf.pull(open_source())
    assert organisation.count("BATCH") == 0


def test_after_three_runs_an_item_is_left_as_it_is_known(organisation: Any, open_source: Any, shelf: Any) -> None:
    shelf.pull(open_source())
    organisation.create(1)
    organisation.set_parent(1, 2)
    shelf.pull(open_source())
    organisation.create(50)
    organisation.hidden = {50}
    for _ in range(5):
        shelf.pull(open_source())
    assert [item for item, _ in shelf.aside] == ["50"] * 3
    assert [text for text in shelf.warnings if "50" in text] == [
        "Source platform: item 50 could not be completed in 3 runs; what is known of it is kept as it is."
    ]


def test_one_broken_item_is_set_aside_and_the_others_come(organisation: Any, open_source: Any, shelf: Any) -> None:
    small_company(organisation)
    organisation.revisions[5][0]["System.ChangedDate"] = "not a date"
    shelf.pull(open_source())
    assert sorted(shelf.items) == ["1", "2", "3", "4", "6", "8"]
    assert "System.ChangedDate is 'not a date'" in dict(shelf.aside)["5"]
