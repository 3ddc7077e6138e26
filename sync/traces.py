"""Spans for OpenTelemetry, where it is asked for and installed; nothing at all elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from secrets import token_hex
from typing import TYPE_CHECKING

import structlog

from connectors.watch import WATCH

if TYPE_CHECKING:  # an extra, which need not be there
    from opentelemetry.sdk.trace import SpanProcessor
    from opentelemetry.trace import Tracer

log = structlog.get_logger("traces")

# Either says where to send (https://opentelemetry.io/docs/specs/otel/protocol/exporter/).
ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")

_tracer: Tracer | None = None


def start(environ: Mapping[str, str]) -> None:
    """Send spans by OTLP over HTTP where the environment names an endpoint; else nothing is even imported."""
    if not any(environ.get(name) for name in ENDPOINTS):
        return
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415 # an extra
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415
    except ImportError:
        log.warning("traces.not_installed", remedy="Install filrouge[traces], or unset OTEL_EXPORTER_OTLP_ENDPOINT.")
        return
    send_to(BatchSpanProcessor(OTLPSpanExporter()))


def send_to(processor: SpanProcessor) -> None:
    """Give every span from now on to a processor, which is flushed when the process ends."""
    global _tracer  # noqa: PLW0603 # one a process, like the log
    from opentelemetry.sdk.resources import SERVICE_NAME, OTELResourceDetector, Resource  # noqa: PLC0415 # an extra
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415

    provider = TracerProvider(resource=Resource({SERVICE_NAME: "filrouge"}).merge(OTELResourceDetector().detect()))
    provider.add_span_processor(processor)
    _tracer = provider.get_tracer("filrouge")
    WATCH.around = lambda source, what: span("request", source=source, what=what)


@contextmanager
def span(name: str, **attributes: str | int) -> Iterator[None]:
    """A span of that name around the block, within the one that is open; of an error only its kind is told."""
    if _tracer is None:
        yield
        return
    from opentelemetry.trace import Status, StatusCode  # noqa: PLC0415 # an extra

    run = structlog.contextvars.get_contextvars().get("run")
    told = {f"filrouge.{key}": value for key, value in (attributes | ({"run": run} if run else {})).items()}
    # An error's text and traceback may hold what no other machine should see.
    silent = _tracer.start_as_current_span(name, attributes=told, record_exception=False, set_status_on_exception=False)
    with silent as opened:
        try:
            yield
        except BaseException as error:
            opened.set_status(Status(StatusCode.ERROR, type(error).__name__))
            raise


@contextmanager
def one_run() -> Iterator[None]:
    """Let every line of the log, and every span, of the block bear one new token as `run`."""
    with structlog.contextvars.bound_contextvars(run=token_hex(4)):
        yield
