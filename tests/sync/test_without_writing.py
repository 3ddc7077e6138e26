"""A dry run keeps nothing; a replay asks no tracker; a budget and a fault of ours end a run in one sentence."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from threading import Event
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import SecretStr

from config.settings import FilesSource, JiraAuth, JiraSource, Limits, Source
from connectors.port import Context, Cursor, Held, Page, Tracker
from connectors.registry import build
from domain.errors import ConfigurationError, ItemError
from domain.work import Record
from store.open import Store
from sync.progress import Unwatched
from sync.replay import replay, replay_all
from sync.run import run
from tests.cli.conftest import Call
from tests.sync.conftest import NOW, PagedTracker, StillClock, bare_issue, page, record

MakeSource = Callable[[str], FilesSource]


class ByLevel(PagedTracker):
    """Converts payloads by a setting that may change: the level of every item."""

    level = 0

    def convert(self, raw: bytes, context: Context) -> Record:
        told = json.loads(raw)
        if told["title"] == "broken":
            raise ItemError("SHOP-2: no longer to be converted.")
        one = record("shop", told["id"], title=told["title"])
        return replace(one, item=replace(one.item, level=self.level))


def everything(store: Store) -> list[Any]:
    with store.reading() as reader:
        return [*reader.items(deleted=True), *reader.runs(), reader.cursor("shop")]


def sync(store: Store, source: MakeSource, tracker: PagedTracker, *, dry: bool = False) -> Any:
    (result,) = run(
        [source("shop")],
        lambda _source: tracker,
        store,
        clock=StillClock(),
        full=False,
        watcher=Unwatched(),
        stop=Event(),
        dry=dry,
    )
    return result


def test_a_dry_run_counts_and_keeps_nothing(store: Store, source: MakeSource) -> None:
    sync(store, source, PagedTracker([page(1, record("shop", 1), record("shop", 2))]))
    before = everything(store)
    more = page(2, record("shop", 2, title="Other"), record("shop", 3)), page(3, record("shop", 3), record("shop", 1))
    result = sync(store, source, PagedTracker([page(1), *more]), dry=True)
    assert (result.count.new, result.count.changed, result.count.same) == (1, 1, 1)
    assert everything(store) == before


def test_a_dry_run_gives_back_what_it_read_before(store: Store, source: MakeSource) -> None:
    asked: list[dict[str, bytes]] = []

    class Asking(PagedTracker):
        def pull(self, cursor: Cursor | None, held: Held) -> Iterator[Page]:
            yield page(1, record("shop", 1))
            asked.append(dict(held(["1", "2"])))
            yield page(2, record("shop", 2))

    sync(store, source, Asking([]), dry=True)
    assert asked == [{"1": record("shop", 1).raw}]


def test_a_replay_converts_what_is_held_and_asks_nobody(store: Store, source: MakeSource) -> None:
    gone = NOW - timedelta(hours=3)
    first = page(1, record("shop", 1), record("shop", 2, title="broken"), record("shop", 3))
    sync(store, source, PagedTracker([first, replace(page(2), deleted=[("3", gone)])]))
    tracker = ByLevel([])
    tracker.level = 1
    result = replay(source("shop"), tracker, store, clock=StillClock(), watcher=Unwatched(), stop=Event())
    assert (result.outcome, result.set_aside, tracker.requests) == ("partial", 1, 0)
    with store.reading() as reader:
        items = {item.id: item for item in reader.items(deleted=True)}
        assert reader.cursor("shop") == {"page": 2}
        # A replay is no pull: the source is as fresh as before.
        assert reader.last_run("replay", "shop") is not None
        assert len(reader.runs("sync")) == 1
    assert {number: item.level for number, item in items.items()} == {"1": 1, "2": 0, "3": 1}
    assert items["3"].deleted == gone


def test_a_source_that_was_never_read_cannot_be_replayed(store: Store, source: MakeSource) -> None:
    (result,) = replay_all(
        [source("shop")], lambda _s: ByLevel([]), store, clock=StillClock(), watcher=Unwatched(), stop=Event()
    )
    assert isinstance(result.error, ConfigurationError)
    assert "never been read" in result.sentence()


def test_a_fault_of_ours_in_one_source_stops_no_other(store: Store, source: MakeSource) -> None:
    class Faulty(PagedTracker):
        def pull(self, cursor: Cursor | None, held: Held) -> Iterator[Page]:
            raise KeyError("private title")

    trackers = {"shop": Faulty([]), "pay": PagedTracker([page(1, record("pay", 1))])}
    shop, pay = run(
        [source("shop"), source("pay")],
        lambda chosen: trackers[chosen.id],
        store,
        clock=StillClock(),
        full=False,
        watcher=Unwatched(),
        stop=Event(),
    )
    assert (shop.outcome, pay.outcome) == ("failed", "ok")
    assert "KeyError" in shop.sentence()
    assert "private title" not in shop.sentence()


def test_a_budget_spreads_a_first_load_over_several_runs(store: Store, jira_cloud: Callable[..., Any]) -> None:
    site = jira_cloud(issues=[issue(number) for number in range(1, 3_001)], page_limit=100)
    shop = JiraSource.model_construct(
        id="shop",
        kind="jira",
        url=site.url,
        auth=JiraAuth.model_construct(method="basic", user=SecretStr("a@acme.example"), token=SecretStr(site.token)),
        projects=("SHOP",),
        limits=Limits(per_run=25, per_second=100_000),
    )
    outcomes = []
    for _ in range(9):
        tracker = build(
            shop,
            folder=Path(),
            zone=ZoneInfo("UTC"),
            clock=StillClock(),
            dropped_resolutions=(),
            extra_fields=frozenset(),
            agent="filrouge/test",
        )
        (result,) = run(
            [shop],
            partial(handed, tracker),
            store,
            clock=StillClock(),
            full=False,
            watcher=Unwatched(),
            stop=Event(),
        )
        assert result.requests <= 25
        outcomes.append(result.outcome)
        if result.outcome == "ok":
            break
    assert outcomes[-1] == "ok"
    assert set(outcomes[:-1]) == {"interrupted"}
    with store.reading() as reader:
        assert reader.counts()["shop"].items == 3_000


def handed(tracker: Tracker, _source: Source) -> Tracker:
    return tracker


def issue(number: int) -> dict[str, Any]:
    at = NOW - timedelta(days=300) + timedelta(hours=number)
    return bare_issue(number, at, at)


def test_the_commands(filrouge: Call, tmp_path: Path) -> None:
    assert filrouge("init", "acme").returncode == 0
    folder = tmp_path / "acme"
    file = folder / "items.jsonl"
    rows = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    # Without a level of their own, items have that of their type.
    file.write_text("".join(json.dumps(row | {"level": None}) + "\n" for row in rows), "utf-8")
    dry = json.loads(filrouge("sync", "--dry-run", "--json", cwd=folder).stdout)
    assert dry["sources"][0]["new"] > 0
    assert filrouge("items", "--json", cwd=folder).stdout == ""
    assert filrouge("sync", "--replay", cwd=folder).returncode == 2
    filrouge("sync", cwd=folder)
    settings = folder / "filrouge.yaml"
    text = settings.read_text("utf-8")
    settings.write_text(text.replace("    kind: files\n", "    kind: files\n    levels: {Story: 1}\n", 1), "utf-8")
    rows = [json.loads(line) for line in filrouge("items", "--json", cwd=folder).stdout.splitlines()]
    assert {row["level"] for row in rows if row["type"] == "Story"} == {0}
    replayed = filrouge("sync", "--replay", cwd=folder)
    assert replayed.returncode == 0, replayed.stderr
    rows = [json.loads(line) for line in filrouge("items", "--json", cwd=folder).stdout.splitlines()]
    assert {row["level"] for row in rows if row["type"] == "Story"} == {1}
    assert filrouge("sync", "--replay", "--full", cwd=folder).returncode == 2
