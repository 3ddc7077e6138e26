"""A report by e-mail through a real server: once for each address, whatever the server does."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path

import pytest

from config.load import load
from domain.errors import ConfigurationError, StoreError
from store.open import Store
from store.unit import Unit
from sync.delivery import GIVE_UP, Delivered
from tests.delivery.conftest import PASSWORD, MailServer, Office, mail_server


def states(delivered: Sequence[Delivered]) -> list[str]:
    return [one.state for one in delivered]


def test_each_address_gets_one_whole_mail(mailing: Office, server: MailServer) -> None:
    """Text beside HTML, pictures within it, and a French subject; delivered once more it is not sent once more."""
    assert states(mailing.deliver("drifting_fr")) == ["sent", "sent"]
    for _ in range(2):
        assert [(one.state, one.now) for one in mailing.deliver("eight_targets_fr")] == [("sent", False)] * 2
        assert mailing.deliver_waiting() == []
    assert [address for address, _ in server.mails] == ["a@acme.example", "b@acme.example"]
    first, second = server.read()
    assert first["Subject"].startswith("Acme, ")
    assert "dérive" in first["Subject"]
    assert (first["From"], first["To"], first["X-Unsent"]) == ("filrouge@acme.example", "a@acme.example", None)
    assert first["Message-ID"] != second["Message-ID"]
    assert first["Date"].datetime == mailing.clock.at
    text, html = first.iter_parts()
    assert text.get_content_type() == "text/plain"
    page, *pictures = html.iter_parts()
    assert page.get_content_type() == "text/html"
    assert pictures
    for picture in pictures:
        assert picture.get_content_type() == "image/png"
        assert f"cid:{picture['Content-ID'].strip('<>')}" in page.get_content()


def test_a_mail_arrives_byte_for_byte(mailing: Office, server: MailServer) -> None:
    """Lines that begin with a dot too."""
    mailing.deliver()
    (first, *_) = mailing.house.channels(mailing.job)
    mails = [content.replace(b"\r\n", b"\n") for _, content in server.mails]
    assert all(b"\n\n--=_filrouge_0" in mail and mail.rstrip().endswith(b"--=_filrouge_0--") for mail in mails)
    assert first.name == "email:a@acme.example"


@pytest.mark.parametrize("where", ["to_recipient", "to_mail"])
def test_what_the_server_takes_later_is_sent_later(mailing: Office, server: MailServer, where: str) -> None:
    """Twice 451 within a run; then for a whole run, and at the next turn of those that wait."""
    getattr(server, where).extend(["451 later"] * 2)
    before = mailing.clock.at
    assert states(mailing.deliver()) == ["sent", "sent"]
    assert mailing.clock.at - before == timedelta(seconds=3)
    mailing.write("[{email: {to: [c@acme.example]}}]", server.settings)
    getattr(server, where).extend(["451 later"] * 3)
    (late,) = mailing.deliver()
    assert late.state == "waiting"
    assert "(451 later); another time it may" in late.sentence()
    assert len(server.mails) == 2
    assert states(mailing.deliver_waiting()) == ["sent"]
    assert [address for address, _ in server.mails] == [f"{one}@acme.example" for one in "abc"]


def test_a_server_that_speaks_tls_from_the_first_byte_on(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with mail_server(tmp_path, "tls") as server:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(server.trusted))
        office.write("[{email: {to: [a@acme.example]}}]", server.settings)
        assert states(office.deliver()) == ["sent"]
    assert len(server.mails) == 1


def test_what_waits_too_long_is_given_up(mailing: Office, server: MailServer) -> None:
    server.to_recipient += ["451 later"] * 6
    mailing.deliver()
    mailing.clock.at += GIVE_UP
    server.to_recipient += ["451 later"] * 6
    assert states(mailing.deliver_waiting()) == ["failed", "failed"]
    assert mailing.deliver_waiting() == []


def test_a_refused_mail_waits_for_a_person(mailing: Office, server: MailServer) -> None:
    """One address is refused, the other gets its mail; only when somebody says so it is tried again, once."""
    server.to_recipient.append("550 nobody here")
    refused, sent = mailing.deliver()
    assert (refused.state, sent.state) == ("failed", "sent")
    assert "a@acme.example (550 nobody here)" in refused.sentence()
    assert mailing.deliver_waiting() == []
    assert states(mailing.deliver()) == ["sent", "sent"]
    assert [address for address, _ in server.mails] == ["b@acme.example", "a@acme.example"]


def test_a_server_that_hangs_up_after_the_final_dot_gets_no_second_mail(mailing: Office, server: MailServer) -> None:
    """Nobody knows whether it arrived: it is said, and a person may send it once more, with the same id."""
    server.to_mail.append(None)
    unclear, sent = mailing.deliver()
    assert (unclear.state, sent.state) == ("unclear", "sent")
    assert "may have arrived" in unclear.sentence()
    assert "`filrouge report send --report weekly --week 2026-W47 --again`" in unclear.sentence()
    assert states(mailing.deliver()) == ["unclear", "sent"]
    assert mailing.deliver_waiting() == []
    assert len(server.mails) == 2
    assert states(mailing.deliver(again=True)) == ["sent", "sent"]
    first, _, again = server.read()
    assert (again["To"], again["Message-ID"]) == (first["To"], first["Message-ID"])
    assert states(mailing.deliver(again=True)) == ["sent", "sent"]
    assert len(server.mails) == 3


def test_a_store_that_is_away_for_a_moment_hears_that_a_mail_arrived(
    mailing: Office, server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Away right after the server took the mail: what is known is not called unclear."""
    writing, away = Store.writing, [True, True]

    def now_and_then(store: Store) -> AbstractContextManager[Unit]:
        if server.mails and away:
            away.pop()
            raise StoreError("The store is away.")
        return writing(store)

    monkeypatch.setattr(Store, "writing", now_and_then)
    assert states(mailing.deliver()) == ["sent", "sent"]
    assert (away, len(server.mails)) == ([], 2)


