"""Mail servers on loopback with certificates of their own, and a report that goes to them."""

from __future__ import annotations

import asyncio
import email
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP as POLICY
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
import trustme
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from config.load import load
from config.settings import ReportJob
from reports.report import Report
from store.open import Store
from sync.delivery import Delivered, deliver_all, deliver_waiting
from sync.wiring import House
from tests.databases import database_url, postgres_server
from tests.reports_formats.sample_documents import SAMPLES
from tests.store.conftest import empty_database, empty_file, store
from tests.sync.conftest import StillClock

__all__ = ["database_url", "empty_database", "empty_file", "postgres_server", "store"]

USER, PASSWORD = "filrouge", "pass word"
STRATEGY = "version: 1\ncycles: [{id: c, from: 2026-01-01, to: 2026-12-31}]\nobjectives: []\n"


@dataclass
class MailServer:
    """Answers by `answers` first (to the recipient, to the mail), then well; `mails` are those it took over.

    An answer of None hangs up instead, after the mail was taken. To `silent` mails it never says a word after it took
    them, and sets `kept_waiting`.
    """

    security: str
    trusted: Path
    port: int = 0
    mails: list[tuple[str, bytes]] = field(default_factory=list)
    to_recipient: list[str] = field(default_factory=list)
    to_mail: list[str | None] = field(default_factory=list)
    connections: int = 0
    silent: int = 0
    kept_waiting: Event = field(default_factory=Event)

    async def handle_RCPT(  # noqa: N802 - as aiosmtpd calls it
        self, _server: Any, session: Session, envelope: Envelope, address: str, _o: Any
    ) -> str:
        self.connections += 1
        if self.security != "none" and not session.authenticated:
            return "530 who are you"
        if self.to_recipient:
            return self.to_recipient.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - as aiosmtpd calls it
        self, server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        answer = self.to_mail.pop(0) if self.to_mail else "250 OK"
        if answer is None or answer.startswith("2"):
            assert isinstance(envelope.content, bytes)
            self.mails.append((envelope.rcpt_tos[0], envelope.content))
        if self.silent:
            self.silent -= 1
            self.kept_waiting.set()
            await asyncio.Event().wait()  # until the other side hangs up
        if answer is None:
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
            return "250 OK"
        return answer

    def read(self) -> list[EmailMessage]:
        """The mails taken apart."""
        found = []
        for _, content in self.mails:
            message = email.message_from_bytes(content, policy=POLICY)
            assert isinstance(message, EmailMessage)
            found.append(message)
        return found

    @property
    def settings(self) -> str:
        """The settings by which it is reached."""
        return (
            f"{{host: localhost, port: {self.port}, security: {self.security}, user: {USER}, "
            'password: "${SMTP_PASSWORD}", from: filrouge@acme.example}'
        )


def authenticate(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
    """Lets in the one account there is."""
    well = (data.login.decode(), data.password.decode()) == (USER, PASSWORD)
    return AuthResult(success=well, handled=False)


async def _ended(tasks: set[asyncio.Task[Any]]) -> None:
    """Wait until conversations that somebody left have ended, and their connections are closed."""
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks)
    for _ in range(3):
        await asyncio.sleep(0)


@contextmanager
def mail_server(folder: Path, security: str) -> Iterator[MailServer]:
    """A server as `localhost`; the authority's certificate is written into the folder."""
    authority = trustme.CA()
    trusted = folder / "authority.pem"
    authority.cert_pem.write_to_path(str(trusted))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    later = context if security == "starttls" else None
    at_once = context if security == "tls" else None
    loop = asyncio.new_event_loop()
    handler = MailServer(security, trusted)

    def protocol() -> SMTP:
        return SMTP(
            handler,
            hostname="mail.example",
            loop=loop,
            tls_context=later,
            require_starttls=later is not None,
            authenticator=authenticate,
            auth_require_tls=later is not None,
        )

    listening = loop.run_until_complete(loop.create_server(protocol, "127.0.0.1", 0, ssl=at_once))
    handler.port = listening.sockets[0].getsockname()[1]
    thread = Thread(target=loop.run_forever, name="mail-server")
    thread.start()
    try:
        yield handler
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        listening.close()
        loop.run_until_complete(_ended(asyncio.all_tasks(loop)))
        loop.close()


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MailServer]:
    """A mail server that is trusted."""
    with mail_server(tmp_path, "starttls") as made:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(made.trusted))
        yield made


@dataclass
class Office:
    """A workspace whose one report, `weekly`, goes where `deliver` says."""

    folder: Path
    store: Store
    clock: StillClock
    environ: dict[str, str]

    def write(self, deliver: str, mail: str | None = None) -> None:
        """The workspace's files."""
        (self.folder / "filrouge.yaml").write_text(
            "version: 1\norganisation: Acme\ntimezone: Europe/Paris\nlanguage: fr\nsources: []\n"
            f"reports: [{{id: weekly, formats: [md, json], deliver: {deliver}}}]\n"
            + (f"mail: {mail}\n" if mail else "")
        )
        (self.folder / "strategy.yaml").write_text(STRATEGY)
        (self.folder / "mapping.yaml").write_text("version: 1\nrules: []\n")

    @property
    def house(self) -> House:
        return House(load(self.folder, self.environ), self.store, self.clock)

    @property
    def job(self) -> ReportJob:
        (job,) = self.house.workspace.settings.reports
        return job

    def deliver(self, sample: str = "nothing_delivered_fr", *, again: bool = False) -> list[Delivered]:
        """A report, delivered as the scheduler does."""
        return deliver_all(self.house, self.job, Report(SAMPLES[sample]()), again=again)

    def deliver_waiting(self) -> list[Delivered]:
        return deliver_waiting(self.house)


@pytest.fixture
def office(store: Store, tmp_path: Path) -> Office:
    """On each database."""
    return Office(tmp_path, store, StillClock(), {"SMTP_PASSWORD": PASSWORD})


@pytest.fixture
def mailing(office: Office, server: MailServer) -> Office:
    """An office that mails to two people."""
    office.write("[{email: {to: [a@acme.example, b@acme.example]}}]", server.settings)
    return office
