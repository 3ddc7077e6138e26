"""E-mail and chats trust the authorities of the public and those that the settings name, and nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest

from config.load import load
from config.workspace import Workspace
from reports.report import Report
from sync.delivery import Delivered, deliver_all
from sync.trust import trusting
from sync.wiring import House
from tests.delivery.conftest import MailServer, Office, mail_server
from tests.https import Site, https_site
from tests.reports_formats.sample_documents import SAMPLES

BOTH = '[{email: {to: [a@acme.example]}}, {chat: {url: "${TEAMS_URL}", name: teams}}]'


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """A chat over https."""
    with https_site(tmp_path) as up:
        up.says("/hook", "")
        yield up


@pytest.fixture
def mail(tmp_path: Path) -> Iterator[MailServer]:
    """A mail server with an authority of its own."""
    (tmp_path / "mail").mkdir()
    with mail_server(tmp_path / "mail", "tls") as made:
        yield made


@pytest.fixture
def workspace(office: Office, site: Site, mail: MailServer) -> Workspace:
    office.write(BOTH, mail.settings)
    office.environ["TEAMS_URL"] = site.address.replace("https:", "jsons:") + "/hook"
    (office.folder / "own.pem").write_text(site.trusted.read_text() + mail.trusted.read_text())
    return load(office.folder, office.environ | {"FILROUGE_TLS__CA": "own.pem"})


def deliver(workspace: Workspace, office: Office) -> list[Delivered]:
    (job,) = workspace.settings.reports
    return deliver_all(House(workspace, office.store, office.clock), job, Report(SAMPLES["nothing_delivered_fr"]()))


@pytest.mark.parametrize("known", [True, False])
def test_a_report_goes_to_whom_the_settings_vouch_for_and_to_nobody_else(
    office: Office, workspace: Workspace, site: Site, mail: MailServer, known: bool
) -> None:
    with trusting(workspace) if known else nullcontext():
        delivered = deliver(workspace, office)
    assert {one.key.channel: one.state for one in delivered} == (
        {"email:a@acme.example": "sent", "chat:teams": "sent"}
        if known
        else {"email:a@acme.example": "failed", "chat:teams": "waiting"}
    )
    assert (len(mail.mails), len(site.asked)) == ((1, 1) if known else (0, 0))
