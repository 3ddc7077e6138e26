"""What people answer in a ticket is heard at the next sync, once, wherever it falls, and with few requests."""

from __future__ import annotations

from collections.abc import Sequence

from config.settings import TicketCommands
from demo.trackers.http import Exchange
from domain.lines import Line
from tests.contract.comment_desk import Desk
from tests.contract.conftest import Open
from tests.contract.harness import SOURCE


def desk_of(world: Open, count: int = 3, **commands: Sequence[str]) -> Desk:
    """A world with our comment in every ticket; commands are read, of whom they may come as given."""
    here = world()
    items = here.populate(count)
    assert here.sync().outcome == "ok"
    here.clock.tick()
    desk = Desk(here, {one: f"Serves objective {number}" for number, one in enumerate(items)})
    desk.settings = desk.settings.model_copy(update={"commands": TicketCommands(**commands)})
    desk.post()
    here.clock.tick()
    return desk


def said(desk: Desk) -> dict[str, list[str]]:
    """By ticket the commands that stand there, as the store knows it."""
    return {one: [line.said for line in lines] for one, lines in stored(desk).items()}


def stored(desk: Desk) -> dict[str, list[Line]]:
    with desk.world.store.reading() as reader:
        return {ref.id: lines for ref, lines in reader.lines().items()}


def about_comments(exchanges: Sequence[Exchange]) -> list[Exchange]:
    return [one for one in exchanges if "/comment" in one.path.lower()]


def test_the_second_of_two_runs_reads_no_ticket_and_writes_nothing(world: Open) -> None:
    desk = desk_of(world)
    with desk.watched() as seen:
        run = desk.world.sync(comments=desk.settings)
        assert run.outcome == "ok"
        assert desk.post() is None
    assert about_comments(seen) == []
    assert run.heard.tickets == 0


def test_a_command_is_heard_at_the_next_sync_and_only_the_tickets_that_changed_are_read(world: Open) -> None:
    desk = desk_of(world)
    first, second, _ = desk.texts
    clock, harness = desk.world.clock, desk.world.harness
    at = clock.tick()
    harness.remark(first, "/filrouge map KR1.1\nthank you", at)
    harness.remark(second, "We talked about it", clock.tick())
    clock.tick()
    with desk.watched() as seen:
        run = desk.world.sync(comments=desk.settings)
    assert (run.heard.tickets, run.heard.new) == (2, 1)
    assert len(about_comments(seen)) == 2
    (line,) = stored(desk)[first]
    assert (line.said, line.allowed, line.at, line.author) == (
        "/filrouge map KR1.1", True, at, harness.names("person")[0]
    )  # fmt: skip
    with desk.watched() as seen:
        desk.world.sync(comments=desk.settings)
    assert about_comments(seen) == []


def test_what_was_edited_counts_as_it_stands_and_what_was_deleted_no_longer(world: Open) -> None:
    desk = desk_of(world, 1)
    (one,) = desk.texts
    clock, harness = desk.world.clock, desk.world.harness
    comment = harness.remark(one, "/filrouge map KR1.1", clock.tick())
    clock.tick()
    desk.world.sync(comments=desk.settings)
    harness.rewrite(one, "/filrouge map KR2.1", clock.tick(), comment)
    clock.tick()
    desk.world.sync(comments=desk.settings)
    assert said(desk) == {one: ["/filrouge map KR2.1"]}
    before = clock.now()
    harness.erase(one, clock.tick(), comment)
    clock.tick()
    desk.world.sync(comments=desk.settings)
    assert said(desk) == {}
    with desk.world.store.reading() as reader:
        assert [line.said for lines in reader.lines(before).values() for line in lines] == ["/filrouge map KR2.1"]


def test_an_answer_that_our_own_edit_would_hide_is_heard(world: Open) -> None:
    """Our edit is the ticket's last change then, and would pass for all there is."""
    desk = desk_of(world, 1)
    (one,) = desk.texts
    clock = desk.world.clock
    desk.world.sync(comments=desk.settings)
    desk.world.harness.remark(one, "/filrouge mute", clock.tick())
    desk.texts[one] = "Serves another objective"
    clock.tick()
    run = desk.post()
    assert run is not None
    assert run.counts["edited"] == 1
    clock.tick()
    desk.world.sync(comments=desk.settings)
    assert said(desk) == {one: ["/filrouge mute"]}


