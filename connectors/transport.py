"""The one policy for every HTTP request: what each status means, what is tried again, and how long to wait."""

from __future__ import annotations

import math
import socket
import ssl
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum
from functools import cached_property
from typing import Any

import structlog
from tenacity import RetryCallState, Retrying, retry_if_exception_type

from connectors import jsontext
from connectors.gate import Gate
from connectors.watch import WATCH
from domain.errors import CredentialsError, FilrougeError, ProtocolError, UnavailableError

__all__ = ["Action", "Answer", "Gate", "action_for", "call", "retry_after", "server_says"]

log = structlog.get_logger(__name__)

PATIENCE = 120.0  # seconds that one call may take in all, waiting included
ATTEMPTS = 4  # at a call that fails without being told to wait: after 1, 2 and 4 seconds
THROTTLED_ATTEMPTS = 10  # at a call that is told to wait
SAID = 300  # characters of a server's own message that we show


class Action(StrEnum):
    """What to do next with an answer."""

    TAKE = "take"
    SIGN_IN = "sign in"  # the credentials are wrong: nothing is tried again
    ABSENT = "absent"  # not there, or not for us
    WAIT = "wait"  # too fast: pause everyone, then again
    AGAIN = "again"  # the server's own trouble
    GIVE_UP = "give up"  # no retry will mend it


# The first row that holds the status decides.
ACTIONS: tuple[tuple[range, Action], ...] = (
    (range(203, 204), Action.SIGN_IN),  # Azure DevOps answers a bad token with a sign-in page (API_FACTS)
    (range(200, 300), Action.TAKE),
    (range(300, 400), Action.SIGN_IN),  # a redirect that was not followed leads to a sign-in page
    (range(401, 402), Action.SIGN_IN),
    (range(403, 405), Action.ABSENT),
    (range(408, 409), Action.AGAIN),
    (range(410, 411), Action.ABSENT),
    (range(429, 430), Action.WAIT),
    (range(503, 504), Action.WAIT),
    (range(500, 600), Action.AGAIN),
)


@dataclass(frozen=True)
class Answer:
    """What came back. `headers` are looked up without regard to case by `header`; nothing of it is ever logged."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def header(self, name: str) -> str | None:
        """One header's value; None when it is missing."""
        return self._lower.get(name.lower())

    @cached_property
    def _lower(self) -> Mapping[str, str]:
        return {name.lower(): value for name, value in self.headers.items()}

    @cached_property
    def _document(self) -> Any:
        return jsontext.read(self.body) if self.body.strip() else None

    def json(self) -> Any:
        """The body as JSON, parsed once; None when it is empty. ValueError when it is not JSON."""
        return self._document

    @property
    def is_page(self) -> bool:
        """Whether this is a web page where data was asked for."""
        kind = (self.header("content-type") or "").lower()
        return "html" in kind or self.body.lstrip()[:1] == b"<"

    def __repr__(self) -> str:
        return f"Answer({self.status}, {len(self.body)} bytes)"


class _AgainError(Exception):
    """This attempt failed in a way that another may mend; `seconds` is the wait that the server asked for."""

    def __init__(self, why: str, *, throttled: bool = False, seconds: float | None = None) -> None:
        super().__init__(why)
        self.throttled = throttled
        self.seconds = seconds


def action_for(status: int) -> Action:
    """What the table says of a status."""
    return next((action for statuses, action in ACTIONS if status in statuses), Action.GIVE_UP)


