"""What a pull is bounded by, and what it does when the organisation is not as expected."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from connectors.transport import Answer
from domain.errors import ConfigurationError, ProtocolError
from domain.work import State
from tests.connectors_azure_devops.organisation import everything, small_company


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
