"""A report delivered by e-mail: one mail for each address, over a connection that is encrypted and checked.

What may be repeated and what may not follows from SMTP (RFC 5321): until the line with the final dot the server has
promised nothing and must forget the mail when the connection ends; with its answer to that line it has taken it over.
"""

from __future__ import annotations

import hashlib
import re
import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from config.delivery import Mail
from domain.errors import CredentialsError, ProtocolError, UnavailableError, UnclearError
from domain.plain import plain
from reports.delivery.port import Edition, Notice, Parcel

PORTS = {"starttls": 587, "tls": 465, "none": 25}
TIMEOUT = 30.0  # seconds for each answer
LAST_TIMEOUT = 120.0  # for the answer to the final dot, while the server writes the mail to its disk
GO_AHEAD = 354  # the answer to DATA


@dataclass(frozen=True)
class Mailbox:
    """An address, and the server by which it is reached.

    `sender` is who the mails are from, `origin` a text by which their ids differ from those of any other installation,
    `trusted` a file of certificates in PEM (None: those of the system).
    """

    address: str
    sender: str
    server: Mail
    origin: str
    trusted: str | None = None
    repeatable = False

    @property
    def name(self) -> str:
        return f"email:{self.address}"

    @property
    def place(self) -> str:
        return f"the mail server {self.server.host}:{self._port}"

    def look(self) -> None:
        with _told(f"{self.server.host}:{self._port}"), self._connected() as smtp:
            smtp.quit()

    def prepare(self, edition: Edition) -> Parcel:
        message = message_from_bytes(edition.form("email"), policy=SMTP)
        assert isinstance(message, EmailMessage)
        del message["X-Unsent"]
        return self._addressed(message, f"{edition.id} {edition.label}", edition.at)

    def prepare_notice(self, notice: Notice) -> Parcel:
        message = EmailMessage(policy=SMTP)
        message["Subject"] = notice.subject
        message.set_content(f"{notice.text}\n", cte="quoted-printable")
        return self._addressed(message, notice.at.isoformat(), notice.at)

    def send(self, parcel: Parcel, handing_over: Callable[[], None]) -> None:
        (content,) = parcel.parts.values()
        with _told(f"{self.server.host}:{self._port}"), self._connected() as smtp:
            _expect(smtp.mail(self.sender), "the sender", self.sender)
            _expect(smtp.rcpt(self.address), "the recipient", self.address)
            _expect(smtp.docmd("DATA"), "the mail to", self.address, GO_AHEAD)
            smtp.send(_stuffed(content))
            handing_over()
            _finish(smtp, self.address)

    @property
    def _port(self) -> int:
        return self.server.port or PORTS[self.server.security]

    def _addressed(self, message: EmailMessage, what: str, at: datetime) -> Parcel:
        digest = hashlib.sha256("\n".join((self.origin, what, self.name)).encode()).hexdigest()
        message["From"] = self.sender
        message["To"] = self.address
        message["Date"] = format_datetime(at)
        message["Message-ID"] = f"<{digest[:32]}@{self.sender.rpartition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday notes in answer
        return Parcel(str(message["Subject"]), {"mail.eml": message.as_bytes()})

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        """A connection by which mails may be sent, closed at the end, whatever the server makes of that."""
        context = self._context()
        if self.server.security == "tls":
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(self.server.host, self._port, timeout=TIMEOUT, context=context)
        else:
            smtp = smtplib.SMTP(self.server.host, self._port, timeout=TIMEOUT)
        try:
            if self.server.security == "starttls":
                smtp.starttls(context=context)
            smtp.ehlo_or_helo_if_needed()
            if self.server.user is not None and self.server.password is not None:
                smtp.login(self.server.user.get_secret_value(), self.server.password.get_secret_value())
            yield smtp
        finally:
            smtp.close()

    def _context(self) -> ssl.SSLContext:
        try:
            return ssl.create_default_context(cafile=self.trusted)
        except OSError:  # as ssl.SSLError is, too
            raise ProtocolError(
                f"{self.trusted} (of REQUESTS_CA_BUNDLE) cannot be read; expected a file of certificates in PEM."
            ) from None


def _stuffed(content: bytes) -> bytes:
    """A mail as it goes over the wire (RFC 5321, 4.5.2), without the line that ends it."""
    lines = re.sub(rb"\r\n|\r|\n", b"\r\n", content)
    return re.sub(rb"(?m)^\.", b"..", lines if lines.endswith(b"\r\n") else lines + b"\r\n")


def _finish(smtp: smtplib.SMTP, address: str) -> None:
    """Send the final dot and hear what the server says to it."""
    assert smtp.sock is not None
    smtp.sock.settimeout(LAST_TIMEOUT)
    try:
        smtp.send(b".\r\n")
        answer = smtp.getreply()
    except (OSError, smtplib.SMTPException):
        raise UnclearError(
            f"the mail to {address} was handed over and the server hung up without a word; it may have arrived."
        ) from None
    if answer[0] not in range(200, 600):
        raise UnclearError(
            f"the mail to {address} was handed over and the server's answer makes no sense; it may have arrived."
        )
    _expect(answer, "the mail to", address)
    with suppress(OSError, smtplib.SMTPException):  # the mail is theirs by now; what they say to this can wait
        smtp.putcmd("QUIT")


def _expect(answer: tuple[int, bytes], what: str, address: str, wanted: int | None = None) -> None:
    """Nothing for a good answer; else an error by its first digit (RFC 5321, 4.2.1)."""
    code, text = answer
    if code == wanted or (wanted is None and 200 <= code < 300):
        return
    said = f"the mail server does not take {what} {address} ({code} {plain(text.decode('utf-8', 'replace'))[:120]})"
    if 400 <= code < 500:
        raise UnavailableError(f"{said}; another time it may.")
    raise ProtocolError(f"{said}.")


@contextmanager
def _told(server: str) -> Iterator[None]:
    """What smtplib raises before anything is handed over, as an error of ours that says what to do."""
    try:
        yield
    except ssl.SSLCertVerificationError:
        raise ProtocolError(
            f"the certificate of the mail server {server} is not trusted; name the authority's file in "
            "`tls: {ca: …}`, or check `mail.host`."
        ) from None
    except smtplib.SMTPAuthenticationError as error:
        if error.smtp_code < 500:
            raise UnavailableError(
                f"the mail server {server} cannot check passwords now ({error.smtp_code})."
            ) from None
        raise CredentialsError(
            f"the mail server {server} does not let us in ({error.smtp_code}); check `mail.user` and `mail.password`."
        ) from None
    except smtplib.SMTPNotSupportedError:
        raise ProtocolError(
            f"the mail server {server} offers no STARTTLS or no way to sign in; check `mail.security` and `mail.port`."
        ) from None
    except smtplib.SMTPResponseException as error:
        if error.smtp_code >= 500:
            raise ProtocolError(f"the mail server {server} turns us away ({error.smtp_code}).") from None
        raise UnavailableError(f"the mail server {server} has no time for us ({error.smtp_code}).") from None
    except ssl.SSLError:
        raise ProtocolError(
            f"the mail server {server} does not speak TLS so; check `mail.security` and `mail.port`."
        ) from None
    except (OSError, smtplib.SMTPException):
        raise UnavailableError(f"the mail server {server} could not be reached, or hung up.") from None
