"""A report delivered into a folder, one file a format."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from domain.errors import FilrougeError
from reports.delivery.port import Edition, Notice, Parcel
from reports.formats.registry import ending
from reports.words import subject_line


@dataclass(frozen=True)
class Folder:
    """A folder; `named` is how the settings name it."""

    named: str
    path: Path
    formats: Sequence[str]
    repeatable = True

    @property
    def name(self) -> str:
        return f"folder:{self.named}"

    @property
    def place(self) -> str:
        return f"the folder {self.named}"

    def look(self) -> None:
        there = next(path for path in (self.path, *self.path.parents) if path.exists())
        if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
            raise FilrougeError(f"{there} is no folder that this user may write to.")

    def prepare(self, edition: Edition) -> Parcel:
        stem = report_name(edition.id, edition.label)
        parts = {f"{stem}.{ending(name)}": edition.form(name) for name in self.formats}
        return Parcel(subject_line(edition.document), parts)

    def prepare_notice(self, notice: Notice) -> Parcel:
        return Parcel(notice.subject, {"filrouge-test.txt": f"{notice.text}\n".encode()})

    def send(self, parcel: Parcel, handing_over: Callable[[], None]) -> None:
        handing_over()
        deliver(self.path, parcel.parts)


def report_name(report_id: str, label: str) -> str:
    """The file name, without its ending, of a report of a week."""
    return f"{report_id}-{label}"


def deliver(folder: Path, files: Mapping[str, bytes]) -> list[Path]:
    """Write files by name; the paths in the order given.

    A file is replaced in one step, so a reader never sees half of one. FilrougeError when the folder cannot be
    written.
    """
    paths: list[Path] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            path = folder / name
            beside = folder / f".{name}.{os.getpid()}"
            beside.write_bytes(content)
            beside.replace(path)
            paths.append(path)
    except OSError as error:
        raise FilrougeError(
            f"The report could not be written to {folder} ({error.strerror}); choose a folder that may be written."
        ) from None
    return paths
