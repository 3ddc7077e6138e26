"""From an issue's JSON to a work item and its history."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.jira.convert import convert
from domain.errors import ItemError
from domain.work import Record, State, Transition

CONTEXT: dict[str, Any] = {
    "source": "shop",
    "base": "https://acme.atlassian.net",
    "fields": {
        "points": ["customfield_16", "customfield_26"],
        "sprint": ["customfield_20"],
        "team": ["customfield_1"],
        "epic_link": ["customfield_14"],
        "epic_name": ["customfield_11"],
        "parent_link": ["customfield_18"],
    },
    "names": {"customfield_16": "Story point estimate", "customfield_26": "Story Points", "customfield_1": "Équipe"},
    "extra": {"Customer": ["customfield_40"]},
    "levels": {"Chapter": 2},
    "dropped": ["Won't Do", "10002"],
    "statuses": {
        "3": ["To Do", "new"],
        "4": ["In Progress", "indeterminate"],
        "5": ["Done", "done"],
        "6": ["Review", "indeterminate"],
    },
}
T = [datetime(2026, 10, 1, 9, tzinfo=UTC) + timedelta(days=day) for day in range(20)]
Make = Callable[..., Any]


def converted(issue: dict[str, Any], **context: Any) -> Record:
    return convert(json.dumps(issue).encode(), {**CONTEXT, **context})


def moves(record: Record, field: str) -> list[tuple[datetime, Any, Any]]:
    return [(entry.at, entry.before, entry.after) for entry in record.history if entry.field == field]


def test_every_field_of_an_issue(issue: Make) -> None:
    one = converted(
        issue(
            42,
            summary="  Pay by card ",
            priority={"id": "2", "name": "High"},
            labels=["okr-o1", "beta"],
            components=[{"id": "2", "name": "Web"}, {"id": "1", "name": "Api"}],
            fixVersions=[{"id": "7", "name": "1.0"}],
            assignee={"accountId": "5b1", "displayName": "A. Martin"},
            parent={"id": "10007", "key": "SHOP-7"},
            customfield_16=None,
            customfield_26=3,
            customfield_20=[{"id": 1, "name": "S1", "state": "closed"}, {"id": 2, "name": "S2", "state": "active"}],
            customfield_1={"id": "abc-1", "name": "Ocean"},
            customfield_40=[{"value": "Acme"}, {"value": "Umbrella"}],
        )
    ).item
    assert (one.source, one.id, one.key, one.url) == (
        "shop",
        "10042",
        "SHOP-42",
        "https://acme.atlassian.net/browse/SHOP-42",
    )
    assert (one.title, one.type, one.level, one.priority) == ("Pay by card", "Story", 0, "High")
    assert (one.labels, one.components, one.fix_versions) == (("beta", "okr-o1"), ("Api", "Web"), ("1.0",))
    assert (one.parent, one.parent_key, one.assignee, one.points) == ("10007", "SHOP-7", "5b1", 3.0)
    assert (one.sprint, one.team, one.project) == ("S2", "Ocean", "SHOP")
    assert one.fields == {"Customer": ("Acme", "Umbrella")}


def test_null_and_missing_fields_are_nothing(issue: Make) -> None:
    bare = issue(1)
    for name in ("labels", "components", "fixVersions", "resolution", "parent", "summary"):
        bare["fields"][name] = None
    del bare["changelog"]
    one = converted(bare)
    assert (one.item.labels, one.item.components, one.item.parent, one.item.points, one.item.title) == (
        (),
        (),
        None,
        None,
        "",
    )
    assert one.history == ()


@pytest.mark.parametrize("name", ["status", "issuetype", "project", "created", "updated"])
def test_without_what_every_issue_has_the_item_is_set_aside(issue: Make, name: str) -> None:
    broken = issue(1)
    del broken["fields"][name]
    with pytest.raises(ItemError, match="SHOP-1"):
        converted(broken)
    with pytest.raises(ItemError, match="not JSON"):
        convert(b"{", CONTEXT)


@pytest.mark.parametrize(
    ("status", "resolution", "state"),
    [
        ("To Do", None, State.TODO),
        ("In Progress", None, State.DOING),
        ("Done", None, State.DONE),
        ("Done", {"id": "10000", "name": "Done"}, State.DONE),
        ("Done", {"id": "10001", "name": "won't do"}, State.DROPPED),
        ("Done", {"id": "10002", "name": "Abandonné"}, State.DROPPED),
        ("Done", {"id": "10003", "name": "Sera pas fait", "untranslatedName": "Won't Do"}, State.DROPPED),
        ("To Do", {"id": "10001", "name": "Won't Do"}, State.TODO),
    ],
)
def test_state_is_category_and_resolution(issue: Make, status: str, resolution: Any, state: State) -> None:
    assert converted(issue(1, status=status, resolution=resolution)).item.state is state


def test_a_translated_resolution_is_known_by_the_log_s_untranslated_name(issue: Make, entry: Make) -> None:
    log = [
        entry(
            1,
            T[3],
            ("status", "3", "To Do", "5", "Done"),
            ("resolution", None, None, "10009", "Won't Do"),
        )
    ]
    one = converted(issue(1, status="Done", resolution={"id": "10009", "name": "Ne sera pas fait"}, histories=log))
    assert one.item.state is State.DROPPED
    assert moves(one, "state") == [(T[3], "todo", "dropped")]
    assert one.item.done_at is None


@pytest.mark.parametrize(
    ("kind", "fields", "level"),
    [
        ({"name": "Epic", "hierarchyLevel": 1}, {}, 1),
        ({"name": "Thème", "hierarchyLevel": 3}, {}, 3),
        ({"name": "Sub-task", "subtask": True, "hierarchyLevel": -1}, {}, -1),
        ({"name": "Sub-task", "subtask": True}, {}, -1),
        ({"name": "Epic", "subtask": False}, {}, 1),
        ({"name": "Récit majeur", "subtask": False}, {"customfield_11": "Checkout"}, 1),
        ({"name": "Initiative"}, {}, 2),
        ({"name": "Bug"}, {}, 0),
        ({"name": "chapter", "hierarchyLevel": 0}, {}, 2),
    ],
)
def test_levels(issue: Make, kind: dict[str, Any], fields: dict[str, Any], level: int) -> None:
    one = issue(1, **fields)
    one["fields"]["issuetype"] = kind
    assert converted(one).item.level == level


def test_a_status_change_gives_state_only_where_the_category_changes(issue: Make, entry: Make) -> None:
    log = [
        entry(1, T[1], ("status", "3", "To Do", "4", "In Progress")),
        entry(2, T[2], ("status", "4", "In Progress", "6", "Review")),
        entry(3, T[3], ("status", "6", "Review", "5", "Done"), ("resolution", None, None, "1", "Fixed")),
    ]
    one = converted(issue(1, status="Done", resolution={"id": "1", "name": "Fixed"}, histories=log))
    assert moves(one, "status") == [
        (T[1], "To Do", "In Progress"),
        (T[2], "In Progress", "Review"),
        (T[3], "Review", "Done"),
    ]
    assert moves(one, "state") == [(T[1], "todo", "doing"), (T[3], "doing", "done")]
    assert (one.item.started_at, one.item.done_at) == (T[1], T[3])


def test_a_resolution_set_later_drops_what_was_done(issue: Make, entry: Make) -> None:
    log = [
        entry(1, T[1], ("status", "3", "To Do", "5", "Done"), ("resolution", None, None, "1", "Fixed")),
        entry(2, T[2], ("resolution", "1", "Fixed", "2", "Won't Do")),
        entry(3, T[3], ("resolution", "2", "Won't Do", "1", "Fixed")),
    ]
    one = converted(issue(1, status="Done", resolution={"id": "1", "name": "Fixed"}, histories=log))
    assert moves(one, "state") == [(T[1], "todo", "done"), (T[2], "done", "dropped"), (T[3], "dropped", "done")]
    assert one.item.done_at == T[3]


def test_status_from_the_field_wins_over_the_log(issue: Make, entry: Make) -> None:
    log = [entry(1, T[1], ("status", "3", "To Do", "4", "In Progress"))]
    one = converted(issue(1, status="Done", histories=log))
    assert one.item.state is State.DONE
    assert moves(one, "state") == [(T[1], "todo", "done")]
    assert moves(one, "status") == [(T[1], "To Do", "Done")]


def test_the_site_s_own_instant_of_the_category_fills_the_gap(issue: Make, entry: Make, text: Make) -> None:
    log = [entry(1, T[1], ("status", "3", "To Do", "4", "In Progress"))]
    one = converted(issue(1, status="Done", statuscategorychangedate=text(T[5]), histories=log))
    assert moves(one, "state") == [(T[1], "todo", "doing"), (T[5], "doing", "done")]
    assert one.item.done_at == T[5]


def test_a_status_that_the_site_no_longer_knows_leaves_the_state(issue: Make, entry: Make) -> None:
    log = [
        entry(1, T[1], ("status", "3", "To Do", "4", "In Progress")),
        entry(2, T[2], ("status", "4", "In Progress", "99", "Old gate")),
        entry(3, T[3], ("status", "99", "Old gate", "5", "Done")),
    ]
    one = converted(issue(1, status="Done", histories=log))
    assert moves(one, "state") == [(T[1], "todo", "doing"), (T[3], "doing", "done")]
    by_name = [entry(1, T[1], ("status", "77", "review", "5", "Done"))]
    assert moves(converted(issue(1, status="Done", histories=by_name)), "state") == [(T[1], "doing", "done")]


def test_without_a_log_the_site_s_dates_say_when(issue: Make, text: Make) -> None:
    assert converted(issue(1, status="Done", resolutiondate=text(T[2]))).item.done_at == T[2]
    assert converted(issue(1, status="Done")).item.done_at is None
    doing = converted(issue(1, status="In Progress", created=T[0]))
    assert doing.item.started_at == T[0]
    assert doing.history == ()


def test_born_in_progress(issue: Make, entry: Make) -> None:
    log = [entry(1, T[2], ("status", "4", "In Progress", "5", "Done"))]
    assert converted(issue(1, status="Done", created=T[0], histories=log)).item.started_at == T[0]


def test_labels_components_and_versions(issue: Make, entry: Make) -> None:
    log = [
        entry(1, T[1], ("labels", None, "", None, "b a")),
        entry(2, T[2], ("Component", None, None, "1", "Api"), ("Component", None, None, "2", "Web")),
        entry(3, T[3], ("Component", "1", "Api", None, None), ("labels", None, "b a", None, "")),
        entry(4, T[4], ("Fix Version", "7", "1.0", None, None), ("Fix Version", None, None, "8", "2.0-rc")),
    ]
    one = converted(
        issue(
            1,
            components=[{"id": "2", "name": "Website"}, {"id": "5", "name": "Born with"}],
            fixVersions=[{"id": "8", "name": "2.0"}],
            histories=log,
        )
    )
    assert moves(one, "labels") == [(T[1], (), ("a", "b")), (T[3], ("a", "b"), ())]
    # The component was renamed since: it is called by its present name throughout.
    assert moves(one, "components") == [
        (T[2], ("Born with",), ("Api", "Born with", "Website")),
        (T[3], ("Api", "Born with", "Website"), ("Born with", "Website")),
    ]
    assert moves(one, "fix_versions") == [(T[4], ("1.0",), ("2.0",))]


def test_points_in_two_fields(issue: Make, entry: Make) -> None:
    log = [
        entry(1, T[1], ("Story Points", None, None, None, "8", "customfield_26")),
        entry(2, T[2], ("Story point estimate", None, None, None, "5", "customfield_16")),
        entry(3, T[3], ("Story Points", None, "8", None, "13", "customfield_26")),
        entry(4, T[4], ("Story point estimate", None, "5", None, "", "customfield_16")),
    ]
    one = converted(issue(1, customfield_26=13, histories=log))
    assert one.item.points == 13
    assert moves(one, "points") == [(T[1], None, 8.0), (T[2], 8.0, 5.0), (T[4], 5.0, 13.0)]
    by_name = [entry(1, T[1], ("Story Points", None, "2", None, "3"), custom=True)]
    assert moves(converted(issue(1, customfield_26=3, histories=by_name)), "points") == [(T[1], 2.0, 3.0)]


def test_a_parent_that_is_written_three_times_in_one_edit(issue: Make, entry: Make) -> None:
    log = [
        entry(
            1,
            T[1],
            ("IssueParentAssociation", None, None, "10007", "SHOP-7"),
            ("Epic Link", None, None, "10007", "SHOP-7"),
        ),
        entry(
            2,
            T[2],
            ("Epic Link", "10007", "SHOP-7", None, None),
            ("IssueParentAssociation", "10007", "SHOP-7", "10009", "SHOP-9"),
        ),
    ]
    one = converted(issue(1, parent={"id": "10009", "key": "SHOP-9"}, histories=log))
    assert moves(one, "parent") == [(T[1], None, "10007"), (T[2], "10007", "10009")]


def test_an_epic_link_is_a_key_until_the_log_knows_its_id(issue: Make, entry: Make) -> None:
    assert converted(issue(1, customfield_14="SHOP-7")).item.parent == "SHOP-7"
    log = [entry(1, T[1], ("Epic Link", None, None, "10007", "SHOP-7"), custom=True)]
    one = converted(issue(1, customfield_14="SHOP-7", histories=log))
    assert (one.item.parent, one.item.parent_key) == ("10007", "SHOP-7")
    assert moves(one, "parent") == [(T[1], None, "10007")]
    link = [entry(1, T[1], ("Parent Link", None, None, None, "[PLAN-3] Grow"), custom=True)]
    assert moves(converted(issue(1, customfield_18="PLAN-3", histories=link)), "parent") == [(T[1], None, "PLAN-3")]


def test_a_cleared_parent_is_none(issue: Make, entry: Make) -> None:
    log = [entry(1, T[1], ("Parent", "10007", "SHOP-7", None, None))]
    one = converted(issue(1, histories=log))
    assert (one.item.parent, moves(one, "parent")) == (None, [(T[1], "10007", None)])


def test_sprints(issue: Make, entry: Make) -> None:
    log = [
        entry(1, T[1], ("Sprint", "", "", "1", "Ship, then pay"), custom=True),
        entry(2, T[2], ("Sprint", "1", "Ship, then pay", "1, 2", "Ship, then pay, S2"), custom=True),
        entry(3, T[3], ("Sprint", "1, 2", "Ship, then pay, S2", "1", "Ship, then pay"), custom=True),
    ]
    sprints = [{"id": 1, "name": "Ship, then pay", "state": "closed"}]
    one = converted(issue(1, customfield_20=sprints, histories=log))
    assert [after for _, _, after in moves(one, "sprint")] == ["Ship, then pay", "Ship, then pay, S2", "Ship, then pay"]
    known = [entry(2, T[2], ("Sprint", "1", "S1", "1, 2", "S1, S2"), custom=True)]
    both = [{"id": 1, "name": "S1", "state": "closed"}, {"id": 2, "name": "S2", "state": "active"}]
    assert moves(converted(issue(1, customfield_20=both, histories=known)), "sprint") == [(T[2], "S1", "S2")]


def test_team_type_title_priority_and_assignee(issue: Make, entry: Make) -> None:
    log = [
        entry(1, T[1], ("Équipe", "abc-0", "Lake", "abc-1", "Sea", "customfield_1"), custom=True),
        entry(2, T[2], ("issuetype", "10004", "Bug", "10001", "Récit"), ("summary", None, "Old", None, "Story 1")),
        entry(3, T[3], ("priority", "3", "Medium", "2", "High")),
        entry(4, T[4], ("assignee", "5a0", "B. Roux", "5b1", "A. Martin")),
        entry(5, T[5], ("assignee", "5b1", "A. Martin", None, None)),
    ]
    one = converted(
        issue(1, customfield_1={"id": "abc-1", "name": "Ocean"}, priority={"id": "2", "name": "Haute"}, histories=log)
    )
    assert moves(one, "team") == [(T[1], "Lake", "Ocean")]
    assert moves(one, "type") == [(T[2], "Bug", "Story")]
    assert moves(one, "title") == [(T[2], "Old", "Story 1")]
    assert moves(one, "priority") == [(T[3], "Medium", "Haute")]
    assert moves(one, "assignee") == [(T[4], "5a0", "5b1"), (T[5], "5b1", None)]
    assert "Martin" not in repr(one.item)
    assert "Martin" not in repr(one.history)


def test_a_custom_field_called_status_is_not_the_status(issue: Make, entry: Make) -> None:
    log = [entry(1, T[1], ("Status", "3", "To Do", "5", "Done", "customfield_77"), custom=True)]
    assert converted(issue(1, histories=log)).history == ()


def test_a_move_is_told_by_the_keys(issue: Make, entry: Make) -> None:
    log = [entry(1, T[1], ("project", "1", "Old shop", "2", "Shop"), ("Key", None, "OLD-9", None, "SHOP-1"))]
    one = converted(issue(1, histories=log))
    assert moves(one, "project") == [(T[1], "OLD", "SHOP")]


def test_one_instant_keeps_the_order_of_its_entries(issue: Make, entry: Make) -> None:
    first = entry(1, T[1], ("status", "3", "To Do", "4", "In Progress"))
    second = entry(2, T[1], ("status", "4", "In Progress", "5", "Done"))
    third = entry(3, T[2], ("labels", None, "", None, "late"))
    oldest_first = converted(issue(1, status="Done", labels=["late"], histories=[first, second, third]))
    newest_first = converted(issue(1, status="Done", labels=["late"], histories=[third, second, first]))
    assert moves(oldest_first, "status") == [(T[1], "To Do", "In Progress"), (T[1], "In Progress", "Done")]
    assert newest_first.history == oldest_first.history
    for one in (first, second, third):
        del one["id"]
    assert (
        converted(issue(1, status="Done", labels=["late"], histories=[third, second, first])).history
        == oldest_first.history
    )


@pytest.mark.parametrize("form", ["text", "seconds", "milliseconds"])
def test_entries_dated_in_every_form(issue: Make, entry: Make, form: str) -> None:
    seconds = int(T[1].timestamp())
    told: Any = {"text": "2026-10-02T12:00:00.000+0300", "seconds": seconds, "milliseconds": seconds * 1000}[form]
    one = converted(issue(1, status="Done", histories=[entry(1, told, ("status", "3", "To Do", "5", "Done"))]))
    assert one.history == (
        Transition(T[1], "state", State.TODO, State.DONE),
        Transition(T[1], "status", "To Do", "Done"),
    )


def test_an_agile_payload_tells_epic_and_sprints_in_fields_of_its_own(issue: Make) -> None:
    one = converted(issue(1, epic={"id": 128563, "key": "ALOY-974"}, closedSprints=[{"id": 3, "name": "S3"}])).item
    assert (one.parent, one.parent_key, one.sprint) == ("128563", "ALOY-974", "S3")
