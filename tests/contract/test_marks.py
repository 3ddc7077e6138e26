"""Labels, tags and properties by which boards can filter: ours are kept right, and nobody else's is touched."""

from __future__ import annotations

import json

import pytest

from config.settings import CommentBudget, Marks
from demo.trackers.faults import Unavailable
from demo.trackers.http import Exchange
from domain.errors import ConfigurationError
from tests.contract.conftest import Open
from tests.contract.harness import SOURCE, once
from tests.contract.mark_desk import is_write, mark_desk, of_labels, pull, silent


def test_marks_are_set_once_and_a_second_run_asks_nothing(world: Open) -> None:
    desk = mark_desk(world(checked=True))
    one = next(iter(desk.serves))
    desk.serves[one] = {"KR1.1": 0.3, "KR1.2": 0.3, "O2": 0.4}
    kinds = 2 if desk.has_properties else 1
    run = desk.post()
    assert run is not None
    assert (run.outcome, run.counts["marked"], run.counts["unmarked"]) == ("ok", 4 * kinds + 1, 0)
    assert f"{4 * kinds + 1} marked" in run.sentence()
    assert run.summary()["marked"] == 4 * kinds + 1
    desk.check()
    if desk.has_properties:
        assert desk.property(one) == {
            "objectives": {"O1": 0.6, "O2": 0.4},
            "targets": {"KR1.1": 0.3, "KR1.2": 0.3, "O2": 0.4},
        }
    silent(desk)
    pull(desk)
    assert desk.wanted(one) <= set(desk.world.items()[one].labels)
    silent(desk)
    assert all(desk.world.harness.comments(each) == 0 for each in desk.serves)


def test_another_objective_changes_the_marks_in_one_write(world: Open) -> None:
    desk = mark_desk(world())
    desk.post()
    changed, nothing, same, _ = desk.serves
    pull(desk)
    desk.serves |= {changed: {"O2": 0.5, "run": 0.5}, nothing: {}, same: {"KR1.2": 1.0}}
    told = {one.item.id: one.told for one in desk.planned()}
    assert told[changed].startswith("+fil-O2 +fil-run")
    assert "-fil-O1" in told[changed]
    assert told[nothing].startswith("-fil-O1")
    with desk.watched() as seen:
        run = desk.post()
    assert run is not None
    assert run.outcome == "ok"
    assert len(of_labels(seen)) == 2
    desk.check()
    assert desk.property(nothing) is None
    silent(desk)
    pull(desk)
    silent(desk)


def test_on_cloud_nobody_is_notified_where_the_account_may_ask_for_that(world: Open) -> None:
    desk = mark_desk(world(), 2)
    refusal = once(Unavailable(403), lambda one: "notifyUsers" in str(one.query))
    with desk.world.faults(refusal), desk.watched() as seen:
        run = desk.post()
    assert run is not None
    assert run.outcome == "ok"
    queries = [dict(one.query) for one in of_labels(seen)]
    if desk.world.harness.name == "jira_cloud":
        assert queries == [{"notifyUsers": ["false"]}, {}, {"notifyUsers": ["false"]}]
    else:
        assert queries == [{}, {}]
    desk.check()


def test_what_a_person_took_away_is_not_set_again_until_another_objective_is_served(world: Open) -> None:
    desk = mark_desk(world(), 2)
    desk.post()
    taken, _ = desk.serves
    desk.relabel(taken, remove=["fil-O1"])
    silent(desk)
    pull(desk)
    with desk.watched() as seen:
        run = desk.post()
    assert run is not None
    assert (run.counts["left"], run.counts["marked"], run.outcome) == (1, 0, "ok")
    assert of_labels(seen) == []
    assert {mark.state for mark in desk.marks()[taken] if mark.kind == "label"} == {"left"}
    silent(desk)
    pull(desk)
    silent(desk)
    for serves, labels in (({"O2": 1.0}, {"fil-O2"}), ({"O1": 1.0}, {"fil-O1"})):
        desk.serves[taken] = serves
        desk.post()
        assert desk.ours(taken) == labels
        silent(desk)
    pull(desk)
    silent(desk)


