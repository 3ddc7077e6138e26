"""Deleted items are marked, their history tells it, and a record that comes again brings them back."""

from __future__ import annotations

from typing import Any

from domain.calendar import instant_text
from domain.work import ItemRef, Transition
from store import PageCount, SourceCounts
from store.open import Store

ONE = ItemRef("shop", "1")


def deleted_entries(store: Store) -> list[tuple[Any, Any, Any]]:
    with store.reading() as reader:
        found = dict(reader.histories([ONE], fields=["deleted"]))
    return [(entry.at, entry.before, entry.after) for entry in found.get(ONE, ())]


def test_a_deleted_item_is_marked_and_stays(store: Store, board: Any) -> None:
    board.save(store, board.record(1), board.record(2))
    gone = board.at(3)
    assert board.save(store, deleted=[("1", gone), ("unknown", gone)]) == PageCount(deleted=1)
    assert deleted_entries(store) == [(gone, None, instant_text(gone))]
    with store.reading() as reader:
        assert [item.id for item in reader.items()] == ["2"]
        assert [item.deleted for item in reader.items(deleted=True)] == [gone, None]
        assert reader.counts() == {"shop": SourceCounts(items=1, deleted=1, transitions=1)}
        assert ONE in reader.snapshot(board.at(2)).items
        assert ONE not in reader.snapshot(gone).items


def test_the_first_mark_counts(store: Store, board: Any) -> None:
    board.save(store, board.record(1), deleted=[("1", board.at(2))])
    assert board.save(store, deleted=[("1", board.at(5))]) == PageCount()
    assert [at for at, _, _ in deleted_entries(store)] == [board.at(2)]


def test_what_the_tracker_itself_says_of_a_deletion_is_not_said_twice(store: Store, board: Any) -> None:
    gone = board.at(2)
    own = Transition(gone, "deleted", None, instant_text(gone))
    board.save(store, board.record(1, [own], deleted=gone), deleted=[("1", gone)])
    assert deleted_entries(store) == [(gone, None, instant_text(gone))]


def test_the_mark_survives_a_later_rewrite_of_the_history(store: Store, board: Any) -> None:
    gone = board.at(2)
    board.save(store, board.record(1), deleted=[("1", gone)])
    edited = Transition(board.at(1), "title", "?", "Basket")
    later = board.record(1, [edited], deleted=gone, updated_at=board.at(3))
    board.save(store, later, hours=4)
    with store.reading() as reader:
        assert dict(reader.histories(None))[ONE] == (edited, Transition(gone, "deleted", None, instant_text(gone)))


def test_a_record_that_comes_again_brings_the_item_back(store: Store, board: Any) -> None:
    record, gone = board.record(1), board.at(2)
    board.save(store, record, deleted=[("1", gone)])
    assert board.save(store, record, hours=5) == PageCount(changed=1)
    assert deleted_entries(store) == [(gone, None, instant_text(gone)), (board.at(5), instant_text(gone), None)]
    with store.reading() as reader:
        assert list(reader.items()) == [record.item]
        seen = [ONE in reader.snapshot(board.at(hours)).items for hours in (1, 2, 4, 5, 6)]
    assert seen == [True, False, False, True, True]


def test_both_marks_survive_a_later_rewrite_and_a_second_deletion_follows(store: Store, board: Any) -> None:
    first, second = board.at(2), board.at(8)
    board.save(store, board.record(1), deleted=[("1", first)])
    board.save(store, board.record(1), hours=5)
    board.save(store, board.record(1, title="Other", updated_at=board.at(6)), hours=6)
    board.save(store, deleted=[("1", second)], hours=9)
    assert deleted_entries(store) == [
        (first, None, instant_text(first)),
        (board.at(5), instant_text(first), None),
        (second, None, instant_text(second)),
    ]


def test_an_older_record_brings_nothing_back(store: Store, board: Any) -> None:
    """A pull from the beginning repeats what an item was before it was deleted."""
    board.save(store, board.record(1, updated_at=board.at(1)), deleted=[("1", board.at(2))])
    assert board.save(store, board.record(1, title="Older"), hours=5) == PageCount(same=1)
    with store.reading() as reader:
        assert list(reader.items()) == []


def test_a_page_that_brings_and_deletes_an_item_leaves_it_deleted(store: Store, board: Any) -> None:
    board.save(store, board.record(1))
    record = board.record(1, title="Last words", updated_at=board.at(1))
    assert board.save(store, record, deleted=[("1", board.at(2))], hours=3) == PageCount(changed=1)
    with store.reading() as reader:
        assert [(item.title, item.deleted) for item in reader.items(deleted=True)] == [("Last words", board.at(2))]
    assert len(deleted_entries(store)) == 1


def test_a_mark_in_a_page_with_an_older_record_still_counts(store: Store, board: Any) -> None:
    board.save(store, board.record(1, updated_at=board.at(2)))
    assert board.save(store, board.record(1), deleted=[("1", board.at(3))]) == PageCount(same=1, deleted=1)
    assert len(deleted_entries(store)) == 1


def test_a_deletion_before_the_last_entry_is_told_in_its_place(store: Store, board: Any) -> None:
    late = Transition(board.at(5), "title", "?", "Basket")
    board.save(store, board.record(1, [late]), deleted=[("1", board.at(2))])
    with store.reading() as reader:
        assert [entry.field for entry in dict(reader.histories(None))[ONE]] == ["deleted", "title"]


def test_a_mark_goes_when_the_tracker_tells_the_same_deletion_itself(store: Store, board: Any) -> None:
    gone = board.at(2)
    board.save(store, board.record(1), deleted=[("1", gone)])
    own = Transition(gone, "deleted", None, instant_text(gone))
    board.save(store, board.record(1, [own], deleted=gone, updated_at=gone), hours=3)
    assert deleted_entries(store) == [(gone, None, instant_text(gone))]


def test_an_item_that_comes_back_by_an_earlier_clock_comes_back_after_its_deletion(store: Store, board: Any) -> None:
    gone = board.at(10)
    board.save(store, board.record(1), deleted=[("1", gone)])
    board.save(store, board.record(1), hours=5)
    assert deleted_entries(store) == [(gone, None, instant_text(gone)), (gone, instant_text(gone), None)]
    with store.reading() as reader:
        assert ONE in reader.snapshot(board.at(11)).items
