"""Questions are answered from one consistent state, in the same order on both databases."""

from __future__ import annotations

from typing import Any

import pytest

from domain.history import as_of
from domain.tags import Assignment
from domain.work import ItemRef, State, Transition
from store.open import Store


def test_items_come_in_the_order_of_code_points(store: Store, board: Any) -> None:
    names = ["b", "B", "a", "é", "_", "10", "9", "\U0001f600", "￿"]
    board.save(store, *(board.record(name) for name in names))
    board.save(store, board.record("x", source="Shop"), source="Shop")
    with store.reading() as reader:
        assert [item.ref for item in reader.items()] == [
            ItemRef("Shop", "x"),
            *(ItemRef("shop", name) for name in sorted(names)),
        ]


def test_every_text_column_on_postgresql_compares_code_points(store: Store) -> None:
    from sqlalchemy import text

    if not store.address.startswith("postgresql"):
        pytest.skip("SQLite compares bytes anyway")
    with store._engine.connect() as connection:
        others = connection.execute(
            text(
                "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public' "
                "AND data_type = 'text' AND collation_name IS DISTINCT FROM 'C' AND column_name NOT IN "
                "('labels', 'components', 'fix_versions', 'fields', 'before', 'after', 'shares', 'via', 'unknown', "
                "'tags', 'expected', 'summary', 'cursor', 'context')"
            )
        ).all()
    assert others == []


def test_items_are_filtered(store: Store, board: Any) -> None:
    board.save(
        store,
        board.record(1, level=1),
        board.record(2, project="Café"),
        board.record(3, key="Pay-3"),
        deleted=[("3", board.at(1))],
    )
    board.save(store, board.record(1, source="other"), source="other")
    asked: list[tuple[dict[str, Any], list[str]]] = [
        ({}, ["other/1", "shop/1", "shop/2"]),
        ({"deleted": True}, ["other/1", "shop/1", "shop/2", "shop/3"]),
        ({"source": "shop"}, ["shop/1", "shop/2"]),
        ({"level": 1}, ["shop/1"]),
        ({"project": "shop", "source": "shop"}, ["shop/1"]),
        ({"project": "Café"}, ["shop/2"]),
        ({"keys": ["shop-1", "PAY-3"]}, ["other/1", "shop/1"]),
        ({"keys": ["pay-3"], "deleted": True}, ["shop/3"]),
        ({"keys": []}, []),
    ]
    with store.reading() as reader:
        for filters, expected in asked:
            assert ["/".join(item.ref) for item in reader.items(**filters)] == expected, filters


def test_histories_are_cut_to_what_was_asked(store: Store, board: Any) -> None:
    entries = [
        Transition(board.at(1), "points", None, 1.0),
        Transition(board.at(2), "title", "?", "Basket"),
        Transition(board.at(2), "points", 1.0, 2.0),
    ]
    board.save(store, board.record(2, entries, points=2.0), board.record(1, entries[:1], points=1.0), board.record(3))
    one, two, three = (ItemRef("shop", number) for number in "123")
    with store.reading() as reader:
        assert list(reader.histories(None)) == [(one, tuple(entries[:1])), (two, tuple(entries))]
        assert list(reader.histories([three, two])) == [(two, tuple(entries))]
        assert list(reader.histories([two], fields=["points"])) == [(two, (entries[0], entries[2]))]
        assert list(reader.histories(None, until=board.at(1.5))) == [(one, (entries[0],)), (two, (entries[0],))]
        assert list(reader.histories([])) == []


def test_more_items_than_one_question_holds(store: Store, board: Any) -> None:
    board.save(store, *(board.record(n, [Transition(board.at(1), "title", "?", "Basket")]) for n in range(2500)))
    with store.reading() as reader:
        refs = [item.ref for item in reader.items()]
        assert len(refs) == 2500
        assert refs == sorted(refs)
        assert [ref for ref, _ in reader.histories(reversed(refs))] == refs
        assert [ref for ref, _ in reader.histories(None)] == refs
        assert len(reader.raw("shop", [ref.id for ref in refs])) == 2500
        assert list(reader.snapshot(board.at(5)).items) == refs


