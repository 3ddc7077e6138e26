"""What is asked of a way by which a report reaches people."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from reports.document import Document
from reports.formats.registry import FORMATS
from reports.report import Report


@dataclass(frozen=True)
class Edition:
    """A report as all channels of a job get it: each form of it is made once. `at` is when it goes out (UTC)."""

    id: str
    report: Report
    at: datetime
    _made: dict[str, bytes] = field(default_factory=dict)

    @property
    def document(self) -> Document:
        return self.report.document

    @property
    def label(self) -> str:
        """The week, such as 2026-W47."""
        return self.document["window"]["label"]

    def form(self, name: str) -> bytes:
        """The report in a format."""
        if name not in self._made:
            self._made[name] = FORMATS[name](self.report)
        return self._made[name]


@dataclass(frozen=True, slots=True)
class Notice:
    """A short text that is no report, to see whether a channel works."""

    subject: str
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Parcel:
    """What is sent, byte for byte: parts by name (the files of a folder; elsewhere there is one)."""

    subject: str
    parts: Mapping[str, bytes]

    def packed(self) -> bytes:
        """The parcel as bytes that are the same whenever its content is."""
        parts = {name: b64encode(content).decode() for name, content in self.parts.items()}
        return json.dumps({"subject": self.subject, "parts": parts}, ensure_ascii=False).encode()


def unpacked(packed: bytes) -> Parcel:
    """The parcel that was packed."""
    said = json.loads(packed)
    return Parcel(said["subject"], {name: b64decode(text) for name, text in said["parts"].items()})


class Channel(Protocol):
    """Where a report goes, by one way."""

    @property
    def name(self) -> str:
        """What tells the channel from others for ever; without a secret."""

    @property
    def repeatable(self) -> bool:
        """Whether sending a parcel twice leaves the same as sending it once."""

    @property
    def place(self) -> str:
        """What `look` looks at, in words; channels that share it say the same."""

    def look(self) -> None:
        """Nothing when it is there and lets us in, as far as that shows without sending; else as `send`."""

    def prepare(self, edition: Edition) -> Parcel:
        """What would be sent; nothing is sent, and the same edition gives the same bytes."""

    def prepare_notice(self, notice: Notice) -> Parcel:
        """The same of a text that is no report."""

    def send(self, parcel: Parcel, handing_over: Callable[[], None]) -> None:
        """Send a parcel; `handing_over` is called right before what cannot be taken back.

        UnavailableError when nothing has arrived and another time it may go well, UnclearError when it may have
        arrived, any other FilrougeError when nothing has arrived and somebody has to mend something first.
        """
