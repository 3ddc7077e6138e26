"""The command `demo`: the whole job on a made-up company."""

from __future__ import annotations

import signal
import tempfile
from datetime import date
from pathlib import Path
from threading import Event
from typing import Annotated

import typer

from cli.command import Exit, Here, command
from cli.days import parse_day
from cli.progress import watching
from domain.errors import ConfigurationError


def register(app: typer.Typer) -> None:
    """Add `demo`."""
    command(app, "demo")(demo)


def demo(
    here: Here,
    keep: Annotated[
        Path | None, typer.Option("--keep", metavar="DIR", help="Leave the workspace in this folder.")
    ] = None,
    serve: Annotated[bool, typer.Option("--serve", help="Leave the two trackers up until Ctrl-C.")] = False,
    language: Annotated[str, typer.Option(help="Language of the report: en or fr.")] = "en",
    today: Annotated[
        str | None, typer.Option(metavar="DATE", help="The day on which the story is told (default: today).")
    ] = None,
) -> int:
    """Pull, map, measure and report a made-up company: offline, no account, under a minute."""
    from demo.company import ZONE
    from demo.tell import tell
    from domain.calendar import local_day
    from sync.clock import SystemClock

    if language not in ("en", "fr"):
        raise ConfigurationError(f"--language {language!r} is not known; expected en or fr.")
    clock = SystemClock()
    actual = local_day(clock.now(), ZONE)
    day = _day(today, actual) if today else actual
    folder = keep or Path(tempfile.mkdtemp(prefix="filrouge-demo-"))
    stop = Event()
    with (
        watching(here.people, clock) as watcher,
        tell(folder, day, language=language, clock=clock, say=here.say, watcher=watcher) as story,
    ):
        if here.as_json:
            here.data(story.as_json())
        if serve:
            here.say(f"\nJira {story.jira_url} and Azure DevOps {story.azure_devops_url} stay up. Stop with Ctrl-C.")
            signal.signal(signal.SIGINT, lambda *_: stop.set())
            signal.signal(signal.SIGTERM, lambda *_: stop.set())
            stop.wait()
    return Exit.DONE


def _day(text: str, actual: date) -> date:
    day = parse_day("--today", text)
    if day > actual:
        raise ConfigurationError(f"--today {day} is in the future; a report cannot see that far.")
    return day
