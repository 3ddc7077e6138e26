"""Marks whatever fails on the way: refusals, too many requests, two processes, kills."""

from __future__ import annotations

from contextlib import suppress
from random import Random

import pytest

from config.settings import Marks
from demo.trackers.faults import TooManyRequests, Unavailable
from tests.contract.comment_desk import FAULTS, Killed
from tests.contract.conftest import Open
from tests.contract.harness import SOURCE, once
from tests.contract.mark_desk import PREFIX, is_write, mark_desk, pull, silent


def test_too_many_requests_are_waited_for(world: Open) -> None:
    desk = mark_desk(world(), 3)
    with desk.world.faults(once(TooManyRequests("7"), is_write, times=4)):
        run = desk.post()
    assert run is not None
    assert run.outcome == "ok"
    assert sum(desk.world.clock.slept) >= 7
    desk.check()


def test_what_the_tracker_refuses_is_told_and_claimed_by_nobody(world: Open) -> None:
    desk = mark_desk(world(), 2)
    desk.set_up(marks=Marks(label=PREFIX))
    refused, other = desk.serves
    with desk.world.faults(once(Unavailable(400), is_write)):
        run = desk.post()
    assert run is not None
    assert (run.outcome, run.counts["refused"], run.counts["marked"]) == ("partial", 1, 1)
    assert list(desk.marks()) == [other]
    desk.relabel(refused, add=["fil-O1"])
    desk.post()
    desk.serves = {one: {} for one in desk.serves}
    desk.post()
    assert (desk.ours(refused), desk.ours(other)) == ({"fil-O1"}, set())


def test_two_processes_never_write_for_one_source_together(world: Open) -> None:
    desk = mark_desk(world(), 2)
    with desk.world.store.writing() as unit:
        unit.take_lease(f"comments:{SOURCE}", "pid 1 on elsewhere", desk.world.clock.now(), 120)
    with desk.watched() as seen:
        run = desk.post()
    assert run is not None
    assert (run.outcome, seen) == ("skipped", [])
    desk.world.clock.tick(minutes=3)
    desk.post()
    desk.check()


@pytest.mark.parametrize("after", [False, True])
def test_a_kill_around_a_write_changes_nothing_in_the_end(world: Open, after: bool) -> None:
    desk = mark_desk(world(), 1)
    (one,) = desk.serves

    def killed() -> None:
        raise Killed

    def run_killed() -> None:
        if after:
            desk.after = killed
        else:
            desk.before = killed
        with pytest.raises(Killed):
            desk.post()
        desk.before = desk.after = lambda: None
        desk.world.clock.tick(minutes=3)

    run_killed()
    assert [mark.state for mark in desk.marks()[one]] == ["setting"]
    desk.post()
    desk.check()
    silent(desk)
    desk.serves[one] = {}
    run_killed()
    assert "clearing" in {mark.state for mark in desk.marks()[one]}
    pull(desk)
    desk.serves[one] = {"O1": 1.0}
    desk.post()
    desk.check()
    desk.withdraw()
    assert desk.ours(one) == set()


def test_60_runs_with_faults_and_kills_end_as_they_should(world: Open) -> None:
    desk = mark_desk(world(), 5)
    random = Random(20_261_125)
    before = {one: desk.theirs(one) for one in desk.serves}
    names = list(desk.serves)
    happened = 0

    def killed() -> None:
        nonlocal happened
        if random.random() < 0.15:
            happened += 1
            raise Killed

    desk.before = desk.after = killed
    for number in range(60):
        desk.world.clock.tick(minutes=random.choice((3, 12)))
        desk.serves[random.choice(names)] = random.choice(
            ({}, {"O1": 1.0}, {"KR1.1": 0.5, "O2": 0.5}, {"run": 1.0}, {"O2": 1.0})
        )
        if number % 7 == 0:
            pull(desk)
        elif number % 7 == 3:
            name = random.choice(names)
            desk.relabel(name, add=[f"p{number}"])
            before[name] |= {f"p{number}"}
        fault = random.choice(FAULTS)
        with suppress(Killed), desk.world.faults(once(fault, is_write, times=random.choice((0, 1, 1, 2)))):
            desk.post()
        assert all(desk.theirs(one) == before[one] for one in names), number
    assert happened > 8
    desk.before = desk.after = lambda: None
    for _ in range(2):
        desk.world.clock.tick(minutes=11)
        desk.post()
        pull(desk)
    desk.check()
    assert {mark.state for known in desk.marks().values() for mark in known} <= {"set"}
    silent(desk)
    desk.withdraw()
    assert all(desk.ours(one) == set() and desk.theirs(one) == before[one] for one in names)
