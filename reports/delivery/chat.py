"""A report told in a chat: its verdict, its news and what matters most, through apprise.

Apprise says yes or no, and why in words for its log. A refusal with its code, or a connection that was never made, is
told apart by these words; after anything else the message may stand there.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pydantic import SecretStr

from config.settings_checks import is_loopback
from domain.errors import ConfigurationError, FilrougeError, ProtocolError, UnavailableError, UnclearError
from domain.plain import plain
from reports.consequence import ranked
from reports.delivery.port import Edition, Notice, Parcel
from reports.document import Document
from reports.vocabulary import call, severities
from reports.words import news, subject_line, verdict, words_of

if TYPE_CHECKING:  # an extra
    from apprise import Apprise, NotifyBase

FINDINGS = 5
REFUSED = re.compile(r"\berror=(\d{3})\b")
NEVER_THERE = re.compile(r"NewConnectionError|ConnectTimeout|NameResolution|Failed to (?:resolve|establish)|SSLError")
LATER = (429, 503)  # the service is sure that it took nothing, and will be there again


@dataclass(frozen=True)
class Chat:
    """A chat by the name that the settings give it, and its address with the secret in it."""

    called: str
    url: SecretStr = field(repr=False)
    repeatable = False

    @property
    def name(self) -> str:
        return f"chat:{self.called}"

    @property
    def place(self) -> str:
        return f"the chat {self.called}"

    def look(self) -> None:
        self._service()

    def prepare(self, edition: Edition) -> Parcel:
        return Parcel(subject_line(edition.document), {"message.txt": _message(edition.document).encode()})

    def prepare_notice(self, notice: Notice) -> Parcel:
        return Parcel(notice.subject, {"message.txt": notice.text.encode()})

    def send(self, parcel: Parcel, handing_over: Callable[[], None]) -> None:
        (content,) = parcel.parts.values()
        service, said = self._service(), []

        def listen(entry: object, _service: object) -> None:
            said.append(str(getattr(entry, "message", "")))

        handing_over()
        arrived = service.notify(
            body=content.decode(),
            title=parcel.subject,
            body_format="text",
            log_callback=listen,
            log_level=logging.DEBUG,
        )
        if not arrived:
            raise self._problem("\n".join(said))

    def _service(self) -> Apprise:
        try:
            import apprise  # noqa: PLC0415 - an extra
        except ImportError:
            raise ConfigurationError("Chats need the extra `notify`; install it.") from None
        # Its log names addresses with their secrets, so nobody but we may read it, and we read all of it.
        log = logging.getLogger("apprise")
        log.propagate = False
        log.setLevel(logging.DEBUG)
        logging.getLogger("apprise").disabled = False
        service = apprise.Apprise()
        if not service.add(self.url.get_secret_value()):
            raise ProtocolError(
                f"the address of the chat {self.called} is none that apprise understands (it is not shown); expected "
                "such as slack://…, workflows://… or jsons://…"
            )
        for one in service:
            self._check(one)
        return service

    def _check(self, service: NotifyBase) -> None:
        if not service.verify_certificate:
            raise ProtocolError(
                f"the address of the chat {self.called} turns the check of certificates off; take `verify` out of it."
            )
        host = getattr(service, "host", None)
        if not service.secure and host and not is_loopback(host):
            raise ProtocolError(f"the address of the chat {self.called} is in clear; expected one over https.")

    def _problem(self, said: str) -> FilrougeError:
        code = REFUSED.search(said)
        if code is not None:
            number = int(code[1])
            if number in LATER:
                return UnavailableError(f"the chat {self.called} has no time for us ({number}).")
            if number < 500:
                return ProtocolError(f"the chat {self.called} refused the message ({number}); check its address.")
        elif NEVER_THERE.search(said):
            return UnavailableError(f"the chat {self.called} could not be reached.")
        return UnclearError(f"the chat {self.called} did not say whether it took the message.")


def _message(document: Document) -> str:
    """A few lines of plain text, since each chat has a markup of its own."""
    names = severities(words_of(document))
    told = [
        f"• {finding['code']} ({call(names, finding['severity'])}) {finding['message']}"
        for finding in ranked(document)[:FINDINGS]
    ]
    parts = [verdict(document), *news(document), *told]
    return "\n".join(map(plain, parts))
