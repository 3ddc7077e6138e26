"""Which process holds a lease, told for people, and whether it still lives."""

from __future__ import annotations

import os
import re
import socket
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

PROC = Path("/proc")
SAID = re.compile(r"(?P<people>process (?P<number>\d+) on (?P<host>\S+), since .*) \[(?P<signs>.*)\]")


@dataclass(frozen=True)
class Signs:
    """What tells a process from all others of the same number: empty where the system does not say.

    `boot` is the machine's start, `space` the container's own count of processes, `started` the process's start in
    ticks since the boot.
    """

    boot: str
    space: str
    started: str

    def __str__(self) -> str:
        return " ".join((self.boot or "-", self.space or "-", self.started or "-"))


def holder(since: datetime) -> str:
    """This process as a holder since an instant: for people and, in brackets, for `gone`."""
    number = os.getpid()
    at = since.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    return f"process {number} on {socket.gethostname()}, since {at} [{_signs(number)}]"


def told(said: str) -> str:
    """A holder without what is in brackets."""
    match = SAID.fullmatch(said)
    return match["people"] if match else said


def is_me(said: str) -> bool:
    """Whether a holder is this process."""
    match = SAID.fullmatch(said)
    number = os.getpid()
    return (
        match is not None
        and int(match["number"]) == number
        and (match["host"], match["signs"]) == (socket.gethostname(), str(_signs(number)))
    )


def gone(said: str) -> bool:
    """Whether a holder was a process of this machine that has ended; False when that cannot be known.

    A process that has the holder's number and another start is not the holder: numbers come again.
    """
    match = SAID.fullmatch(said)
    if match is None or os.name != "posix" or match["host"] != socket.gethostname():
        return False
    number = int(match["number"])
    here = _signs(number)
    boot, space, started = match["signs"].split(" ") if match["signs"].count(" ") == 2 else ("?", "?", "?")
    if (boot, space) != (here.boot or "-", here.space or "-"):
        return False
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return True
    except OSError:
        pass  # it lives, and is another user's
    return (here.started not in ("", started) and started != "-") or _state(number) == "Z"


def _signs(number: int) -> Signs:
    try:
        boot = (PROC / "sys/kernel/random/boot_id").read_text("ascii").strip()
        space = (PROC / "self/ns/pid").readlink().name
    except OSError:
        return Signs("", "", "")
    return Signs(boot, space, _stat(number)[-1])


def _state(number: int) -> str:
    """The letter of a process's state; Z is one that has ended and that its parent has not yet asked about."""
    return _stat(number)[0]


def _stat(number: int) -> tuple[str, str]:
    """State and start of a process; empty when the system does not say (man 5 proc: fields 3 and 22 of stat)."""
    try:
        # The second field, the command's name in brackets, may hold anything.
        fields = (PROC / str(number) / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()
        return fields[0], fields[19]
    except (OSError, IndexError):
        return "", ""
