"""Parents, loops and which items are counted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.hierarchy import Hierarchy
from domain.work import ItemRef, WorkItem

MakeItem = Callable[..., WorkItem]
MakeItems = Callable[..., dict[ItemRef, WorkItem]]


def shop(key: str) -> ItemRef:
    return ItemRef("shop", f"id-{key}")


@pytest.mark.parametrize(
    ("parent", "parent_key"), [("id-E-1", None), ("E-1", None), ("e-1", None), ("id-gone", "E-1"), ("id-E-1", "E-9")]
)
def test_a_parent_is_found_by_id_and_then_by_key(
    make_item: MakeItem, make_items: MakeItems, parent: str, parent_key: str | None
) -> None:
    tree = Hierarchy(make_items(make_item("E-1", level=1), make_item("S-1", parent=parent, parent_key=parent_key)))
    assert tree.parent(shop("S-1")) == shop("E-1")
    assert list(tree.children[shop("E-1")]) == [shop("S-1")]


def test_the_own_source_comes_before_the_others(make_item: MakeItem, make_items: MakeItems) -> None:
    items = make_items(
        make_item("E-1", source="a"), make_item("E-1", source="shop"), make_item("S-1", parent="E-1", source="shop")
    )
    assert Hierarchy(items).parent(shop("S-1")) == shop("E-1")


def test_a_parent_in_another_source_is_found_by_its_key_alone(make_item: MakeItem, make_items: MakeItems) -> None:
    items = make_items(
        make_item("E-1", source="a"),
        make_item("S-1", parent="E-1"),
        make_item("S-2", parent="id-E-1"),
        make_item("S-3", parent="77", parent_key="e-1"),
    )
    tree = Hierarchy(items)
    assert tree.parent(shop("S-1")) == ItemRef("a", "id-E-1")
    assert tree.parent(shop("S-2")) is None
    assert tree.parent(shop("S-3")) == ItemRef("a", "id-E-1")


def test_a_key_that_two_other_sources_have_is_no_parent(make_item: MakeItem, make_items: MakeItems) -> None:
    items = make_items(make_item("E-1", source="a"), make_item("E-1", source="b"), make_item("S-1", parent="E-1"))
    assert Hierarchy(items).parent(shop("S-1")) is None


def test_a_number_names_nothing_in_another_organisation(make_item: MakeItem, make_items: MakeItems) -> None:
    items = make_items(make_item("42", id="42", source="a"), make_item("50", id="50", source="b", parent="42"))
    assert Hierarchy(items).parent(ItemRef("b", "50")) is None


def test_ancestors_and_descendants(make_item: MakeItem, make_items: MakeItems) -> None:
    items = make_items(
        make_item("I", level=2),
        make_item("E1", level=1, parent="I"),
        make_item("E2", level=1, parent="I"),
        make_item("S1", parent="E1"),
        make_item("S2", parent="E2"),
        make_item("T1", level=-1, parent="S1"),
    )
    tree = Hierarchy(items)
    assert list(tree.ancestors(shop("T1"))) == [shop("S1"), shop("E1"), shop("I")]
    assert list(tree.descendants(shop("I"))) == [shop("E1"), shop("S1"), shop("T1"), shop("E2"), shop("S2")]
    assert list(tree.descendants(shop("T1"))) == []


@pytest.mark.parametrize(
    ("rows", "counted"),
    [
        ([("S", 0, None)], "S"),
        ([("S", 0, None), ("T", -1, "S")], "S"),
        ([("T", -1, "missing")], "T"),
        ([("S", 0, None), ("T", -1, "S"), ("U", -1, "T")], "S"),
        ([("E", 1, None), ("T", -1, "E")], "T"),
        ([("E", 1, None)], "E"),
        ([("E", 1, None), ("S", 0, "E")], "S"),
        ([("I", 2, None), ("E", 1, "I")], "E"),
        ([("I", 2, None), ("E", 1, "I"), ("F", 1, "I"), ("S", 0, "F")], "E S"),
        ([("I", 2, None), ("E", 1, "I"), ("S", 0, "E"), ("T", -1, "S")], "S"),
        ([("E", 1, None), ("F", 1, "E")], "F"),
        ([("S", 0, None), ("E", 1, "S")], "E S"),
        ([("A", 1, "B"), ("B", 1, "A")], "A"),
    ],
)
def test_each_piece_of_work_is_counted_once(
    make_item: MakeItem, make_items: MakeItems, rows: list[tuple[str, int, str | None]], counted: str
) -> None:
    items = make_items(*(make_item(key, level=level, parent=parent) for key, level, parent in rows))
    assert Hierarchy(items).counted == {shop(key) for key in counted.split()}


def test_a_long_chain_of_parents_is_walked_in_linear_time(make_item: MakeItem, make_items: MakeItems) -> None:
    length = 20_000
    links: list[dict[str, Any]] = [{"parent": f"K{(number + 1) % length}"} for number in range(length)]
    items = make_items(*(make_item(f"K{number}", **link) for number, link in enumerate(links)))
    tree = Hierarchy(items)
    last = max(items)
    assert tree.parent(last) is None
    assert len(list(tree.descendants(last))) == length - 1
    assert len(tree.counted) == length


@settings(derandomize=True, max_examples=200, deadline=None)
@given(
    rows=st.lists(
        st.tuples(st.sampled_from(["shop", "other"]), st.integers(-1, 3), st.one_of(st.none(), st.integers(0, 9))),
        min_size=1,
        max_size=9,
    ),
    seed=st.randoms(use_true_random=False),
)
def test_every_walk_ends_and_the_order_of_items_is_nothing(
    make_item: MakeItem, rows: list[tuple[str, int, int | None]], seed: Any
) -> None:
    made = [
        make_item(f"K-{number}", source=source, level=level, parent=None if parent is None else f"K-{parent}")
        for number, (source, level, parent) in enumerate(rows)
    ]
    items = {item.ref: item for item in made}
    seed.shuffle(made)
    tree, again = Hierarchy(items), Hierarchy({item.ref: item for item in made})
    for ref, item in items.items():
        above = list(tree.ancestors(ref))
        assert len(above) == len(set(above))
        assert ref not in above
        assert above == list(again.ancestors(ref))
        below = list(tree.descendants(ref))
        assert all(ref in set(tree.ancestors(each)) for each in below)
        # DRIFT 2, word for word.
        if item.level == 0:
            assert ref in tree.counted
        elif item.level < 0:
            assert (ref in tree.counted) == (not any(items[each].level == 0 for each in above))
        else:
            assert (ref in tree.counted) == (not any(each in tree.counted for each in below))
    assert tree.counted == again.counted


def test_only_the_link_that_closes_a_loop_is_lost(make_item: MakeItem, make_items: MakeItems) -> None:
    items = make_items(
        make_item("A", parent="B"), make_item("B", parent="C"), make_item("C", parent="A"), make_item("D", parent="C")
    )
    tree = Hierarchy(items)
    assert list(tree.ancestors(shop("D"))) == [shop("C")]
    assert list(tree.ancestors(shop("A"))) == [shop("B"), shop("C")]