def test_find_prefers_present_keys_then_former_ones_then_ids(store: Store, board: Any) -> None:
    board.save(store, board.record("10", key="SHOP-1"), board.record("11", key="Shop-2"))
    board.save(store, board.record("10", key="PAY-9", updated_at=board.at(2)), hours=3)
    board.save(store, board.record("5", source="platform", key="10"), source="platform")

    def found(key: str, source: str | None = None) -> list[str]:
        with store.reading() as reader:
            return ["/".join(item.ref) for item in reader.find(key, source)]

    assert found("pay-9") == ["shop/10"]
    assert found("shop-1") == ["shop/10"]
    assert found("SHOP-2") == ["shop/11"]
    assert found("10") == ["platform/5"]
    assert found("10", "shop") == ["shop/10"]
    assert found("nothing") == []
    board.save(store, board.record("12", key="SHOP-1"), hours=4)
    assert found("shop-1") == ["shop/12"]
    board.save(store, deleted=[("12", board.at(5))], hours=5)
    assert found("shop-1") == ["shop/10"]
    board.save(store, deleted=[("10", board.at(5))], hours=5)
    assert found("shop-1") == ["shop/12"]


def test_a_key_of_an_older_record_is_kept_too(store: Store, board: Any) -> None:
    board.save(store, board.record(1, key="PAY-1", updated_at=board.at(2)))
    board.save(store, board.record(1, key="SHOP-1"))
    with store.reading() as reader:
        assert [item.key for item in reader.find("shop-1")] == ["PAY-1"]


def test_a_snapshot_shows_items_as_they_stood(store: Store, board: Any) -> None:
    history = [
        Transition(board.at(1), "state", "todo", "doing"),
        Transition(board.at(2), "points", 1.0, 8.0),
        Transition(board.at(3), "state", "doing", "done"),
    ]
    done = {"state": State.DONE, "points": 8.0, "started_at": board.at(1), "done_at": board.at(3)}
    board.save(store, board.record(1, history, **done), board.record(2, created_at=board.at(2)))
    one, two = ItemRef("shop", "1"), ItemRef("shop", "2")
    with store.reading() as reader:
        early, late = reader.snapshot(board.at(1)), reader.snapshot(board.at(3))
    assert list(early.items) == [one]
    assert (early.items[one].state, early.items[one].points, early.items[one].done_at) == (State.DOING, 1.0, None)
    assert early.history == {one: tuple(history[:1])}
    assert (late.items[one].state, late.items[one].done_at) == (State.DONE, board.at(3))
    assert late.history == {one: tuple(history), two: ()}


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"started_at": 2},
        {"started_at": None},
        {"done_at": 4},
        {"done_at": None},
        {"state": State.DOING, "done_at": None},
        {"state": State.DOING},
        {"points": 5.0},
        {"labels": ("a",)},
        {"parent": None, "parent_key": "SHOP-9"},
    ],
)
def test_where_an_item_disagrees_with_its_history_a_snapshot_believes_the_history(
    store: Store, board: Any, values: dict[str, Any]
) -> None:
    history = [
        Transition(board.at(0.5), "labels", ("x",), None),
        Transition(board.at(1), "state", "todo", "doing"),
        Transition(board.at(1.5), "parent", None, "8"),
        Transition(board.at(2), "points", 1.0, 8.0),
        Transition(board.at(3), "state", "doing", "done"),
    ]
    said = {"state": State.DONE, "points": 8.0, "parent": "8", "started_at": 1, "done_at": 3, **values}
    item = {name: board.at(value) if name.endswith("_at") and value else value for name, value in said.items()}
    record = board.record(1, history, **item)
    board.save(store, record)
    for hours in (0, 1, 1.5, 2, 3, 3.5, 4, 9):
        with store.reading() as reader:
            seen = reader.snapshot(board.at(hours)).items
        assert seen == {record.item.ref: as_of(record.item, record.history, board.at(hours))}, hours


def test_assignments_are_replaced_as_a_whole(store: Store, board: Any) -> None:
    board.save(store, board.record(1), board.record(2))
    one, two = ItemRef("shop", "1"), ItemRef("shop", "2")
    full = Assignment({"KR1.1": 0.6, "O2": 0.4}, "purchase", "payments", "feature", {"product": "pin"}, True, ("O9",))
    for tags in ({one: full, two: Assignment()}, {two: full}):
        with store.writing() as unit:
            unit.replace_assignments(tags, mapping="sha256:m", strategy="sha256:s")
        with store.reading() as reader:
            assert reader.assignments() == tags
