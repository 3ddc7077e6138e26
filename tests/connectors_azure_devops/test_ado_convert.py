"""From payload to work item: each field, each form in which it comes, and what must hold for every history."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.azure_devops import process, values
from connectors.azure_devops.context import find_fields
from connectors.azure_devops.convert import convert
from connectors.azure_devops.parents import Link, Seen, from_links, from_revisions
from connectors.azure_devops.payload import Payload, decode, parent_links
from domain.errors import ItemError
from domain.history import as_of
from domain.work import Record, State, Transition

START = datetime(2026, 3, 1, tzinfo=UTC)
CONTEXT: Mapping[str, Any] = {
    "url": "https://dev.azure.com/acme",
    "levels": {},
    "extra": {"Strategic Theme": "Custom.Theme"},
    "projects": {
        "My Shop": {
            "states": {"User Story": {"New": "Proposed", "Build": "InProgress", "Live": "Completed", "Cut": "Removed"}},
            "levels": {"Epic": 2, "Feature": 1, "User Story": 0, "Task": -1},
            "effort": "Custom.Weight",
            "teams": [],
        }
    },
}


def at(hours: float) -> datetime:
    return START + timedelta(hours=hours)


def stamp(hours: float) -> str:
    return at(hours).isoformat().replace("+00:00", "Z")


def item(*revisions: dict[str, Any], first: int = 1, **more: Any) -> Record:
    """A record from revisions an hour apart, each with what changed."""
    payload = Payload("7", **more)
    fields: dict[str, Any] = {
        "System.TeamProject": "My Shop",
        "System.WorkItemType": "User Story",
        "System.State": "New",
        "System.Title": "Pay by card",
        "System.AreaPath": "My Shop\\Web",
        "System.IterationPath": "My Shop",
        "System.CreatedDate": stamp(0),
    }
    for number, changed in enumerate(revisions or ({},)):
        fields = {**fields, "System.ChangedDate": stamp(number), **changed}
        payload.add_revision(first + number, fields)
    return convert(payload.encode(), CONTEXT, "shop")


def told(record: Record, field: str) -> list[tuple[float, Any, Any]]:
    hours = timedelta(hours=1)
    return [((one.at - START) / hours, one.before, one.after) for one in record.history if one.field == field]


def test_a_story_from_birth_to_delivery() -> None:
    record = item({}, {"System.State": "Build"}, {"System.State": "Live"}, {"System.Title": "Pay by any card"})
    story = record.item
    assert (story.id, story.key, story.source, story.project) == ("7", "7", "shop", "My Shop")
    assert story.url == "https://dev.azure.com/acme/My%20Shop/_workitems/edit/7"
    assert (story.state, story.status, story.title) == (State.DONE, "Live", "Pay by any card")
    assert (story.created_at, story.started_at, story.done_at, story.updated_at) == (at(0), at(1), at(2), at(3))
    assert told(record, "state") == [(1, "todo", "doing"), (2, "doing", "done")]
    assert told(record, "status") == [(1, "New", "Build"), (2, "Build", "Live")]
    assert told(record, "title") == [(3, "Pay by card", "Pay by any card")]
    assert record.raw == decode(record.raw).encode()


def test_a_reopened_story_is_not_done_and_a_dropped_one_neither() -> None:
    reopened = item({"System.State": "Build"}, {"System.State": "Live"}, {"System.State": "Build"})
    assert (reopened.item.state, reopened.item.done_at, reopened.item.started_at) == (State.DOING, None, at(0))
    again = item({}, {"System.State": "Live"}, {"System.State": "Build"}, {"System.State": "Live"})
    assert again.item.done_at == at(3)
    assert item({}, {"System.State": "Cut"}).item.state is State.DROPPED


@pytest.mark.parametrize(
    ("fields", "started", "done"),
    [
        ({}, None, 0),
        ({"Microsoft.VSTS.Common.ClosedDate": stamp(-5)}, None, -5),
        ({"Microsoft.VSTS.Common.StateChangeDate": stamp(-4)}, None, -4),
        ({"Microsoft.VSTS.Common.ActivatedDate": stamp(-9), "Microsoft.VSTS.Common.ClosedDate": stamp(-5)}, -9, -5),
        ({"Microsoft.VSTS.Common.ClosedDate": "rubbish"}, None, 0),
    ],
)
def test_what_happened_before_the_first_known_revision_comes_from_the_servers_dates(
    fields: dict[str, Any], started: float | None, done: float
) -> None:
    late = item({"System.State": "Live", "System.CreatedDate": stamp(-100), **fields}, first=4)
    assert late.item.done_at == at(done)
    assert late.item.started_at == (None if started is None else at(started))
    assert late.item.created_at == at(-100)


def test_fields_that_are_cleared_are_cleared() -> None:
    full = {
        "Custom.Weight": 5,
        "System.Tags": "b; a; b",
        "System.AssignedTo": {"uniqueName": "Ann@acme.example"},
        "Microsoft.VSTS.Common.Priority": 2.0,
        "System.IterationPath": "My Shop\\2026\\Sprint 4",
        "Custom.Theme": "Growth",
    }
    before = item(full).item
    assert (before.points, before.labels, before.assignee) == (5.0, ("a", "b"), "ann@acme.example")
    assert (before.priority, before.iteration, before.sprint) == ("2", "My Shop\\2026\\Sprint 4", "Sprint 4")
    assert before.fields == {"Strategic Theme": ("Growth",)}
    record = item(full, dict.fromkeys(full) | {"System.IterationPath": "My Shop"})
    after = record.item
    assert (after.points, after.labels, after.assignee, after.priority) == (None, (), None, None)
    assert (after.iteration, after.sprint, after.fields) == ("My Shop", None, {})
    assert told(record, "labels") == [(1, ("a", "b"), ())]
    assert told(record, "points") == [(1, 5.0, None)]
    assert told(record, "sprint") == [(1, "Sprint 4", None)]


@pytest.mark.parametrize(
    ("value", "account"),
    [
        ("Ann <Ann@acme.example>", "ann@acme.example"),
        ("Ann", "ann"),
        ({"id": "1", "uniqueName": "Ann <ann@acme.example>"}, "ann@acme.example"),
        ({"displayName": "Ann", "uniqueName": "ANN@acme.example", "descriptor": "aad.x"}, "ann@acme.example"),
        ({"displayName": "Ann", "descriptor": "aad.X"}, "aad.x"),
        ({}, None),
        ("", None),
        (None, None),
    ],
)
def test_a_person_is_the_same_account_in_every_form(value: object, account: str | None) -> None:
    assert values.account(value) == account


def test_tags_come_as_text_or_as_references() -> None:
    assert values.labels("b; a ;; b") == values.labels([{"id": "1", "name": "a"}, {"name": "b"}]) == ("a", "b")
    assert values.labels(None) == ()


@pytest.mark.parametrize(
    ("value", "number"),
    [(3, 3.0), ("2.5", 2.5), (0, 0.0), (-1, -1.0), (None, None), ("", None), (True, None), (float("nan"), None)],
)
def test_estimates(value: object, number: float | None) -> None:
    assert values.number(value) == number


def test_points_come_from_the_projects_own_field_and_else_from_the_usual_ones() -> None:
    assert item({"Custom.Weight": 3, process.EFFORT: 8}).item.points == 3
    assert item({process.EFFORT: 8}).item.points == 8
    assert item({"Custom.Weight": 0, process.EFFORT: 8}).item.points == 0


def test_deleted_and_restored() -> None:
    gone = item({}, {"System.IsDeleted": True}, {"System.IsDeleted": True})
    assert gone.item.deleted == at(1)
    assert told(gone, "deleted") == [(1, None, stamp(1))]
    assert as_of(gone.item, gone.history, at(0.5)) is not None
    assert as_of(gone.item, gone.history, at(1)) is None
    back = item({}, {"System.IsDeleted": True}, {"System.IsDeleted": False})
    assert back.item.deleted is None
    assert told(back, "deleted") == [(1, None, stamp(1)), (2, stamp(1), None)]


def test_a_revision_that_only_deletes_leaves_the_rest() -> None:
    payload = decode(item().raw)
    payload.add_revision(2, {"System.IsDeleted": True, "System.ChangedDate": stamp(3)})
    record = convert(payload.encode(), CONTEXT, "shop")
    assert (record.item.title, record.item.deleted) == ("Pay by card", at(3))
    assert [entry.field for entry in record.history] == ["deleted"]


def test_an_instant_before_its_predecessors_keeps_its_place() -> None:
    record = item({}, {"System.State": "Build"}, {"System.State": "Live", "System.ChangedDate": stamp(-50)})
    assert told(record, "state") == [(1, "todo", "doing"), (1, "doing", "done")]


@pytest.mark.parametrize(
    ("payload", "message"),
    [
        (b"{", "cannot be read"),
        (b'{"id": "7", "revisions": [], "links": []}', "Item 7: no revision of it is known"),
        (b'{"id": "7", "revisions": [{"rev": 1, "fields": {}}], "links": []}', "ChangedDate is missing"),
    ],
)
def test_what_makes_no_item_is_an_item_error(payload: bytes, message: str) -> None:
    with pytest.raises(ItemError, match=message):
        convert(payload, CONTEXT, "shop")


# Levels, categories and teams.

PORTFOLIO = [{"workItemTypes": [{"name": "Theme"}]}, {"workItemTypes": [{"name": "Epic"}]}]


def test_the_lowest_portfolio_backlog_is_level_one() -> None:
    ranked = [{**one, "rank": rank} for one, rank in zip(PORTFOLIO, (9, 3), strict=True)]
    for portfolio in (ranked, ranked[::-1], PORTFOLIO):
        levels = process.levels_of(
            {
                "portfolioBacklogs": portfolio,
                "requirementBacklog": {"workItemTypes": [{"name": "Issue"}]},
                "taskBacklog": {"workItemTypes": [{"name": "Task"}]},
            }
        )
        assert levels == {"Theme": 2, "Epic": 1, "Issue": 0, "Task": -1, "Bug": 0}


@pytest.mark.parametrize(("behaviour", "level"), [("asRequirements", 0), ("asTasks", -1), ("off", 0), (None, 0)])
def test_bugs_stand_where_the_team_has_them(behaviour: str | None, level: int) -> None:
    assert process.levels_of({"bugsBehavior": behaviour})["Bug"] == level


def test_the_settings_word_on_levels_wins_and_another_project_helps() -> None:
    context = {"levels": {"user story": 1}, "projects": {"A": {"levels": {"User Story": 0, "Wish": 0, "Need": 2}}}}
    assert process.level_of(context, "A", "User Story") == 1
    assert process.level_of(context, "gone", "Need") == 2
    assert process.level_of(context, "A", "Feature") == 1
    assert process.level_of(context, "A", "Test Case") == 0


def test_the_meaning_of_a_state_is_looked_for_from_near_to_far() -> None:
    context = {
        "projects": {
            "A": {"states": {"Bug": {"Open": "Proposed"}, "Task": {"Parked": "Removed"}}},
            "B": {"states": {"Bug": {"Open": "Completed", "Waiting": "Resolved"}}},
        }
    }
    assert process.state_of(context, "A", "Bug", "Open") is State.TODO
    assert process.state_of(context, "B", "Bug", "Open") is State.DONE
    assert process.state_of(context, "A", "Bug", "Waiting") is State.DOING
    assert process.state_of(context, "A", "Bug", "Parked") is State.DROPPED
    assert process.state_of(context, "A", "Bug", "Closed") is State.DONE
    assert not process.is_known(context, "A", "Bug", "Closed")
    assert process.state_of(context, "A", "Bug", "Weird") is State.DOING


def test_extra_fields_are_found_by_either_name() -> None:
    known = [
        {"name": "Theme", "referenceName": "Custom.Theme"},
        {"name": "custom.theme", "referenceName": "Custom.Trap"},
    ]
    assert find_fields(["THEME", "custom.THEME", "nowhere"], known) == {
        "THEME": "Custom.Theme",
        "custom.THEME": "Custom.Theme",
    }


# Parents.


def test_parents_through_links() -> None:
    links = [Link(at(1), "A", True), Link(at(5), "B", True), Link(at(5), "A", False), Link(at(9), "B", False)]
    parents = from_links(links, None, at(0))
    assert parents.present is None
    assert [(one.before, one.after) for one in parents.changes] == [(None, "A"), ("A", None), (None, "B"), ("B", None)]
    assert from_links(links[:1], None, at(1)).changes == (), "a parent since birth is no change"
    assert from_links(links[:1], None, at(1)).present == "A"


def test_an_old_link_that_ends_late_takes_nothing_away() -> None:
    parents = from_links([Link(at(1), "A", True), Link(at(2), "B", True), Link(at(3), "A", False)], None, at(0))
    assert parents.present == "B"


def test_an_ending_tells_what_was_before() -> None:
    parents = from_links([Link(at(3), "A", False)], None, at(0))
    assert (parents.present, parents.changes) == (None, (Transition(at(3), "parent", "A", None),))


def test_what_was_seen_counts_from_when_it_was_seen() -> None:
    assert from_links([], Seen(at(4), "A"), at(0)).present == "A"
    assert from_links([], Seen(at(4), "A"), at(0)).changes == ()
    earlier = from_links([Link(at(3), "B", True)], Seen(at(4), "A"), at(0))
    assert earlier.present == "A"
    assert earlier.changes[-1] == Transition(at(4), "parent", "B", "A")
    later = from_links([Link(at(5), "B", True)], Seen(at(4), "A"), at(0))
    assert later.changes == (Transition(at(5), "parent", "A", "B"),)
    assert from_links([], Seen(at(4), None), at(0)).present is None


def test_the_parent_field_is_a_stand_in() -> None:
    parents = from_revisions([(at(0), None), (at(1), "A"), (at(2), "A")])
    assert (parents.present, len(parents.changes)) == ("A", 1)
    assert from_revisions([]).present is None
    record = item({"System.Parent": 3}, {"System.Parent": 4}, links=[{"at": stamp(0), "parent": "9", "active": True}])
    assert record.item.parent == "9"
    record = item({"System.Parent": 3}, {"System.Parent": 4})
    assert (record.item.parent, told(record, "parent")) == ("4", [(1, "3", "4")])


def test_links_come_in_either_shape_and_direction() -> None:
    flat = {"sourceId": 7, "targetId": 8, "changedDate": "2026-01-01T00:00:00Z", "isActive": True}
    expected = [("8", {"at": "2026-01-01T00:00:00Z", "parent": "7", "active": True})]
    for rel in ("System.LinkTypes.Hierarchy", "System.LinkTypes.Hierarchy-Forward"):
        assert parent_links([{"rel": rel, **flat}]) == expected
        assert parent_links([{"rel": rel, "attributes": flat}]) == expected
    reverse = {**flat, "sourceId": 8, "targetId": 7}
    assert parent_links([{"rel": "System.LinkTypes.Hierarchy-Reverse", **reverse}]) == expected
    assert parent_links([{"rel": "System.LinkTypes.Related", **flat}]) == []
