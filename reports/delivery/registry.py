"""The channels of a report, one line for each way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from config.settings import ReportJob, Settings
from reports.delivery.chat import Chat
from reports.delivery.confluence import Page
from reports.delivery.folder import Folder
from reports.delivery.mail import Mailbox
from reports.delivery.port import Channel


@dataclass(frozen=True)
class Around:
    """What channels need besides their settings.

    The workspace's folder, an installation's own word, who we are, and whom we trust (`reports.delivery.mail`).
    """

    folder: Path
    origin: str
    agent: str
    trusted: str | None


def channels_of(job: ReportJob, settings: Settings, around: Around) -> list[Channel]:
    """Where a report goes, in the order of the settings; e-mail only where there is a server for it."""
    return list(_channels(job, settings, around))


def _channels(job: ReportJob, settings: Settings, around: Around) -> Iterator[Channel]:
    for one in job.deliver:
        if one.folder is not None:
            yield Folder(one.folder, around.folder / one.folder, job.formats)
        if one.email is not None and settings.mail is not None:
            for address in one.email.to:
                sender = one.email.from_ or settings.mail.from_
                yield Mailbox(address, sender, settings.mail, around.origin, around.trusted)
        if one.chat is not None:
            yield Chat(one.chat.called, one.chat.url)
        if one.confluence is not None:
            yield Page(one.confluence, settings.organisation, around.agent, around.trusted)
