"""`filrouge report send`: what would go where, a test of every channel, and a report delivered by hand."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import Call, filrouge
from tests.delivery.conftest import MailServer, mail_server
from tests.delivery.loopback import Recorder, answering

__all__ = ["filrouge"]

SECRET = "T0k3nT0k3n"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[MailServer]:
    """A mail server in clear on this very machine."""
    with mail_server(tmp_path, "none") as made:
        yield made


@pytest.fixture
def chat() -> Iterator[tuple[str, Recorder]]:
    with answering(lambda _asked: (200, {})) as made:
        yield made


@pytest.fixture
def acme(filrouge: Call, tmp_path: Path, server: MailServer, chat: tuple[str, Recorder]) -> tuple[Path, dict[str, str]]:
    """A first workspace that was read, whose weekly report goes to a folder, two people and a chat."""
    assert filrouge("init", "acme").returncode == 0
    settings = tmp_path / "acme" / "filrouge.yaml"
    text = settings.read_text("utf-8")
    text = (
        text[: text.index("reports:")]
        + f"""
mail: {{host: 127.0.0.1, port: {server.port}, security: none, from: filrouge@acme.example}}
reports:
  - id: weekly
    formats: [md, json]
    deliver:
      - folder: reports
      - email: {{to: [coach@acme.example, lead@acme.example]}}
      - chat: {{url: "${{TEAMS_URL}}", name: teams}}
  - id: quiet
"""
    )
    settings.write_text(text, "utf-8")
    env = {"TEAMS_URL": chat[0].replace("http://", "json://") + f"/{SECRET}"}
    assert filrouge("sync", cwd=tmp_path / "acme", env=env).returncode == 0
    return tmp_path / "acme", env


def test_a_dry_run_shows_what_would_be_sent_and_needs_no_secret(
    filrouge: Call, acme: tuple[Path, dict[str, str]], server: MailServer, chat: tuple[str, Recorder]
) -> None:
    folder, _ = acme
    shown = filrouge("report", "send", "--dry-run", cwd=folder)
    assert shown.returncode == 0, shown.stderr
    said = shown.stderr
    assert "weekly to folder:reports" in said
    assert "weekly to email:coach@acme.example" in said
    assert "weekly to chat:teams" in said
    assert said.rstrip().endswith("Nothing was sent: this was a dry run.")
    rows = json.loads(filrouge("report", "send", "--dry-run", "--json", cwd=folder).stdout)
    assert [row["channel"] for row in rows] == [
        "folder:reports", "email:coach@acme.example", "email:lead@acme.example", "chat:teams",
    ]  # fmt: skip
    assert {row["state"] for row in rows} == {"ready"}
    assert all(part > 100 for part in rows[0]["parts"].values())
    assert rows[1]["begins"]
    assert (server.mails, chat[1].asked, (folder / "reports").exists()) == ([], [], False)


def test_a_test_reaches_every_channel_and_says_which_does_not_work(
    filrouge: Call, acme: tuple[Path, dict[str, str]], server: MailServer, chat: tuple[str, Recorder]
) -> None:
    folder, env = acme
    server.to_recipient.append("550 nobody here")
    tried = filrouge("report", "send", "--test", cwd=folder, env=env)
    assert tried.returncode == 1
    assert "email:coach@acme.example: the mail server does not take the recipient" in tried.stderr
    assert "chat:teams: the test was sent." in tried.stderr
    assert [address for address, _ in server.mails] == ["lead@acme.example"]
    (mail,) = server.read()
    assert mail["Subject"].startswith("Filrouge: test, ")
    assert "This is a test of Filrouge." in chat[1].asked[0].body["message"]
    assert SECRET not in tried.stdout + tried.stderr


def test_by_hand_a_report_is_delivered_once_and_status_tells_what_did_not_arrive(
    filrouge: Call, acme: tuple[Path, dict[str, str]], server: MailServer, chat: tuple[str, Recorder]
) -> None:
    folder, env = acme
    server.to_mail.append(None)  # hangs up after the final dot
    first = filrouge("report", "send", "--report", "weekly", cwd=folder, env=env)
    assert first.returncode == 1
    assert "it may have arrived" in first.stderr
    (row,) = (
        row for row in json.loads(filrouge("status", "--json", cwd=folder).stdout) if row["job"].startswith("deliver:")
    )
    assert "email:coach@acme.example" in row["job"]
    assert row["remedy"] in first.stderr
    assert "--again" in row["remedy"]
    again = filrouge("report", "send", "--again", "--json", cwd=folder, env=env)
    assert again.returncode == 0, again.stderr
    assert {one["state"] for one in json.loads(again.stdout)} == {"sent"}
    assert [address for address, _ in server.mails] == ["coach@acme.example", "lead@acme.example", "coach@acme.example"]
    assert len(chat[1].asked) == 1
    assert {path.suffix for path in (folder / "reports").iterdir()} == {".md", ".json"}
    assert filrouge("report", "send", cwd=folder, env=env).returncode == 0
    assert len(server.mails) == 3
    dry = filrouge("report", "send", "--dry-run", cwd=folder).stderr
    assert "weekly to email:coach@acme.example: sent before; it would not be sent again." in dry
    assert "weekly to folder:reports: " in dry
    assert SECRET not in first.stdout + first.stderr + again.stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--report", "weakly"), "There is no report 'weakly'; expected weekly, quiet."),
        (("--report", "quiet"), "no such report has `deliver`"),
        (("--dry-run", "--test"), "choose one"),
        (("--week", "2026-W99"), "2026-W99"),
    ],
)
def test_wrong_use_gets_one_sentence(
    filrouge: Call, acme: tuple[Path, dict[str, str]], arguments: tuple[str, ...], says: str
) -> None:
    folder, env = acme
    result = filrouge("report", "send", *arguments, cwd=folder, env=env)
    assert (result.returncode, says in result.stderr) == (2, True), result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_doctor_looks_at_every_place_once(
    filrouge: Call, acme: tuple[Path, dict[str, str]], server: MailServer, chat: tuple[str, Recorder]
) -> None:
    folder, env = acme
    found = {one["subject"]: one for one in json.loads(filrouge("doctor", "--json", cwd=folder, env=env).stdout)}
    mail = f"the mail server 127.0.0.1:{server.port}"
    assert [found[place]["state"] for place in ("the folder reports", mail, "the chat teams")] == ["ok"] * 3
    settings = folder / "filrouge.yaml"
    settings.write_text(settings.read_text("utf-8").replace(f"port: {server.port}", "port: 1"), "utf-8")
    result = filrouge("doctor", "--json", cwd=folder, env=env | {"TEAMS_URL": f"nothing{SECRET}"})
    assert result.returncode == 1
    found = {one["subject"]: one for one in json.loads(result.stdout)}
    for place in ("the mail server 127.0.0.1:1", "the chat teams"):
        assert found[place]["state"] == "fail"
        assert "filrouge report send --test" in found[place]["remedy"]
    assert SECRET not in result.stdout + result.stderr
    assert (server.mails, chat[1].asked) == ([], [])
