"""One page is kept whole, once, and the newest of everything wins."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from domain.work import ItemRef, Record, State, Transition
from store import PageCount, StoredSetAside
from store.open import Store


def test_a_page_brings_items_histories_payloads_and_the_cursor(store: Store, board: Any) -> None:
    history = (
        Transition(board.at(-3), "points", None, 3.0),
        Transition(board.at(-2), "labels", (), ("a", "ü")),
        Transition(board.at(-2), "state", "todo", "doing"),
    )
    record = board.record(7, history, b'{"id": 7}', labels=("a", "ü"), points=3.0, state=State.DOING)
    assert board.save(store, record, cursor={"z": [1], "a": None}, context={"f": {"b": 1}}) == PageCount(new=1)
    with store.reading() as reader:
        assert list(reader.items()) == [record.item]
        assert list(reader.histories(None)) == [(ItemRef("shop", "7"), history)]
        assert reader.raw("shop", ["7", "8"]) == {"7": b'{"id": 7}'}
        assert reader.cursor("shop") == {"z": [1], "a": None}
        assert reader.context("shop") == {"f": {"b": 1}}
        assert (reader.cursor("other"), reader.context("other")) == (None, None)


def test_the_same_page_again_changes_nothing(store: Store, board: Any) -> None:
    page = [board.record(number, [Transition(board.at(-1), "title", "?", "Basket")]) for number in range(3)]
    board.save(store, *page, deleted=[("1", board.at(0.5))])
    before = board.dump(store)
    assert board.save(store, *page, deleted=[("1", board.at(0.6))], hours=2) == PageCount(same=3)
    assert board.dump(store) == before


def test_a_changed_item_replaces_its_row_its_payload_and_its_history(store: Store, board: Any) -> None:
    old = [Transition(board.at(-3), "points", None, 1.0), Transition(board.at(-2), "points", 1.0, 2.0)]
    board.save(store, board.record(1, old, b"old", points=2.0))
    new = (Transition(board.at(-1), "points", None, 5.0),)
    changed = board.record(1, new, b"new", points=5.0, updated_at=board.at(1))
    assert board.save(store, changed) == PageCount(changed=1)
    with store.reading() as reader:
        assert list(reader.items()) == [changed.item]
        assert list(reader.histories(None)) == [(ItemRef("shop", "1"), new)]
        assert reader.raw("shop", ["1"]) == {"1": b"new"}


def test_an_older_record_does_not_overwrite_a_newer_row(store: Store, board: Any) -> None:
    newer = board.record(1, title="Newer", updated_at=board.at(2))
    board.save(store, newer)
    assert board.save(store, board.record(1, title="Older", updated_at=board.at(1))) == PageCount(same=1)
    with store.reading() as reader:
        assert [item.title for item in reader.items()] == ["Newer"]


def test_of_one_instant_the_last_record_wins(store: Store, board: Any) -> None:
    board.save(store, board.record(1, title="First"))
    assert board.save(store, board.record(1, title="Second"), hours=2) == PageCount(changed=1)
    with store.reading() as reader:
        assert [item.title for item in reader.items()] == ["Second"]


def test_an_item_that_is_twice_in_a_page_counts_once_and_the_newest_wins(store: Store, board: Any) -> None:
    newer, older = board.record(1, title="N", updated_at=board.at(2)), board.record(1, title="O")
    assert board.save(store, newer, older) == PageCount(new=1)
    with store.reading() as reader:
        assert [item.title for item in reader.items()] == ["N"]


def test_every_key_in_a_page_is_kept(store: Store, board: Any) -> None:
    newer, older = board.record(1, key="PAY-1", updated_at=board.at(2)), board.record(1)
    board.save(store, newer, older)
    with store.reading() as reader:
        assert [item.key for item in reader.find("SHOP-1")] == ["PAY-1"]


def test_another_context_converts_again_what_has_the_same_payload(store: Store, board: Any) -> None:
    board.save(store, board.record(1, raw=b"{}", points=1.0), context={"points": "a", "b": 1})
    same = board.record(1, raw=b"{}", points=2.0)
    assert board.save(store, same, context={"b": 1, "points": "a"}) == PageCount(same=1)
    assert board.save(store, same, context={"points": "c", "b": 1}) == PageCount(changed=1)
    with store.reading() as reader:
        assert [item.points for item in reader.items()] == [2.0]


def test_again_rewrites_what_has_the_same_content(store: Store, board: Any) -> None:
    board.save(store, board.record(1, raw=b"{}", points=1.0))
    assert board.save(store, board.record(1, raw=b"{}", points=2.0), again=True) == PageCount(changed=1)
    with store.reading() as reader:
        assert [item.points for item in reader.items()] == [2.0]


def test_records_without_payload_are_told_apart_by_what_they_say(store: Store, board: Any) -> None:
    board.save(store, board.record(1, raw=b""), board.record(2, raw=b""))
    assert board.save(store, board.record(1, raw=b"", title="T"), board.record(2, raw=b"")) == PageCount(
        changed=1, same=1
    )


def test_a_source_may_bring_items_of_another(store: Store, board: Any) -> None:
    """An export keeps the source that its items had."""
    record = Record(replace(board.item(1), source="elsewhere"), (), b"{}")
    board.save(store, record, source="files", deleted=[("1", board.at(1))])
    with store.reading() as reader:
        assert [item.ref for item in reader.items()] == [ItemRef("elsewhere", "1")]
        assert reader.raw("elsewhere", ["1"]) == {"1": b"{}"}
        assert (reader.cursor("files"), reader.cursor("elsewhere")) == ({"page": 1}, None)


def test_what_cannot_be_read_is_counted_until_it_is_read(store: Store, board: Any) -> None:
    board.save(store, set_aside=[("2", "403"), ("1", "404")])
    board.save(store, set_aside=[("2", "500")], hours=2)
    with store.reading() as reader:
        assert reader.set_aside("shop") == [
            StoredSetAside("1", "404", board.at(1), board.at(1), 1),
            StoredSetAside("2", "500", board.at(1), board.at(2), 2),
        ]
        assert reader.set_aside("other") == []
    board.save(store, board.record(2))
    with store.reading() as reader:
        assert [aside.id for aside in reader.set_aside("shop")] == ["1"]


def test_text_that_no_database_holds_is_replaced_and_the_payload_stays(store: Store, board: Any) -> None:
    raw = b'{"title": "a\\u0000b \\ud800"}'
    history = [Transition(board.at(-1), "title", "\x00", "a\x00b \ud800")]
    record = board.record("1\x00", history, raw, title="a\x00b \ud800", labels=("\udfff", "\\u0000"))
    board.save(store, record, cursor={"\x00": "\ud800"}, deleted=[("9\x00", board.at(1))], set_aside=[("\x00", "\x00")])
    assert board.save(store, record, cursor={"\x00": "\ud800"}) == PageCount(same=1)
    with store.reading() as reader:
        (item,) = reader.items()
        assert (item.title, item.labels) == ("a�b �", ("�", "\\u0000"))
        assert dict(reader.histories(None))[item.ref] == (Transition(board.at(-1), "title", "�", "a�b �"),)
        assert reader.raw("shop", [item.id]) == {"1�": raw}
        assert reader.cursor("shop") == {"\x00": "\ud800"}
        assert reader.find("shop-1\x00") == [item]


def test_instants_keep_their_microseconds_and_come_back_in_utc(store: Store, board: Any) -> None:
    from datetime import UTC, datetime, timedelta, timezone

    paris = timezone(timedelta(hours=2))
    created = datetime(2026, 10, 1, 9, 0, 0, 1, tzinfo=paris)
    board.save(store, board.record(1, created_at=created))
    with store.reading() as reader:
        (item,) = reader.items()
    assert item.created_at.isoformat() == "2026-10-01T07:00:00.000001+00:00"
    assert item.created_at.tzinfo is UTC


def test_an_instant_without_zone_is_refused(store: Store, board: Any) -> None:
    naive = board.at(0).replace(tzinfo=None)
    with pytest.raises(ValueError, match="no time zone"):
        board.save(store, board.record(1, updated_at=naive))
    with pytest.raises(ValueError, match="no time zone"), store.writing() as unit:
        unit.start_run("sync", "shop", naive)
