"""Several processes on one PostgreSQL, killed at any moment: all is read, made and delivered, and nothing twice."""

from __future__ import annotations

import json
import os
import random
import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import IO, Any

import pytest

from store.kept import StoredDelivery
from store.open import open_store
from sync.delivery import UNDERWAY
from tests.cli.conftest import Call
from tests.databases import PostgresServer
from tests.delivery.conftest import PASSWORD, MailServer, mail_server
from tests.service.conftest import Sites, company, write_company
from tests.warm import FILROUGE

SECONDS = float(os.environ.get("FILROUGE_SOAK_SECONDS", "10"))  # of killing; CONTRIBUTING says how to kill for longer
PROCESSES = 3
REPORTS = 4
PEOPLE = 5  # who get each report by e-mail
SILENT = 2  # mails to which the server says nothing, so that their senders are killed while they wait for it
PATIENCE = 120.0  # seconds until what was begun has to be done, when nobody is killed any more


@dataclass
class Machines:
    """Processes of `filrouge run` on one workspace, each with its log."""

    folder: Path
    env: dict[str, str]
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)
    numbers: dict[int, int] = field(default_factory=dict)  # of a process's log, by the process's id
    logs: list[IO[bytes]] = field(default_factory=list)

    def start(self) -> None:
        log = (self.folder / f"log-{len(self.logs)}.jsonl").open("wb")
        self.logs.append(log)
        command = [str(FILROUGE), "run", "--log-format", "json"]
        self.running.append(subprocess.Popen(command, cwd=self.folder, env=self.env, stderr=log))
        self.numbers[self.running[-1].pid] = len(self.logs) - 1

    def kill(self, which: int) -> None:
        process = self.running.pop(which)
        process.kill()
        process.wait()

    def silent(self) -> list[str]:
        """The logs of running processes that hold nothing yet: these have only just begun."""
        names = [f"log-{self.numbers[process.pid]}.jsonl" for process in self.running]
        return [name for name in names if '"event"' not in (self.folder / name).read_text("utf-8", "replace")]

    def stop(self) -> list[int]:
        """End all of them as an operator would; their exit codes."""
        for process in self.running:
            process.terminate()
        return [process.wait(20) for process in self.running]

    def events(self) -> Counter[str]:
        found: Counter[str] = Counter()
        for number in range(len(self.logs)):
            for line in (self.folder / f"log-{number}.jsonl").read_text("utf-8", "replace").splitlines():
                with suppress(ValueError):
                    found[json.loads(line)["event"]] += 1
                assert "Traceback" not in line
        return found


@contextmanager
def machines(folder: Path, env: dict[str, str]) -> Iterator[Machines]:
    made = Machines(folder, env)
    try:
        yield made
    finally:
        for process in made.running:
            process.kill()
            process.wait()
        for log in made.logs:
            log.close()


@pytest.fixture
def shared(postgres_server: PostgresServer) -> Iterator[str]:
    with postgres_server.database() as url:
        yield url


@pytest.fixture
def sites() -> Iterator[Sites]:
    with company(datetime.now(UTC).date()) as made:
        yield made


@pytest.fixture
def mails(tmp_path: Path) -> Iterator[MailServer]:
    with mail_server(tmp_path, "starttls") as made:
        made.silent = SILENT
        yield made


def people(number: int) -> list[str]:
    """Who gets a report, and no other."""
    return [f"p{one}-of-{number}@acme.example" for one in range(PEOPLE)]


def settings(number: int) -> str:
    deliver = f"[{{folder: weekly}}, {{email: {{to: [{', '.join(people(number))}]}}}}]"
    return f"  - {{id: weekly-{number}, schedule: {{every: 1m}}, formats: [md, json], deliver: {deliver}}}\n"


COMMENTS = "comments: {enabled: true, projects: [SHOP, Logistique], schedule: {every: 1m}, budget: {per_run: 40}}\n"