def test_a_server_that_is_away_is_asked_again(office: Office) -> None:
    office.write("[{email: {to: [a@acme.example]}}]", "{host: localhost, port: 1, from: f@acme.example}")
    (late,) = office.deliver()
    assert (late.state, "localhost:1 could not be reached" in late.sentence()) == ("waiting", True)


def test_a_wrong_password_is_told_and_never_shown(
    mailing: Office, server: MailServer, caplog: pytest.LogCaptureFixture
) -> None:
    mailing.environ["SMTP_PASSWORD"] = "another word"
    caplog.set_level(logging.DEBUG)
    delivered = mailing.deliver()
    assert states(delivered) == ["failed", "failed"]
    assert "check `mail.user` and `mail.password`" in delivered[0].sentence()
    assert "another word" not in caplog.text + str(delivered)
    assert server.mails == []
    mailing.environ["SMTP_PASSWORD"] = PASSWORD
    assert states(mailing.deliver()) == ["sent", "sent"]


def test_a_certificate_that_nobody_vouches_for_gets_nothing(
    mailing: Office, server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("REQUESTS_CA_BUNDLE")
    delivered = mailing.deliver()
    assert states(delivered) == ["failed", "failed"]
    assert "is not trusted" in delivered[0].sentence()
    assert server.connections == 0


def test_in_clear_only_this_very_machine_is_asked(office: Office, tmp_path: Path) -> None:
    deliver = "[{email: {to: [a@acme.example]}}]"
    office.write(deliver, "{host: smtp.acme.example, security: none, from: f@acme.example}")
    with pytest.raises(ConfigurationError, match="in clear; expected starttls or tls"):
        load(tmp_path, {})
    with mail_server(tmp_path, "none") as server:
        office.write(deliver, f"{{host: 127.0.0.1, port: {server.port}, security: none, from: f@acme.example}}")
        assert states(office.deliver()) == ["sent"]
    assert len(server.mails) == 1


def test_a_channel_that_is_gone_does_not_wait_for_ever(mailing: Office, server: MailServer) -> None:
    server.to_recipient += ["451 later"] * 6
    mailing.deliver()
    mailing.write("[{folder: out}]")
    gone = mailing.deliver_waiting()
    assert states(gone) == ["failed", "failed"]
    assert "not in filrouge.yaml any more" in gone[0].sentence()
