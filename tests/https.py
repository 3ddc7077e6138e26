"""A real https server on loopback, with an authority of its own that nobody else trusts."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import trustme

Reply = tuple[int, Mapping[str, str], bytes]


@dataclass
class Site:
    """What stands where; `asked` and `agents` hold each request's path and user agent, `trusted` is the certificate."""

    address: str
    trusted: Path
    replies: dict[str, Reply] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    agents: set[str] = field(default_factory=set)

    def says(self, path: str, body: str | bytes, status: int = 200, **headers: str) -> None:
        """From now on a path answers so."""
        content = body.encode() if isinstance(body, str) else body
        self.replies[path] = (status, headers, content)


@contextmanager
def https_site(folder: Path) -> Iterator[Site]:
    """A site as `localhost`; the authority's certificate is written into the folder."""
    authority = trustme.CA()
    trusted = folder / "authority.pem"
    authority.cert_pem.write_to_path(str(trusted))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            site.asked.append(self.path)
            site.agents.add(self.headers["User-Agent"])
            status, headers, body = site.replies.get(self.path, (404, {}, b"nothing here"))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_OPTIONS = do_GET  # noqa: N815 # as the server calls them

        def log_message(self, *_: object) -> None:
            """Nothing is logged."""

    class Server(ThreadingHTTPServer):
        def get_request(self) -> tuple[socket.socket, Any]:
            raw, client = self.socket.accept()
            try:
                return context.wrap_socket(raw, server_side=True, do_handshake_on_connect=False), client
            except OSError:  # it has hung up by now
                raw.close()
                raise

        def handle_error(self, request: object, client_address: object) -> None:
            """A client that trusts us not, and hangs up, is expected."""

    with Server(("127.0.0.1", 0), Handler) as server:
        site = Site(f"https://localhost:{server.server_port}", trusted)
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield site
        finally:
            server.shutdown()
            thread.join()
