"""What a pull brings: everything once, whatever the size of pages, wherever it was stopped."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any

import pytest

from connectors.transport import Answer
from domain.errors import ConfigurationError, ProtocolError
from domain.work import State


def small_company(organisation: Any) -> None:
    """Two epics with a feature, stories and a task; one story is done, one re-parented, one deleted, one elsewhere."""
    for item, kind in ((1, "Epic"), (2, "Feature"), (3, "User Story"), (4, "User Story"), (5, "Task"), (6, "Feature")):
        organisation.create(item, kind)
    for child, parent in ((2, 1), (3, 2), (4, 2), (5, 3)):
        organisation.set_parent(child, parent)
    organisation.create(7, project="Shop")
    organisation.set_parent(7, 2)
    organisation.change(3, state="Active", assignee="Ann <ann@acme.example>", points=3)
    organisation.change(3, state="Closed", tags="b; a")
    organisation.set_parent(4, 6)
    organisation.create(8)
    organisation.change(8, deleted=True)


def everything(shelf: Any) -> Any:
    return shelf.items, shelf.history, shelf.raw, shelf.deleted


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


def test_an_unknown_project_is_a_configuration_error_with_the_nearest_name(open_source: Any, shelf: Any) -> None:
    tracker = open_source(projects=["Platfrom", "shop", "Zzz"])
    with pytest.raises(ConfigurationError) as caught:
        shelf.pull(tracker)
    assert len(caught.value.problems) == 2
    assert "'Platfrom' does not exist, or this account may not see it; did you mean 'Platform'?" in str(caught.value)
    access = tracker.access()
    assert (access.account, access.visible) == ("Reader", ["Shop"])
    assert len(access.notes) == 2


def test_since_bounds_the_first_load_and_still_brings_what_children_hang_from(
    organisation: Any, open_source: Any, shelf: Any
) -> None:
    small_company(organisation)
    organisation.change(4, state="Active")
    organisation.tick(days=10)
    organisation.change(3, title="Late change", state="Resolved")
    organisation.set_parent(4, 2)
    organisation.create(9)
    organisation.set_parent(9, 6)
    shelf.pull(open_source(since=date(2026, 6, 8)))
    # 3 and 9 changed since; 2 and 6 are their parents, 1 is that of 2. 4 was re-parented, but without a revision.
    assert sorted(shelf.items) == ["1", "2", "3", "6", "9"]
    assert {key: item.parent for key, item in shelf.items.items()} == {
        "1": None,
        "2": "1",
        "3": "2",
        "6": None,
        "9": "6",
    }
    assert shelf.told("3", "state") == [("done", "doing")], "what was in force at `since` is the value before"
    assert shelf.told("3", "title") == [("Item 3", "Late change")]
    starts = [query for name, query, _ in organisation.asked if name in ("REVISIONS", "LINKS")]
    assert starts == [{"startDateTime": "2026-06-08T00:00:00Z"}] * 2
    assert organisation.count("ITEM_REVISIONS") == 0
    # An old item that is touched later comes with its whole past.
    organisation.change(4, title="Touched")
    organisation.asked.clear()
    shelf.pull(open_source(since=date(2026, 6, 8)))
    assert shelf.items["4"].parent == "2"
    assert shelf.told("4", "state") == [("todo", "doing")]
    assert all("startDateTime" not in query for _, query, _ in organisation.asked)


def test_asking_for_more_reads_everything_again(organisation: Any, open_source: Any, shelf: Any) -> None:
    small_company(organisation)
    shelf.pull(open_source())
    shelf.pull(open_source(projects=["Platform", "Shop"]))
    assert "7" in shelf.items
    assert any("more is asked for than before (projects)" in text for text in shelf.warnings)
    shelf.warnings.clear()
    shelf.pull(open_source(projects=["Platform"]))
    assert shelf.warnings == []


def test_a_new_field_is_filled_for_old_items_too(organisation: Any, open_source: Any, shelf: Any) -> None:
    organisation.create(1, theme="Growth")
    shelf.pull(open_source(extra_fields=frozenset({"nowhere"})))
    assert shelf.items["1"].fields == {}
    shelf.pull(open_source(extra_fields=frozenset({"strategic theme", "Custom.Theme"})))
    assert shelf.items["1"].fields == {"strategic theme": ("Growth",), "Custom.Theme": ("Growth",)}


def test_long_fields_are_asked_for_expanded(organisation: Any, open_source: Any, shelf: Any) -> None:
    shelf.pull(open_source(extra_fields=frozenset({"Description"})))
    assert ("$expand", "fields") in next(query for name, query, _ in organisation.asked if name == "REVISIONS").items()


def test_area_paths_bound_what_is_taken(organisation: Any, open_source: Any, shelf: Any) -> None:
    organisation.create(1, area="Platform\\Payments")
    organisation.create(2, area="Platform\\Payments\\Cards")
    organisation.create(3, area="Platform\\Paymentsystem")
    organisation.create(4, area="Platform")
    source = {"area_paths": ["platform\\payments\\", "Platform\\Nowhere"]}
    shelf.pull(open_source(**source))
    assert sorted(shelf.items) == ["1", "2"]
    assert [text for text in shelf.warnings if "Nowhere" in text] == shelf.warnings
    organisation.change(4, area="Platform\\Payments")
    shelf.pull(open_source(**source))
    assert shelf.told("4", "area_path") == [("Platform", "Platform\\Payments")]


def test_a_new_state_is_looked_up_once_and_an_unknown_one_is_told(
    organisation: Any, open_source: Any, shelf: Any
) -> None:
    organisation.create(1)
    shelf.pull(open_source())
    organisation.states["Platform"]["User Story"]["Accepted by ops"] = "Completed"
    organisation.change(1, state="Accepted by ops")
    organisation.create(2, state="Limbo")
    organisation.asked.clear()
    shelf.pull(open_source())
    assert shelf.items["1"].state is State.DONE
    assert shelf.items["2"].state is State.DOING
    assert organisation.count("TYPES") == 1
    assert shelf.warnings == [
        "Source platform: no process gives the state 'Limbo' of User Story in Platform a category; it counts as doing."
    ]


def test_the_process_is_read_once_a_day(organisation: Any, open_source: Any, shelf: Any) -> None:
    shelf.pull(open_source())
    organisation.tick(hours=23)
    shelf.pull(open_source())
    assert organisation.count("TYPES") == 1
    organisation.tick(hours=2)
    shelf.pull(open_source())
    assert organisation.count("TYPES") == 2


def test_a_field_that_is_not_reported_is_let_go(organisation: Any, open_source: Any, shelf: Any) -> None:
    organisation.unreported = {"System.Parent"}
    small_company(organisation)
    shelf.pull(open_source())
    assert shelf.items["3"].parent == "2"
    assert organisation.count("REVISIONS") == 2
    organisation.asked.clear()
    shelf.pull(open_source())
    assert organisation.count("REVISIONS") == 1, "the refusal is remembered"


def test_a_needed_field_that_is_not_reported_is_an_error(organisation: Any, open_source: Any, shelf: Any) -> None:
    organisation.unreported = {"System.State"}
    with pytest.raises(ProtocolError, match=r"does not report System\.State"):
        shelf.pull(open_source())


def test_the_parent_field_serves_until_links_are_told(organisation: Any, open_source: Any, shelf: Any) -> None:
    organisation.tells_parent = True
    small_company(organisation)
    shelf.pull(open_source(), stop=1)
    assert shelf.items["3"].parent == "2"
    shelf.pull(open_source())
    assert shelf.items["4"].parent == "6"


def test_teams_own_areas_and_the_nearest_wins(organisation: Any, open_source: Any, shelf: Any) -> None:
    organisation.teams["Platform"] = [
        ("Platform Team", "Platform", False),
        ("Ocean", "Platform\\Payments", True),
        ("Reef", "Platform\\Payments\\Cards", True),
    ]
    areas = {1: "Platform", 2: "Platform\\Payments", 3: "Platform\\Payments\\Cards\\3DS", 4: "Platform\\Search"}
    for item, area in areas.items():
        organisation.create(item, area=area)
    organisation.change(2, area="Platform\\Payments\\Cards")
    shelf.pull(open_source())
    teams = [shelf.items[str(item)].team for item in areas]
    assert teams == ["Platform Team", "Reef", "Reef", None]
    assert shelf.told("2", "team") == [("Ocean", "Reef")]


def test_without_the_right_to_read_teams_the_pull_goes_on(
    organisation: Any, open_source: Any, shelf: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    organisation._teams = lambda *_: Answer(403, {}, b"{}")
    organisation.create(1)
    shelf.pull(open_source())
    assert shelf.items["1"].team is None
    assert "teams of project Platform cannot be read" in shelf.warnings[0]


def test_too_many_teams_are_left_alone(organisation: Any, open_source: Any, shelf: Any) -> None:
    organisation.teams["Platform"] = [(f"Team {n}", f"Platform\\{n}", True) for n in range(26)]
    shelf.pull(open_source())
    assert organisation.count("TEAM_FIELD_VALUES") == 0
    assert "has 26 teams" in shelf.warnings[0]


def test_a_full_pull_brings_the_same_again(organisation: Any, open_source: Any, shelf: Any) -> None:
    small_company(organisation)
    shelf.pull(open_source())
    before = everything(shelf)
    shelf.pull(open_source(), full=True)
    assert everything(shelf) == before


def test_convert_again_without_the_network(organisation: Any, open_source: Any, shelf: Any) -> None:
    small_company(organisation)
    tracker = open_source()
    pages = list(tracker.pull(None, shelf.held))
    for page in pages:
        for record in page.records:
            assert tracker.convert(record.raw, json.loads(json.dumps(page.context))) == record
    tracker.close()
    assert organisation.asked[-1][0] == "CLOSE"


def test_two_hundred_items_a_batch(organisation: Any, open_source: Any, shelf: Any) -> None:
    shelf.pull(open_source())
    for item in range(1, 452):
        organisation.create(item)
    shelf.pull(open_source())
    assert organisation.count("BATCH") == 3
    assert len(shelf.items) == 451


@pytest.mark.parametrize(
    ("resource", "document"),
    [
        ("projects", {"count": 1, "value": "many"}),
        ("projects", {"count": 1, "value": [{"title": "x"}]}),
        ("fields", []),
        ("types", {"value": [{"states": []}]}),
        ("backlogs", [1]),
        ("revisions", {"value": []}),
        ("revisions", {"values": [{"id": 1}], "isLastBatch": True, "continuationToken": "1"}),
        ("revisions", {"values": [3], "isLastBatch": True, "continuationToken": "1"}),
        ("links", {"values": [{"rel": "System.LinkTypes.Hierarchy", "sourceId": 1}], "isLastBatch": True}),
        ("links", "text"),
    ],
)
def test_an_answer_that_makes_no_sense_is_a_protocol_error(
    organisation: Any, open_source: Any, shelf: Any, resource: str, document: Any
) -> None:
    organisation.create(1)
    setattr(organisation, f"_{resource}", lambda *_: document)
    if resource == "fields":
        shelf.pull(open_source())  # a bare list is as good as `{value: […]}`
        return
    with pytest.raises(ProtocolError, match="Source platform") as caught:
        shelf.pull(open_source())
    assert str(caught.value).endswith((".", "?"))