def test_nothing_is_lost_and_nothing_is_done_twice(
    tmp_path: Path, sites: Sites, mails: MailServer, shared: str, filrouge: Call
) -> None:
    folder = tmp_path / "acme"
    rest = "reports:\n" + "".join(map(settings, range(REPORTS))) + COMMENTS + f"mail: {mails.settings}\n"
    write_company(
        folder, sites.urls, datetime.now(UTC).date(), jira="{every: 1m}", azure_devops="{every: 1m}", rest=rest
    )
    env = {key: value for key, value in os.environ.items() if not key.startswith("FILROUGE_")}
    env |= {"NO_COLOR": "1", "FILROUGE_STORE": shared, "FILROUGE_SERVICE__LISTEN": "127.0.0.1:0"}
    env |= {"SMTP_PASSWORD": PASSWORD, "REQUESTS_CA_BUNDLE": str(mails.trusted)}
    assert filrouge("sync", cwd=folder, env=env).returncode == 0
    # The first comments of a project are a person's to send; from then on the service goes on by itself.
    first = {"FILROUGE_COMMENTS__BUDGET": "{per_run: 2}"}
    assert filrouge("comment", "post", "--yes", cwd=folder, env=env | first).returncode == 0
    dice = random.Random(20261125)
    with machines(folder, env) as service:
        for _ in range(PROCESSES):
            service.start()
        end = monotonic() + SECONDS
        while monotonic() < end:
            with suppress(subprocess.TimeoutExpired):
                service.running[0].wait(dice.uniform(0.3, 3.0))
            service.kill(dice.randrange(PROCESSES))
            service.start()
        end = monotonic() + PATIENCE
        while missing := [*_missing(shared), *service.silent()]:
            assert monotonic() < end, f"not done: {missing}; {service.events()}"
            if mails.kept_waiting.wait(0.5):
                mails.kept_waiting.clear()
                for _ in range(PROCESSES):
                    service.kill(0)
                    service.start()
        assert service.stop() == [0] * PROCESSES
        service.running.clear()
        assert service.events()["job.given"] > 0
    for number in range(REPORTS):
        assert {path.suffix for path in (folder / "weekly").glob(f"weekly-{number}-*")} == {".md", ".json"}
    comments = [len(one.comments) for one in sites.jira.issues() if one.comments]
    comments += [
        len([one for one in item.comments if not one["isDeleted"]]) for item in sites.azure_devops.items.values()
    ]
    assert max(comments) == 1
    assert sum(comments) > 4
    _each_mail_once(shared, mails)


def _each_mail_once(url: str, mails: MailServer) -> None:
    """Nobody gets two, and who got none is known to be unclear: its sender was killed before it heard the answer."""
    got = Counter(address for address, _ in mails.mails)
    state = {one.key.channel.removeprefix("email:"): one.state for one in _deliveries(url)}
    wanted = {address for number in range(REPORTS) for address in people(number)}
    assert got.keys() <= wanted
    assert max(got.values()) == 1
    assert {state[address] for address in wanted} <= {"sent", "unclear"}
    unclear = {address for address in wanted if state[address] == "unclear"}
    assert wanted - got.keys() <= unclear
    assert len(unclear) >= SILENT
    assert len({mail["Message-ID"] for mail in mails.read()}) == len(got)


def _deliveries(url: str) -> list[StoredDelivery]:
    with closing(open_store(url)) as store, store.reading() as reader:
        return reader.deliveries()


def _missing(url: str) -> list[str]:
    """What has not been done well yet, by the store; an interrupted run of a killed process is none."""
    wanted: list[tuple[str, str]] = [("sync", "boutique"), ("sync", "logistique"), ("comments", "tickets")]
    wanted += [("report", f"weekly-{number}") for number in range(REPORTS)]
    with closing(open_store(url)) as store, store.reading() as reader:
        last: dict[tuple[str, str], Any] = {one: reader.last_run(*one, outcome="ok") for one in wanted}
        first = {one: len(reader.runs(*one, limit=500)) for one in wanted}
        late = [one.key.channel for one in reader.deliveries() if one.state in UNDERWAY]
    missing = [
        f"{kind}:{subject} ({first[kind, subject]} runs)" for (kind, subject), run in last.items() if run is None
    ]
    return missing + late
