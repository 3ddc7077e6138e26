"""A census deletes what is gone, keeps what only moved or went out of sight, and brings back what is there again."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count as count_up
from pathlib import Path
from threading import Event
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.load import load
from config.settings import FilesSource
from connectors.port import Confirmed, Held, Page, SetAside
from domain.errors import BudgetError, FilrougeError, UnavailableError
from domain.work import ItemRef, Record
from reports.compute import compute
from store.open import Store
from sync.census import FEW, CensusRun, believed, census
from sync.jobs import Turns, jobs_of
from sync.progress import Unwatched
from sync.pull import pull
from sync.reporting import basis_of, facts_of, subject_of
from sync.run import run
from sync.schedule import Job, overdue
from sync.status import status_of
from sync.tagging import remember_revisions
from sync.wiring import House
from tests.cli.conftest import Call
from tests.sync.conftest import NOW, PagedTracker, StillClock, page, record
from tests.sync.test_reporting import MAPPING, SETTINGS, STRATEGY

MakeSource = Callable[[str], FilesSource]


def one(number: int, project: str = "SHOP", of: str = "shop") -> Record:
    """Item `number` as it is in that project."""
    made = record(of, number, key=f"{project}-{number}")
    raw = json.dumps({"id": number, "project": project}).encode()
    return replace(made, item=replace(made.item, project=project), raw=raw)


@dataclass
class Counted(PagedTracker):
    """Shows these ids, and knows by id what exists, what lies in the bin, and what cannot be told."""

    shown: Sequence[int] = ()
    there: dict[int, str] = field(default_factory=dict)  # id to project
    binned: dict[int, datetime] = field(default_factory=dict)
    refused: Sequence[int] = ()
    fails: FilrougeError | None = None
    asked: list[str] = field(default_factory=list)
    before_the_end: Callable[[], None] = lambda: None
    of: str = "shop"

    def census(self) -> Iterator[Sequence[str]]:
        for start in range(0, len(self.shown), 3):
            yield [str(number) for number in self.shown[start : start + 3]]
        self.before_the_end()
        if self.fails is not None:
            raise self.fails

    def confirm(self, ids: Sequence[str], held: Held) -> Iterator[Confirmed]:
        self.asked += ids
        numbers = [int(text) for text in ids]
        told = {*self.refused, *self.binned, *self.there}
        yield Confirmed(
            {},
            records=[one(n, self.there[n], self.of) for n in numbers if n in self.there and n not in self.refused],
            deleted=[(str(n), self.binned[n]) for n in numbers if n in self.binned],
            gone=[str(n) for n in numbers if n not in told],
            set_aside=[SetAside(str(n), "403") for n in numbers if n in self.refused],
        )


def fill(store: Store, source: MakeSource, *records: Record, of: str = "shop") -> None:
    pages = [page(1, *records)]
    pull(source(of), PagedTracker(pages), store, clock=StillClock(), full=False, watcher=Unwatched(), stop=Event())


def count(store: Store, source: MakeSource, tracker: Counted, **options: Any) -> CensusRun:
    given_ = {"clock": StillClock(), "watcher": Unwatched(), "stop": Event(), **options}
    return census(source(tracker.of), tracker, store, **given_)


def present(store: Store, of: str = "shop") -> dict[int, str]:
    with store.reading() as reader:
        return {int(item.id): item.project for item in reader.items(source=of)}


def test_what_is_gone_is_deleted_and_what_moved_keeps_its_row(store: Store, source: MakeSource) -> None:
    fill(store, source, *(one(n) for n in range(1, 11)))
    result = count(store, source, Counted([], shown=range(1, 8), there={8: "PAY"}, binned={9: NOW - timedelta(days=2)}))
    assert (result.outcome, result.seen, result.missing, result.found, result.deleted) == ("ok", 7, 3, 1, 2)
    assert present(store) == {**dict.fromkeys(range(1, 8), "SHOP"), 8: "PAY"}
    with store.reading() as reader:
        gone = {item.id: item.deleted for item in reader.items(deleted=True) if item.deleted}
        assert gone == {"9": NOW - timedelta(days=2), "10": NOW}
        assert [item.key for item in reader.find("shop-8")] == ["PAY-8"]
        assert reader.cursor("shop") == {"page": 1}
        last = reader.last_run("census", "shop")
        assert last is not None
        assert (last.outcome, last.summary["deleted"]) == ("ok", 2)
    assert result.sentence() == (
        "shop: census, 7 items seen, 3 missing (1 of them exist elsewhere), 2 marked as deleted, with 0 requests in "
        "0.0 s."
    )


def test_what_comes_back_is_there_again_although_nothing_changed(store: Store, source: MakeSource) -> None:
    fill(store, source, *(one(n) for n in range(1, 11)))
    count(store, source, Counted([], shown=range(1, 10)))
    assert 10 not in present(store)
    result = count(store, source, Counted([], shown=range(1, 12), there={10: "SHOP", 11: "SHOP"}))
    assert (result.restored, result.fresh, result.deleted) == (1, 1, 0)
    assert sorted(present(store)) == list(range(1, 12))
    with store.reading() as reader:
        history = dict(reader.histories([ItemRef("shop", "10")]))[ItemRef("shop", "10")]
    assert [entry.field for entry in history] == ["deleted", "deleted"]


@pytest.mark.parametrize(
    ("gone", "of", "true"),
    [(1, 1, False), (1, 2, True), (2, 3, True), (FEW, FEW + 1, True), (6, 10, False), (5, 10, True), (60, 100, False)],
)
def test_how_much_is_believed(gone: int, of: int, true: bool) -> None:
    assert believed(gone, of) is true


def test_losing_sight_deletes_nothing_until_the_admin_says_so(store: Store, source: MakeSource) -> None:
    fill(store, source, *(one(n) for n in range(1, 11)), *(one(n, "PAY") for n in range(11, 21)))
    hidden = Counted([], shown=[*range(1, 5), *range(11, 20)])
    result = count(store, source, hidden)
    assert (result.outcome, result.deleted, [v.as_json() for v in result.vanished]) == (
        "partial",
        1,
        [{"project": "SHOP", "gone": 6, "of": 10}],
    )
    assert len(present(store)) == 19
    (said,) = result.warnings()
    assert said.startswith("6 of 10 items of project SHOP are no longer to be seen")
    assert said.endswith("run `filrouge sync --census --accept-deletions SHOP shop`.")
    # Said again as long as it lasts, and gone as soon as it is over.
    assert count(store, source, hidden).vanished == result.vanished
    accepted = count(store, source, hidden, accept=["shop"])
    assert (accepted.outcome, accepted.deleted, accepted.vanished) == ("ok", 6, [])
    assert sorted(present(store)) == [*range(1, 5), *range(11, 20)]
    back = Counted([], shown=range(1, 20), there=dict.fromkeys(range(5, 11), "SHOP"))
    assert count(store, source, back).restored == 6


def test_what_the_tracker_itself_calls_deleted_needs_no_belief(store: Store, source: MakeSource) -> None:
    fill(store, source, *(one(n) for n in range(1, 11)))
    result = count(store, source, Counted([], binned=dict.fromkeys(range(1, 11), NOW)))
    assert (result.deleted, result.vanished) == (10, [])


def test_what_cannot_be_told_is_set_aside_and_tried_again(store: Store, source: MakeSource) -> None:
    fill(store, source, *(one(n) for n in range(1, 5)))
    result = count(store, source, Counted([], shown=[1, 2, 3], refused=[4]))
    assert (result.outcome, result.set_aside, result.deleted) == ("partial", 1, 0)
    with store.reading() as reader:
        assert [aside.id for aside in reader.set_aside("shop")] == ["4"]
    again = Counted([], shown=[1, 2, 3, 4], there={4: "SHOP"})
    assert count(store, source, again).set_aside == 0
    assert again.asked == ["4"]
    with store.reading() as reader:
        assert reader.set_aside("shop") == []
    count(store, source, Counted([], shown=[1, 2, 3], refused=[4]))
    assert count(store, source, Counted([], shown=[1, 2, 3])).deleted == 1
    with store.reading() as reader:
        assert reader.set_aside("shop") == []


def test_an_item_created_meanwhile_is_not_missing(store: Store, source: MakeSource) -> None:
    fill(store, source, one(1), one(2))

    def create() -> None:
        with store.writing() as unit:
            unit.save_page("shop", run=None, records=[one(3)], cursor={"page": 2}, context={}, at=NOW)

    result = count(store, source, Counted([], shown=[1, 2], before_the_end=create))
    assert (result.missing, sorted(present(store))) == (0, [1, 2, 3])


@pytest.mark.parametrize("error", [UnavailableError("shop: no answer."), BudgetError("used up"), KeyError("private")])
def test_a_census_that_breaks_off_deletes_nothing(store: Store, source: MakeSource, error: Any) -> None:
    fill(store, source, one(1), one(2), one(3))
    result = count(store, source, Counted([], shown=[1], fails=error))
    assert result.outcome == ("interrupted" if isinstance(error, BudgetError) else "failed")
    assert "private" not in result.sentence()
    assert len(present(store)) == 3


def test_a_crash_or_a_stop_marks_nothing(store: Store, source: MakeSource) -> None:
    fill(store, source, one(1), one(2), one(3))
    stop = Event()
    halted = count(store, source, Counted([], shown=[1, 2], before_the_end=stop.set), stop=stop)
    assert (halted.outcome, len(present(store))) == ("interrupted", 3)

    class Killed(BaseException):
        pass

    def die() -> None:
        raise Killed

    with pytest.raises(Killed):
        count(store, source, Counted([], shown=[1, 2], before_the_end=die))
    assert len(present(store)) == 3
    assert count(store, source, Counted([], shown=[1, 2])).deleted == 1


def test_a_rehearsal_says_what_would_be_deleted_and_keeps_nothing(store: Store, source: MakeSource) -> None:
    fill(store, source, *(one(n) for n in range(1, 11)))
    with store.reading() as reader:
        before = [*reader.items(deleted=True), *reader.runs()]
    tracker = Counted([], shown=[*range(1, 9), 11], there={9: "PAY"})
    result = count(store, source, tracker, dry=True)
    assert (result.found, result.deleted, result.fresh) == (1, 1, 1)
    assert "1 would be deleted" in result.sentence()
    with store.reading() as reader:
        assert [*reader.items(deleted=True), *reader.runs()] == before


def test_a_run_counts_after_a_pull_that_came_to_its_end(store: Store, source: MakeSource) -> None:
    def go(pages: Sequence[Page | FilrougeError]) -> Any:
        tracker = Counted(pages, shown=[1])
        options: dict[str, Any] = {"clock": StillClock(), "full": False, "watcher": Unwatched(), "stop": Event()}
        (result,) = run([source("shop")], lambda _s: tracker, store, counting=lambda _s: True, **options)
        return result

    assert go([UnavailableError("shop: no answer.")]).census is None
    assert go([page(1, one(1), one(2), one(3))]).census.deleted == 2
    assert present(store) == {1: "SHOP"}


serial = count_up(1)
places = st.dictionaries(st.integers(1, 30), st.sampled_from(["SHOP", "PAY", "OPS"]), max_size=30)


@settings(max_examples=60, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    held=places, there=places, shown=st.lists(st.integers(1, 30)), binned=st.sets(st.integers(1, 30)), data=st.data()
)
def test_nothing_that_exists_is_deleted_and_never_more_than_is_believed(
    store: Store,
    source: MakeSource,
    held: dict[int, str],
    there: dict[int, str],
    shown: list[int],
    binned: set[int],
    data: st.DataObject,
) -> None:
    refused = data.draw(st.sets(st.sampled_from(sorted(there)), max_size=3)) if there else set()
    gone_to_bin = dict.fromkeys(binned - there.keys(), NOW)
    of = f"s{next(serial)}"  # a source of its own for each example, since a new store takes long to make
    fill(store, source, *(one(number, project, of) for number, project in held.items()), of=of)
    tracker = Counted([], shown=shown, there=there, binned=gone_to_bin, refused=sorted(refused), of=of)
    result = count(store, source, tracker)
    left = present(store, of)
    assert result.error is None
    deleted = held.keys() - left.keys()
    assert not deleted & (there.keys() | set(shown))
    assert there.keys() & set(shown) - refused <= left.keys()
    lost = Counter(held[number] for number in deleted - gone_to_bin.keys())
    totals = Counter(held[number] for number in held if number in shown or number not in gone_to_bin)
    assert all(believed(lost[project], totals[project]) for project in lost)
    assert result.deleted == len(deleted)


def test_the_report_speaks_of_it_as_long_as_it_lasts(store: Store, source: MakeSource, tmp_path: Path) -> None:
    for name, text in (("filrouge.yaml", SETTINGS), ("strategy.yaml", STRATEGY), ("mapping.yaml", MAPPING)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    workspace = load(tmp_path, {})
    fill(store, source, *(one(n) for n in range(1, 11)))
    clock = StillClock()
    remember_revisions(workspace, store, clock)

    def said() -> list[str]:
        subject = subject_of(workspace, week="2026-W48", as_of=clock.at, now=clock.at)
        with store.reading() as reader:
            document = compute(facts_of(workspace, reader, subject, basis_of(reader, subject)))
        return [finding["message"] for finding in document["findings"] if finding["code"] == "M05"]

    def problem() -> str | None:
        return next(row.problem for row in status_of(workspace, store, clock.at) if row.job == "census:shop")

    assert (said(), problem()) == ([], None)
    count(store, source, Counted([], shown=range(1, 5)), clock=clock)
    expected = "6 of 10 items of project SHOP are no longer visible in shop. They were not deleted here: give the"
    for failing in (None, UnavailableError("shop: no answer.")):
        clock.at += timedelta(minutes=1)
        if failing:  # a census that did not come to its end takes nothing back
            count(store, source, Counted([], fails=failing), clock=clock)
        assert [message.startswith(expected) for message in said()] == [True]
    clock.at += timedelta(minutes=1)
    count(store, source, Counted([], shown=range(1, 11)), clock=clock)
    assert (said(), problem()) == ([], None)
    assert len(present(store)) == 10


def test_the_service_counts_each_week_and_each_day_while_something_is_out_of_sight(
    store: Store, tmp_path: Path
) -> None:
    off = SETTINGS.replace('path: "*.jsonl",', 'path: "*.jsonl", census: off,')
    for name, text in (("filrouge.yaml", off), ("strategy.yaml", STRATEGY), ("mapping.yaml", MAPPING)):
        (tmp_path / name).write_text(text, encoding="utf-8")

    def jobs() -> dict[str, Job]:
        return {job.id: job for job in jobs_of(House(load(tmp_path, {}), store, clock), Event(), Turns())}

    def write(numbers: Sequence[int]) -> None:
        rows = [{"key": f"S-{n}", "type": "Story", "title": "A", "state": "todo", "project": "SHOP"} for n in numbers]
        lines = [json.dumps(row | {"created_at": "2026-03-01T00:00:00Z"}) + "\n" for row in rows]
        (tmp_path / "items.jsonl").write_text("".join(lines), encoding="utf-8")

    def counted() -> int:
        with store.reading() as reader:
            return len(reader.runs("census", "shop"))

    clock = StillClock()
    assert list(jobs()) == ["sync:shop", "report:weekly"]
    (tmp_path / "filrouge.yaml").write_text(SETTINGS, encoding="utf-8")
    write(range(10))
    mine = jobs()
    assert list(mine) == ["sync:shop", "census:shop", "report:weekly"]
    assert overdue(mine["census:shop"], ZoneInfo("Europe/Paris"), clock.at)
    mine["census:shop"].act()
    assert not overdue(mine["census:shop"], ZoneInfo("Europe/Paris"), clock.at + timedelta(days=6))
    assert overdue(mine["census:shop"], ZoneInfo("Europe/Paris"), clock.at + timedelta(days=8))
    clock.at += timedelta(days=2)
    mine["sync:shop"].act()
    assert counted() == 1
    write(range(4))
    mine["census:shop"].act()
    clock.at += timedelta(hours=23)
    mine["sync:shop"].act()
    assert counted() == 2
    write(range(10))
    clock.at += timedelta(hours=2)
    mine["sync:shop"].act()
    assert counted() == 3
    clock.at += timedelta(days=2)
    mine["sync:shop"].act()
    assert counted() == 3


def test_the_commands(filrouge: Call, tmp_path: Path) -> None:
    assert filrouge("init", "acme").returncode == 0
    folder = tmp_path / "acme"
    file = folder / "items.jsonl"
    rows = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    filrouge("sync", cwd=folder)
    project = rows[0]["project"]
    mine = [row for row in rows if row["project"] == project]
    assert len(mine) > 2 * FEW

    def write(left: list[Any]) -> None:
        file.write_text("".join(json.dumps(row) + "\n" for row in left), "utf-8")

    write([row for row in rows if row not in mine[-2:]])
    dry = filrouge("sync", "--census", "--dry-run", cwd=folder)
    assert (dry.returncode, "2 would be deleted" in dry.stderr) == (0, True), dry.stderr
    told = json.loads(filrouge("sync", "--census", "--json", cwd=folder).stdout)
    assert told["sources"][0]["census"]["deleted"] == 2
    write([row for row in rows if row not in mine[1:]])
    kept = filrouge("sync", "--census", cwd=folder)
    assert (kept.returncode, "taken for lost access" in kept.stderr) == (1, True), kept.stderr
    assert filrouge("status", cwd=folder).returncode == 1
    assert filrouge("sync", "--census", "--accept-deletions", "NOPE", cwd=folder).returncode == 2
    assert filrouge("sync", "--accept-deletions", project, cwd=folder).returncode == 2
    accepted = filrouge("sync", "--census", "--accept-deletions", project, cwd=folder)
    assert accepted.returncode == 0, accepted.stderr
    write(rows)
    back = json.loads(filrouge("sync", "--census", "--json", cwd=folder).stdout)
    assert back["items"] == len(rows)
