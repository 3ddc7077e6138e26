"""What a report reaches is all that it needs: whatever is older changes not one byte of it."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from config.settings import Drift
from domain.calendar import week_of
from domain.strategy import Budget, Cycle, DatedValue, KeyResult, Objective, Priority, Strategy
from domain.tags import Assignment
from domain.work import Record, State, Transition, WorkItem
from reports.compute import compute
from reports.facts import Facts, Manifest
from reports.measure.reach import reach
from store.kept import Snapshot
from store.open import Store

PARIS = ZoneInfo("Europe/Paris")
WINDOW = week_of(date(2026, 11, 16), PARIS)
AS_OF = datetime(2026, 11, 24, tzinfo=UTC)
BEGAN = datetime(2023, 1, 2, tzinfo=UTC)
DAYS = (AS_OF - BEGAN).days
TARGETS = ("O1", "O2", "run", "unaligned")


def strategy() -> Strategy:
    def weight(value: float) -> tuple[DatedValue, ...]:
        return (DatedValue(date(2020, 1, 1), value),)

    return Strategy(
        cycles=(Cycle("Q4", date(2026, 10, 1), date(2026, 12, 31)), Cycle("old", date(2023, 1, 1), date(2026, 6, 30))),
        objectives=(
            Objective(
                "O1", "One", "Q4", priority=Priority(weights=weight(50)), key_results=(KeyResult("K1", "K", "O1"),)
            ),
            Objective("O2", "Two", "old", priority=Priority(weights=weight(30))),
        ),
        budgets=(Budget("run", "Run", priority=Priority(weights=weight(20))),),
    )


def history_of(chance: random.Random, begun: datetime) -> tuple[Transition, ...]:
    """States, points and titles that change over some weeks."""
    at, entries, state = begun, [], "todo"
    for after in ("doing", *(("todo", "doing") if chance.random() < 0.1 else ()), "done"):
        at += timedelta(hours=chance.randint(1, 900))
        entries.append(Transition(at, "state", state, after))
        state = after
        if chance.random() < 0.2:
            entries.append(Transition(at, "points", None, float(chance.randint(1, 8))))
    return tuple(entries)


def records(chance: random.Random) -> list[Record]:
    """Initiatives, epics, stories and sub-tasks over four years; some lose their parent, some get another one."""
    made: list[Record] = []

    def make(level: int, parent: str | None, begun: datetime) -> WorkItem:
        number = len(made) + 1
        history = history_of(chance, begun)
        known = [entry for entry in history if entry.at <= AS_OF + timedelta(days=30)]
        last = known[-1].at if known else begun
        values: dict[str, Any] = {entry.field: entry.after for entry in known}
        if chance.random() < 0.05 and parent is not None:
            moved = last + timedelta(days=chance.randint(1, 400))
            known.append(Transition(moved, "parent", parent, None))
            parent = None
        state = State(values.get("state", "todo"))
        last_done = max((entry.at for entry in known if entry.after == "done"), default=None)
        item = WorkItem(
            source="shop", id=str(number), key=f"SHOP-{number}", url="", type="T", level=level, title=f"Title {number}",
            status=state.value, state=state, project="SHOP", created_at=begun, updated_at=last,
            points=values.get("points"), parent=parent, team=chance.choice(("Red", "Blue", None)),
            assignee=chance.choice(("a", "b", None)),
            started_at=next((entry.at for entry in known if entry.after == "doing"), None),
            done_at=last_done if state is State.DONE else None,
        )  # fmt: skip
        made.append(Record(item, tuple(known), f'{{"id": {number}}}'.encode()))
        return item

    for _ in range(12):
        above = None
        begun = BEGAN + timedelta(days=chance.randint(0, DAYS - 10))
        if chance.random() < 0.5:
            above = make(2, None, begun)
        for _ in range(chance.randint(0, 3)):
            epic = make(1, above.id if above else None, begun + timedelta(days=chance.randint(0, 200)))
            for _ in range(chance.randint(0, 5)):
                story = make(0, epic.id, epic.created_at + timedelta(days=chance.randint(0, 60)))
                if chance.random() < 0.3:
                    make(-1, story.id, story.created_at)
    return made


def facts_of(snapshot: Snapshot, seed: int, measure: str) -> Facts:
    """Tags rest on an item's id alone, so that both ways to read give it the same."""
    served = {ref: TARGETS[random.Random(f"{seed} {ref.id}").randrange(4)] for ref in snapshot.items}
    return Facts(
        organisation="Acme",
        language="en",
        window=WINDOW,
        as_of=AS_OF,
        items=snapshot.items,
        history=snapshot.history,
        assignments={ref: Assignment(shares={target: 1.0}) for ref, target in served.items()},
        strategy=strategy(),
        options=Drift(measure=measure),
        manifest=Manifest("s", "m", "c"),
        earlier=(),
    )


@pytest.mark.parametrize("seed", range(8))
def test_a_report_of_what_it_reaches_is_that_of_everything(store: Store, seed: int) -> None:
    chance = random.Random(seed)
    made = records(chance)
    with store.writing() as unit:
        unit.save_page("shop", run=None, records=made, cursor=None, context={}, at=AS_OF)
    since = reach(WINDOW, AS_OF, Drift().horizon, strategy())
    with store.reading() as reader:
        whole, reached = reader.snapshot(AS_OF), reader.snapshot(AS_OF, since)
    assert reached.items.items() <= whole.items.items()
    assert {ref: whole.history[ref] for ref in reached.items} == reached.history
    assert len(reached.items) < len(whole.items)
    for measure in ("items", "points", "days"):
        assert compute(facts_of(reached, seed, measure)) == compute(facts_of(whole, seed, measure))


def test_what_comes_to_pass_later_changes_nothing_of_what_was_reached(store: Store) -> None:
    made = records(random.Random(3))
    with store.writing() as unit:
        unit.save_page("shop", run=None, records=made, cursor=None, context={}, at=AS_OF)
    since = reach(WINDOW, AS_OF, Drift().horizon, strategy())
    with store.reading() as reader:
        before = reader.snapshot(AS_OF, since)
    later = []
    for number, record in enumerate(made):
        at = AS_OF + timedelta(days=1 + number)
        entry = [
            Transition(at, "state", record.item.state, "doing"),
            Transition(at, "title", record.item.title, "Another"),
            Transition(at, "parent", record.item.parent, made[-1 - number].item.id if record.item.level < 1 else None),
        ][number % 3]
        values: dict[str, Any] = {entry.field: entry.after}
        if entry.field == "state":
            values |= {"state": State.DOING, "done_at": None}
        item = replace(record.item, updated_at=at, **values)
        later.append(Record(item, (*record.history, entry), f'{{"id": {number}, "later": 1}}'.encode()))
    with store.writing() as unit:
        count = unit.save_page("shop", run=None, records=later, cursor=None, context={}, at=AS_OF)
    assert count.changed > len(made) / 2
    with store.reading() as reader:
        after = reader.snapshot(AS_OF, since)
    assert after.items.keys() == before.items.keys()
    assert after.history == before.history
