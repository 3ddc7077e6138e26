"""Real processes that pull at the same time: different sources side by side, the same one never twice."""

from __future__ import annotations

import http.client
import os
import re
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import Any
from urllib.parse import urlsplit

import pytest

from demo.company import Company
from demo.serve import serve_company
from demo.workspace import write_workspace
from store import tables
from store.open import open_store
from sync.turn import lease_name
from tests.cli.conftest import FILROUGE, Call
from tests.databases import database_url, postgres_server

__all__ = ["database_url", "postgres_server"]

NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)
HOP = {"transfer-encoding", "connection", "content-length", "content-encoding", "accept-encoding"}
Start = Callable[..., "subprocess.Popen[str]"]


@dataclass
class Gate:
    """Stands before a tracker and keeps its answers back until it is opened; `asked` is set by the first request."""

    behind: str
    asked: Event = field(default_factory=Event)
    opened: Event = field(default_factory=Event)

    @contextmanager
    def standing(self) -> Iterator[str]:
        """Its address, as long as the block lasts."""
        gate = self

        class Handler(BaseHTTPRequestHandler):
            def _pass_on(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                gate.asked.set()
                gate.opened.wait()
                there = http.client.HTTPConnection(urlsplit(gate.behind).netloc)
                headers = {name: value for name, value in self.headers.items() if name.lower() not in HOP}
                with closing(there):
                    there.request(self.command, self.path, body, headers)
                    answer = there.getresponse()
                    content = answer.read()
                try:
                    self.send_response(answer.status)
                    for name, value in answer.getheaders():
                        if name.lower() not in HOP:
                            self.send_header(name, value)
                    self.send_header("Content-Length", str(len(content)))
                    self.end_headers()
                    self.wfile.write(content)
                except OSError:
                    pass  # who asked was killed

            do_GET = do_POST = _pass_on  # noqa: N815 # names of the standard library

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 # name of the standard library
                """Nothing."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            self.opened.set()
            server.shutdown()
            thread.join()
            server.server_close()


@pytest.fixture
def company(tmp_path: Path) -> Iterator[tuple[Path, Gate]]:
    """The demo's workspace, nothing pulled yet, with a closed gate before its Jira."""
    made = Company(date(2026, 11, 25))
    with serve_company(made, lambda: NOW) as (jira, azure_devops):
        gate = Gate(jira)
        with gate.standing() as address:
            folder = tmp_path / "company"
            write_workspace(folder, made, jira_url=address, azure_devops_url=azure_devops, language="en")
            yield folder, gate


@pytest.fixture
def start(company: tuple[Path, Gate], database_url: str) -> Iterator[Start]:
    """Start `filrouge sync SOURCE` and do not wait for it."""
    running: list[subprocess.Popen[str]] = []

    def begin(source: str) -> subprocess.Popen[str]:
        env = os.environ | {"NO_COLOR": "1", "FILROUGE_STORE": database_url}
        command = [str(FILROUGE), "sync", source, "-w", str(company[0])]
        running.append(subprocess.Popen(command, env=env, stderr=subprocess.PIPE, text=True))
        return running[-1]

    yield begin
    for process in running:
        process.kill()
        process.wait()
        assert process.stderr is not None
        process.stderr.close()


def kept(url: str) -> dict[str, list[Any]]:
    """Every row that a page writes."""
    with closing(open_store(url)) as store, store.reading() as reader:
        pages = ("work_item", "raw_payload", "item_key", "transition", "cursor", "set_aside")
        assert set(pages) <= set(tables.metadata.tables)
        return {table: list(map(tuple, reader.plain_rows(table))) for table in pages}


def test_sources_side_by_side_one_at_a_time_and_a_killed_one_s_turn_at_once(
    filrouge: Call, company: tuple[Path, Gate], start: Start, database_url: str
) -> None:
    folder, gate = company

    def sync(source: str) -> subprocess.CompletedProcess[str]:
        return filrouge("sync", source, "-w", folder, env={"FILROUGE_STORE": database_url})

    first = start("boutique")
    assert gate.asked.wait(60)
    refused = sync("boutique")
    assert refused.returncode == 1
    assert re.search(
        rf"boutique: skipped, since process {first.pid} on \S+, since \S+ \S+ UTC, is at it and holds it until ",
        refused.stderr,
    )
    beside = sync("logistique")
    assert beside.returncode == 0, beside.stderr
    assert first.poll() is None
    assert {row[0] for row in kept(database_url)["work_item"]} == {"logistique"}
    first.kill()
    first.wait()
    gate.opened.set()
    after = sync("boutique")
    assert after.returncode == 0, after.stderr
    assert "skipped" not in after.stderr
    assert {row[0] for row in kept(database_url)["work_item"]} == {"boutique", "logistique"}


def test_who_slept_past_its_turn_writes_nothing_more(
    filrouge: Call, company: tuple[Path, Gate], start: Start, database_url: str
) -> None:
    folder, gate = company
    sleeper = start("boutique")
    assert gate.asked.wait(60)
    sleeper.send_signal(signal.SIGSTOP)
    # While it sleeps its lease runs out, as after minutes of a machine that was put to sleep.
    with closing(open_store(database_url)) as store, store.writing() as unit:
        lease = unit.lease(lease_name("boutique"))
        assert lease is not None
        assert unit.renew_lease(lease.fence, lease.expires_at - timedelta(days=1), 0)
    gate.opened.set()
    taken = filrouge("sync", "boutique", "-w", folder, env={"FILROUGE_STORE": database_url})
    assert taken.returncode == 0, taken.stderr
    before = kept(database_url)
    sleeper.send_signal(signal.SIGCONT)
    _, said = sleeper.communicate(timeout=60)
    assert "boutique: stopped" in said
    assert "Another process has taken over" in said
    assert "Traceback" not in said
    assert kept(database_url) == before
