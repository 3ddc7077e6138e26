"""What must hold of deliveries beyond the kind of each value."""

from __future__ import annotations

import re
from collections.abc import Iterator

from config.delivery import WAYS, ConfluenceDelivery, Delivery, EmailDelivery, Mail
from config.ids import duplicates
from config.locate import Path
from config.problems import short
from config.settings import Settings
from config.settings_checks import Fault, attempt, check_url, is_loopback, sign_in
from config.tree import Keys

# What a mail server takes without further ado (RFC 5321, Mailbox), no quoted names and no comments.
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,253}")


def check_delivery(settings: Settings, tree: Keys) -> list[Fault]:
    """Every fault of `mail` and of each report's `deliver`, with the path of the value."""
    faults: list[Fault] = []
    if settings.mail is not None:
        faults += _mail(settings.mail)
    for index, job in enumerate(settings.reports):
        chats: list[tuple[Path, str]] = []
        addresses: set[str] = set()
        for number, delivery in enumerate(job.deliver):
            here: Path = ("reports", index, "deliver", number)
            faults += _one(delivery, here, addresses)
            if delivery.chat is not None:
                chats.append(((*here, "chat"), delivery.chat.called))
        faults += duplicates(chats, "chat", tree)
    return faults


def _one(delivery: Delivery, here: Path, addresses: set[str]) -> Iterator[Fault]:
    if sum(getattr(delivery, way) is not None for way in WAYS) != 1:
        yield here, "a delivery has one of `folder`, `email`, `chat` and `confluence`; expected exactly one of them"
    if delivery.email is not None:
        yield from _email(delivery.email, (*here, "email"), addresses)
    if delivery.confluence is not None:
        yield from _confluence(delivery.confluence, (*here, "confluence"))


def _email(email: EmailDelivery, here: Path, seen: set[str]) -> Iterator[Fault]:
    for number, address in enumerate(email.to):
        yield from attempt((*here, "to", number), check_mailbox, address)
        if address.casefold() in seen:
            yield (*here, "to", number), f"the address `{short(address)}` is named twice; expected each once"
        seen.add(address.casefold())
    if email.from_ is not None:
        yield from attempt((*here, "from"), check_mailbox, email.from_)


def _confluence(page: ConfluenceDelivery, here: Path) -> Iterator[Fault]:
    yield from attempt((*here, "url"), check_url, page.url)
    yield from sign_in(page.auth, (*here, "auth"))
    for name in ("page", "parent"):
        text = getattr(page, name)
        if text is not None and not (text.isascii() and text.isdecimal()):
            yield (*here, name), f"`{short(text)}` is no id of a page; expected the number in its address"


def _mail(mail: Mail) -> Iterator[Fault]:
    if mail.security == "none" and not is_loopback(mail.host):
        yield (
            ("mail", "security"),
            f"`none` would send reports to {short(mail.host)} in clear; expected starttls or tls",
        )
    if (mail.user is None) != (mail.password is None):
        given, missing = ("password", "user") if mail.user is None else ("user", "password")
        yield ("mail", given), f"there is a `{given}` and no `{missing}`; expected both or neither"
    yield from attempt(("mail", "from"), check_mailbox, mail.from_)


def check_mailbox(address: str) -> None:
    """Nothing for a mail address; ValueError with one sentence otherwise."""
    if not _ADDRESS.fullmatch(address):
        raise ValueError(f"`{short(address)}` is no mail address; expected such as coach@acme.example")
