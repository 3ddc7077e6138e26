"""Nothing is lost: time, lag, pages, histories, cleared fields, moves, deletions."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.contract.conftest import Open


@pytest.mark.parametrize("zone", ["Asia/Riyadh", "America/Los_Angeles"])
def test_time_zones_lose_nothing(world: Open, zone: str) -> None:
    """Account and organisation live at +03 or at -08: every change of every minute around the runs arrives."""
    here = world(zone=zone, timezone=zone, pages=10)
    items = here.populate(12)
    assert here.sync().outcome == "ok"
    here.check()
    for number in range(6):
        here.harness.edit(items[number], here.clock.tick(seconds=37), title=f"Changed at {here.clock.at}")
        here.clock.tick(minutes=(1, 59, 180, 480, 500, 7)[number])
        assert here.sync().outcome == "ok"
        here.check()


def test_an_issue_that_is_updated_during_every_sync_is_collected(world: Open) -> None:
    here = world(pages=5)
    items = here.populate(12)
    busy = items[3]

    def again() -> None:
        here.harness.edit(busy, here.clock.tick(seconds=1), title=f"Busy at {here.clock.at}")

    for _ in range(3):
        again()
        with here.meanwhile(again) as pages:
            assert here.sync().outcome == "ok"
        assert pages[0] >= 1
        assert here.items()[busy].title.startswith("Busy at")
        here.clock.tick(minutes=15)
    here.sync()
    here.check()


def test_an_issue_that_is_visible_ten_minutes_late_is_collected(world: Open) -> None:
    """The index tells a change ten minutes later; meanwhile other changes are read and the place moves on."""
    here = world(pages=5, lag=timedelta(minutes=10))
    items = here.populate(12)
    here.clock.tick(minutes=11)
    here.sync()
    here.check()
    for number in range(6):
        here.harness.edit(items[number], here.clock.tick(seconds=10), points=20.0 + number)
        here.clock.tick(minutes=4)
        assert here.sync().outcome == "ok"
    here.clock.tick(minutes=11)
    here.sync()
    here.check()


@pytest.mark.parametrize("pages", [37, 100, 1, (3, 0, 0, 5)], ids=str)
def test_pages_of_every_size_are_read(world: Open, pages: int | tuple[int, ...]) -> None:
    here = world(pages=pages, checked=pages == 37)
    here.populate(120 if pages in (37, 100) else 20)
    assert here.sync().outcome == "ok"
    here.check()
    here.clock.tick(days=2)
    here.sync()
    here.check()


def test_250_history_entries_on_one_issue_all_arrive(world: Open) -> None:
    here = world(pages=40, log_pages=60)
    items = here.populate(20)
    for number in range(250):
        here.harness.edit(items[5], here.clock.tick(), title=f"Title {number}", points=float(number % 90))
    assert here.sync().outcome == "ok"
    here.check()
    titles = [entry for entry in here.histories()[items[5]] if entry.field == "title"]
    assert len(titles) == 251
    here.harness.edit(items[5], here.clock.tick(), title="Once more")
    here.sync()
    here.check()


def test_the_status_of_the_field_wins_over_history(world: Open) -> None:
    here = world()
    items = here.populate(10)
    here.sync()
    here.harness.disagree(items[2], here.clock.tick(), 2)
    here.harness.disagree(items[4], here.clock.tick(), 0)
    here.sync()
    here.check()
    statuses = [entry.after for entry in here.histories()[items[2]] if entry.field == "status"]
    assert statuses[-1] == here.harness.words[2] == here.items()[items[2]].status


def test_clearing_labels_parent_and_points_clears_the_row(world: Open) -> None:
    here = world()
    items = here.populate(10)
    here.sync()
    before = here.items()[items[3]]
    assert before.labels
    assert before.parent is not None
    assert before.points is not None
    at = here.clock.tick()
    here.harness.edit(items[3], at, labels=None, points=None, parent=None)
    here.sync()
    here.check()
    after = here.items()[items[3]]
    assert (after.labels, after.parent, after.points) == ((), None, None)


def test_a_re_parenting_is_seen_on_the_next_run(world: Open) -> None:
    here = world(pages=7)
    items = here.populate(22)
    here.sync()
    for child, parent in ((3, 10), (4, None), (11, 20), (12, 0)):
        here.harness.edit(items[child], here.clock.tick(), parent=None if parent is None else items[parent])
    here.sync()
    here.check()
    assert here.items()[items[3]].parent == here.harness.truth()[items[3]].parent is not None


def test_a_move_keeps_one_row_and_its_comment(world: Open) -> None:
    """Into another project of the source: one row, the whole history, and the standing comment stays at its item."""
    here = world()
    items = here.populate(10)
    here.sync()
    with here.store.writing() as unit:
        unit._connection.exec_driver_sql(
            "INSERT INTO comment (source, id, comment, marker, digest, state, posted_at) "
            "VALUES ('here', ?, '77', 'filrouge:1', 'd', 'posted', '2026-05-01T00:00:00.000000Z')",
            (items[2],),
        )
    here.harness.move(items[2], here.clock.tick(), 1)
    here.sync()
    here.check()
    assert len(here.items()) == 10
    moves = [(entry.before, entry.after) for entry in here.histories()[items[2]] if entry.field == "project"]
    assert moves == [here.harness.projects]
    with here.store.reading() as reader:
        rows = reader._connection.exec_driver_sql("SELECT id, comment FROM comment").all()
    assert rows == [(items[2], "77")]


def test_edits_moves_and_re_parentings_while_pages_are_read(world: Open) -> None:
    here = world(pages=6)
    items = here.populate(30)
    turn = iter(range(1000))

    def act() -> None:
        number = next(turn)
        at = here.clock.tick(seconds=1)
        if number % 4 == 0:
            here.harness.edit(items[number % 30], at, title=f"Edited {number}", labels=("x",))
        elif number % 4 == 1:
            here.harness.edit(items[29 - number % 9], at, parent=items[0])
        elif number % 4 == 2:
            here.harness.move(items[1 + number % 8], at, number // 4 % 2)
        else:
            here.harness.add(at, f"Born while reading {number}", project=1, parent=items[10])

    with here.meanwhile(act) as pages:
        assert here.sync().outcome == "ok"
    assert pages[0] >= 2
    here.clock.tick(minutes=30)
    assert here.sync().outcome == "ok"
    here.check()


def test_statuses_types_and_fields_in_another_language(world: Open) -> None:
    here = world(french=True, zone="Europe/Paris", timezone="Europe/Paris")
    items = here.populate(12)
    here.harness.edit(items[1], here.clock.tick(), status=2)
    here.sync()
    here.check()
    assert here.items()[items[1]].state == "done"
    here.harness.edit(items[2], here.clock.tick(), labels=None, status=0)
    here.sync()
    here.check()
    assert here.items()[items[2]].state == "todo"


def test_deletes_are_found_and_undeletes_too(world: Open) -> None:
    """Jira deletes without a trace and tells of no return: a census finds both."""
    here = world(pages=10)
    items = here.populate(24)
    here.sync()
    for item in (items[2], items[11], items[23]):
        here.harness.delete(item, here.clock.tick())
    here.sync(census=True)
    here.check()
    assert sum(item.deleted is not None for item in here.items().values()) == 3
    here.clock.tick(hours=5)
    here.harness.undelete(items[11], here.clock.tick())
    here.sync(census=True)
    here.check()
    assert here.items()[items[11]].deleted is None
    marks = [entry.after is None for entry in here.histories()[items[11]] if entry.field == "deleted"]
    assert marks == [False, True]


def test_losing_sight_of_most_items_deletes_nothing(world: Open) -> None:
    """A right that is taken away hides 60 % of a scope: all rows stay, and what is seen goes on being read.

    Each census says of each project how much is out of sight, until it is seen again.
    """
    here = world(pages=10)
    items = here.populate(30)
    here.sync()
    hidden = items[:18]
    here.harness.hide(hidden)
    for hours in (1, 30, 200):
        here.clock.tick(hours=hours)
        here.harness.edit(items[20], here.clock.tick(), title=f"Seen after {hours} h")
        result = here.sync(census=True)
        assert result.outcome == "ok"
        assert result.census is not None
        assert [(one.project, one.gone, one.of) for one in result.census.vanished] == [
            (project, 9, 15) for project in sorted(here.harness.projects)
        ]
        assert len(here.items()) == 30
        assert all(item.deleted is None for item in here.items().values())
        here.check()
    here.harness.show(hidden)
    here.harness.edit(items[4], here.clock.tick(), title="Seen again")
    result = here.sync(census=True)
    assert result.census is not None
    assert result.census.vanished == []
    here.check()
