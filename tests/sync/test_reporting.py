"""A report is made for a window and an instant, and sees nothing that came later."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event

import pytest

from config.load import load
from config.workspace import Workspace
from domain.errors import ConfigurationError, UnavailableError
from domain.work import State, Transition
from store.open import Store
from sync.progress import Unwatched
from sync.pull import pull
from sync.reporting import SERIES, Subject, basis_of, facts_of, make_report, subject_of
from sync.status import age, status_of
from sync.tagging import remember_revisions
from tests.sync.conftest import NOW, PagedTracker, StillClock, page, record

SETTINGS = """
version: 1
organisation: Acme
timezone: Europe/Paris
sources: [{id: shop, kind: files, path: "*.jsonl", schedule: {every: 15m}}]
reports: [{id: weekly, schedule: {cron: "0 7 * * mon"}, deliver: [{folder: reports}]}]
"""
STRATEGY = """
version: 1
cycles: [{id: c, from: 2026-01-01, to: 2026-12-31}]
objectives:
  - {id: O1, title: One, cycle: c, weight: 60}
  - {id: O2, title: Two, cycle: c, weight: 40}
"""
MAPPING = """
version: 1
rules: [{id: every, when: {source: shop}, set: {contributes_to: O1}}]
"""
PINNED = MAPPING + "pins: [{item: SHOP-1, set: {contributes_to: O2}, by: A. Martin, on: 2026-11-24, why: asked for}]\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path, MAPPING)
    (tmp_path / "filrouge.yaml").write_text(SETTINGS, encoding="utf-8")
    (tmp_path / "strategy.yaml").write_text(STRATEGY, encoding="utf-8")
    return tmp_path


def write(folder: Path, mapping: str) -> None:
    (folder / "mapping.yaml").write_text(mapping, encoding="utf-8")


@pytest.fixture
def workspace(folder: Path) -> Workspace:
    return load(folder, {})


@pytest.fixture
def filled(store: Store, workspace: Workspace) -> Store:
    """A store with two stories done on 18 November, first read on 25 November at 09:00 in Paris."""
    records = []
    for number in (1, 2):
        one = record("shop", number)
        done = datetime(2026, 11, 18, 10, tzinfo=UTC)
        history = (Transition(done, "state", State.TODO, State.DONE),)
        records.append(replace(one, item=replace(one.item, state=State.DONE, done_at=done), history=history))
    source = workspace.settings.sources[0]
    tracker = PagedTracker([page(1, *records)])
    pull(source, tracker, store, clock=StillClock(), full=False, watcher=Unwatched(), stop=Event())
    return store


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


@pytest.mark.parametrize(
    ("week", "as_of", "now", "label", "seen"),
    [
        # A Wednesday: last week's report is settled 24 hours after its end.
        (None, None, "2026-11-25T09:00+01:00", "2026-W47", "2026-11-24T00:00+01:00"),
        # The Monday after: not settled yet, so it is seen from now.
        (None, None, "2026-11-23T07:00+01:00", "2026-W47", "2026-11-23T07:00+01:00"),
        ("2026-W48", None, "2026-11-25T09:00+01:00", "2026-W48", "2026-11-25T09:00+01:00"),
        ("2026-W40", None, "2026-11-25T09:00+01:00", "2026-W40", "2026-10-06T00:00+02:00"),
        (None, "2026-11-10T12:00+01:00", "2026-11-25T09:00+01:00", "2026-W45", "2026-11-10T12:00+01:00"),
        # 24 hours are 24 hours, also where the clock changes on the Sunday before.
        ("2026-W43", None, "2026-11-25T09:00+01:00", "2026-W43", "2026-10-27T00:00+01:00"),
    ],
)
def test_which_window_and_instant_are_meant(
    workspace: Workspace, week: str | None, as_of: str | None, now: str, label: str, seen: str
) -> None:
    subject = subject_of(workspace, week=week, as_of=instant(as_of) if as_of else None, now=instant(now))
    assert (subject.window.label, subject.as_of) == (label, instant(seen))


@pytest.mark.parametrize(("week", "as_of"), [("2026-W60", None), (None, NOW + timedelta(days=1)), ("2026-W49", NOW)])
def test_what_cannot_be_reported_is_refused(workspace: Workspace, week: str | None, as_of: datetime | None) -> None:
    with pytest.raises(ConfigurationError):
        subject_of(workspace, week=week, as_of=as_of, now=NOW)


def last_week(workspace: Workspace) -> Subject:
    return subject_of(workspace, week=None, as_of=None, now=NOW)


def test_a_first_report_uses_the_first_revisions_and_says_so(filled: Store, workspace: Workspace) -> None:
    document = make_report(workspace, filled, StillClock(), last_week(workspace)).document
    assert document["delivered"]["items"] == 2
    assert document["manifest"]["later"] == ["strategy", "mapping"]
    assert document["manifest"]["data_as_of"] == {"shop": "2026-11-23T23:00:00Z"}
    before = subject_of(workspace, week="2026-W46", as_of=None, now=NOW)
    with filled.reading() as reader:
        # What is new is held against the week before, made on demand.
        assert [one.as_of for one in reader.reports(SERIES, before.window.label)] == [before.as_of]
    assert not any(finding["code"] == "M05" for finding in document["findings"])


def test_the_same_report_twice_is_the_same(filled: Store, workspace: Workspace) -> None:
    first, second = (make_report(workspace, filled, StillClock(), last_week(workspace)) for _ in range(2))
    assert json.dumps(first.document) == json.dumps(second.document)
    assert first == second


def test_a_later_mapping_changes_later_reports_only(filled: Store, folder: Path, workspace: Workspace) -> None:
    subject = last_week(workspace)
    before = make_report(workspace, filled, StillClock(), subject).document
    write(folder, MAPPING.replace("O1", "O2"))
    changed = load(folder, {})
    later = StillClock(NOW + timedelta(hours=1))
    assert make_report(changed, filled, later, subject).document == before
    now = subject_of(changed, week="2026-W47", as_of=later.now(), now=later.now())
    after = make_report(changed, filled, later, now).document
    assert {row["target"]: row["delivered"] for row in before["allocation"]}["O1"] == 1
    assert {row["target"]: row["delivered"] for row in after["allocation"]}["O2"] == 1


def test_a_pin_is_seen_from_the_day_after_its_midnight(filled: Store, folder: Path) -> None:
    write(folder, PINNED)
    pinned = load(folder, {})
    remember_revisions(pinned, filled, StillClock())

    def target(as_of: str) -> list[str]:
        subject = subject_of(pinned, week="2026-W47", as_of=instant(as_of), now=NOW)
        with filled.reading() as reader:
            facts = facts_of(pinned, reader, subject, basis_of(reader, subject))
        return [next(iter(facts.assignments[ref].shares)) for ref in sorted(facts.items)]

    assert target("2026-11-24T00:00+01:00") == ["O1", "O1"]
    assert target("2026-11-24T00:01+01:00") == ["O2", "O1"]


@pytest.mark.parametrize(
    ("minutes", "scheduled", "stale"),
    [(20, True, False), (50, True, True), (20, False, True)],
    ids=["one failed turn is no news", "three missed turns are", "without a schedule there is no next turn"],
)
def test_when_a_source_that_fails_is_stale(
    filled: Store, folder: Path, minutes: int, scheduled: bool, stale: bool
) -> None:
    if not scheduled:
        (folder / "filrouge.yaml").write_text(SETTINGS.replace(", schedule: {every: 15m}}]\nreports", "}]\nreports"))
    workspace = load(folder, {})
    broken = PagedTracker([page(1), UnavailableError("shop: no answer.")])
    source = workspace.settings.sources[0]
    assert (source.schedule is not None) is scheduled
    failed = StillClock(NOW + timedelta(minutes=minutes))
    pull(source, broken, filled, clock=failed, full=False, watcher=Unwatched(), stop=Event())
    now = failed.now() + timedelta(minutes=1)
    subject = subject_of(workspace, week="2026-W48", as_of=now, now=now)
    document = make_report(workspace, filled, StillClock(now), subject).document
    subjects = [finding["subject"] for finding in document["findings"] if finding["code"] == "M05"]
    assert subjects == (["shop"] if stale else [])


def test_status_says_what_ran_and_what_comes(filled: Store, workspace: Workspace) -> None:
    shop, census, weekly = status_of(workspace, filled, NOW + timedelta(minutes=5))
    assert (shop.job, shop.outcome, shop.items, shop.age) == ("sync:shop", "ok", 2, "5 min ago")
    assert shop.next_run == NOW + timedelta(minutes=15)
    assert (census.job, census.last_run) == ("census:shop", None)
    assert (weekly.job, weekly.last_run) == ("report:weekly", None)
    assert weekly.as_json()["next_run"] == "2026-11-30T06:00:00Z"


def test_a_span_of_time_in_words() -> None:
    spans = {30: "30 s", 90: "1 min", 7_200: "2 h", 86_400: "1 day", 200_000: "2 days"}
    assert {seconds: age(timedelta(seconds=seconds)) for seconds in spans} == spans
