"""The one policy: every status has its action, and waiting has its limits."""

from __future__ import annotations

from collections.abc import Callable
from threading import Barrier, Thread
from typing import Any

import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from connectors.gate import Gate
from connectors.transport import Action, Answer, action_for, call, retry_after, server_says
from domain.errors import CredentialsError, FilrougeError, ItemError, ProtocolError, UnavailableError

Make = Callable[..., Answer]


@pytest.mark.parametrize(
    ("status", "action"),
    [
        (200, Action.TAKE),
        (204, Action.TAKE),
        (203, Action.SIGN_IN),
        (302, Action.SIGN_IN),
        (401, Action.SIGN_IN),
        (403, Action.ABSENT),
        (404, Action.ABSENT),
        (410, Action.ABSENT),
        (400, Action.GIVE_UP),
        (409, Action.GIVE_UP),
        (408, Action.AGAIN),
        (429, Action.WAIT),
        (503, Action.WAIT),
        (500, Action.AGAIN),
        (502, Action.AGAIN),
        (504, Action.AGAIN),
    ],
)
def test_the_table(status: int, action: Action) -> None:
    assert action_for(status) is action


@pytest.mark.parametrize(
    ("status", "error"),
    [(401, CredentialsError), (403, ProtocolError), (404, ProtocolError), (410, ProtocolError), (400, ProtocolError)],
)
def test_a_refusal_is_not_repeated(gate: Gate, answer: Make, script: Any, status: int, error: type[Exception]) -> None:
    send = script(answer(status, b'{"errorMessages": ["No such thing."]}'))
    with pytest.raises(error, match=r"Source shop, search: .*No such thing\."):
        call(send, gate, what="search")
    assert send.sent == 1


def test_an_item_that_is_not_there_is_set_aside_where_the_caller_says_so(gate: Gate, answer: Make, script: Any) -> None:
    with pytest.raises(ItemError):
        call(script(answer(404)), gate, what="one issue", absent=ItemError)


def test_a_status_that_the_caller_accepts_comes_back(gate: Gate, answer: Make, script: Any) -> None:
    assert call(script(answer(404)), gate, what="project", accept=(404,)).status == 404


@pytest.mark.parametrize("status", [200, 203])
def test_a_sign_in_page_is_an_authentication_failure(gate: Gate, answer: Make, script: Any, status: int) -> None:
    page = answer(status, b"<!DOCTYPE html><html>private words</html>", Content_Type="text/html; charset=utf-8")
    with pytest.raises(CredentialsError) as caught:
        call(script(page), gate, what="revisions")
    assert "private words" not in str(caught.value)


def test_a_page_without_a_content_type_is_seen_by_its_first_sign(gate: Gate, script: Any) -> None:
    with pytest.raises(CredentialsError):
        call(script(Answer(200, {}, b"\n <html></html>")), gate, what="search")


