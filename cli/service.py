"""Commands of the running service: run, status."""

from __future__ import annotations

import os
import signal
from datetime import datetime
from threading import Event
from types import FrameType
from zoneinfo import ZoneInfo

import typer
from rich.table import Table

from cli.command import Exit, Here, command
from domain.errors import ConfigurationError

PATIENCE = 8.0  # seconds that jobs in hand have to end after SIGTERM


def register(app: typer.Typer) -> None:
    """Add `run` and `status`."""
    command(app, "run", quiet=1)(run)
    command(app, "status")(status)


def run(here: Here) -> int:
    """Pull every source and write every report on its schedule, until stopped."""
    from config.ahead import ahead
    from config.load import load
    from reports.rules.registry import BY_CODE
    from store.address import reach
    from sync.metrics import Metrics
    from sync.service import Service
    from sync.web import serve
    from sync.wiring import open_house

    stop = Event()

    def ask_to_stop(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, ask_to_stop)
    signal.signal(signal.SIGINT, ask_to_stop)
    with open_house(here.folder, secrets=True) as house:
        metrics = Metrics(lambda: service.house)
        service = Service(
            house, stop, lambda: load(here.folder, os.environ), metrics.set_config_valid, metrics.set_leader
        )
        jobs = service.jobs
        if not jobs:
            raise ConfigurationError(
                "filrouge.yaml: nothing has a schedule; add `schedule: {every: 15m}` to a source or a cron to a report."
            )
        for note in ahead(house.workspace.settings, BY_CODE):
            here.say(note, style="yellow")
        here.say(reach(house.workspace.store_url))
        here.say(f"Running {len(jobs)} jobs: {', '.join(job.id for job in jobs)}. Stop with Ctrl-C.")
        with serve(house.workspace.settings.service.listen, metrics, service.unready) as at:
            if at is not None:
                here.say("Answers at http://{}:{}: /healthz, /readyz, /metrics.".format(*at))
            ended = service.run(PATIENCE)
    if not ended:
        # A job still waits for a tracker's answer; what it has stored is whole, so it may be cut off here.
        os._exit(Exit.DONE)
    return Exit.DONE


def status(here: Here) -> int:
    """Show the last run of each source and report, its outcome, its age, when it is due next, and what to do."""
    from store.address import reach
    from sync.status import status_of
    from sync.wiring import open_house

    with open_house(here.folder, secrets=False) as house:
        rows = status_of(house.workspace, house.store, house.clock.now())
        zone = house.workspace.zone
        kept = reach(house.workspace.store_url)
    if here.as_json:
        here.data([row.as_json() for row in rows])
    else:
        table = Table(box=None, pad_edge=False, header_style="bold")
        for heading in ("job", "last run", "outcome", "last success", "items", "next run"):
            table.add_column(heading, no_wrap=True)
        for row in rows:
            if row.undelivered:
                continue  # said below, since it is no job and has no next run
            table.add_row(
                row.job,
                _local(row.last_run, zone) if row.last_run else "never",
                row.outcome or "-",
                row.age or "never",
                f"{row.items:,}" if row.items is not None else "-",
                _local(row.next_run, zone) if row.next_run else "-",
            )
        here.out.print(table)
        here.say(f"Times are those of {zone.key}. {kept}", style="dim")
        for row in rows:
            said = " ".join(filter(None, (row.problem, row.remedy)))
            if said:
                here.say(f"{row.job}: {said}", style="red" if row.problem else "dim")
    return Exit.SEE if any(row.problem for row in rows) else Exit.DONE


def _local(instant: datetime, zone: ZoneInfo) -> str:
    return instant.astimezone(zone).strftime("%m-%d %H:%M")
