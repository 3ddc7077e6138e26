"""One quiet comment in each ticket, exactly one whatever happens, and never a word over a person's."""

from __future__ import annotations

from contextlib import suppress
from random import Random

import pytest

from config.settings import CommentBudget
from demo.trackers.faults import DropAfter, DropBefore, TooManyRequests, Unavailable
from demo.trackers.http import Request
from domain.errors import ConfigurationError
from tests.contract.comment_desk import FAULTS, Desk, Killed, writes
from tests.contract.conftest import Open
from tests.contract.harness import SOURCE, once


def desk_of(world: Open, count: int = 4) -> Desk:
    """A world that has been pulled, and a text for every ticket."""
    here = world()
    items = here.populate(count)
    assert here.sync().outcome == "ok"
    here.clock.tick()
    return Desk(here, {one: f"Serves objective {number}" for number, one in enumerate(items)})


def is_write(request: Request) -> bool:
    return request.method in {"POST", "PUT", "PATCH", "DELETE"} and "/comment" in request.path.lower()


def test_three_runs_leave_exactly_one_comment_a_ticket(world: Open) -> None:
    desk = desk_of(world)
    for _ in range(3):
        desk.world.clock.tick(hours=1)
        desk.world.sync()
        desk.post()
    desk.check()
    assert {one.state for one in desk.comments().values()} == {"standing"}


def test_a_second_run_without_a_change_sends_nothing_at_all(world: Open) -> None:
    desk = desk_of(world)
    first = desk.post()
    assert first is not None
    assert first.counts["posted"] == 4
    with desk.watched() as seen:
        assert desk.post() is None
    assert seen == []


def test_our_own_write_is_no_reason_to_write_again(world: Open) -> None:
    """Our comment changes when the ticket was last updated, so the next pull brings it again."""
    desk = desk_of(world)
    desk.post()
    before = {one: item.updated_at for one, item in desk.world.items().items()}
    desk.world.clock.tick(minutes=1)
    assert desk.world.sync().outcome == "ok"
    assert {one: item.updated_at for one, item in desk.world.items().items()} != before
    with desk.watched() as seen:
        assert desk.post() is None
    assert seen == []
    desk.check()


def test_another_text_is_edited_in_place_and_the_same_text_is_not(world: Open) -> None:
    desk = desk_of(world)
    desk.post()
    ids = {one: kept.comment for one, kept in desk.comments().items()}
    changed = next(iter(desk.texts))
    desk.texts[changed] = "Serves another objective"
    desk.world.clock.tick()
    with desk.watched() as seen:
        run = desk.post()
    assert run is not None
    assert (run.counts["edited"], run.counts["posted"], run.outcome) == (1, 0, "ok")
    (edit,) = writes(seen)
    assert edit.method in {"PUT", "PATCH"}
    if desk.world.harness.name == "jira_cloud":
        assert edit.query == {"notifyUsers": ["false"]}
    desk.check()
    assert {one: kept.comment for one, kept in desk.comments().items()} == ids


def test_where_a_silent_edit_is_not_allowed_it_is_an_ordinary_one(world: Open) -> None:
    desk = desk_of(world, 1)
    desk.post()
    desk.texts = dict.fromkeys(desk.texts, "Serves another objective")
    desk.world.clock.tick()
    refusal = once(Unavailable(403), lambda one: "notifyUsers" in str(one.query))
    with desk.world.faults(refusal):
        run = desk.post()
    assert run is not None
    assert (run.counts["edited"], run.outcome) == (1, "ok")
    desk.check()


def test_a_comment_of_a_person_is_never_touched(world: Open) -> None:
    desk = desk_of(world)
    for one in desk.texts:
        desk.world.harness.remark(one, "I say filrouge:00aa", desk.world.clock.tick())
    desk.post()
    desk.texts = {one: f"{text} and more" for one, text in desk.texts.items()}
    desk.world.clock.tick()
    desk.post()
    for one, texts in desk.said().items():
        assert len(texts) == 2
        assert "I say filrouge:00aa" in texts[0]
        assert desk.texts[one] in texts[1]
    desk.withdraw()
    assert all(len(texts) == 1 and "I say filrouge:00aa" in texts[0] for texts in desk.said().values())


def test_what_a_person_edited_or_deleted_is_left_alone_for_ever_and_counted(world: Open) -> None:
    desk = desk_of(world, 3)
    desk.post()
    edited, deleted, ours = desk.texts
    desk.world.harness.rewrite(edited, "No, it does not", desk.world.clock.tick())
    desk.world.harness.erase(deleted, desk.world.clock.tick())
    desk.texts = {one: f"{text} and more" for one, text in desk.texts.items()}
    run = desk.post()
    assert run is not None
    assert (run.counts["left"], run.counts["edited"]) == (2, 1)
    desk.texts = {one: f"{text} still" for one, text in desk.texts.items()}
    desk.world.clock.tick(days=30)
    with desk.watched() as seen:
        desk.post()
    assert len(writes(seen)) == 1
    said = desk.said()
    assert "No, it does not" in said[edited][0]
    assert said[deleted] == []
    assert desk.texts[ours] in said[ours][0]
    states = {one: kept.state for one, kept in desk.comments().items()}
    assert states == {edited: "edited", deleted: "deleted", ours: "standing"}
    assert [one.action for one in desk.plan()] == ["left alone", "left alone", "none"]
    desk.withdraw()
    assert "No, it does not" in desk.said()[edited][0]