def test_what_a_person_had_set_before_us_is_theirs(world: Open) -> None:
    desk = mark_desk(world(), 3)
    known, unknown, later = desk.serves
    desk.relabel(known, add=["fil-O1"])
    pull(desk)
    desk.relabel(unknown, add=["FIL-o1"])
    run = desk.post()
    assert run is not None
    assert run.counts["left"] == 2
    assert desk.ours(later) == {"fil-O1"}
    silent(desk)
    pull(desk)
    silent(desk)
    desk.serves = {one: {"O2": 1.0} for one in desk.serves}
    desk.post()
    assert desk.ours(known) == {"fil-O1", "fil-O2"}
    assert {label.casefold() for label in desk.world.harness.truth()[unknown].labels} >= {"fil-o1", "fil-o2"}
    assert desk.ours(later) == {"fil-O2"}
    desk.withdraw()
    assert desk.ours(known) == {"fil-O1"}
    assert "FIL-o1" in desk.theirs(unknown)
    assert desk.ours(later) == set()


def test_a_label_that_a_person_sets_while_we_write_is_never_lost(world: Open) -> None:
    desk = mark_desk(world(), 1)
    (one,) = desk.serves
    added: list[str] = []

    def person(exchange: Exchange) -> None:
        if exchange.method == "GET" and exchange.path.endswith(f"/{one}") and not added:
            added.append("urgent")
            desk.world.harness.edit(
                one, desk.world.clock.now(), labels=(*desk.world.harness.truth()[one].labels, *added)
            )

    desk.world.harness.served.observers.append(person)
    first = desk.post()
    assert first is not None
    assert added
    assert "urgent" in desk.theirs(one)
    if desk.world.harness.name == "azure_devops":
        assert (first.counts["held"], first.counts["marked"], first.outcome) == (1, 0, "ok")
        assert desk.marks() == {}
    desk.post()
    desk.check()
    assert "urgent" in desk.theirs(one)
    silent(desk)


def test_withdraw_leaves_none_of_ours_and_all_of_theirs(world: Open) -> None:
    desk = mark_desk(world())
    before = {one: desk.theirs(one) for one in desk.serves}
    desk.post()
    pull(desk)
    taken = next(iter(desk.serves))
    desk.relabel(taken, remove=["fil-O1"], add=["mine"])
    pull(desk)
    desk.post()
    desk.withdraw(desk.world.harness.projects[0].lower())
    assert sorted(len(desk.ours(one)) for one in desk.serves) == [0, 0, 1, 1]
    run = desk.withdraw()
    assert run is not None
    assert run.counts["unmarked"] == (4 if desk.has_properties else 2)
    for one in desk.serves:
        assert desk.ours(one) == set()
        assert desk.property(one) is None
        assert desk.theirs(one) == before[one] | ({"mine"} if one == taken else set())
    with desk.watched() as seen:
        desk.withdraw()
    assert seen == []
    assert {one: [mark.state for mark in known] for one, known in desk.marks().items()} == {taken: ["left"]}
    with pytest.raises(ConfigurationError, match="first comments or marks"):
        desk.post(approved=False)
    desk.post()
    assert desk.ours(taken) == set()
    assert all(desk.ours(one) == {"fil-O1"} for one in desk.serves if one != taken)


def test_marks_that_are_no_longer_wanted_go_and_another_prefix_takes_their_place(world: Open) -> None:
    desk = mark_desk(world(), 2)
    desk.post()
    desk.set_up(marks=Marks(label="goal-"))
    desk.post()
    for one in desk.serves:
        assert desk.world.harness.truth()[one].labels == tuple(sorted(desk.theirs(one)))
        assert "goal-O1" in desk.theirs(one)
        assert desk.ours(one) == set()
        assert desk.property(one) is None
    desk.set_up(text=True, marks=Marks())
    desk.texts = {}
    silent(desk)
    desk.texts = dict.fromkeys(desk.serves, "Serves O1")
    run = desk.post()
    assert run is not None
    assert (run.counts["posted"], run.counts["unmarked"]) == (2, 2)
    assert all("goal-O1" not in desk.theirs(one) for one in desk.serves)
    silent(desk)


