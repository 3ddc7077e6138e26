"""Servers on loopback that answer as a function of the request says."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Asked:
    """A request: its JSON (None without one) and its query."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Any


Answer = tuple[int, Any]  # the status, and what goes out as JSON; a status of 0 hangs up


@dataclass
class Recorder:
    """Every request that came in."""

    asked: list[Asked] = field(default_factory=list)


@contextmanager
def answering(answer: Callable[[Asked], Answer]) -> Iterator[tuple[str, Recorder]]:
    """The address of a server, and what was asked of it."""
    recorder = Recorder()

    class Handler(BaseHTTPRequestHandler):
        def _do(self) -> None:
            parts = urlsplit(self.path)
            content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            body = json.loads(content) if content else None
            asked = Asked(self.command, parts.path, dict(parse_qsl(parts.query)), headers, body)
            recorder.asked.append(asked)
            status, said = answer(asked)
            if not status:
                self.close_connection = True
                return
            out = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(out)))
            self.end_headers()
            self.wfile.write(out)

        do_GET = do_POST = do_PUT = _do  # noqa: N815 - the server looks for these names

        def log_message(self, *_: object) -> None:
            """Nothing is logged."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", recorder
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
