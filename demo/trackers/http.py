"""A small HTTP server on the loopback interface: a table of routes, observers, and faults on demand."""

from __future__ import annotations

import json
import re
import socket
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol
from urllib.parse import parse_qs, unquote, urlsplit


@dataclass(frozen=True, slots=True)
class Request:
    """A request as a handler sees it; `path` is without the context path, header names are in lower case."""

    method: str
    path: str
    query: Mapping[str, Sequence[str]]
    headers: Mapping[str, str]
    body: bytes
    base_url: str
    names: Mapping[str, str] = field(default_factory=dict)

    def one(self, name: str, default: str = "") -> str:
        """A query parameter's first value, or the default."""
        return self.query.get(name, [default])[0]

    def many(self, name: str) -> list[str]:
        """A query parameter's values, repeated or parted by commas."""
        return [part for value in self.query.get(name, ()) for part in value.split(",") if part]

    def flag(self, name: str, default: bool = False) -> bool:
        """A query parameter as true or false."""
        return self.one(name, str(default)).lower() == "true"

    def number(self, name: str, default: int) -> int:
        """A query parameter as a whole number; text that is none raises Refused (400)."""
        value = self.one(name, str(default))
        try:
            return int(value)
        except ValueError:
            raise Refused(400, f"The parameter {name} must be a whole number, not {value!r}.") from None

    def json(self) -> Any:
        """The body as JSON; an object is expected, anything else raises Refused (400)."""
        try:
            value = json.loads(self.body or b"{}")
        except ValueError:
            raise Refused(400, "The request's body is not JSON.") from None
        if not isinstance(value, dict):
            raise Refused(400, "The request's body must be a JSON object.")
        return value


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back: `body` is bytes as they are, None for nothing, or anything that JSON can write."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = "application/json; charset=utf-8"

    def data(self) -> bytes:
        """The body's bytes."""
        if self.body is None:
            return b""
        if isinstance(self.body, bytes):
            return self.body
        return json.dumps(self.body, ensure_ascii=False, separators=(",", ":")).encode()


