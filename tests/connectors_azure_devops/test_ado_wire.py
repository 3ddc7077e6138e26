"""Real requests of the real package to the loopback interface: what is sent, obeyed, refused and never shown."""

from __future__ import annotations

import io
import logging
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

import pytest
import structlog
from pydantic import SecretStr

from config.settings import AzureDevOpsAuth, AzureDevOpsSource
from connectors.azure_devops import client as endpoints
from connectors.azure_devops.wire import Wire
from connectors.port import Tracker
from connectors.registry import build
from connectors.transport import Answer as Told
from demo.trackers.http import Answer, Fault, Refused, Request, Route, serve
from domain.errors import ConfigurationError, CredentialsError, FilrougeError, ProtocolError, UnavailableError

TOKEN = "s3cr3t-token-0123456789"
PAGE = b"<!DOCTYPE html><html><body>Sign in</body></html>"
RESOURCES = {
    endpoints.CONNECTION_DATA: ("Location", "ConnectionData", "_apis/{resource}"),
    endpoints.PROJECTS: ("core", "projects", "_apis/{resource}/{*projectId}"),
}


class Collection:
    """A collection with one project, which keeps the headers of every request; its answers can be replaced."""

    context_path = "/tfs/Main%20Collection"

    def __init__(self) -> None:
        self.observers: list[Any] = []
        self.faults: Callable[[Request, int], Fault | None] | None = None
        self.seen: list[Request] = []
        self.instead: list[Answer | None] = []  # for the requests after the list of resources, one after another
        self.routes: Sequence[Route] = [
            Route("OPTIONS", "/_apis", self._resources),
            Route("GET", "/_apis/ConnectionData", self._account),
            Route("GET", "/_apis/projects", self._projects),
        ]

    def admit(self, request: Request) -> Answer | None:
        self.seen.append(request)
        if request.method != "OPTIONS" and self.instead:
            return self.instead.pop(0)
        return None

    def refuse(self, refusal: Refused) -> Answer:
        return Answer(refusal.status, {"message": refusal.message})

    def _resources(self, _request: Request) -> Answer:
        value = [
            {
                "id": location,
                "area": area,
                "resourceName": name,
                "routeTemplate": template,
                "resourceVersion": 1,
                "minVersion": "1.0",
                "maxVersion": "7.0",
                "releasedVersion": "7.0",
            }
            for (location, _), (area, name, template) in RESOURCES.items()
        ]
        return Answer(200, {"count": len(value), "value": value})

    def _account(self, _request: Request) -> Answer:
        return Answer(200, {"authenticatedUser": {"id": "1", "providerDisplayName": "Build Service"}})

    def _projects(self, request: Request) -> Answer:
        names = [f"P{number}" for number in range(600)] if request.one("$skip") in ("0", "500") else []
        start, top = int(request.one("$skip")), int(request.one("$top"))
        value = [{"id": f"id-{name}", "name": name} for name in names[start : start + top]]
        return Answer(200, {"count": len(value), "value": value})


@pytest.fixture
def collection() -> Collection:
    return Collection()


@contextmanager
def connected(
    collection: Collection, clock: Any, method: Literal["pat", "bearer"] = "pat", url: str | None = None
) -> Iterator[Tracker]:
    with serve(collection) as address:
        source = AzureDevOpsSource(
            id="platform",
            kind="azure_devops",
            url=url or address,
            auth=AzureDevOpsAuth.model_construct(method=method, token=SecretStr(TOKEN)),
            projects=("P1", "p599"),
        )
        tracker = build(
            source,
            folder=Path(),
            zone=ZoneInfo("UTC"),
            clock=clock,
            dropped_resolutions=(),
            extra_fields=frozenset(),
            agent="filrouge/9.9",
        )
        try:
            yield tracker
        finally:
            tracker.close()


def test_access_signs_in_and_lists_projects_page_by_page(collection: Collection, clock: Any) -> None:
    with connected(collection, clock) as tracker:
        access = tracker.access()
        assert (access.account, access.visible, access.notes) == ("Build Service", ["P1", "P599"], [])
        assert tracker.requests == len(collection.seen) == 4
    first, *others = collection.seen
    assert first.method == "OPTIONS"
    for request in collection.seen:
        assert request.headers["user-agent"] == "filrouge/9.9"
    for request in others:
        assert request.headers["authorization"] == "Basic OnMzY3IzdC10b2tlbi0wMTIzNDU2Nzg5"
    versions = [request.headers["accept"].partition("api-version=")[2] for request in others]
    assert versions == ["7.0", "7.0", "7.0"], "an older server is asked for what it has"


