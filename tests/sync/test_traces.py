"""Spans of a run as a collector gets them, and nothing of OpenTelemetry where nobody asked for it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from demo.trackers.jira import JiraSite
from tests.cli.conftest import Call
from tests.conftest import NOW, TOKEN, Running
from tests.sync.conftest import bare_issue

PROJECTS = [{"id": "1", "key": "SHOP", "name": "Shop"}]


@contextmanager
def collector(found: list[Span], services: set[str]) -> Iterator[str]:
    """An address that takes OTLP over HTTP."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            request = ExportTraceServiceRequest.FromString(self.rfile.read(int(self.headers["Content-Length"])))
            for resource in request.resource_spans:
                names = {one.key: one.value.string_value for one in resource.resource.attributes}
                services.add(names.get("service.name", ""))
                found.extend(one for scope in resource.scope_spans for one in scope.spans)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *args: object) -> None: ...

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def told(span: Span) -> dict[str, str]:
    return {one.key: one.value.string_value for one in span.attributes}


def test_a_sync_is_seen_whole(filrouge: Call, tmp_path: Path, jira_cloud: Callable[..., Running[JiraSite]]) -> None:
    assert filrouge("init", ".").returncode == 0
    url = jira_cloud(issues=[bare_issue(number, NOW, NOW) for number in (1, 2)], projects=PROJECTS, checked=False).url
    source = "    kind: jira\n    url: {}\n    auth: {{method: bearer, token: '${{TOKEN}}'}}\n    projects: [{}]\n"
    (tmp_path / "filrouge.yaml").write_text(
        "version: 1\norganisation: Acme\ntimezone: Europe/Paris\nsources:\n"
        f"  - id: shop\n{source.format(url, 'SHOP')}  - id: lost\n{source.format(url, 'SECRETPROJECT')}",
        encoding="utf-8",
    )
    spans: list[Span] = []
    services: set[str] = set()
    with collector(spans, services) as address:
        env = {"TOKEN": TOKEN, "OTEL_EXPORTER_OTLP_ENDPOINT": address, "OTEL_SERVICE_NAME": "drift"}
        result = filrouge("sync", env=env)
    assert result.returncode != 0  # of the project that is not there
    assert services == {"drift"}
    pulls = {told(span)["filrouge.source"]: span for span in spans if span.name == "pull"}
    assert pulls.keys() == {"shop", "lost"}
    assert {told(span)["filrouge.source"] for span in spans if span.name == "page"} == {"shop"}
    requests = [span for span in spans if span.name == "request" and told(span)["filrouge.source"] == "shop"]
    assert len(requests) > 3
    assert {span.parent_span_id for span in requests} == {pulls["shop"].span_id}  # those of other threads too
    assert len({told(span)["filrouge.run"] for span in spans}) == 1
    assert all(not span.events for span in spans)  # no text and no traceback of an error
    assert TOKEN not in str(spans)


def test_of_an_error_only_its_kind_is_told() -> None:
    script = """
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from sync.traces import send_to, span
exporter = InMemorySpanExporter()
send_to(SimpleSpanProcessor(exporter))
try:
    with span("job", job="report:weekly"):
        raise ValueError("a secret")
except ValueError:
    pass
(one,) = exporter.get_finished_spans()
print(one.name, dict(one.attributes), one.status.status_code.name, one.status.description, list(one.events))
"""
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert said.strip() == "job {'filrouge.job': 'report:weekly'} ERROR ValueError []"


def test_nothing_is_loaded_unless_it_is_asked_for() -> None:
    script = """
import sys
from sync.traces import span, start
start({"OTEL_SERVICE_NAME": "drift"})
with span("job", job="sync:shop"):
    print(sorted(name for name in sys.modules if name.startswith("opentelemetry")))
"""
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert said.strip() == "[]"


def test_without_the_extra_a_line_says_so(tmp_path: Path) -> None:
    (tmp_path / "opentelemetry").mkdir()
    (tmp_path / "opentelemetry" / "__init__.py").write_text("raise ImportError", encoding="utf-8")
    script = 'from sync.traces import start; start({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"})'
    env = os.environ | {"PYTHONPATH": f"{tmp_path}{os.pathsep}{Path(__file__).parents[2]}"}
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, env=env)
    assert "filrouge[traces]" in said.stdout + said.stderr
