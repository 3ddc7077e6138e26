"""Where log lines go: standard error, for people on a terminal and as JSON elsewhere."""

from __future__ import annotations

import logging
import sys
from typing import Literal

import structlog

LogFormat = Literal["auto", "human", "json"]
LEVELS = (logging.WARNING, logging.INFO, logging.DEBUG)


def configure(verbosity: int, log_format: LogFormat) -> None:
    """Send structlog's events and the libraries' warnings to standard error.

    `verbosity` 0 shows warnings, 1 what happens, 2 everything. `auto` is human on a terminal, else JSON.
    """
    level = LEVELS[min(verbosity, len(LEVELS) - 1)]
    human = log_format == "human" or (log_format == "auto" and sys.stderr.isatty())
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderer: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
        if human
        else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    structlog.configure(
        processors=[*shared, structlog.processors.format_exc_info, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(processor=renderer, foreign_pre_chain=shared))
    # Libraries speak only when something is wrong: their finer lines may quote addresses and bodies.
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    # A retry is told by our own transport, and the scheduler's errors by the jobs themselves.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