def test_an_answer_after_our_comment_was_found_again_is_heard(world: Open) -> None:
    desk = desk_of(world, 1)
    (one,) = desk.texts
    with desk.world.store.writing() as unit:
        unit._connection.exec_driver_sql("DELETE FROM comment")
        unit._connection.exec_driver_sql("DELETE FROM outbox")
    desk.world.harness.remark(one, "/filrouge why", desk.world.clock.tick())
    desk.world.clock.tick()
    desk.world.sync(comments=desk.settings)
    desk.post()
    assert said(desk) == {one: ["/filrouge why"]}


def test_a_ticket_that_could_not_be_read_is_read_next_time(world: Open) -> None:
    desk = desk_of(world, 2)
    first, second = desk.texts
    for one in desk.texts:
        desk.world.harness.remark(one, "/filrouge why", desk.world.clock.tick())
    desk.world.clock.tick()
    desk.world.sync()  # before it is out of sight
    desk.world.harness.hide([first])
    desk.world.sync(comments=desk.settings)
    assert set(said(desk)) == {second}
    desk.world.harness.show([first])
    desk.world.sync(comments=desk.settings)
    assert set(said(desk)) == {first, second}


def test_only_named_people_may(world: Open) -> None:
    desk = desk_of(world, 1, people=["LEAD@acme.example"])
    (one,) = desk.texts
    if desk.world.harness.name == "jira_data_center":
        desk.settings = desk.settings.model_copy(update={"commands": TicketCommands(people=("Lead",))})
    desk.world.harness.remark(one, "/filrouge map KR1.1", desk.world.clock.tick(), "lead")
    desk.world.harness.remark(one, "/filrouge map KR2.1", desk.world.clock.tick(), "other")
    desk.world.clock.tick()
    desk.world.sync(comments=desk.settings)
    assert [line.allowed for line in stored(desk)[one]] == [True, False]


def test_only_those_with_a_role_in_the_project_may(world: Open) -> None:
    desk = desk_of(world, 2, roles=["product owners"])
    first, second = desk.texts
    desk.world.harness.grant("Product Owners", "lead")
    desk.world.harness.grant("Product Owners", project=1)
    for one in (first, second):
        desk.world.harness.remark(one, "/filrouge map KR1.1", desk.world.clock.tick(), "lead")
    desk.world.clock.tick()
    desk.world.sync(comments=desk.settings)
    allowed = {desk.world.items()[one].project: lines[0].allowed for one, lines in stored(desk).items()}
    assert allowed == {project: number == 0 for number, project in enumerate(desk.world.harness.projects)}


def test_where_commands_are_off_no_ticket_is_read(world: Open) -> None:
    desk = desk_of(world, 1)
    desk.settings = desk.settings.model_copy(update={"commands": None})
    (one,) = desk.texts
    desk.world.harness.remark(one, "/filrouge mute", desk.world.clock.tick())
    desk.texts[one] = "Serves another objective"
    desk.world.clock.tick()
    desk.world.sync(comments=desk.settings)
    desk.post()
    assert said(desk) == {}


def test_a_process_that_slept_before_its_post_takes_it_back(world: Open) -> None:
    """It began to write, was held up for longer than its turn lasts, and another one wrote meanwhile."""
    here = world()
    (one,) = here.populate(1)
    here.sync()
    here.clock.tick()
    desk = Desk(here, {one: "Serves objective 1"})
    other = Desk(here, {one: "Serves objective 1"}, numbers=iter(range(1000, 2000)))

    slept: list[bool] = []

    def asleep() -> None:
        if slept:
            return
        slept.append(True)
        here.clock.tick(minutes=11)
        with here.store.writing() as unit:
            lease = unit.lease(f"comments:{SOURCE}")
            assert lease is not None
            unit.release_lease(lease.fence)
        run = other.post()
        assert run is not None
        assert run.counts["posted"] == 1

    desk.before = asleep
    run = desk.post()
    assert run is not None
    assert run.outcome == "interrupted"
    desk.check()
    desk.post()
    desk.check()
