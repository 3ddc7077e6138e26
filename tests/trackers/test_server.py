"""The small server beneath both trackers: observers, faults, addresses, many clients."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from demo.trackers import faults
from demo.trackers.http import Answer, Fault, Refused, Request, Route
from demo.trackers.jira import JiraSite
from tests.conftest import Running
from tests.trackers.conftest import Call, issue

Start = Callable[..., Running[JiraSite]]
MYSELF = "/rest/api/3/myself"
COMMENTS = "/rest/api/3/issue/AB-1/comment"


def always(fault: Fault) -> Callable[[Request, int], Fault | None]:
    return lambda _request, _count: fault


def test_observers_see_every_exchange_and_no_credentials(jira_cloud: Start, call: Call) -> None:
    running = jira_cloud(issues=[issue(1)], context_path="/jira")
    call(running, "POST", "/rest/api/3/search/jql", {"jql": "project = AB"})
    (seen,) = running.exchanges
    assert (seen.method, seen.path, seen.status) == ("POST", "/rest/api/3/search/jql", 200)
    assert json.loads(seen.request_body) == {"jql": "project = AB"}
    assert json.loads(seen.response_body)["issues"] == [{"id": "10001"}]
    assert running.token not in repr(seen)
    assert seen.request_headers["authorization"] == "Basic …"


def test_outside_the_context_path_there_is_nothing(jira_cloud: Start) -> None:
    running = jira_cloud(context_path="/jira", checked=False)
    root = running.url.removesuffix("/jira")
    assert requests.get(f"{root}{MYSELF}", timeout=5).status_code == 404
    assert requests.get(f"{running.url}/rest/api/3/serverInfo", timeout=5).json()["baseUrl"] == running.url


def test_an_unknown_path_and_a_wrong_method_are_told_apart(jira_cloud: Start, call: Call) -> None:
    running = jira_cloud(checked=False)
    assert call(running, "GET", "/rest/api/3/nonsense")[0] == 404
    assert call(running, "PUT", MYSELF)[0] == 405
    assert call(running, "GET", "/rest/api/3/project/search", startAt="soon")[0] == 400


@pytest.mark.parametrize(
    ("fault", "status", "header"),
    [
        (faults.TooManyRequests("7"), 429, ("Retry-After", "7")),
        (
            faults.TooManyRequests(None, {"RateLimit-Reason": "jira-burst-based"}),
            429,
            ("RateLimit-Reason", "jira-burst-based"),
        ),
        (faults.TooManyRequests("0", html=True), 429, ("Content-Type", "text/html; charset=utf-8")),
        (faults.Unavailable(), 503, ("Content-Type", "application/json; charset=utf-8")),
        (faults.Unavailable(502, html=True), 502, ("Content-Type", "text/html; charset=utf-8")),
        (faults.Html(203), 203, ("Content-Type", "text/html; charset=utf-8")),
        (faults.ExtraHeaders({"Retry-After": "2"}), 200, ("Retry-After", "2")),
        (faults.Instead(Answer(418, {"a": 1})), 418, ("Content-Type", "application/json; charset=utf-8")),
    ],
)
def test_planned_answers(jira_cloud: Start, fault: Fault, status: int, header: tuple[str, str]) -> None:
    running = jira_cloud(token=None)
    running.site.faults = always(fault)
    answer = requests.get(running.url + MYSELF, timeout=5)
    assert (answer.status_code, answer.headers[header[0]]) == (status, header[1])
    assert running.exchanges[0].fault == type(fault).__name__


def test_a_plan_sees_the_request_and_how_many_came(jira_cloud: Start, call: Call) -> None:
    running = jira_cloud(issues=[issue(1)])
    running.site.faults = lambda request, count: faults.Unavailable() if count == 2 and request.path == MYSELF else None
    assert [call(running, "GET", MYSELF)[0] for _ in range(3)] == [200, 503, 200]


@pytest.mark.parametrize(("fault", "comments"), [(faults.DropBefore(), 0), (faults.DropAfter(), 1)])
def test_a_drop_before_or_after_the_act(jira_cloud: Start, call: Call, fault: Fault, comments: int) -> None:
    running = jira_cloud(issues=[issue(1)])
    running.site.faults = always(fault)
    body = {"body": {"type": "doc", "version": 1, "content": []}}
    with pytest.raises(requests.ConnectionError):
        call(running, "POST", COMMENTS, body)
    assert running.exchanges[0].status == 0
    running.site.faults = None
    assert call(running, "GET", COMMENTS)[1]["total"] == comments


def test_truncated_json_and_a_truncated_answer(jira_cloud: Start, call: Call) -> None:
    running = jira_cloud(issues=[issue(1)])
    running.site.faults = always(faults.Truncated(0.5))
    with pytest.raises(requests.JSONDecodeError):
        call(running, "GET", MYSELF)
    running.site.faults = always(faults.Truncated(0.5, promised=True))
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        call(running, "GET", MYSELF)


def test_an_altered_answer(jira_cloud: Start, call: Call) -> None:
    running = jira_cloud(issues=[issue(1), issue(2)])
    running.site.faults = always(faults.Altered(lambda body: {**body, "nextPageToken": "again"}))
    _, answer = call(running, "POST", "/rest/api/3/search/jql", {"jql": "project = AB"})
    assert (answer["isLast"], answer["nextPageToken"]) == (True, "again")


def test_a_delay_waits_for_its_seconds_and_then_answers() -> None:
    waited: list[float] = []
    fault = faults.Delay(2.5, sleep=waited.append)
    request = Request("GET", "/", {}, {}, b"", "")
    assert fault.answer(request, lambda: Answer(200, {"a": 1})).body == {"a": 1}
    assert waited == [2.5]


def test_a_handler_that_breaks_answers_500(jira_cloud: Start, call: Call) -> None:
    running = jira_cloud(checked=False)

    def broken(_request: Request) -> Answer:
        raise ZeroDivisionError

    running.site.routes = [Route("GET", "/rest/broken", broken)]
    answer = requests.get(f"{running.url}/rest/broken", auth=("me", running.token), timeout=5)
    assert (answer.status_code, answer.text) == (500, "ZeroDivisionError: ")


def test_eight_clients_at_once_are_served_rightly(jira_cloud: Start) -> None:
    running = jira_cloud(issues=[issue(number) for number in range(1, 41)])

    def read(number: int) -> str:
        answer = requests.get(f"{running.url}/rest/api/3/issue/AB-{number}", auth=("me", running.token), timeout=10)
        key: str = answer.json()["key"]
        return key

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(read, range(1, 41))) == [f"AB-{number}" for number in range(1, 41)]
    assert len(running.requests("/issue/", "GET")) == 40


def test_a_connection_is_kept_for_the_next_request(jira_cloud: Start) -> None:
    running = jira_cloud(token=None)
    where = urlsplit(running.url)
    with socket.create_connection((str(where.hostname), int(where.port or 0)), timeout=5) as connection:
        for _ in range(2):
            connection.sendall(f"GET {MYSELF} HTTP/1.1\r\nHost: {where.netloc}\r\n\r\n".encode())
            assert connection.recv(65536).startswith(b"HTTP/1.1 200")


def test_route_names_are_unquoted_and_stars_take_slashes() -> None:
    route = Route("GET", "/{project}/nodes/{*path}", lambda _: Answer(), any_case=True)
    assert route.match("/My%20Team/NODES/a/b%26c") == {"project": "My Team", "path": "a/b&c"}
    assert route.match("/a/b/nodes/c") is None


@pytest.mark.parametrize("body", [b"{", b"[]", b"3"])
def test_a_body_must_be_an_object(body: bytes) -> None:
    with pytest.raises(Refused):
        Request("POST", "/", {}, {}, body, "").json()


def test_both_kinds_of_credentials(jira_cloud: Start) -> None:
    running = jira_cloud(token={"one", "two"}, checked=False)

    def status(**given: Any) -> int:
        return requests.get(running.url + MYSELF, timeout=5, **given).status_code

    assert status(auth=("me@example.com", "one")) == 200
    assert status(headers={"Authorization": "Bearer two"}) == 200
    assert status(headers={"Authorization": "Basic !!"}) == status() == status(auth=("one", "three")) == 401
