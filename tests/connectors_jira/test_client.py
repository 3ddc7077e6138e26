"""The package `jira` as we use it: what we rely on of its private parts, and what must never leak."""

from __future__ import annotations

import inspect
import logging
import traceback
from collections.abc import Callable
from threading import Thread
from typing import Any

import jira
import pytest
import requests
from pydantic import SecretStr
from structlog.testing import capture_logs

from connectors.gate import Gate
from connectors.jira.client import ADDRESS, TIMEOUT, Client, connect, session_of
from connectors.jira.options import Options
from demo.trackers.faults import DropBefore, Instead, Unavailable
from demo.trackers.http import Answer, Request
from domain.errors import CredentialsError, FilrougeError, UnavailableError

Make = Callable[..., Any]
TOKEN = "very-secret-token"
OPTIONS = Options(
    "shop", "https://acme.example/jira", "auto", SecretStr(TOKEN), ("SHOP",), user=SecretStr("robot@acme.example")
)


def test_the_private_names_that_we_use_are_there() -> None:
    """When a new version of the package moves them, this fails before any user does."""
    client = connect(OPTIONS, "filrouge/1")
    session = session_of(client)
    assert isinstance(session, requests.Session)
    assert list(inspect.signature(client._get_url).parameters) == ["path", "base"]
    client._options["rest_api_version"] = "3"
    assert client._get_url("myself", base=ADDRESS) == "https://acme.example/jira/rest/api/3/myself"
    assert session.headers["User-Agent"] == "filrouge/1"
    assert session.auth == ("robot@acme.example", TOKEN)
    for name, value in {"timeout": TIMEOUT, "max_retries": 0}.items():
        assert getattr(session, name) == value
    assert "response" in inspect.signature(jira.JIRAError).parameters


def test_a_bearer_token_goes_into_the_header() -> None:
    session = session_of(connect(Options("shop", "https://x", "auto", SecretStr(TOKEN), ("A",)), "a"))
    prepared = session.prepare_request(requests.Request("GET", "https://x/rest"))
    assert prepared.headers["Authorization"] == f"Bearer {TOKEN}"


@pytest.mark.parametrize("fault", [DropBefore(), Unavailable(500), Unavailable(503)])
def test_only_our_own_policy_retries(site: Make, tracker: Make, issue: Make, fault: Any) -> None:
    served, address, seen = site(issues=[issue(1)])
    served.faults = lambda *_: fault
    with pytest.raises(UnavailableError, match="Source shop"):
        tracker(address).access()
    assert len(seen) == (7 if fault == Unavailable(503) else 4)


def test_a_connection_that_breaks_once_is_nothing(site: Make, tracker: Make, issue: Make) -> None:
    served, address, _ = site(issues=[issue(1)])
    served.faults = lambda _, count: DropBefore() if count == 2 else None
    assert tracker(address).access().visible == ("SHOP",)


@pytest.mark.parametrize(
    "reply",
    [
        Answer(403, {"message": "CAPTCHA"}, {"X-Authentication-Denied-Reason": "CAPTCHA_CHALLENGE; login-url=x"}),
        Answer(200, {"name": "guest"}, {"X-Seraph-LoginReason": "AUTHENTICATED_FAILED"}),
    ],
)
def test_a_guest_is_not_let_in_for_us(site: Make, tracker: Make, issue: Make, reply: Answer) -> None:
    served, address, _ = site(issues=[issue(1)])
    served.faults = lambda request, _: Instead(reply) if request.path.endswith("myself") else None
    with pytest.raises(CredentialsError):
        tracker(address).access()


def test_threads_have_a_client_each_and_share_the_gate(site: Make, issue: Make, clock: Any) -> None:
    _, address, seen = site(issues=[issue(1)], token=TOKEN)
    options = Options("shop", address, "cloud", SecretStr(TOKEN), ("SHOP",), user=SecretStr("u"))
    client = Client(options, Gate("shop", clock), "a")
    threads = [Thread(target=lambda: client.get("myself", 3, what="sign-in")) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert client.gate.requests == len(seen) == 8
    assert len(client._all) == 8
    client.close()
    client.get("myself", 3, what="sign-in")
    client.close()


def test_the_token_is_nowhere_to_be_seen(
    site: Make, tracker: Make, keeper: Make, issue: Make, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    served, address, _ = site(issues=[issue(1)])

    def echo(request: Request, count: int) -> Any:
        """A server that repeats what it was sent, where it is least wanted."""
        if count % 2:
            return None
        return Instead(Answer(400, {"errorMessages": ["No."]}, {"X-Echo": request.headers.get("authorization", "")}))

    told: list[str] = []
    one = tracker(address)
    with capture_logs() as logs:
        for fault in (None, echo, lambda *_: DropBefore(), lambda *_: Unavailable(401)):
            served.faults = fault
            for act in (one.access, lambda: keeper().pull(one)):
                try:
                    act()
                except FilrougeError as error:
                    told += traceback.format_exception(error)
                    told.append(repr(error.__cause__) + repr(error.__context__))
    told += [repr(one), repr(one._client), repr(one._options), repr(logs), caplog.text, str(OPTIONS)]
    assert len(told) > 10
    for secret in (TOKEN, "robot@acme.example", "Authorization", "Basic "):
        assert secret not in "\n".join(told)
