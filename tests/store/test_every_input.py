"""What holds for every item, every history and every order of pages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from domain.history import as_of
from domain.work import ItemRef, Record, State, Transition, WorkItem
from store.columns import clean
from store.open import Store
from sync.inputs import items_digests

# The store outlives the examples on purpose: each example writes under a source of its own.
every = settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
SOURCES = count()

words = st.text(st.characters(exclude_categories=()), max_size=12)
texts = st.lists(words, max_size=3).map(lambda some: tuple(sorted(some)))
instants = st.datetimes(datetime(1970, 1, 2), datetime(2199, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 # hypothesis adds the zone
soon = st.integers(0, 40).map(lambda hours: datetime(2026, 11, 2, tzinfo=UTC) + timedelta(hours=hours))
numbers = st.floats(allow_nan=False, allow_infinity=False)
states = st.sampled_from(State)

VALUES: dict[str, st.SearchStrategy[Any]] = {
    "state": states.map(str),
    "title": words,
    "points": st.none() | numbers,
    "labels": texts,
    "parent": st.none() | words,
}


def transitions(when: st.SearchStrategy[datetime]) -> st.SearchStrategy[tuple[Transition, ...]]:
    def of(name: str) -> st.SearchStrategy[Transition]:
        return st.builds(Transition, at=when, field=st.just(name), before=VALUES[name], after=VALUES[name])

    some = st.lists(st.sampled_from(sorted(VALUES)).flatmap(of), max_size=5)
    return some.map(lambda entries: tuple(sorted(entries, key=lambda entry: entry.at)))


def items(when: st.SearchStrategy[datetime], word: st.SearchStrategy[str]) -> st.SearchStrategy[WorkItem]:
    maybe = st.none() | word
    return st.builds(
        WorkItem,
        source=st.just("?"),
        id=word,
        key=word,
        url=word,
        type=word,
        level=st.integers(-1, 5),
        title=word,
        status=word,
        state=states,
        project=word,
        created_at=when,
        updated_at=when,
        points=st.none() | numbers,
        priority=maybe,
        parent=maybe,
        parent_key=maybe,
        team=maybe,
        labels=texts,
        components=texts,
        area_path=maybe,
        iteration=maybe,
        sprint=maybe,
        fix_versions=texts,
        assignee=maybe,
        fields=st.dictionaries(words, texts, max_size=2),
        started_at=st.none() | when,
        done_at=st.none() | when,
    )


def cleaned(value: Any) -> Any:
    if isinstance(value, State):
        return value
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, tuple):
        return tuple(cleaned(inner) for inner in value)
    if isinstance(value, dict):
        return {clean(name): cleaned(inner) for name, inner in value.items()}
    return value


def cleaned_item(item: WorkItem) -> WorkItem:
    return replace(item, **{name: cleaned(getattr(item, name)) for name in WorkItem.__dataclass_fields__})


def new_source() -> str:
    return f"source-{next(SOURCES)}"


def stored(store: Store, source: str) -> tuple[list[WorkItem], dict[ItemRef, Any], dict[str, bytes], list[list[str]]]:
    with store.reading() as reader:
        found = list(reader.items(source=source, deleted=True))
        refs = [item.ref for item in found]
        former = [sorted(item.id for item in reader.find(f"k{n}", source)) for n in range(3)]
        return found, dict(reader.histories(refs)), reader.raw(source, [ref.id for ref in refs]), former


@every
@given(item=items(instants, words), history=transitions(instants), raw=st.binary(max_size=40))
def test_an_item_and_its_history_come_back_as_they_were(
    store: Store, board: Any, item: WorkItem, history: tuple[Transition, ...], raw: bytes
) -> None:
    source = new_source()
    board.save(store, Record(replace(item, source=source), history, raw), source=source)
    found, histories, raws, _ = stored(store, source)
    expected = cleaned_item(replace(item, source=source))
    assert found == [expected]
    assert histories.get(expected.ref, ()) == tuple(
        replace(entry, before=cleaned(entry.before), after=cleaned(entry.after)) for entry in history
    )
    assert raws == {expected.id: raw}


@every
@given(
    things=st.lists(st.tuples(items(soon, st.just("x")), transitions(soon)), min_size=1, max_size=4),
    instant=soon,
)
def test_a_snapshot_is_what_the_history_says_of_each_item(
    store: Store, board: Any, things: list[tuple[WorkItem, tuple[Transition, ...]]], instant: datetime
) -> None:
    source = new_source()
    records = [
        Record(replace(item, source=source, id=str(number)), history, str(number).encode())
        for number, (item, history) in enumerate(things)
    ]
    board.save(store, *records, source=source)
    with store.reading() as reader:
        seen = reader.snapshot(instant)
    for record in records:
        then = as_of(cleaned_item(record.item), record.history, instant)
        if then is None:
            assert record.item.ref not in seen.items
            continue
        assert cleaned_item(seen.items[record.item.ref]) == cleaned_item(then)
        assert len(seen.history[record.item.ref]) == sum(entry.at <= instant for entry in record.history)


@every
@given(things=st.lists(st.tuples(items(instants, words), transitions(instants)), min_size=1, max_size=4))
def test_items_have_the_same_digest_on_every_database(
    store: Store, board: Any, things: list[tuple[WorkItem, tuple[Transition, ...]]]
) -> None:
    """That of the items themselves, whose times, numbers and texts the database keeps in its own way."""
    source, ever = new_source(), datetime(2200, 1, 1, tzinfo=UTC)
    records = [
        Record(replace(item, source=source, id=str(number), deleted=None), history, b"")
        for number, (item, history) in enumerate(things)
    ]
    board.save(store, *records, source=source)
    with store.reading() as reader:
        seen = reader.snapshot(ever)
    then = {record.item.ref: as_of(cleaned_item(record.item), record.history, ever) for record in records}
    expected = items_digests(
        {ref: cleaned_item(item) for ref, item in then.items() if item is not None},
        {
            record.item.ref: [
                replace(entry, before=cleaned(entry.before), after=cleaned(entry.after)) for entry in record.history
            ]
            for record in records
        },
    )
    assert items_digests(seen.items, seen.history)[source] == expected[source]


versions = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 9), st.integers(0, 2)), unique_by=lambda one: one[:2], max_size=12
)


@every
@given(said=versions, shuffle=st.randoms(use_true_random=False), sizes=st.lists(st.integers(1, 4), min_size=1))
def test_any_order_and_repetition_of_pages_gives_the_same_store(
    store: Store, board: Any, said: list[tuple[int, int, int]], shuffle: Any, sizes: list[int]
) -> None:
    """One version of an item for each instant of change, however the pages are cut, shuffled and repeated."""
    outcomes = []
    orders: list[Callable[[list[Record]], list[Record]]] = [
        lambda records: sorted(records, key=lambda record: record.item.updated_at),
        lambda records: shuffle.sample(records * 2, len(records) * 2),
    ]
    for order in orders:
        source = new_source()
        records = [
            board.record(
                number,
                [Transition(board.at(hour), "title", str(hour - 1), str(hour)) for hour in range(1, version + 1)],
                source=source,
                key=f"K{key}",
                title=str(version),
                updated_at=board.at(version),
                raw=f"{number} {version} {key}".encode(),
            )
            for number, version, key in said
        ]
        rest, turn = order(records), 0
        while rest:
            size = sizes[turn % len(sizes)]
            page, rest, turn = rest[:size], rest[size:], turn + 1
            board.save(store, *page, source=source, hours=turn, deleted=[("0", board.at(99))] if not rest else [])
        found, histories, raws, former = stored(store, source)
        outcomes.append(
            (
                [replace(item, source="") for item in found],
                {ref.id: entries for ref, entries in histories.items()},
                raws,
                former,
            )
        )
    assert outcomes[0] == outcomes[1]
    newest = {number: max(v for n, v, _ in said if n == number) for number, _, _ in said}
    assert {item.id: item.title for item in outcomes[0][0]} == {str(n): str(v) for n, v in newest.items()}
