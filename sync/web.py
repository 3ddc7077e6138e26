"""What the service answers over HTTP: whether it lives, whether it is ready, and its metrics; nothing else."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder

from config.listen import host_and_port
from domain.errors import ConfigurationError, StoreError
from sync.metrics import Metrics

PLAIN = "text/plain; charset=utf-8"
PATIENCE = 10.0  # seconds that a client may take to ask, or to take its answer

Reply = tuple[int, str, bytes]


@contextmanager
def serve(
    listen: str, metrics: Metrics, ready: Callable[[], Sequence[str]] = lambda: ()
) -> Iterator[tuple[str, int] | None]:
    """Answer at an address (`HOST:PORT`, or `off`) while the block runs; gives host and port, None when off.

    `/healthz` says that the process lives. `/readyz` is 503 with a line for each reason for which it cannot do its
    work: the store, the configuration, and what `ready` says. `/metrics` is for Prometheus, as text or OpenMetrics.
    ConfigurationError when the address cannot be had.
    """
    address = host_and_port(listen)
    if address is None:
        yield None
        return
    registry = metrics.registry()
    try:
        server = _server(address, lambda path, accept: _reply(path, accept, registry, metrics, ready))
    except OSError as error:
        raise ConfigurationError(
            f"filrouge.yaml: `service.listen`: {listen} cannot be listened on ({error.strerror or error}); choose "
            "another port or address of this machine, or `off`."
        ) from None
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, name="web", daemon=True)
    thread.start()
    try:
        yield address[0], server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def unready(metrics: Metrics, more: Sequence[str] = ()) -> list[str]:
    """Why this process cannot do its work, one sentence each; nothing when it can."""
    reasons = list(more)
    if not metrics.config_valid:
        reasons.append("The workspace's files are refused; `filrouge check` says why.")
    try:
        with metrics.house().store.reading() as reader:
            reader.cursor("")  # any question will do
    except StoreError:
        reasons.append("The store cannot be read; `filrouge doctor` says why.")
    return reasons


def _reply(
    path: str, accept: str, registry: CollectorRegistry, metrics: Metrics, ready: Callable[[], Sequence[str]]
) -> Reply:
    """Status, content type and body of what stands at a path."""
    if path == "/healthz":
        return 200, PLAIN, b"ok\n"
    if path == "/readyz":
        reasons = unready(metrics, ready())
        return (503, PLAIN, "".join(f"{one}\n" for one in reasons).encode()) if reasons else (200, PLAIN, b"ok\n")
    if path == "/metrics":
        encode, kind = choose_encoder(accept)
        return 200, kind, encode(registry)
    return 404, PLAIN, b"There are /healthz, /readyz and /metrics.\n"


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False  # a client that holds its connection does not hold up the end


def _server(address: tuple[str, int], reply: Callable[[str, str], Reply]) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        timeout = PATIENCE
        server_version, sys_version = "filrouge", ""

        def do_GET(self) -> None:
            status, kind, body = reply(self.path.partition("?")[0], self.headers.get("Accept", ""))
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        do_HEAD = do_GET  # noqa: N815 # the name is the standard library's

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 # the name is the standard library's
            """Who asks, every few seconds, is nobody's news."""

    class Server(_Server):
        address_family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET

    return Server(address, Handler)