@pytest.mark.parametrize(
    ("header", "wait"),
    [
        ("7", 7.0),
        ("0.5", 0.5),
        ("Wed, 25 Nov 2026 08:00:30 GMT", 30.0),
        ("Wed, 25 Nov 2026 07:00:00 GMT", 0.0),
        ("0", 0.0),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_in_every_form(
    gate: Gate, clock: Any, answer: Make, script: Any, header: str, wait: float, status: int
) -> None:
    send = script(answer(status, Retry_After=header), answer(200, b'{"ok": true}'))
    begin = clock.monotonic()
    assert call(send, gate, what="search").json() == {"ok": True}
    assert send.sent == 2
    assert clock.monotonic() - begin == pytest.approx(wait, abs=0.05)


def test_a_date_is_taken_relative_to_the_server_s_own(answer: Make, clock: Any) -> None:
    """A server whose clock runs an hour ahead of ours asks for ten seconds, not for an hour."""
    told = answer(429, Retry_After="Wed, 25 Nov 2026 09:00:10 GMT", Date="Wed, 25 Nov 2026 09:00:00 GMT")
    assert retry_after(told, clock.now()) == 10.0


@pytest.mark.parametrize("header", ["", "soon", "nan", "inf", "Wed, 99 Nov 2026"])
def test_a_wait_that_makes_no_sense_is_none(answer: Make, clock: Any, header: str) -> None:
    assert retry_after(answer(429, Retry_After=header), clock.now()) is None


def test_without_retry_after_the_waits_double_until_patience_ends(
    gate: Gate, clock: Any, answer: Make, script: Any
) -> None:
    send = script(answer(429))
    begin = clock.monotonic()
    with pytest.raises(UnavailableError, match="asks to wait until"):
        call(send, gate, what="search")
    assert clock.monotonic() - begin <= 120
    assert send.sent == 7  # after 1, 2, 4, 8, 16, 32 seconds; 64 more would be too long


def test_zero_for_ever_does_not_become_a_storm(gate: Gate, answer: Make, script: Any) -> None:
    send = script(answer(429, Retry_After="0"))
    with pytest.raises(UnavailableError):
        call(send, gate, what="search")
    assert send.sent <= 10


def test_a_wait_that_does_not_fit_is_not_begun_and_stops_the_others_too(
    gate: Gate, clock: Any, answer: Make, script: Any
) -> None:
    send = script(answer(429, Retry_After="1847"))
    with pytest.raises(UnavailableError, match="2026-11-25T08:30:47Z"):
        call(send, gate, what="search")
    assert send.sent == 1
    assert clock.slept == []
    other = script(answer())
    with pytest.raises(UnavailableError):
        call(other, gate, what="fields")
    assert other.sent == 0


def test_one_worker_s_429_pauses_all_once(gate: Gate, clock: Any, answer: Make) -> None:
    """Eight workers are in flight when the limit is met: each sends at most once more after the one pause."""
    together = Barrier(8)
    sent = [0] * 8

    def worker(number: int) -> None:
        def send() -> Answer:
            sent[number] += 1
            if sent[number] == 1:
                together.wait(timeout=10)
                return answer(429, Retry_After="5")
            return answer()

        call(send, gate, what="search")

    threads = [Thread(target=worker, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sent == [2] * 8
    assert gate.requests == 16


@pytest.mark.parametrize(
    "trouble",
    [
        Answer(500, {}, b""),
        Answer(502, {"Content-Type": "text/html"}, b"<html>"),
        Answer(200, {"Content-Type": "application/json"}, b'{"issues": [{"id"'),
        requests.ConnectionError("https://user:secret@host"),
        requests.exceptions.ChunkedEncodingError("cut"),
        ConnectionResetError(),
    ],
)
def test_trouble_is_tried_again_a_few_times(gate: Gate, clock: Any, answer: Make, script: Any, trouble: Any) -> None:
    send = script(trouble, trouble, answer(200, b"[1]"))
    assert call(send, gate, what="search").json() == [1]
    assert clock.slept == [1.0, 2.0]
    for_ever = script(trouble)
    with pytest.raises(UnavailableError, match="gave up after 4 attempts") as caught:
        call(for_ever, gate, what="search")
    assert for_ever.sent == 4
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("trouble", [requests.ConnectionError(), Answer(500, {}, b""), Answer(200, {}, b"{")])
def test_a_write_is_not_repeated_after_an_unclear_failure(gate: Gate, script: Any, trouble: Any) -> None:
    send = script(trouble)
    with pytest.raises(UnavailableError, match="unclear"):
        call(send, gate, what="comment", repeatable=False)
    assert send.sent == 1


def test_a_write_that_was_refused_for_its_pace_goes_out_later(gate: Gate, answer: Make, script: Any) -> None:
    send = script(answer(429, Retry_After="1"), answer(201))
    assert call(send, gate, what="comment", repeatable=False).status == 201


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"Retry_After": "12"}, 12.0),
        ({"X_RateLimit_Remaining": "0", "X_RateLimit_Reset": "1795593620"}, 20.0),
        ({"X_RateLimit_Remaining": "0", "X_RateLimit_Reset": "2026-11-25T08:00:20Z"}, 20.0),
        ({"X_RateLimit_Remaining": "0", "X_RateLimit_Interval_Seconds": "3"}, 3.0),
        ({"X_RateLimit_Remaining": "0"}, 1.0),
        ({"X_RateLimit_Remaining": "5", "Retry_After": "0"}, 0.0),
        ({"X_RateLimit_Remaining": "5", "X_RateLimit_Reset": "2026-11-25T08:00:20Z"}, 0.0),
    ],
)
def test_limits_told_on_a_good_answer_are_obeyed(
    gate: Gate, clock: Any, answer: Make, script: Any, headers: dict[str, str], wait: float
) -> None:
    assert call(script(answer(200, b"{}", **headers)), gate, what="revisions").json() == {}
    begin = clock.monotonic()
    gate.enter()
    assert clock.monotonic() - begin == pytest.approx(wait, abs=0.05)


