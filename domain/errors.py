"""Errors, sorted by what to do next."""

from __future__ import annotations


class FilrougeError(Exception):
    """Something went wrong that a person can act on; the message is one full sentence."""


class ConfigurationError(FilrougeError):
    """Fix the configuration: exit code 2. `problems` holds every fault, each `file:line:column: …`."""

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class CredentialsError(FilrougeError):
    """Fix the credentials: the tracker did not let us in."""


class UnavailableError(FilrougeError):
    """Try later: the tracker could not be reached, or asked us to wait longer than this run may."""


class BudgetError(UnavailableError):
    """Stop here for now: this run's own budget of requests is used up; the next run goes on from here."""


class ItemError(FilrougeError):
    """Skip this item: it is set aside, counted and tried again next time."""


class ProtocolError(FilrougeError):
    """Stop this source's run: the tracker answered with something that no retry will mend."""


class UnclearError(FilrougeError):
    """Look before it is repeated: it was handed over, and no answer came."""


class LeaseError(FilrougeError):
    """Stop this run: another process has taken over what it was at."""


class StoreError(FilrougeError):
    """The store could not be opened or written: exit code 4."""
