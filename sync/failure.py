"""What ends a source's run without ending the others: an error that was expected, or a fault of ours."""

from __future__ import annotations

from typing import Protocol

import structlog

from domain.errors import FilrougeError, ProtocolError
from store.kept import Outcome

log = structlog.get_logger("sync")


class Failing(Protocol):
    """The result of a run that can fail."""

    source: str
    outcome: Outcome
    problem: str | None
    error: FilrougeError | None


def fail(result: Failing, error: Exception) -> None:
    """Let a result tell an error; one that is not of our own kinds is told as a fault to be reported.

    A fault of ours in one source must not keep the others' results from being told.
    """
    if not isinstance(error, FilrougeError):
        log.debug("sync.fault", source=result.source, exc_info=error)
        error = ProtocolError(
            f"Source {result.source}: something unexpected went wrong ({type(error).__name__}). This is a fault of "
            "Filrouge; please report it with the log of the same command with -vv."
        )
    result.outcome, result.problem, result.error = "failed", str(error), error