class Refused(Exception):  # noqa: N818 - a refusal is an answer of the protocol, not an error of the program
    """A handler says no: the site turns status and message into its vendor's error body."""

    def __init__(self, status: int, message: str, kind: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.kind = kind


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its answer, for observers; of the Authorization header only the scheme is kept.

    `status` is 0 when the connection was dropped without an answer. `path` is without the context path.
    """

    method: str
    path: str
    query: Mapping[str, Sequence[str]]
    request_headers: Mapping[str, str]
    request_body: bytes
    status: int
    response_headers: Mapping[str, str]
    response_body: bytes
    fault: str = ""


class Fault(Protocol):
    """Something that goes wrong with one request; see demo.trackers.faults."""

    def answer(self, request: Request, handle: Callable[[], Answer], /) -> Answer | None:
        """The answer in place of `handle()`; None drops the connection."""


Handler = Callable[[Request], Answer]
Observer = Callable[[Exchange], None]
FaultPlan = Callable[[Request, int], Fault | None]  # the request, and how many came so far (the first is 1)


class Route:
    """A method and a path such as `/rest/api/{version}/field`; names in braces match one segment, `{*name}` any."""

    def __init__(self, method: str, template: str, handler: Handler, any_case: bool = False) -> None:
        self.method = method
        self.handler = handler
        self.template = template
        pattern = re.sub(r"\\\{(\\\*)?(\w+)\\\}", _segment, re.escape(template))
        self._pattern = re.compile(pattern + "/?", re.IGNORECASE if any_case else 0)

    def match(self, path: str) -> dict[str, str] | None:
        """The named segments, unquoted, when the path fits."""
        found = self._pattern.fullmatch(path)
        return None if found is None else {name: unquote(value) for name, value in found.groupdict().items()}


def _segment(found: re.Match[str]) -> str:
    return f"(?P<{found[2]}>{'.+' if found[1] else '[^/]+'})"


class Site(Protocol):
    """What a server needs of a site."""

    context_path: str
    observers: list[Observer]
    faults: FaultPlan | None
    routes: Sequence[Route]

    def admit(self, request: Request) -> Answer | None:
        """None when the credentials are good, else the vendor's refusal."""

    def refuse(self, refusal: Refused) -> Answer:
        """A refusal in the vendor's error body."""


def handle(site: Site, request: Request) -> Answer:
    """Admit, find the route, call its handler; a refusal becomes the vendor's error body."""
    refused = site.admit(request)
    if refused is not None:
        return refused
    allowed = False
    try:
        for route in site.routes:
            names = route.match(request.path)
            if names is None:
                continue
            if route.method == request.method:
                named = Request(
                    request.method, request.path, request.query, request.headers, request.body, request.base_url, names
                )
                return route.handler(named)
            allowed = True
        if allowed:
            raise Refused(405, f"Method {request.method} is not allowed at {request.path}.")
        raise Refused(404, f"Nothing is served at {request.path}.")
    except Refused as refusal:
        return site.refuse(refusal)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, site: Site) -> None:
        self.site = site
        self.count = 0
        self.count_lock = threading.Lock()
        self._open: set[Any] = set()
        super().__init__(("127.0.0.1", 0), _Connection)

    def get_request(self) -> tuple[Any, Any]:
        """A new connection, remembered so that none outlives the server."""
        connection, address = super().get_request()
        self._open.add(connection)
        return connection, address

    def shutdown_request(self, request: Any) -> None:
        """A connection ends."""
        self._open.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        """End the connections that clients keep for later."""
        for connection in list(self._open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is nothing to write about; a broken handler has answered 500 already."""


class _Connection(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def _serve(self) -> None:
        server = self.server
        assert isinstance(server, _Server)
        site = server.site
        parts = urlsplit(self.path)
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length) if length else b""
        if len(body) < length:  # whoever asks is gone in the middle of it
            self.close_connection = True
            return
        host = f"http://{self.headers.get('Host', 'localhost')}{site.context_path}"
        inside = parts.path.startswith(site.context_path)
        request = Request(
            method=self.command,
            path=parts.path[len(site.context_path) :] if inside else parts.path,
            query=parse_qs(parts.query, keep_blank_values=True),
            headers={name.lower(): value for name, value in self.headers.items()},
            body=body,
            base_url=host,
        )
        with server.count_lock:
            server.count += 1
            count = server.count
        fault = site.faults(request, count) if site.faults is not None else None

        def plain() -> Answer:
            if not inside:
                return Answer(404, b"Not found", content_type="text/plain")
            return handle(site, request)

        try:
            answer = plain() if fault is None else fault.answer(request, plain)
        except Exception as error:
            answer = Answer(500, f"{type(error).__name__}: {error}".encode(), content_type="text/plain")
        data = b"" if answer is None else answer.data()
        headers = {} if answer is None else {"Content-Type": answer.content_type, **answer.headers}
        exchange = Exchange(
            method=request.method,
            path=request.path,
            query=request.query,
            request_headers=_without_credentials(request.headers),
            request_body=body,
            status=0 if answer is None else answer.status,
            response_headers=headers,
            response_body=data,
            fault="" if fault is None else type(fault).__name__,
        )
        for observer in list(site.observers):
            observer(exchange)
        if answer is None:
            self.close_connection = True
            return
        self.send_response(answer.status)
        for name, value in headers.items():
            self.send_header(name, value)
        if "Content-Length" in headers:
            self.close_connection = True  # a fault promised more bytes than come
        else:
            self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = do_HEAD = _serve  # noqa: N815 - names that http.server calls

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the parameter's name in http.server
        """Nothing is written for a request; observers see them."""


def _without_credentials(headers: Mapping[str, str]) -> dict[str, str]:
    kept = dict(headers)
    if "authorization" in kept:
        kept["authorization"] = kept["authorization"].split(" ")[0] + " …"
    return kept


@contextmanager
def serve(site: Site) -> Iterator[str]:
    """Serve a site on a free port of the loopback interface, in daemon threads, until the block ends.

    The value is the base URL with the site's context path and without a slash at the end.
    """
    server = _Server(site)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}{site.context_path}"
    finally:
        server.shutdown()
        server.server_close()
        server.hang_up()
        thread.join()