def test_withdraw_leaves_none_and_marks_them(world: Open) -> None:
    desk = desk_of(world)
    desk.post()
    first = desk.world.harness.projects[0]
    desk.withdraw(first.lower())
    assert sorted(map(len, desk.said().values())) == [0, 0, 1, 1]
    desk.withdraw()
    assert all(texts == [] for texts in desk.said().values())
    assert {one.state for one in desk.comments().values()} == {"withdrawn"}
    with desk.watched() as seen:
        desk.withdraw()
    assert seen == []
    with pytest.raises(ConfigurationError, match="first comments"):
        desk.post(approved=False)


def test_a_withdrawal_whose_answer_is_lost_is_no_deletion_by_a_person(world: Open) -> None:
    desk = desk_of(world, 1)
    desk.post()
    with desk.world.faults(once(DropAfter(), is_write)):
        run = desk.withdraw()
    assert run is not None
    assert run.counts["unclear"] == 1
    desk.withdraw()
    assert [one.state for one in desk.comments().values()] == ["withdrawn"]
    assert list(desk.said().values()) == [[]]


def test_a_moved_ticket_keeps_its_comment(world: Open) -> None:
    desk = desk_of(world, 2)
    desk.post()
    before = desk.comments()
    for one in desk.texts:
        desk.world.harness.move(one, desk.world.clock.tick(), 1)
    desk.world.clock.tick()
    desk.world.sync()
    assert desk.post() is None
    assert desk.comments() == before
    desk.check()
    desk.texts = {one: f"{text} and more" for one, text in desk.texts.items()}
    run = desk.post()
    assert run is not None
    assert run.counts["edited"] == 2
    desk.check()


def test_a_ticket_that_is_out_of_sight_is_not_one_whose_comment_a_person_deleted(world: Open) -> None:
    desk = desk_of(world, 2)
    desk.post()
    hidden = next(iter(desk.texts))
    desk.world.harness.hide([hidden])
    desk.texts = {one: f"{text} and more" for one, text in desk.texts.items()}
    run = desk.post()
    assert run is not None
    assert (run.outcome, run.counts["edited"], run.counts["left"]) == ("partial", 1, 0)
    desk.world.harness.show([hidden])
    desk.post()
    desk.check()


def test_a_lost_answer_is_looked_for_before_anything_is_posted_again(world: Open) -> None:
    desk = desk_of(world, 2)
    with desk.world.faults(once(DropAfter(), is_write)):
        run = desk.post()
    assert run is not None
    assert (run.outcome, run.counts["unclear"], run.counts["posted"]) == ("partial", 1, 1)
    run = desk.post()
    assert run is not None
    assert (run.counts["adopted"], run.counts["posted"]) == (1, 0)
    desk.check()
    with desk.watched() as seen:
        assert desk.post() is None
    assert seen == []


def test_ours_is_found_behind_many_others(world: Open) -> None:
    desk = desk_of(world, 1)
    (one,) = desk.texts
    for number in range(230):
        desk.world.harness.remark(one, f"Remark {number}", desk.world.clock.tick(seconds=1))
    with desk.world.faults(once(DropAfter(), is_write)):
        desk.post()
    run = desk.post()
    assert run is not None
    assert run.counts["adopted"] == 1
    assert desk.world.harness.comments(one) == 231
    assert desk.post() is None


def test_a_write_that_never_arrived_is_posted_again_only_when_it_can_no_longer_arrive(world: Open) -> None:
    desk = desk_of(world, 1)
    with desk.world.faults(once(DropBefore(), is_write)):
        desk.post()
    with desk.watched() as seen:
        run = desk.post()
    assert run is not None
    assert run.counts["unclear"] == 1
    assert writes(seen) == []
    desk.world.clock.tick(minutes=11)
    run = desk.post()
    assert run is not None
    assert run.counts["posted"] == 1
    desk.check()


def test_a_store_that_was_lost_finds_what_stands_in_the_tickets(world: Open) -> None:
    desk = desk_of(world, 3)
    desk.post()
    with desk.world.store.writing() as unit:
        unit._connection.exec_driver_sql("DELETE FROM comment")
        unit._connection.exec_driver_sql("DELETE FROM outbox")
    desk.world.clock.tick()
    for _ in range(3):
        desk.post()
    desk.check()


def test_too_many_requests_are_waited_for_and_one_comment_comes(world: Open) -> None:
    desk = desk_of(world, 3)
    with desk.world.faults(once(TooManyRequests("7"), is_write, times=4)):
        run = desk.post()
    assert run is not None
    assert (run.outcome, run.counts["posted"]) == ("ok", 3)
    assert sum(desk.world.clock.slept) >= 7
    desk.check()


