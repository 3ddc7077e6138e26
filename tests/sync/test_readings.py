"""Readings of key results by https: asked by the command, kept with when they were seen, and told as known at as_of."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.strategy import Cycle, DatedValue, KeyResult, Objective, Strategy
from store.open import Store, open_store
from sync.readings import known_strategy
from tests.cli.conftest import Call
from tests.https import Site, https_site

URL = "https://kpi.example/checkout.csv"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with https_site(tmp_path) as up:
        yield up


@pytest.fixture
def workspace(tmp_path: Path, site: Site) -> Path:
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / "filrouge.yaml").write_text(
        "version: 1\norganisation: Acme\ntimezone: Europe/Paris\n"
        "sources: [{id: old, kind: files, path: items.jsonl}]\n"
        "readings: {private_hosts: [localhost]}\n"
    )
    (folder / "items.jsonl").write_text("")
    (folder / "mapping.yaml").write_text("version: 1\n")
    (folder / "strategy.yaml").write_text(
        "version: 1\ncycles: [{id: Q4, from: 2026-10-01, to: 2026-12-31}]\n"
        "objectives:\n"
        "  - id: O1\n    title: Make checkout effortless\n    cycle: Q4\n    weight: 40\n    key_results:\n"
        "      - id: KR1.1\n        title: Conversion\n"
        '        kpi: {unit: "%", baseline: 2, target: 4, kind: increase}\n'
        f"        readings_from: {site.address}/checkout.csv?key=s3cret\n"
    )
    return folder


def progress(filrouge: Call, folder: Path, as_of: str) -> Any:
    done = filrouge("report", "--week", "2026-W46", "--as-of", as_of, "--format", "json", cwd=folder)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)["key_results"][0]


def test_a_sync_asks_the_address_and_the_report_shows_what_it_said(filrouge: Call, workspace: Path, site: Site) -> None:
    trust = {"REQUESTS_CA_BUNDLE": str(site.trusted)}
    site.says("/checkout.csv?key=s3cret", "on;value\n2026-10-15;2,5\n2026-11-10;3,0\n")
    done = filrouge("sync", cwd=workspace, env=trust)
    assert done.returncode == 0, done.stderr
    assert "KR1.1: 2 readings at https://localhost:" in done.stderr
    assert "s3cret" not in done.stderr
    shown = progress(filrouge, workspace, "2026-11-16T08:00:00+01:00")
    assert (shown["progress"], shown["read_on"]) == (0.5, "2026-11-10")

    site.says("/checkout.csv?key=s3cret", "on,value\n2026-10-15,2.5\nlast week,lots\n")
    done = filrouge("sync", "--json", cwd=workspace, env=trust)
    assert done.returncode == 1
    (told,) = json.loads(done.stdout)["readings"]
    assert "checkout.csv:3:1" in told["problem"]
    assert "s3cret" not in done.stdout + done.stderr
    assert progress(filrouge, workspace, "2026-11-16T08:00:00+01:00")["progress"] == 0.5

    checked = filrouge("check", "--online", cwd=workspace, env=trust)
    assert checked.returncode == 1
    assert "checkout.csv:3:1" in checked.stderr
    stands = json.loads(filrouge("status", "--json", cwd=workspace).stdout)
    (job,) = [row for row in stands if row["job"] == "readings:addresses"]
    assert job["outcome"] == "failed"
    assert job["next_run"] is not None


def test_a_dry_run_keeps_nothing(filrouge: Call, workspace: Path, site: Site) -> None:
    site.says("/checkout.csv?key=s3cret", "on,value\n2026-11-10,3\n")
    done = filrouge("sync", "--dry-run", cwd=workspace, env={"REQUESTS_CA_BUNDLE": str(site.trusted)})
    assert done.returncode == 0, done.stderr
    assert "KR1.1: 1 readings" in done.stderr
    assert progress(filrouge, workspace, "2026-11-16T08:00:00+01:00")["progress"] is None


DAYS = st.dates(date(2026, 10, 1), date(2026, 10, 9))
ANSWERS = st.lists(st.dictionaries(DAYS, st.integers(0, 5).map(float), max_size=5), max_size=5)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    opened = open_store(f"sqlite:///{tmp_path_factory.mktemp('readings') / 'store.db'}")
    yield opened
    opened.close()


@given(answers=ANSWERS, at=st.integers(-1, 5))
def test_what_is_known_at_an_instant_is_what_the_answers_until_then_said(
    store: Store, answers: list[dict[date, float]], at: int
) -> None:
    def hour(nth: int) -> datetime:
        return datetime(2026, 11, 1, 8 + nth, tzinfo=UTC)

    url = f"{URL}?{store_number()}"
    strategy = one_key_result(url)
    with store.writing() as unit:
        for nth, answer in enumerate(answers):
            unit.keep_readings("KR1.1", url, [DatedValue(*day) for day in answer.items()], hour(nth))
    said: dict[date, float] = {}
    begun = False
    for nth, answer in enumerate(answers):
        if nth <= at or not begun:
            said |= answer
        begun = begun or bool(answer)
    with store.reading() as reader:
        known = known_strategy(strategy, reader, hour(at))
    (result,) = known.objectives[0].key_results
    assert result.readings == (DatedValue(date(2026, 9, 1), 1.0), *(DatedValue(*day) for day in sorted(said.items())))


_numbers = iter(range(1_000_000))


def store_number() -> int:
    """A number that no other example had, so that all of them share one store."""
    return next(_numbers)


def one_key_result(url: str) -> Strategy:
    result = KeyResult("KR1.1", "Conversion", "O1", readings=(DatedValue(date(2026, 9, 1), 1.0),), readings_from=url)
    return Strategy(
        cycles=(Cycle("Q4", date(2026, 10, 1), date(2026, 12, 31)),),
        objectives=(Objective("O1", "Checkout", "Q4", key_results=(result,)),),
    )


def test_an_address_that_is_no_longer_named_says_nothing_any_more(store: Store) -> None:
    at = datetime(2026, 11, 1, 8, tzinfo=UTC)
    with store.writing() as unit:
        unit.keep_readings("KR1.1", URL, [DatedValue(date(2026, 10, 1), 5.0)], at)
    strategy = one_key_result(URL)
    with store.reading() as reader:
        assert len(known_strategy(strategy, reader, at).objectives[0].key_results[0].readings) == 2
        moved = replace(
            strategy,
            objectives=(
                replace(
                    strategy.objectives[0],
                    key_results=(
                        replace(strategy.objectives[0].key_results[0], readings_from="https://other.example/x"),
                    ),
                ),
            ),
        )
        assert len(known_strategy(moved, reader, at).objectives[0].key_results[0].readings) == 1
