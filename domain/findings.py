"""One fact in a report that someone can act on."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum

from domain.work import ItemRef


class Severity(StrEnum):
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"

    @property
    def rank(self) -> int:
        return ("info", "warning", "error").index(self.value)


class Status(StrEnum):
    NEW = "new"
    KNOWN = "known"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one rule says about one subject.

    `message` is one sentence with the figures in it, in the report's language; `evidence` refers to work
    items in order of importance (the report shows at most 50 keys and the count).
    """

    code: str
    name: str
    severity: Severity
    subject: str
    message: str
    evidence: tuple[ItemRef, ...] = ()

    @property
    def fingerprint(self) -> str:
        return fingerprint(self.code, self.subject)


@dataclass(frozen=True, slots=True)
class Sighting:
    """A finding as an earlier report stated it; `since` labels the window in which its unbroken run began."""

    fingerprint: str
    code: str
    name: str
    severity: str
    subject: str
    message: str
    since: str


def fingerprint(code: str, subject: str) -> str:
    """Twelve hexadecimal digits of code and subject, stable from week to week."""
    return hashlib.sha256(f"{code}\n{subject}".encode()).hexdigest()[:12]