def test_200_runs_with_faults_and_kills_leave_exactly_one_comment_a_ticket(world: Open) -> None:
    desk = desk_of(world, 6)
    random = Random(20_261_125)
    names = list(desk.texts)
    happened = 0

    def killed() -> None:
        nonlocal happened
        if random.random() < 0.15:
            happened += 1
            raise Killed

    desk.before = desk.after = killed
    for number in range(200):
        desk.world.clock.tick(minutes=random.choice((1, 12)))
        desk.texts[random.choice(names)] = f"Serves objective {number}, as of now"
        fault = random.choice(FAULTS)
        with suppress(Killed), desk.world.faults(once(fault, is_write, times=random.choice((0, 1, 1, 2)))):
            desk.post()
        assert all(len(texts) <= 1 for texts in desk.said().values()), number
    assert happened > 20
    desk.before = desk.after = lambda: None
    for _ in range(3):
        desk.world.clock.tick(minutes=11)
        desk.post()
    desk.check()
    assert {one.state for one in desk.comments().values()} == {"standing"}
    with desk.watched() as seen:
        assert desk.post() is None
    assert seen == []


def test_budget_and_quiet_hours_hold_back_and_nothing_is_lost(world: Open) -> None:
    desk = desk_of(world, 4)
    budget = CommentBudget(per_run=3, per_item_per_week=1)
    desk.settings = desk.settings.model_copy(update={"budget": budget, "quiet_hours": "12:00-13:00"})
    with desk.watched() as seen:
        assert desk.post() is None
    assert seen == []
    assert {one.held for one in desk.plan()} == {"quiet hours until 13:00"}
    desk.world.clock.tick(hours=1)
    run = desk.post()
    assert run is not None
    assert (run.counts["posted"], run.counts["held"]) == (3, 1)
    desk.post()
    desk.check()
    desk.texts = {one: f"{text} and more" for one, text in desk.texts.items()}
    desk.world.clock.tick(days=6)
    assert desk.post() is None
    desk.world.clock.tick(days=1, hours=1)
    desk.post()
    desk.post()
    desk.check()


def test_what_the_tracker_refuses_is_told_and_not_tried_at_every_run(world: Open) -> None:
    desk = desk_of(world, 2)
    with desk.world.faults(once(Unavailable(400), is_write)):
        run = desk.post()
    assert run is not None
    assert (run.outcome, run.counts["refused"], run.counts["posted"]) == ("partial", 1, 1)
    assert desk.post() is None
    desk.world.clock.tick(days=8)
    desk.post()
    desk.check()


def test_two_processes_never_write_for_one_source_together(world: Open) -> None:
    desk = desk_of(world, 2)
    with desk.world.store.writing() as unit:
        unit.take_lease(f"comments:{SOURCE}", "pid 1 on elsewhere", desk.world.clock.now(), 120)
    with desk.watched() as seen:
        run = desk.post()
    assert run is not None
    assert (run.outcome, seen) == ("skipped", [])
    desk.world.clock.tick(minutes=3)
    desk.post()
    desk.check()


def test_done_muted_deleted_and_foreign_tickets_get_none(world: Open) -> None:
    desk = desk_of(world, 5)
    done, muted, deleted, foreign, other = desk.texts
    harness, clock = desk.world.harness, desk.world.clock
    harness.edit(done, clock.tick(), status=2)
    harness.edit(muted, clock.tick(), labels=("filrouge-mute",))
    harness.delete(deleted, clock.tick())
    with desk.world.store.writing() as unit:
        unit.save_page(
            SOURCE, run=None, records=(), cursor=None, context={}, deleted=[(deleted, clock.now())], at=clock.now()
        )
    clock.tick(minutes=20)
    desk.world.sync()
    desk.settings = desk.settings.model_copy(update={"projects": (harness.projects[0],)})
    desk.post()
    said = {one: len(harness.said(one)) for one in (done, muted, foreign, other)}
    assert said == {done: 0, muted: 0, foreign: 0, other: 1}
    held = {one.item.id: one.held for one in desk.plan()}
    assert held[done] == "the ticket is done"
    assert held[muted] == "muted by the label filrouge-mute"
    assert "not among comments.projects" in (held[foreign] or "")
    assert held[other] is None


def test_a_person_who_edits_after_an_edit_without_an_answer_keeps_the_last_word(world: Open) -> None:
    desk = desk_of(world, 1)
    desk.post()
    (one,) = desk.texts
    desk.texts[one] = "Serves another objective"
    desk.world.clock.tick()
    with desk.world.faults(once(DropBefore(), is_write)):
        desk.post()
    desk.world.harness.rewrite(one, "No, it does not", desk.world.clock.tick())
    desk.post()
    desk.post()
    assert desk.comments()[one].state == "edited"
    assert "No, it does not" in desk.said()[one][0]
