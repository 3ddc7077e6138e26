"""Sample documents, fresh for each test."""

from __future__ import annotations

import copy
import email
from collections.abc import Callable
from email.message import EmailMessage
from email.policy import SMTP
from functools import cache

import pytest

from reports.document import Document
from reports.formats.registry import FORMATS
from reports.report import Report
from tests.reports_formats.sample_documents import SAMPLES


@pytest.fixture
def sample() -> Callable[[str], Document]:
    """A fresh sample document by its name."""
    return lambda name: copy.deepcopy(SAMPLES[name]())


@pytest.fixture(scope="session")
def rendered() -> Callable[[str, str], str]:
    """The text of a sample document in a format, drawn once a session."""

    @cache
    def render(name: str, kind: str) -> str:
        return FORMATS[kind](Report(SAMPLES[name]())).decode()

    return render


@pytest.fixture(scope="session")
def mail() -> Callable[[str], EmailMessage]:
    """A sample document as a mail, taken apart again, made once a session."""

    @cache
    def read(name: str) -> EmailMessage:
        message = email.message_from_bytes(FORMATS["email"](Report(SAMPLES[name]())), policy=SMTP)
        assert isinstance(message, EmailMessage)
        return message

    return read


@pytest.fixture(params=sorted(SAMPLES))
def name(request: pytest.FixtureRequest) -> str:
    """The name of each sample document in turn."""
    return str(request.param)


@pytest.fixture(params=sorted(SAMPLES))
def document(request: pytest.FixtureRequest) -> Document:
    """Each sample document in turn."""
    return copy.deepcopy(SAMPLES[request.param]())
