"""The numbers of a store, on both databases."""

from __future__ import annotations

from typing import Any

from store.open import Store
from tests.store.test_comments import begin


def test_what_there_is_of_each_kind(store: Store, board: Any) -> None:
    with store.reading() as reader:
        empty = reader.overview()
    assert (empty.items, empty.writes, empty.unclear_since, empty.leases) == ({}, {}, None, {})
    assert empty.size > 0
    board.save(store, *map(board.record, range(1, 4)), set_aside=[("9", "no date")])
    board.save(store, deleted=[("2", board.at(2))], hours=2)
    first, second = (begin(store, board, marker, hours=hours) for marker, hours in (("a", 3), ("b", 4)))
    with store.writing() as unit:
        unit.end_write(second, "unclear", board.at(4), "no answer")
        unit.end_write(first, "sent", board.at(4))
        unit.take_lease("source:shop", "me", board.at(5), 60)
    with store.reading() as reader:
        numbers = reader.overview()
        counts = reader.counts()["shop"]
        assert list(reader.damage()) == []
    assert (numbers.items, numbers.deleted, numbers.set_aside) == ({"shop": 2}, {"shop": 1}, {"shop": 1})
    assert (counts.items, counts.deleted, counts.transitions) == (2, 1, 1)
    assert numbers.writes == {"sent": 1, "unclear": 1}
    assert numbers.unclear_since == board.at(4)
    assert numbers.leases["source:shop"] > board.at(5)
