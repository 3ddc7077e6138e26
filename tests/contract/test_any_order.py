"""Whatever people do between and during page reads, and whatever fails: after a quiet sync the store is the site."""

from __future__ import annotations

import shutil
import tempfile
from collections import deque
from datetime import timedelta
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st

from demo.trackers.faults import DropAfter, DropBefore, Html, TooManyRequests, Truncated, Unavailable
from demo.trackers.http import Fault, Request
from tests.contract.harness import Make
from tests.contract.world import World, open_world

NUMBER = st.integers(0, 10_000)
DEED = st.one_of(
    st.tuples(st.just("title"), NUMBER, NUMBER),
    st.tuples(st.just("status"), NUMBER, st.integers(0, 2)),
    st.tuples(st.just("labels"), NUMBER, st.sampled_from([None, ("a",), ("a", "b"), ("a", "c-d")])),
    st.tuples(st.just("points"), NUMBER, st.sampled_from([None, 0.5, 1.0, 8.0])),
    st.tuples(st.just("parent"), NUMBER, st.one_of(st.none(), NUMBER)),
    st.tuples(st.just("move"), NUMBER, st.integers(0, 1)),
    st.tuples(st.just("add"), NUMBER, st.booleans()),
    st.tuples(st.just("delete"), NUMBER, st.none()),
    st.tuples(st.just("undelete"), NUMBER, st.none()),
)
FAULT = st.sampled_from(
    [
        TooManyRequests("3"),
        TooManyRequests("0.2"),
        TooManyRequests("9000"),
        Unavailable(503),
        Unavailable(500),
        DropBefore(),
        DropAfter(),
        Truncated(0.3),
        Truncated(0.6, promised=True),
        Html(),
    ]
)
ROUND = st.tuples(
    st.lists(DEED, max_size=6),  # before the sync
    st.lists(DEED, max_size=12),  # one after each page that is read
    st.one_of(st.none(), st.tuples(FAULT, st.integers(1, 25), st.sampled_from([1, 2, 1000]))),  # which, from, how often
    st.integers(1, 3000),  # minutes until the next round
)


# To shrink a failure would take minutes: the notes tell what happened.
@settings(
    max_examples=8, deadline=None, derandomize=True, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
)
@given(
    rounds=st.lists(ROUND, min_size=2, max_size=5),
    count=st.integers(3, 16),
    pages=st.sampled_from([1, 3, 7, (4, 0, 2)]),
    lag=st.sampled_from([0, 10]),
)
def test_any_order_of_edits_and_faults_comes_to_the_same(
    kind: str, empty_store: Path, rounds: list[Any], count: int, pages: Any, lag: int
) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copy(empty_store, folder / "filrouge.db")
        make = Make(pages=pages, lag=timedelta(minutes=lag), log_pages=7)
        with open_world(kind, folder, f"sqlite:///{folder / 'filrouge.db'}", make) as here:
            here.populate(count)
            here.clock.tick(minutes=lag + 1)
            for before, during, trouble, minutes in rounds:
                for deed in before:
                    do(here, deed)
                sync(here, deque(during), trouble)
                here.clock.tick(minutes=minutes)
            here.clock.tick(minutes=lag + 1)
            result = here.sync(census=True, accept=here.harness.projects)
            assert result.outcome == "ok", result.problem
            assert result.census is not None
            assert result.census.outcome == "ok", result.census.problem
            here.check()


def do(here: World, deed: tuple[str, int, Any]) -> None:
    """One thing that people do; what makes no sense now is not done."""
    what, number, value = deed
    site, at = here.harness, here.clock.tick(seconds=2)
    truth = site.truth()
    alive = [one for one, told in truth.items() if not told.deleted]
    dead = [one for one, told in truth.items() if told.deleted]
    note(f"{at} {deed}")
    if what == "add":
        parent = alive[number % len(alive)] if value and alive else None
        site.add(at, f"Born {number}", project=number % 2, parent=parent)
    elif what == "undelete":
        if dead:
            site.undelete(dead[number % len(dead)], at)
    elif not alive:
        return
    elif what == "delete":
        if len(alive) > 2:
            site.delete(alive[number % len(alive)], at)
    elif what == "move":
        item = alive[number % len(alive)]
        if truth[item].project != site.projects[value]:
            site.move(item, at, value)
    elif what == "parent":
        item = alive[number % len(alive)]
        parent = None if value is None else alive[value % len(alive)]
        if parent != item:
            site.edit(item, at, parent=parent)
    elif what == "title":
        site.edit(alive[number % len(alive)], at, title=f"Title {value}")
    else:
        site.edit(alive[number % len(alive)], at, **{what: value})


def sync(here: World, during: deque[Any], trouble: tuple[Fault, int, int] | None) -> None:
    """A run during which people go on working, and something may go wrong."""

    def act() -> None:
        if during:
            do(here, during.popleft())

    sent = 0

    def plan(_request: Request, _count: int) -> Fault | None:
        nonlocal sent
        sent += 1
        if trouble is None or not trouble[1] <= sent < trouble[1] + trouble[2]:
            return None
        return trouble[0]

    with here.meanwhile(act), here.faults(plan):
        result = here.sync()
    note(f"{here.clock.at} synced: {result.outcome} {result.problem}")
