"""The command that sends reports where the settings say, by hand."""

from __future__ import annotations

from collections.abc import Sequence
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.command import Exit, Here, command, count
from domain.errors import ConfigurationError

if TYPE_CHECKING:  # heavy, and needed for annotations alone
    from config.settings import ReportJob, Settings
    from reports.delivery.port import Parcel
    from store.kept import DeliveryState
    from sync.delivery import Delivered

LINES = 8  # of a text, to see what it says
HELD = {"sent": "sent before", "unclear": "it may have arrived", "sending": "being sent"}


def register(app: typer.Typer) -> None:
    """Add `report send`."""
    command(app, "send")(send)


def send(
    here: Here,
    report: Annotated[
        list[str] | None,
        typer.Option("--report", metavar="ID", help="Only this report of filrouge.yaml (default: all)."),
    ] = None,
    week: Annotated[
        str | None, typer.Option(metavar="2026-W47", help="The ISO week (default: the last that is over).")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be sent to whom, and send nothing.")
    ] = False,
    test: Annotated[
        bool, typer.Option("--test", help="Send a short test instead, to see whether every channel works.")
    ] = False,
    again: Annotated[
        bool, typer.Option("--again", help="Send once more what may have arrived and, as you have seen, did not.")
    ] = False,
) -> int:
    """Deliver the report of a week where `deliver` says; what has arrived there is not sent twice."""
    from sync.delivery import deliver_all, prepared, try_out
    from sync.reporting import make_report, subject_of
    from sync.wiring import open_house

    if dry_run + test + again > 1:
        raise ConfigurationError("--dry-run, --test and --again are three things to do; choose one.")
    with open_house(here.folder, secrets=not dry_run) as house:
        jobs = _chosen(house.workspace.settings, report or [])
        if test:
            told = [_tried(here, job, *result) for job in jobs for result in try_out(house, job)]
        else:
            subject = subject_of(house.workspace, week=week, as_of=None, now=house.clock.now())
            made = make_report(house.workspace, house.store, house.clock, subject)
            if dry_run:
                told = [_ready(here, job, *parcel) for job in jobs for parcel in prepared(house, job, made)]
                here.say("Nothing was sent: this was a dry run.")
            else:
                told = [_sent(here, one) for job in jobs for one in deliver_all(house, job, made, again=again)]
    if here.as_json:
        here.data(told)
    return Exit.DONE if dry_run or all(one["state"] == "sent" for one in told) else Exit.SEE


def _tried(here: Here, job: ReportJob, channel: str, problem: str | None) -> dict[str, Any]:
    here.say(f"{channel}: {problem or 'the test was sent.'}", style="red" if problem else "")
    return _told(job.id, channel, "failed" if problem else "sent", problem=problem)


def _sent(here: Here, delivered: Delivered) -> dict[str, Any]:
    here.say(delivered.sentence(), style="" if delivered.state == "sent" else "red")
    return _told(delivered.key.report, delivered.key.channel, delivered.state, problem=delivered.problem)


def _ready(here: Here, job: ReportJob, channel: str, parcel: Parcel, held: DeliveryState | None) -> dict[str, Any]:
    if held is not None:
        here.say(f"{job.id} to {channel}: {HELD.get(held, held)}; it would not be sent again.")
        return _told(job.id, channel, held)
    parts = {name: len(content) for name, content in parcel.parts.items()}
    begins = _beginning(parcel)
    what = ", ".join(parts) if len(parts) > 1 else count(sum(parts.values()), "byte")
    here.say(f"{job.id} to {channel}: {parcel.subject} ({what})")
    for line in begins:
        here.say(f"    {line}", style="dim")
    return _told(job.id, channel, "ready", subject=parcel.subject, parts=parts, begins=begins)


def _told(report: str, channel: str, state: str, **more: Any) -> dict[str, Any]:
    return {"report": report, "channel": channel, "state": state, **more}


def _chosen(settings: Settings, wanted: Sequence[str]) -> list[ReportJob]:
    known = {job.id: job for job in settings.reports}
    for name in wanted:
        if name not in known:
            expected = ", ".join(known) or "one that filrouge.yaml names under `reports`, where there is none yet"
            raise ConfigurationError(f"There is no report {name!r}; expected {expected}.")
    jobs = [known[name] for name in wanted or known]
    if not any(job.deliver for job in jobs):
        raise ConfigurationError("filrouge.yaml: no such report has `deliver`; say there where it goes.")
    return jobs


def _beginning(parcel: Parcel) -> list[str]:
    """The first lines of a mail or a message, as its readers see them."""
    (name, content), *more = parcel.parts.items()
    if more:
        return []
    text = ""
    if name.endswith(".eml"):
        message = message_from_bytes(content, policy=SMTP)
        assert isinstance(message, EmailMessage)
        body = message.get_body(("plain",))
        text = str(body.get_content()) if body is not None else ""
    elif name.endswith(".txt"):
        text = content.decode()
    return [line for line in text.splitlines() if line.strip()][:LINES]