def call(
    send: Callable[[], Answer],
    gate: Gate,
    *,
    what: str,
    repeatable: bool = True,
    accept: Collection[int] = (),
    absent: type[FilrougeError] = ProtocolError,
    patience: float = PATIENCE,
) -> Answer:
    """Send one request under the policy and give back its answer.

    `send` sends exactly one HTTP request each time it is called and gives back whatever came, whatever its status;
    a connection that failed raises OSError (as every error of `requests` is). `what` says in a few words what is
    asked, for logs and errors, and holds neither secrets nor private text. `repeatable=False` marks a write: after a
    failure that leaves open whether it arrived it is not sent again. Statuses in `accept` are given back as they
    are. 403, 404, 405 and 410 raise `absent`. A 2xx answer that is given back holds JSON or nothing. `patience` is in
    seconds.

    Raises CredentialsError (not let in), UnavailableError (try later; it says when, where the server does),
    `absent`, or ProtocolError (anything else). The messages name the source and `what`, never a request's content.
    """
    deadline = gate.clock.monotonic() + patience
    subject = f"Source {gate.source}, {what}"

    def attempt() -> Answer:
        gate.enter(deadline)
        started = gate.clock.monotonic()
        try:
            with WATCH.around(gate.source, what):
                answer = send()
        except OSError as error:
            WATCH.answered(gate.source, None)
            reason = _reason(error)
            if reason == UNTRUSTED:  # another attempt mends nothing, and nothing was sent
                raise UnavailableError(
                    f"{subject}: {reason}; check `url`, or name its authority in filrouge.yaml as `tls: {{ca: …}}`."
                ) from None
            raise _AgainError(reason) from None
        date = _http_date(answer.header("date"))
        skew = (date - gate.clock.now()).total_seconds() if date else None
        WATCH.answered(gate.source, answer.status, skew)
        seconds = round(gate.clock.monotonic() - started, 3)
        log.debug("request", source=gate.source, what=what, status=answer.status, seconds=seconds)
        _judge(answer, subject, gate.clock.now(), accept, absent)
        _heed_limits(answer, gate)
        return answer

    def wait(state: RetryCallState) -> float:
        failure = _failure(state)
        if failure.seconds is not None and (failure.seconds > 0 or state.attempt_number == 1):
            return failure.seconds
        return 2.0 ** (state.attempt_number - 1)

    def stop(state: RetryCallState) -> bool:
        failure = _failure(state)
        limit = THROTTLED_ATTEMPTS if failure.throttled else ATTEMPTS
        return (
            not (repeatable or failure.throttled)
            or state.attempt_number >= limit
            or gate.clock.monotonic() + state.upcoming_sleep > deadline
        )

    def before_sleep(state: RetryCallState) -> None:
        failure, seconds = _failure(state), state.upcoming_sleep
        log.info("waiting", source=gate.source, what=what, why=str(failure), seconds=seconds)
        if failure.throttled:
            gate.pause(seconds)

    def give_up(state: RetryCallState) -> Answer:
        failure = _failure(state)
        if failure.throttled:
            gate.pause(state.upcoming_sleep)
            raise UnavailableError(
                f"{subject}: {failure}; it asks to wait until {gate.until(state.upcoming_sleep)}, longer than a run "
                "waits. The next run goes on from here."
            )
        if not repeatable:
            raise UnavailableError(
                f"{subject}: {failure}; whether the write arrived is unclear, so it was not repeated."
            )
        raise UnavailableError(f"{subject}: {failure}; gave up after {state.attempt_number} attempts. Try again later.")

    return Retrying(
        sleep=gate.sleep,
        retry=retry_if_exception_type(_AgainError),
        wait=wait,
        stop=stop,
        before_sleep=before_sleep,
        retry_error_callback=give_up,
    )(attempt)


def server_says(answer: Answer) -> str:
    """The server's own error message, on one line and cut to 300 characters; empty when there is none.

    Reads `errorMessages` and `errors` (Jira) and `message` (both); never any other part of a body.
    """
    try:
        body = answer.json()
    except ValueError:
        return ""
    if not isinstance(body, dict):
        return ""
    parts = body.get("errorMessages") or []
    parts = list(parts) if isinstance(parts, list) else [parts]
    errors = body.get("errors")
    if isinstance(errors, dict):
        parts += [f"{name}: {text}" for name, text in errors.items()]
    parts += [body[name] for name in ("errorMessage", "message") if body.get(name)]
    text = " ".join(" ".join(str(part) for part in parts).split())
    return text if len(text) <= SAID else text[: SAID - 1] + "…"


def retry_after(answer: Answer, now: datetime) -> float | None:
    """Seconds (0 and up) that the answer asks to wait: Retry-After as a whole or fractional number or an HTTP date.

    A date is taken relative to the answer's own Date, else to `now`. None when it is missing or makes no sense.
    """
    text = (answer.header("retry-after") or "").strip()
    try:
        seconds = float(text)
    except ValueError:
        until = _http_date(text)
        if until is None:
            return None
        seconds = (until - (_http_date(answer.header("date")) or now)).total_seconds()
    return max(0.0, seconds) if math.isfinite(seconds) else None


