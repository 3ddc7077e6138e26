"""Faults that a test or a demonstration can plan: each one is what a tracker or a network really does."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from demo.trackers.http import Answer, Request

Handle = Callable[[], Answer]
_PAGE = b"<!DOCTYPE html><html><head><title>Sign in</title></head><body><h1>Please sign in</h1></body></html>"


@dataclass(frozen=True, slots=True)
class TooManyRequests:
    """429 without handling the request; `retry_after` goes out as it is written (seconds, fraction or HTTP date)."""

    retry_after: str | None = "1"
    headers: Mapping[str, str] = field(default_factory=dict)
    html: bool = False

    def answer(self, _request: Request, _handle: Handle) -> Answer:
        """A refusal with the headers asked for."""
        return _refusal(429, self.retry_after, self.headers, self.html, "Rate limit exceeded.")


@dataclass(frozen=True, slots=True)
class Unavailable:
    """503 (or another status) without handling the request."""

    status: int = 503
    retry_after: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    html: bool = False

    def answer(self, _request: Request, _handle: Handle) -> Answer:
        """A refusal with the status asked for."""
        return _refusal(self.status, self.retry_after, self.headers, self.html, "The service is unavailable.")


@dataclass(frozen=True, slots=True)
class DropBefore:
    """The connection ends before the request was handled."""

    def answer(self, _request: Request, _handle: Handle) -> None:
        """Nothing done, nothing said."""


@dataclass(frozen=True, slots=True)
class DropAfter:
    """The request is handled, then the connection ends without an answer."""

    def answer(self, _request: Request, handle: Handle) -> None:
        """Done, but nothing said."""
        handle()


@dataclass(frozen=True, slots=True)
class Truncated:
    """The request is handled and only a part of the body arrives.

    With `promised` the Content-Length is the whole body's and the connection ends early; otherwise the length
    is that of the part, so that only the JSON is broken.
    """

    keep: float = 0.5
    promised: bool = False

    def answer(self, _request: Request, handle: Handle) -> Answer:
        """The first part of the right answer."""
        whole = handle()
        data = whole.data()
        headers = {**whole.headers, "Content-Length": str(len(data))} if self.promised else whole.headers
        return replace(whole, body=data[: int(len(data) * self.keep)], headers=headers)


@dataclass(frozen=True, slots=True)
class Html:
    """A page for people (a proxy's, a sign-in form) in place of the JSON; the request is not handled."""

    status: int = 200
    page: bytes = _PAGE

    def answer(self, _request: Request, _handle: Handle) -> Answer:
        """The page."""
        return Answer(self.status, self.page, content_type="text/html; charset=utf-8")


@dataclass(frozen=True, slots=True)
class Delay:
    """The right answer, late by some seconds."""

    seconds: float
    sleep: Callable[[float], None] = time.sleep

    def answer(self, _request: Request, handle: Handle) -> Answer:
        """The right answer after the delay."""
        self.sleep(self.seconds)
        return handle()


@dataclass(frozen=True, slots=True)
class ExtraHeaders:
    """The right answer with more headers, such as a Retry-After on status 200."""

    headers: Mapping[str, str]

    def answer(self, _request: Request, handle: Handle) -> Answer:
        """The right answer with the headers added."""
        whole = handle()
        return replace(whole, headers={**whole.headers, **self.headers})


@dataclass(frozen=True, slots=True)
class Instead:
    """Any other answer in place of the right one, which may be handled first or not at all."""

    reply: Answer
    handled: bool = False

    def answer(self, _request: Request, handle: Handle) -> Answer:
        """The reply that was given."""
        if self.handled:
            handle()
        return self.reply


@dataclass(frozen=True, slots=True)
class Altered:
    """The right answer with its JSON changed by a function: a token repeated, a field left out."""

    change: Callable[[Any], Any]

    def answer(self, _request: Request, handle: Handle) -> Answer:
        """The right answer, changed."""
        whole = handle()
        return replace(whole, body=self.change(json.loads(whole.data())))


def _refusal(status: int, retry_after: str | None, headers: Mapping[str, str], html: bool, message: str) -> Answer:
    sent = dict(headers)
    if retry_after is not None:
        sent["Retry-After"] = retry_after
    if html:
        return Answer(status, _PAGE, sent, "text/html; charset=utf-8")
    return Answer(status, {"errorMessages": [message], "errors": {}, "message": message}, sent)
