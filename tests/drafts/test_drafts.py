"""Which tickets get a draft, and what each says, from a store."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.work import State, WorkItem
from tests.drafts.conftest import NOW, Desk

Make = Callable[..., WorkItem]
PIN = '[{item: SHOP-1, set: {contributes_to: O2}, by: A. Martin, on: 2026-11-03, why: "WHY"}]'


def test_only_open_epics_of_allowed_projects_that_are_not_muted(desk: Desk, make_item: Make) -> None:
    items = [
        make_item("SHOP-1"),
        make_item("SHOP-2", level=3),
        make_item("SHOP-3", level=0),
        make_item("SHOP-4", state=State.DONE),
        make_item("SHOP-5", state=State.DROPPED),
        make_item("SHOP-6", deleted=NOW),
        make_item("SHOP-7", labels=("Filrouge-Mute",)),
        make_item("PAY-8"),
        make_item("SHOP-9", source="legacy"),
        make_item("SHOP-10", source="elsewhere"),
    ]
    found = desk.with_(comments="{projects: [shop], commands: off}").drafts(*items)
    assert [draft.item.key for draft in found] == ["SHOP-1", "SHOP-2"]
    found = desk.with_(comments="{projects: [SHOP, PAY], levels: [story, 1]}").drafts()
    assert [draft.item.key for draft in found] == ["PAY-8", "SHOP-1", "SHOP-3"]
    assert desk.with_(comments="{}").drafts() == []


def test_a_rule_is_told_in_its_own_words(desk: Desk, make_item: Make) -> None:
    (draft,) = desk.drafts(make_item("SHOP-1", components=("Search", "Payments")))
    assert draft.message.plain() == (
        "This work serves the objective Make checkout effortless (O1) through its key result Checkout conversion"
        " (KR1.1).\n"
        "Why: the rule payments (component: Payments).\n"
        "KR1.1 has come 40% of its way (read on 12 November 2026).\n"
        "Not right? To correct it, ask whoever administers Filrouge to change the rule payments. The label"
        " filrouge-mute stops these comments."
    )
    assert draft.why == "serves KR1.1 by rule payments"


def test_what_a_title_or_a_label_that_is_not_there_says_stays_unsaid(desk: Desk, make_item: Make) -> None:
    said = desk.says(make_item("SHOP-1", title="Upgrade for Ann Martin"))
    assert "Why: the rule bugs (summary).\n" in said
    assert "Ann" not in said
    assert "spike" not in said


def test_azure_devops_has_tags_and_numbers(desk: Desk, make_item: Make) -> None:
    ours = {"source": "platform", "project": "Platform"}
    above = make_item("41", level=2, area_path=r"Platform\Shared\API", url="https://dev.azure.com/acme/41", **ours)
    epic = make_item("42", parent="id-41", **ours)
    found = {draft.item.key: draft.message for draft in desk.drafts(above, epic)}
    said = found["42"].plain()
    assert "- 60% Checkout conversion (KR1.1)\n- 40% Deliver on the day (O2)\n" in said
    assert "Why: inherited from #41: the rule shared (area_path: Platform\\Shared\\API).\n" in said
    # O1 and O2 are served already: a goal that is not stands for an example, and it was tried on the mapping.
    assert "Add a tag such as okr-run or ask" in said
    links = {piece.link for block in found["42"].blocks for piece in block.pieces if piece.link}
    assert links == {"https://dev.azure.com/acme/41"}


def test_a_label_is_proposed_only_where_it_would_work(desk: Desk, make_item: Make) -> None:
    assert "okr-" not in desk.says(make_item("SHOP-1", components=("Payments",))), "payments comes first"
    assert "Add a label such as okr-KR1.1 or ask" in desk.says(make_item("SHOP-2", type="Bug"))
    assert "Put another in the place of OKR-o2, such as okr-KR1.1, or ask" in desk.says(
        make_item("SHOP-3", labels=("OKR-o2",))
    )
    assert "okr-" not in desk.with_(pins=PIN.replace("SHOP-1", "SHOP-4")).says(make_item("SHOP-4"))


def test_labels_that_contradict_each_other(desk: Desk, make_item: Make) -> None:
    (draft,) = desk.drafts(make_item("SHOP-1", labels=("okr-o2", "okr-kr1.1")))
    assert draft.message.plain().startswith("This work counts for no goal: its labels name several at once.\n")
    assert "Which goal is right? Keep one of them or ask" in draft.message.plain()
    assert draft.why == "labels name several goals"


def test_work_that_is_declared_as_serving_nothing_gets_no_candidates(desk: Desk, make_item: Make) -> None:
    said = desk.says(make_item("SHOP-1", labels=("moon",)), make_item("SHOP-2", labels=("moon",), type="Bug"))
    assert said.startswith("This work is declared as serving no goal of the strategy.\nWhy: the rule moonshot")
    assert "related" not in said


def test_a_pin_is_told_without_its_author(desk: Desk, make_item: Make) -> None:
    story = make_item("SHOP-2", parent="id-SHOP-1")
    said = desk.with_(pins=PIN.replace("WHY", "steering committee")).says(story, make_item("SHOP-1"))
    assert "Why: inherited from SHOP-1: decided by hand on 3 November 2026 (“steering committee”).\n" in said
    said = desk.with_(pins=PIN.replace("WHY", "Martin wants it")).says(story)
    assert "Why: inherited from SHOP-1: decided by hand on 3 November 2026.\n" in said
    assert "Martin" not in said


def test_candidates_are_what_relatives_serve_most_common_first(desk: Desk, make_item: Make) -> None:
    epic = make_item("SHOP-1", parent="id-SHOP-9", components=("Search",), labels=("web",))
    others = [
        make_item("SHOP-9", level=2),
        make_item("SHOP-2", parent="id-SHOP-9", labels=("okr-o2",)),
        make_item("SHOP-3", components=("Search",), labels=("okr-kr1.2", "web")),
        make_item("SHOP-4", components=("Search",), labels=("okr-kr1.2",)),
        make_item("SHOP-5", components=("Search",), labels=("okr-kr1.1",)),
        make_item("SHOP-6", parent="id-SHOP-1", level=0, type="Bug"),
        make_item("SHOP-7", parent="id-SHOP-1", level=0),
        make_item("PAY-8", components=("Search",), labels=("okr-o2",)),
    ]
    (draft,) = [draft for draft in desk.drafts(epic, *others) if draft.item.key == "SHOP-1"]
    assert draft.message.plain().split("\n")[:5] == [
        "This work serves no goal of the strategy yet.",
        "What related work serves:",
        "- Payments refused (KR1.2): 2 items (same component, same label)",
        "- Checkout conversion (KR1.1): 1 item (same component)",
        "- Deliver on the day (O2): 1 item (same parent)",
    ]
    assert "Add a label such as okr-KR1.2 or ask" in draft.message.plain()
    assert draft.why == "serves nothing yet; 3 candidates"
    again = [draft for draft in desk.drafts() if draft.item.key == "SHOP-1"]
    assert again == [draft]


def report(label: str, ends: datetime, **row: Any) -> bytes:
    """As much of a report as the comment reads."""
    told = {"target": "O1", "planned": 0.5, "delivered": 0.2, "band": [0.45, 0.55], "chance": 0.01} | row
    start = ends - timedelta(weeks=4)
    return json.dumps(
        {
            "window": {"label": label, "in_progress": row.get("in_progress", False)},
            "horizon": {"from": start.isoformat(), "to": ends.isoformat()},
            "drift": {"horizon": {"verdict": row.get("verdict", "off_plan")}},
            "allocation": [told],
        }
    ).encode()


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({}, "O1 got 20% of the work in the 4 weeks to 22 November 2026 for 50% planned: less than planned."),
        ({"delivered": 0.7}, "for 50% planned: more than planned."),
        ({"delivered": 0.46}, "for 50% planned: as planned."),
        ({"chance": 0.3}, "for 50% planned: the difference may be chance."),
        ({"planned": 0.0, "band": [0.0, 0.05]}, "22 November 2026; none was planned."),
        ({"verdict": "not_enough_data"}, "O1: too little was delivered in the 4 weeks to 22 November 2026 to judge."),
        ({"in_progress": True}, None),
        ({"planned": None}, None),
        ({"target": "O2"}, None),
    ],
)
def test_how_the_goal_stands(desk: Desk, make_item: Make, row: dict[str, Any], said: str | None) -> None:
    ends = datetime(2026, 11, 22, 23, tzinfo=UTC)
    with desk.store.writing() as unit:
        for weeks in (9, 0):
            end = ends - timedelta(weeks=weeks)
            document = report("2026-W47", end, **row)
            unit.save_report("drift", "2026-W47", end - timedelta(weeks=1), end + timedelta(days=1), document, [])
    text = desk.says(make_item("SHOP-1", labels=("okr-o1",)))
    assert (said in text) if said else (" got " not in text and "too little" not in text)


def test_old_figures_are_no_news(desk: Desk, make_item: Make) -> None:
    ends = datetime(2026, 11, 22, 23, tzinfo=UTC)
    with desk.store.writing() as unit:
        unit.save_report("drift", "2026-W47", ends - timedelta(weeks=1), ends, report("2026-W47", ends), [])
    epic = make_item("SHOP-1", labels=("okr-o1",))
    assert " got " in desk.says(epic, at=NOW + timedelta(weeks=1))
    assert " got " not in desk.says(epic, at=NOW + timedelta(weeks=2))


def test_a_reading_of_tomorrow_is_not_known_today(desk: Desk, make_item: Make) -> None:
    epic = make_item("SHOP-1", labels=("okr-kr1.1",))
    assert "KR1.1 has come 40% of its way (read on 12 November 2026)." in desk.says(epic)
    assert "KR1.1 has come 90% of its way (read on 1 December 2026)." in desk.says(epic, at=NOW + timedelta(weeks=2))


def test_what_a_draft_serves_has_the_shares_of_goals(desk: Desk, make_item: Make) -> None:
    shared = make_item("12", source="platform", project="Platform", area_path=r"Platform\Shared\Web")
    told = {
        draft.item.key: draft.serves
        for draft in desk.drafts(shared, make_item("SHOP-1"), make_item("SHOP-2", labels=("moon",)))
    }
    assert told == {"12": {"KR1.1": 0.6, "O2": 0.4}, "SHOP-1": {}, "SHOP-2": {}}


def test_our_own_marks_make_nobody_a_relative(desk: Desk, make_item: Make) -> None:
    """Else a mark that we set would change what another ticket's comment says, and one write would bring the next."""
    items = make_item("SHOP-1", labels=("FIL-run",)), make_item("SHOP-2", type="Bug", labels=("fil-run",))
    assert "same label" in desk.says(*items)
    marked = desk.with_(comments="{projects: [SHOP], marks: {label: fil-}}")
    assert "same label" not in marked.says(*items)
    assert [draft.item.labels for draft in marked.drafts()] == [("FIL-run",), ("fil-run",)]