def _judge(answer: Answer, subject: str, now: datetime, accept: Collection[int], absent: type[FilrougeError]) -> None:
    """Give back nothing for an answer that can be used; raise what the table says for any other."""
    status = answer.status
    if status in accept:
        return
    action = action_for(status)
    said = server_says(answer)
    says = f" The server says: {said}" if said else ""
    if action is Action.SIGN_IN or (action is Action.TAKE and answer.is_page):
        met = "a web page came instead of data" if answer.is_page else f"the tracker answered {status}"
        raise CredentialsError(
            f"{subject}: {met}; the credentials were not accepted (wrong, expired or revoked), or the address is not "
            f"the tracker's. Check `auth` and `url` of this source.{says}"
        )
    if action is Action.ABSENT:
        raise absent(f"{subject}: not there, or this account may not see it ({status}).{says}")
    if action is Action.WAIT:
        raise _AgainError(f"the tracker answered {status}", throttled=True, seconds=retry_after(answer, now))
    if action is Action.AGAIN:
        raise _AgainError(f"the tracker answered {status}", seconds=retry_after(answer, now))
    if action is Action.GIVE_UP:
        raise ProtocolError(f"{subject}: the tracker refused the request ({status}).{says}")
    try:
        answer.json()
    except ValueError:
        raise _AgainError("the answer broke off before its end") from None


def _heed_limits(answer: Answer, gate: Gate) -> None:
    """Obey limits that are told on a good answer: Azure DevOps sends Retry-After on 200, Jira a remainder of 0."""
    now = gate.clock.now()
    seconds = retry_after(answer, now)
    if not seconds and (answer.header("x-ratelimit-remaining") or "").strip() == "0":
        seconds = _reset(answer, now)
    if seconds:
        log.info("waiting", source=gate.source, why="the limit is reached", seconds=seconds)
        gate.pause(seconds)


def _reset(answer: Answer, now: datetime) -> float:
    """Seconds until the limit is lifted: X-RateLimit-Reset (epoch seconds or ISO 8601), else Data Center's interval,
    else 1."""
    text = (answer.header("x-ratelimit-reset") or "").strip()
    here = _http_date(answer.header("date")) or now
    try:
        return max(0.0, float(text) - here.timestamp())
    except ValueError:
        pass
    try:
        until = datetime.fromisoformat(text)
        return max(0.0, (until.replace(tzinfo=until.tzinfo or UTC) - here).total_seconds())
    except ValueError:
        pass
    try:
        return max(0.0, float(answer.header("x-ratelimit-interval-seconds") or ""))
    except ValueError:
        return 1.0


def _http_date(text: str | None) -> datetime | None:
    """An HTTP date as an aware instant; None when it is none."""
    try:
        instant = parsedate_to_datetime(text or "")
    except ValueError:
        return None
    return instant.replace(tzinfo=instant.tzinfo or UTC)


def _failure(state: RetryCallState) -> _AgainError:
    failure = state.outcome.exception() if state.outcome else None
    assert isinstance(failure, _AgainError)
    return failure


UNTRUSTED = "the server's certificate is not trusted"
# Errors that say more than "the connection failed", looked for along the chain of causes.
REASONS: tuple[tuple[type[BaseException], str], ...] = (
    (ssl.SSLCertVerificationError, UNTRUSTED),
    (socket.gaierror, "the host's name is unknown"),
    (ConnectionRefusedError, "the connection was refused"),
    (TimeoutError, "no answer came in time"),
)


def _reason(error: BaseException) -> str:
    """Why a connection failed, in words of ours: a library's own text may hold addresses with private parts."""
    seen: set[int] = set()
    here: BaseException | None = error
    while here is not None and id(here) not in seen:
        seen.add(id(here))
        for kind, words in REASONS:
            if isinstance(here, kind):
                return words
        if "Timeout" in type(here).__name__:
            return "no answer came in time"
        here = here.__cause__ or here.__context__
    return "the connection broke off"
