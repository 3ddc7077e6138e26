"""A report told in a chat through apprise, to a real server on loopback."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from io import StringIO

import pytest

from config.load import load
from domain.errors import ConfigurationError
from tests.delivery.conftest import Office
from tests.delivery.loopback import Answer, Asked, answering

SECRET = "T0k3nT0k3n"
CHAT = '[{chat: {url: "${TEAMS_URL}"}}]'


@pytest.fixture
def logged() -> Iterator[StringIO]:
    """What the root of all loggers gets to hear, as the command sets it up, whatever apprise and urllib3 say."""
    heard = StringIO()
    handler, root = logging.StreamHandler(heard), logging.getLogger()
    root.addHandler(handler)
    before = root.level
    root.setLevel(logging.WARNING)
    yield heard
    root.setLevel(before)
    root.removeHandler(handler)


def office_with(office: Office, address: str) -> Office:
    office.write(CHAT)
    office.environ["TEAMS_URL"] = address.replace("http://", "json://") + f"/hook/{SECRET}"
    return office


def test_verdict_news_and_findings_are_told_once(office: Office) -> None:
    with answering(lambda _asked: (200, {})) as (address, chat):
        office_with(office, address)
        (sent,) = office.deliver("drifting_fr")
        assert (sent.key.channel, sent.state) == ("chat:TEAMS_URL", "sent")
        assert [one.state for one in office.deliver("eight_targets_fr")] == ["sent"]
        assert office.deliver_waiting() == []
    (asked,) = chat.asked
    assert asked.path == f"/hook/{SECRET}"
    assert asked.body["title"].startswith("Acme, ")
    first, *others = asked.body["message"].splitlines()
    assert "par le seul hasard" in first or "plan" in first
    findings = [line for line in others if line.startswith("• ")]
    assert 1 <= len(findings) <= 5
    assert all(line[2:5].isalnum() for line in findings)


@pytest.mark.parametrize(
    ("status", "state", "says"),
    [
        (404, "failed", "refused the message (404)"),
        (503, "waiting", "no time for us (503)"),
        (429, "waiting", "no time for us (429)"),
        (502, "unclear", "did not say whether"),
        (0, "unclear", "did not say whether"),
    ],
)
def test_what_the_chat_says_decides_what_comes_next(office: Office, status: int, state: str, says: str) -> None:
    answers: list[int] = [status] * 3

    def answer(_asked: Asked) -> Answer:
        return (answers.pop(0) if answers else 200), {}

    with answering(answer) as (address, chat):
        office_with(office, address)
        (one,) = office.deliver()
        assert (one.state, says in one.sentence()) == (state, True), one
        assert len(chat.asked) == (3 if state == "waiting" else 1)
        answers.clear()
        waiting = [one.state for one in office.deliver_waiting()]
        assert waiting == (["sent"] if state == "waiting" else [])
        assert [one.state for one in office.deliver(again=True)] == ["sent"]


def test_a_chat_that_is_away_is_asked_again(office: Office) -> None:
    (late,) = office_with(office, "http://127.0.0.1:1").deliver()
    assert (late.state, "could not be reached" in late.sentence()) == ("waiting", True)


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("nothing at all", "none that apprise understands"),
        ("json://chat.acme.example/", "is in clear"),
        ("jsons://chat.acme.example/?verify=no", "turns the check of certificates off"),
    ],
)
def test_an_address_that_is_not_safe_is_refused_and_not_shown(
    office: Office, address: str, says: str, logged: StringIO
) -> None:
    office.write(CHAT)
    office.environ["TEAMS_URL"] = f"{address}{SECRET}"
    (one,) = office.deliver()
    assert (one.state, says in one.sentence()) == ("failed", True), one
    assert SECRET not in logged.getvalue() + str(one)


def test_the_secret_is_in_no_log_when_the_chat_is_away_or_refuses(
    office: Office, logged: StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    office_with(office, "http://127.0.0.1:1").deliver()
    with answering(lambda _asked: (404, {})) as (address, chat):
        office_with(office, address).deliver(again=True)
    assert chat.asked
    said = capsys.readouterr()
    assert SECRET not in logged.getvalue() + said.out + said.err


def test_an_address_in_clear_is_a_fault_of_the_settings(office: Office) -> None:
    office.write(f'[{{chat: {{url: "slack://{SECRET}"}}}}]')
    with pytest.raises(ConfigurationError) as caught:
        load(office.folder, {})
    assert "a secret stands here in clear" in str(caught.value)
    assert SECRET not in str(caught.value)