def test_comment_and_marks_come_in_one_run(world: Open) -> None:
    desk = mark_desk(world(), 2)
    desk.set_up(text=True)
    with pytest.raises(ConfigurationError, match=r"first comments or marks: .* \(1\), .* \(1\)"):
        desk.post(approved=False)
    run = desk.post()
    assert run is not None
    assert run.counts["posted"] == 2
    assert run.sentence().startswith(f"{SOURCE}: 2 posted, {4 if desk.has_properties else 2} marked")
    desk.check()
    pull(desk)
    silent(desk)
    desk.texts = dict.fromkeys(desk.texts, "Serves something else")
    with desk.watched() as seen:
        desk.post()
    assert not any(map(is_write, seen))
    desk.withdraw()
    assert all(desk.ours(one) == set() and desk.world.harness.comments(one) == 0 for one in desk.serves)


def test_done_muted_and_foreign_tickets_get_none(world: Open) -> None:
    desk = mark_desk(world(), 4)
    done, foreign, muted, other = desk.serves  # in the one project and the other, by turns
    foreign_project = desk.world.items()[foreign].project
    desk.world.harness.edit(done, desk.world.clock.tick(), status=2)
    desk.relabel(muted, add=["filrouge-mute"])
    pull(desk)
    desk.set_up(projects=tuple(name for name in desk.world.harness.projects if name != foreign_project))
    assert desk.post() is None
    assert all(desk.ours(one) == set() for one in (done, muted, foreign, other))
    held = {one.item.id: one.held for one in desk.planned()}
    assert held[done] == "the ticket is done"
    assert held[muted] == "muted by the label filrouge-mute"
    assert "not among comments.projects" in (held[foreign] or "")
    desk.set_up(projects=desk.world.harness.projects)
    desk.post()
    assert [one for one in desk.serves if desk.ours(one)] == [foreign, other]


def test_where_people_said_that_they_want_peace_no_mark_changes(world: Open) -> None:
    desk = mark_desk(world(), 2)
    peaceful, other = desk.serves
    desk.silence[peaceful] = "muted in the ticket"
    desk.post()
    assert (desk.ours(peaceful), desk.ours(other)) == (set(), {"fil-O1"})
    assert [one.held for one in desk.planned()] == ["muted in the ticket"]
    silent(desk)
    del desk.silence[peaceful]
    desk.post()
    desk.check()


def test_budget_and_quiet_hours_hold_back_and_nothing_is_lost(world: Open) -> None:
    desk = mark_desk(world(), 4)
    desk.set_up(budget=CommentBudget(marks_per_run=3), quiet_hours="12:00-13:00")
    silent(desk)
    assert {one.held for one in desk.planned()} == {"quiet hours until 13:00"}
    assert {one.held for one in desk.planned(approved=False)} == {
        f"the first marks in {project} need --yes" for project in desk.world.harness.projects
    }
    desk.world.clock.tick(hours=1)
    run = desk.post()
    assert run is not None
    assert (run.counts["tickets"], run.counts["held"]) == (3, 1)
    desk.post()
    desk.check()
    silent(desk)


def test_a_property_holds_no_more_than_json_can_say(world: Open) -> None:
    """Equal thirds come to the same value at every run."""
    desk = mark_desk(world(), 1)
    (one,) = desk.serves
    desk.serves[one] = {"KR1.1": 1 / 3, "KR1.2": 1 / 3, "O2": 1 / 3}
    desk.post()
    if desk.has_properties:
        assert json.dumps(desk.property(one)["objectives"]) == '{"O1": 0.6667, "O2": 0.3333}'
    silent(desk)


def test_beside_a_comment_marks_leave_no_ticket_to_be_read_again(world: Open) -> None:
    desk = mark_desk(world())
    desk.settings = desk.settings.model_copy(update={"text": True})
    run = desk.post()
    assert run is not None
    assert run.counts["posted"] == len(desk.serves)
    desk.world.clock.tick(minutes=20)
    with desk.watched() as seen:
        assert desk.world.sync(comments=desk.settings).heard.tickets == 0
        assert desk.post() is None
    assert not [one for one in seen if "/comment" in one.path.lower()]
