"""What people say to Filrouge in a ticket is found, as it stands now, and nothing else that they say."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from connectors.port import Commentable, Commenter
from domain.errors import ItemError
from domain.work import WorkItem
from tests.contract.comment_desk import Desk
from tests.contract.conftest import Open
from tests.contract.world import World


@contextmanager
def opened(here: World) -> Iterator[Commenter]:
    tracker = here.connect(here.workspace.settings.sources[0])
    try:
        assert isinstance(tracker, Commentable)
        yield tracker.commenter()
    finally:
        tracker.close()


def world_of(world: Open, count: int = 1) -> tuple[World, list[WorkItem]]:
    """A world that has been pulled, and its items."""
    here = world(checked=True)
    ids = here.populate(count)
    assert here.sync().outcome == "ok"
    items = here.items()
    here.clock.tick()
    return here, [items[one] for one in ids]


def test_a_command_behind_many_other_comments_is_found_with_author_instant_and_line(world: Open) -> None:
    here, (item,) = world_of(world)
    harness, clock = here.harness, here.clock
    for number in range(230):
        harness.remark(item.id, f"Secret {number}: not /filrouge why", clock.tick(seconds=1))
    at = clock.tick()
    comment = harness.remark(item.id, "  /FilRouge map KR1.1 60\u00a0KR2.1 40 \nand secret thanks", at, "lead")
    harness.remark(item.id, "/filrouges are secret", clock.tick())
    with opened(here) as commenter:
        (found,) = commenter.remarks(item)
    assert (found.comment, found.at, found.said) == (comment, at, "/FilRouge map KR1.1 60 KR2.1 40")
    assert (found.author, list(found.names)) == (harness.names("lead")[0], harness.names("lead"))
    assert "secret" not in repr(found).lower()


def test_commands_come_oldest_first_and_one_that_was_edited_as_it_stands_now(world: Open) -> None:
    here, (item,) = world_of(world)
    harness, clock = here.harness, here.clock
    first = harness.remark(item.id, "/filrouge help", clock.tick(), "lead")
    second = harness.remark(item.id, "/filrouge why", clock.tick())
    third = harness.remark(item.id, "no command yet", clock.tick())
    harness.rewrite(item.id, "/filrouge mute", mended := clock.tick(), first, "lead")
    harness.rewrite(item.id, "/filrouge snooze 2w", late := clock.tick(), third, "other")
    with opened(here) as commenter:
        found = commenter.remarks(item)
        assert [(one.comment, one.said) for one in found] == [
            (first, "/filrouge mute"),
            (second, "/filrouge why"),
            (third, "/filrouge snooze 2w"),
        ]
        assert (found[0].at, found[2].at) == (mended, late)
        # Whoever edits a comment says what it says from then on.
        assert [one.author for one in found] == [harness.names(name)[0] for name in ("lead", "person", "other")]
        harness.erase(item.id, clock.tick(), second)
        harness.rewrite(item.id, "never mind", clock.tick(), first)
        assert [one.comment for one in commenter.remarks(item)] == [third]


def test_a_comment_of_ours_is_none_but_what_a_person_says_under_our_account_is_one(world: Open) -> None:
    here, (item,) = world_of(world)
    desk = Desk(here, {item.id: "/filrouge why"})
    desk.post()
    with opened(here) as commenter:
        assert list(commenter.remarks(item)) == []
        comment = here.harness.remark(item.id, "/filrouge why", here.clock.tick(), None)
        assert [one.comment for one in commenter.remarks(item)] == [comment]


def test_the_instant_of_our_own_comment_can_be_compared_with_the_items(world: Open) -> None:
    here, (item,) = world_of(world)
    desk = Desk(here, {item.id: "Serves an objective"})
    desk.post()
    at = here.clock.at.replace(microsecond=here.clock.at.microsecond // 1000 * 1000)
    here.sync()
    with opened(here) as commenter:
        (ours,) = commenter.look(item)
        assert ours.at == at == here.items()[item.id].updated_at
        edited = here.clock.tick()
        here.harness.rewrite(item.id, "No, it does not", edited)
        there = commenter.read(item, ours.comment)
        assert there is not None
        assert (there.at, there.last_by_us) == (edited, False)


def test_a_persons_comment_its_edit_and_its_deletion_bring_the_ticket_again(world: Open) -> None:
    here, (item,) = world_of(world)
    harness, clock = here.harness, here.clock
    seen = [item.updated_at]

    def sync() -> None:
        here.sync()
        seen.append(here.items()[item.id].updated_at)

    comment = harness.remark(item.id, "/filrouge why", clock.tick())
    sync()
    harness.rewrite(item.id, "/filrouge help", clock.tick(), comment)
    sync()
    harness.erase(item.id, clock.tick(), comment)
    sync()
    assert seen == sorted(set(seen))
    assert len(seen) == 4


def test_a_ticket_out_of_sight_is_an_error_of_that_ticket_alone(world: Open) -> None:
    here, (hidden, other) = world_of(world, 2)
    here.harness.remark(other.id, "/filrouge why", here.clock.tick())
    here.harness.hide([hidden.id])
    with opened(here) as commenter:
        with pytest.raises(ItemError):
            commenter.remarks(hidden)
        assert len(commenter.remarks(other)) == 1
