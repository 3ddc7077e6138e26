"""The command `doctor`: what is well, what is not, and what to do about it."""

from __future__ import annotations

import dataclasses
import os

import typer

from cli.command import Exit, Here, command

STYLES = {"ok": "green", "warn": "yellow", "fail": "red"}


def register(app: typer.Typer) -> None:
    """Add `doctor`."""
    command(app, "doctor")(doctor)


def doctor(here: Here) -> int:
    """Look at configuration, credentials, rights, store, clock, disk, schedule and where reports go; say what to do.

    Exit code 1 when something fails; a warning alone leaves it at 0. Nothing is written, and of a tracker nothing is
    read but who we are and what we may.
    """
    from sync.clock import SystemClock
    from sync.doctor import examine

    checks = []
    for check in examine(here.folder, os.environ, SystemClock()):
        checks.append(check)
        if not here.as_json:
            here.out.print(f"{check.state:4} ", style=STYLES[check.state], end="")
            here.out.print(f"{check.subject}: {check.said}", markup=False)
            if check.remedy:
                here.out.print(f"     {check.remedy}", markup=False)
    if here.as_json:
        here.data([dataclasses.asdict(check) for check in checks])
    return Exit.SEE if any(check.state == "fail" for check in checks) else Exit.DONE
