"""A quarter of service in a few seconds: every report once and at its local hour, every missed run caught up once."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import time_machine

from tests.service.conftest import PARIS, SERVICE, Simulation, company, write_company

BEGIN = datetime(2026, 9, 28, 5, 30, tzinfo=UTC)  # a Monday, 07:30 in Paris: this week's report is overdue
DOWN = datetime(2026, 11, 5, 12, tzinfo=UTC)  # a Thursday
UP = datetime(2026, 11, 11, 9, 20, tzinfo=UTC)  # the next Wednesday: a Monday was missed
END = BEGIN + timedelta(weeks=13)
CALL = "0 6 * * *"


def test_thirteen_weeks_of_schedule(tmp_path: Path) -> None:
    folder = tmp_path / "acme"
    today = BEGIN.date()
    with company(today) as urls, time_machine.travel(BEGIN, tick=False) as time:
        write_company(folder, urls, today, jira="{every: 1d}", azure_devops=f'{{cron: "{CALL}"}}', rest=SERVICE)
        simulation = Simulation(folder, time)
        with simulation.up() as (_, _, scheduler):
            simulation.until(DOWN, scheduler)
        time.move_to(UP)
        with simulation.up() as (house, _, scheduler):
            simulation.until(END, scheduler)
            with house.store.reading() as reader:
                runs = {kind: reader.runs(*kind, limit=500) for kind in (("report", "weekly"), *SYNCS, *CENSUSES)}
    reports = runs["report", "weekly"]
    assert {run.outcome for run in reports} == {"ok"}
    assert sorted(run.summary["window"] for run in reports) == [f"2026-W{week}" for week in range(39, 52)]
    caught_up = {BEGIN, UP}
    times = [run.started_at for run in reports]
    assert caught_up <= set(times)
    assert {local(at) for at in times if at not in caught_up} == {"Mon 07:00"}
    assert {at.astimezone(PARIS).utcoffset() for at in times if at not in caught_up} == {
        timedelta(hours=1),
        timedelta(hours=2),
    }
    assert {path.name for path in (folder / "weekly").iterdir()} == {
        f"weekly-2026-W{week}.{ending}" for week in range(39, 52) for ending in ("md", "json")
    }

    for kind in SYNCS:
        assert {run.outcome for run in runs[kind]} == {"ok"}
        assert not [run for run in runs[kind] if DOWN < run.started_at < UP]
        assert [run for run in runs[kind] if run.started_at == UP]
        counted = Counter(run.started_at.astimezone(PARIS).date() for run in runs["census", kind[1]])
        pulled = Counter(run.started_at.astimezone(PARIS).date() for run in runs[kind])
        assert all(times <= 1 + counted[day] for day, times in pulled.items())  # a census pulls as well
        up = [BEGIN.date() + timedelta(days=day) for day in range(91)]
        days = sorted(day for day in pulled if day < END.date())
        assert days == [day for day in up if not DOWN.date() < day < UP.date()]
    # A pull may begin half a minute late, so that not everybody asks at the full hour.
    called = [at for run in runs[SYNCS[1]] if local(at := run.started_at).endswith("06:00")]
    assert len(called) == len(up) - (UP.date() - DOWN.date()).days
    for kind in CENSUSES:
        weekly = sorted(run.started_at for run in runs[kind])
        assert len(weekly) == 13
        assert min(later - earlier for earlier, later in pairwise(weekly)) > timedelta(days=6)


SYNCS = (("sync", "boutique"), ("sync", "logistique"))
CENSUSES = (("census", "boutique"), ("census", "logistique"))


def local(at: datetime) -> str:
    return at.astimezone(PARIS).strftime("%a %H:%M")