def test_why_a_connection_failed_is_said_in_our_words(gate: Gate, script: Any) -> None:
    refused = requests.ConnectionError("http://host/?token=abc")
    refused.__cause__ = ConnectionRefusedError(111, "Connection refused")
    with pytest.raises(UnavailableError, match="the connection was refused") as caught:
        call(script(refused), gate, what="sign-in")
    assert "abc" not in str(caught.value)
    with pytest.raises(UnavailableError, match="no answer came in time"):
        call(script(requests.ReadTimeout()), gate, what="sign-in")


def test_server_messages_are_one_line_and_short(answer: Make) -> None:
    told = answer(400, b'{"errorMessages": ["a\\n b"], "errors": {"jql": "c"}, "message": "d"}')
    assert server_says(told) == "a b jql: c d"
    assert len(server_says(answer(400, b'{"message": "' + b"x" * 5000 + b'"}'))) == 300
    assert server_says(answer(400, b"<html>")) == ""
    assert server_says(answer(400, b'["private"]')) == ""


def test_logs_hold_no_header_and_no_body(gate: Gate, answer: Make, script: Any) -> None:
    send = script(answer(429, b'"private"', Retry_After="1", Set_Cookie="hush"), answer(200, b'"private"', X="hush"))
    with capture_logs() as logs:
        call(send, gate, what="search")
    assert {entry["event"] for entry in logs} == {"request", "waiting"}
    assert "private" not in repr(logs)
    assert "hush" not in repr(logs)
    assert "private" not in repr(answer(200, b'"private"'))


@given(
    status=st.integers(100, 599),
    body=st.sampled_from([b"", b"{}", b"[", b"<html>", b"\xff\xfe", b"null", b'{"errors": 3, "message": {}}']),
    kind=st.sampled_from(["application/json", "text/html", ""]),
    after=st.one_of(st.none(), st.text(max_size=12), st.floats(allow_nan=True).map(str)),
    repeatable=st.booleans(),
)
@settings(max_examples=200, deadline=None, derandomize=True)
def test_whatever_comes_ends_in_an_answer_or_in_an_error_of_ours(
    new_clock: Any, status: int, body: bytes, kind: str, after: str | None, repeatable: bool
) -> None:
    clock = new_clock()
    headers = {"Content-Type": kind} | ({"Retry-After": after} if after is not None else {})
    begin = clock.monotonic()
    said = "Source shop"
    try:
        taken = call(lambda: Answer(status, headers, body), Gate("shop", clock), what="x", repeatable=repeatable)
    except FilrougeError as error:
        said = str(error)
    else:
        assert 200 <= taken.status < 300
        taken.json()
    assert said.startswith("Source shop")
    assert clock.monotonic() - begin <= 121