def test_a_bearer_token_is_sent_as_such_and_no_netrc_takes_its_place(
    collection: Collection, clock: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login eve password hers\n", encoding="utf-8")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    with connected(collection, clock, "bearer") as tracker:
        tracker.access()
    assert collection.seen[1].headers["authorization"] == f"Bearer {TOKEN}"


@pytest.mark.parametrize(
    "refusal",
    [
        Answer(203, PAGE, content_type="text/html; charset=utf-8"),
        Answer(200, PAGE, content_type="text/html"),
        Answer(401, {"message": "TF400813: not authorized"}),
        Answer(302, b"", {"Location": "/_signin?realm=x"}),
    ],
    ids=["203", "page", "401", "302"],
)
def test_a_refused_token_is_a_credentials_error_that_speaks_of_global_tokens(
    collection: Collection, clock: Any, refusal: Answer
) -> None:
    collection.instead = [refusal]
    with connected(collection, clock) as tracker, pytest.raises(CredentialsError) as caught:
        tracker.access()
    assert "2026-12-01" in str(caught.value)
    assert "Source platform" in str(caught.value)
    assert len(collection.seen) == 2, "nothing is tried again or followed"
    collection.instead = [refusal]
    with connected(collection, clock, "bearer") as tracker, pytest.raises(CredentialsError) as caught:
        tracker.access()
    assert "2026-12-01" not in str(caught.value), "an Entra token is no personal access token"


def test_nobody_is_not_an_account(collection: Collection, clock: Any) -> None:
    collection.instead = [Answer(200, {"authenticatedUser": {"providerDisplayName": "Anonymous"}})]
    with connected(collection, clock) as tracker, pytest.raises(CredentialsError, match="took us for nobody"):
        tracker.access()


def test_retry_after_is_obeyed_on_a_good_answer_and_on_a_refusal(collection: Collection, clock: Any) -> None:
    account = {"authenticatedUser": {"providerDisplayName": "x"}}
    busy = Answer(429, {"message": "slow down"}, {"Retry-After": "30"})
    collection.instead = [Answer(200, account, {"Retry-After": "7"}), busy, None]
    with connected(collection, clock) as tracker:
        tracker.access()
    assert [round(seconds) for seconds in clock.slept if seconds > 1] == [7, 30]
    assert [request.path for request in collection.seen[1:]] == ["/_apis/ConnectionData"] + ["/_apis/projects"] * 3


def test_a_wait_longer_than_a_run_ends_it_at_once(collection: Collection, clock: Any) -> None:
    collection.instead = [Answer(503, {"message": "x"}, {"Retry-After": "7200"})]
    with connected(collection, clock) as tracker, pytest.raises(UnavailableError, match="asks to wait until"):
        tracker.access()
    assert clock.slept == []


def test_a_server_that_is_not_there_is_unavailable(collection: Collection, clock: Any) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with (
        connected(collection, clock, url=f"http://127.0.0.1:{port}/x") as tracker,
        pytest.raises(UnavailableError, match="the connection was refused; gave up after 4 attempts"),
    ):
        tracker.access()


def test_what_is_no_azure_devops_is_told_apart(collection: Collection, clock: Any) -> None:
    collection.routes = [Route("OPTIONS", "/_apis", lambda _: Answer(204, None))]
    with connected(collection, clock) as tracker, pytest.raises(ProtocolError, match="gives no list of resources"):
        tracker.access()


def test_a_server_without_a_resource_is_told_so(collection: Collection, clock: Any) -> None:
    with connected(collection, clock) as tracker:
        pages = tracker.pull(None, lambda _ids: {})
        with pytest.raises(ProtocolError, match="the fields: this server does not have it"):
            next(iter(pages))


def test_the_token_is_shown_nowhere(
    collection: Collection, clock: Any, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    out = io.StringIO()
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(out), cache_logger_on_first_use=False)
    try:
        collection.instead = [None, Answer(500, {"message": "x"}), Answer(403, {"message": "no"})]
        with connected(collection, clock) as tracker:
            with pytest.raises(FilrougeError) as caught:
                tracker.access()
            inside = [repr(value) for value in (tracker, *vars(tracker).values())]
        trail: list[str] = []
        error: BaseException | None = caught.value
        while error is not None:
            trail.append(repr(error))
            error = error.__cause__ or error.__context__
    finally:
        structlog.reset_defaults()
    shown = "\n".join([out.getvalue(), caplog.text, *capsys.readouterr(), *inside, *trail])
    assert "what='the projects'" in shown
    for secret in (TOKEN, "OnMzY3IzdC10b2tlbi0wMTIzNDU2Nzg5", "Authorization"):
        assert secret not in shown
    assert "Build Service" not in caplog.text, "whole answers are not logged"


def test_the_list_of_resources_may_come_from_another_source_s_thread(azure_devops: Callable[..., Any]) -> None:
    """Two sources of one organisation begin together: both find no list, and one of them reads it first."""
    running = azure_devops(organisation="side-by-side")
    one, two = (Wire(running.url, method="pat", token=SecretStr(running.token), agent="a") for _ in range(2))
    assert not two.knows_resources
    assert one.read_resources().body
    assert two.read_resources() == Told(200, {}, b"")
    assert two.knows_resources
    assert [exchange.method for exchange in running.exchanges] == ["OPTIONS"]
    one.close()
    two.close()


def test_the_package_still_has_what_we_take_of_it() -> None:
    """The private names that wire.py uses; when this fails, read the package's changes before wire.py is changed."""
    from importlib.metadata import version
    from inspect import signature

    from azure.devops import _file_cache
    from azure.devops.client import Client

    assert version("azure-devops") == "7.1.0b4"
    names = ["self", "http_method", "location_id", "version", "route_values", "query_parameters", "content"]
    assert list(signature(Client._send).parameters)[:7] == names
    assert list(signature(Client._get_resource_location).parameters) == ["self", "url", "location_id"]
    assert isinstance(Client._locations_cache, dict)
    assert isinstance(_file_cache.OPTIONS_CACHE, _file_cache.FileCache)


def test_nothing_is_imported_early_or_written_to_the_home_folder(tmp_path: Path) -> None:
    """In a process of its own: without a HOME that can be written, and with the variable as it was afterwards."""
    script = """
import os, sys, pathlib
from connectors.azure_devops import tracker
assert "azure.devops" not in sys.modules, "imported before it is needed"
from connectors.azure_devops.wire import Wire
from pydantic import SecretStr
Wire("http://127.0.0.1:9/x", method="pat", token=SecretStr("t"), agent="a")
from azure.devops._file_cache import OPTIONS_CACHE
OPTIONS_CACHE["http://x"] = {"a": 1}
print(os.environ.get("AZURE_DEVOPS_CACHE_DIR"), *(os.listdir(os.environ[name]) for name in ("HOME", "TMPDIR")))
"""
    home, temporary = tmp_path / "home", tmp_path / "tmp"
    home.mkdir()
    temporary.mkdir()
    environment = {**os.environ, "HOME": str(home), "TMPDIR": str(temporary), "PYTHONDONTWRITEBYTECODE": "1"}
    environment.pop("AZURE_DEVOPS_CACHE_DIR", None)
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=root, env=environment, capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    assert done.stdout == "None [] []\n"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"url": "dev.azure.com/acme"}, "`url` is no web address"),
        ({"url": "https://dev.azure.com/"}, "must name the organisation and nothing else"),
        ({"url": "https://dev.azure.com/acme/Platform"}, "must name the organisation and nothing else"),
        ({"url": "https://me:pw@server/collection"}, "holds a user or password"),
        ({"url": "https://server/collection?x=1"}, "something after the path"),
        ({"url": "https://[/x"}, "`url` is no web address"),
        ({"projects": (" ",)}, "names no project"),
        ({"area_paths": ("Payments\\Cards",)}, "begins with 'Payments', which is none of `projects`"),
        ({"auth": AzureDevOpsAuth.model_construct(method="pat", token=SecretStr(" "))}, "`auth.token` is empty"),
    ],
)
def test_settings_that_make_no_sense_are_refused_before_any_request(
    clock: Any, changes: dict[str, Any], message: str
) -> None:
    settings = {
        "id": "platform",
        "kind": "azure_devops",
        "url": "https://dev.azure.com/acme/",
        "auth": AzureDevOpsAuth.model_construct(method="pat", token=SecretStr(TOKEN)),
        "projects": ("Platform",),
        **changes,
    }
    source = AzureDevOpsSource.model_construct(**{"area_paths": (), "since": None, "levels": {}, **settings})
    with pytest.raises(ConfigurationError, match=message) as caught:
        build(
            source,
            folder=Path(),
            zone=ZoneInfo("UTC"),
            clock=clock,
            dropped_resolutions=(),
            extra_fields=frozenset(),
            agent="a",
        )
    assert "pw" not in str(caught.value).replace("password", "")
