"""Fixtures for every test: loopback trackers, whose every exchange is held against the vendor's own description."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, Generic, TypeVar

import pytest

from demo.trackers.azure_devops import AzureDevOpsSite
from demo.trackers.http import Exchange, serve
from demo.trackers.jira import JiraSite
from tests import real_input
from tests.specs.azure_devops_file import FILES as AZURE_DEVOPS_FILES
from tests.specs.azure_devops_file import AzureDevOpsFile
from tests.specs.jira_file import FILE as JIRA_FILE
from tests.specs.jira_file import JiraFile

NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)  # the trackers' clock, unless a test gives another
TOKEN = "loopback-token"

SiteT = TypeVar("SiteT", JiraSite, AzureDevOpsSite)


@dataclass
class Running(Generic[SiteT]):
    """A site that is being served: its address, its token, and every exchange so far.

    With `bodies` set to False what was answered from then on is not kept, for tests that measure memory.
    """

    site: SiteT
    url: str
    token: str
    exchanges: list[Exchange] = field(default_factory=list)
    bodies: bool = True

    def note(self, exchange: Exchange) -> None:
        """Remember an exchange."""
        self.exchanges.append(exchange if self.bodies else replace(exchange, response_body=b""))

    def requests(self, path: str = "", method: str = "") -> list[Exchange]:
        """The exchanges whose path contains `path`, of one method or of all."""
        return [one for one in self.exchanges if path.lower() in one.path.lower() and method in ("", one.method)]


def shared_folder() -> Path | None:
    """The folder of specifications and samples that no one of this project wrote; None when it is not here."""
    beside = Path(__file__).resolve().parents[2] / "shared"
    folder = Path(os.environ.get("FILROUGE_SHARED", beside))
    return folder if folder.is_dir() else None


@pytest.fixture(scope="session")
def shared() -> Path:
    """The shared folder; tests that need it are skipped where it is absent."""
    folder = shared_folder()
    if folder is None:
        pytest.skip("the folder shared (FILROUGE_SHARED, or beside the repository) is not here")
    return folder


@pytest.fixture(scope="session")
def real_jira_issues(shared: Path) -> list[dict[str, Any]]:
    """2,183 recorded issues, for `jira_data_center(issues=…)`; see tests/real_input.py."""
    return real_input.jira_issues(shared)


@pytest.fixture(scope="session")
def real_work_items(shared: Path) -> real_input.WorkItems:
    """2,524 recorded work items, for `azure_devops(**real_work_items.options)`; see tests/real_input.py."""
    return real_input.work_items(shared)


@cache
def _jira_file() -> JiraFile | None:
    folder = shared_folder()
    path = folder / "specs" / JIRA_FILE if folder else None
    return JiraFile(path) if path is not None and path.is_file() else None


@cache
def _azure_devops_file() -> AzureDevOpsFile | None:
    folder = shared_folder()
    path = folder / "specs" if folder else None
    if path is None or not all((path / name).is_file() for name in AZURE_DEVOPS_FILES):
        return None
    return AzureDevOpsFile(path)


class SpecCheck:
    """Collects what exchanges have against the vendors' files; nothing is checked where the files are absent."""

    def __init__(self) -> None:
        self.faults: dict[str, None] = {}

    def jira(self, exchange: Exchange, cloud: bool = True) -> None:
        """Hold an exchange with a Jira site against the file."""
        document = _jira_file()
        if document is not None:
            self._note(exchange, lambda: document.check(exchange, cloud))

    def azure_devops(self, exchange: Exchange) -> None:
        """Hold an exchange with an organisation against the files."""
        document = _azure_devops_file()
        if document is not None:
            self._note(exchange, lambda: document.check(exchange))

    def _note(self, exchange: Exchange, check: Callable[[], list[str]]) -> None:
        try:
            found = check()
        except ValueError as error:  # it runs in a thread of the server, where an exception would tell nobody
            found = [f"{exchange.method} {exchange.path}: no JSON where it is due ({error})"]
        self.faults |= dict.fromkeys(found)


@pytest.fixture
def spec_check() -> Iterator[SpecCheck]:
    """Checks exchanges; the test fails at its end when one was not as the vendor describes it."""
    check = SpecCheck()
    yield check
    assert not check.faults, "not as the vendor describes it:\n" + "\n".join(check.faults)


@pytest.fixture(autouse=True)
def _every_site_is_checked(spec_check: SpecCheck, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever makes a site in a test has its exchanges checked; `site.observers.clear()` right after is the way out."""
    make_jira, make_azure_devops = JiraSite.__init__, AzureDevOpsSite.__init__

    def jira(site: JiraSite, **options: Any) -> None:
        make_jira(site, **options)
        site.observers.append(lambda exchange: spec_check.jira(exchange, site.cloud))

    def azure_devops(site: AzureDevOpsSite, **options: Any) -> None:
        make_azure_devops(site, **options)
        site.observers.append(spec_check.azure_devops)

    monkeypatch.setattr(JiraSite, "__init__", jira)
    monkeypatch.setattr(AzureDevOpsSite, "__init__", azure_devops)


@pytest.fixture
def _stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def _run(stack: ExitStack, site: SiteT, token: Any, checked: bool) -> Running[SiteT]:
    if not checked:
        site.observers.clear()
    running = Running(site, stack.enter_context(serve(site)), token)
    site.observers.append(running.note)
    return running


@pytest.fixture
def jira_cloud(_stack: ExitStack) -> Callable[..., Running[JiraSite]]:
    """Start a Jira Cloud site: `jira_cloud(issues=[…], …)` takes what JiraSite takes.

    The clock stands at NOW and the token is TOKEN unless given. `checked=False` is for requests that are wrong on
    purpose.
    """

    def start(*, checked: bool = True, **options: Any) -> Running[JiraSite]:
        options = {"token": TOKEN, "now": lambda: NOW, **options}
        return _run(_stack, JiraSite(deployment="cloud", **options), options["token"], checked)

    return start


@pytest.fixture
def jira_data_center(_stack: ExitStack) -> Callable[..., Running[JiraSite]]:
    """Start a Jira Data Center: as `jira_cloud`; of its exchanges only the requests are checked."""

    def start(*, checked: bool = True, **options: Any) -> Running[JiraSite]:
        options = {"token": TOKEN, "now": lambda: NOW, **options}
        return _run(_stack, JiraSite(deployment="data_center", **options), options["token"], checked)

    return start


@pytest.fixture
def azure_devops(_stack: ExitStack) -> Callable[..., Running[AzureDevOpsSite]]:
    """Start an Azure DevOps organisation: `azure_devops(items=[…], …)` takes what AzureDevOpsSite takes."""

    def start(*, checked: bool = True, **options: Any) -> Running[AzureDevOpsSite]:
        options = {"token": TOKEN, "now": lambda: NOW, **options}
        return _run(_stack, AzureDevOpsSite(**options), options["token"], checked)

    return start
