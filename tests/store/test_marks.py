"""Marks on tickets, on both databases."""

from __future__ import annotations

from typing import Any

import pytest

from domain.errors import LeaseError
from domain.work import ItemRef
from store.kept import Fence, MarkState, StoredComment, StoredMark
from store.open import Store

ITEM, OTHER = ItemRef("shop", "1"), ItemRef("shop", "2")


def label(board: Any, name: str, state: MarkState = "set") -> StoredMark:
    return StoredMark("label", name, state, None, board.at(1), board.start)


def fence_of(store: Store, board: Any) -> Fence:
    with store.writing() as unit:
        fence = unit.take_lease("comments:shop", "me", board.at(1), 60)
    assert fence is not None
    return fence


def test_the_marks_of_a_ticket_are_kept_in_the_place_of_those_before(store: Store, board: Any) -> None:
    board.save(store, board.record(1), board.record(2))
    fence = fence_of(store, board)
    shares = StoredMark("property", "filrouge", "setting", '{"é": 0.6}', board.at(2), board.start)
    with store.writing() as unit:
        unit.keep_marks(ITEM, [label(board, "fil-O2"), label(board, "fil-O1"), shares], fence)
        unit.keep_marks(OTHER, [label(board, "fil-O1", "left")], fence)
    with store.reading() as reader:
        assert reader.marks() == {
            ITEM: [label(board, "fil-O1"), label(board, "fil-O2"), shares],
            OTHER: [label(board, "fil-O1", "left")],
        }
        assert reader.marks("other") == {}
    with store.writing() as unit:
        unit.keep_marks(ITEM, [label(board, "fil-O2", "clearing")], fence)
        unit.keep_marks(OTHER, [], fence)
    with store.reading() as reader:
        assert reader.marks("shop") == {ITEM: [label(board, "fil-O2", "clearing")]}


def test_nothing_is_kept_without_the_lease(store: Store, board: Any) -> None:
    board.save(store, board.record(1))
    fence_of(store, board)
    with pytest.raises(LeaseError), store.writing() as unit:
        unit.keep_marks(ITEM, [label(board, "fil-O1")], Fence("comments:shop", 99))
    with store.reading() as reader:
        assert reader.marks() == {}


def test_a_project_counts_by_its_marks_as_by_its_comments(store: Store, board: Any) -> None:
    board.save(store, board.record(1), board.record(2, project="PAY"), board.record(3, project="OPS"))
    fence = fence_of(store, board)
    comment = StoredComment(ItemRef("shop", "3"), "77", "aa", "d1", "standing", board.at(1))
    with store.writing() as unit:
        unit.keep_marks(ITEM, [label(board, "fil-O1")], fence)
        unit.keep_marks(OTHER, [label(board, "fil-O1", "left")], fence)
        unit.keep_comment(comment)
    with store.reading() as reader:
        assert reader.written_projects() == {("shop", "SHOP"), ("shop", "OPS")}
