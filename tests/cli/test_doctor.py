"""`filrouge doctor` finds what is wrong, says what to do, and lets nothing that is secret out."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from demo.trackers.azure_devops import AzureDevOpsSite
from demo.trackers.jira import JiraSite
from sync.doctor import examine
from tests.cli.conftest import Call
from tests.conftest import NOW, TOKEN, Running
from tests.sync.conftest import StillClock

Site = Callable[..., Running[JiraSite]]
PROJECTS = [{"id": "1", "key": "SHOP", "name": "Shop"}]
COMMENTS = "comments: {enabled: true, projects: [SHOP]}\n"


@pytest.fixture
def acme(filrouge: Call, tmp_path: Path) -> Path:
    """A first workspace whose only source has a schedule and was pulled a moment ago."""
    assert filrouge("init", ".").returncode == 0
    settings = tmp_path / "filrouge.yaml"
    text = settings.read_text("utf-8").replace("    kind: files\n", "    kind: files\n    schedule: {every: 15m}\n")
    settings.write_text(text, encoding="utf-8")
    assert filrouge("sync").returncode == 0
    return tmp_path


def on_jira(folder: Path, url: str, rest: str = "") -> None:
    """Let the workspace read a Jira site in place of its files."""
    lines = f"""version: 1
organisation: Acme
timezone: Europe/Paris
sources:
  - id: shop
    kind: jira
    url: {url}
    auth: {{method: bearer, token: "${{JIRA_PAT}}"}}
    projects: [SHOP]
"""
    (folder / "filrouge.yaml").write_text(lines + rest, encoding="utf-8")


def looked_at(result: subprocess.CompletedProcess[str]) -> dict[str, list[Mapping[str, str]]]:
    """The checks by subject; each that is not well has a remedy, and no token is anywhere."""
    assert TOKEN not in result.stdout + result.stderr
    assert "Traceback" not in result.stderr
    found: dict[str, list[Mapping[str, str]]] = {}
    for check in json.loads(result.stdout):
        assert bool(check["remedy"]) == (check["state"] != "ok"), check
        found.setdefault(check["subject"], []).append(check)
    return found


def states(checks: list[Mapping[str, str]]) -> set[str]:
    return {check["state"] for check in checks}


def test_all_is_well(filrouge: Call, acme: Path) -> None:
    result = filrouge("doctor", "--json")
    found = looked_at(result)
    assert result.returncode == 0
    assert {state for checks in found.values() for state in states(checks)} == {"ok"}
    assert {"configuration", "credentials", "disk", "store", "time zones", "source example"} <= found.keys()
    assert found["schedule of example"][0]["said"].startswith("Its last good pull was")
    people = filrouge("doctor")
    assert all(line.startswith(("ok ", "warn ", "fail ", "     ")) for line in people.stdout.splitlines())


def test_faults_of_the_configuration_stand_with_their_place(filrouge: Call, acme: Path) -> None:
    settings = acme / "filrouge.yaml"
    settings.write_text(settings.read_text("utf-8").replace("Europe/Paris", "Europe/Atlantis"), encoding="utf-8")
    result = filrouge("doctor", "--json")
    (fault,) = looked_at(result)["configuration"]
    assert (result.returncode, fault["state"]) == (1, "fail")
    assert fault["said"].startswith("filrouge.yaml:5:11: ")


def test_a_damaged_store_and_none(filrouge: Call, acme: Path) -> None:
    for left in acme.glob("filrouge.db*"):
        left.unlink()
    result = filrouge("doctor", "--json")
    (absent,) = looked_at(result)["store"]
    assert (result.returncode, absent["state"]) == (0, "warn")
    assert "filrouge sync" in absent["remedy"]
    (acme / "filrouge.db").write_bytes(b"this is no database, and long enough to be one" * 50)
    result = filrouge("doctor", "--json")
    assert result.returncode == 1
    assert states(looked_at(result)["store"]) == {"fail"}


def test_a_source_without_schedule_and_one_that_is_late(acme: Path) -> None:
    later = StillClock()
    later.at = later.at.replace(year=2036)
    late = {check.subject: check for check in examine(acme, {}, later)}["schedule of example"]
    assert late.state == "fail"
    assert "3 of its periods" in late.said
    settings = acme / "filrouge.yaml"
    settings.write_text(settings.read_text("utf-8").replace("    schedule: {every: 15m}\n", "", 1), encoding="utf-8")
    none = {check.subject: check for check in examine(acme, {}, later)}["schedule of example"]
    assert (none.state, "schedule" in none.remedy) == ("warn", True)


def test_tokens_that_are_missing_and_refused(filrouge: Call, acme: Path, jira_cloud: Site) -> None:
    site = jira_cloud(issues=[], projects=PROJECTS, checked=False)
    on_jira(acme, site.url)
    missing = filrouge("doctor", "--json")
    (fault,) = looked_at(missing)["credentials"]
    assert (missing.returncode, fault["state"]) == (1, "fail")
    assert "JIRA_PAT" in fault["said"]
    assert not site.exchanges
    refused = filrouge("doctor", "--json", env={"JIRA_PAT": "wrong"})
    assert refused.returncode == 1
    assert states(looked_at(refused)["source shop"]) == {"fail"}
    hidden = filrouge("doctor", "--json", env={"JIRA_PAT": TOKEN, "FILROUGE_SOURCES__0__PROJECTS": "[SHOP, GONE]"})
    assert "1 of 2 projects" in looked_at(hidden)["source shop"][0]["said"]


@pytest.mark.parametrize(
    ("rest", "permissions", "expected"),
    [
        ("", {"ADD_COMMENTS": False}, []),  # nothing is written, so nothing more is needed
        (COMMENTS, {}, []),
        (COMMENTS, {"ADD_COMMENTS": False, "EDIT_ISSUES": False}, [("fail", "Add Comments in SHOP")]),
        ("", {"BROWSE_PROJECTS": False}, [("fail", "Browse Projects in SHOP")]),
        ("", {"ADMINISTER": True}, [("warn", "Administer Jira")]),
    ],
)
def test_rights_are_held_against_what_is_needed(
    filrouge: Call,
    acme: Path,
    jira_cloud: Site,
    rest: str,
    permissions: dict[str, bool],
    expected: list[tuple[str, str]],
) -> None:
    on_jira(acme, jira_cloud(issues=[], projects=PROJECTS, permissions=permissions).url, rest)
    found = looked_at(filrouge("doctor", "--json", env={"JIRA_PAT": TOKEN}))
    bad = [check for check in found["rights on shop"] if check["state"] != "ok"]
    assert [check["state"] for check in bad] == [state for state, _ in expected]
    assert all(words in check["said"] for check, (_, words) in zip(bad, expected, strict=True))
    assert states(found["clock of shop"]) == {"ok"}


@pytest.mark.parametrize(("token", "state"), [(TOKEN, "ok"), ("expired", "fail")])
def test_an_organisation_of_azure_devops(
    filrouge: Call, acme: Path, azure_devops: Callable[..., Running[AzureDevOpsSite]], token: str, state: str
) -> None:
    site = azure_devops(items=[], projects=[{"id": "p1", "name": "Platform"}], checked=False)
    settings = acme / "filrouge.yaml"
    on_jira(acme, site.url)
    text = settings.read_text("utf-8").replace("kind: jira", "kind: azure_devops").replace("[SHOP]", "[Platform]")
    settings.write_text(text.replace("method: bearer", "method: pat"), encoding="utf-8")
    found = looked_at(filrouge("doctor", "--json", env={"JIRA_PAT": token}))
    assert states(found["source shop"]) == {state}
    assert ("rights on shop" in found) == (state == "ok")


def test_a_clock_that_is_wrong(acme: Path, jira_cloud: Site) -> None:
    on_jira(acme, jira_cloud(issues=[], projects=PROJECTS).url)
    slow = StillClock()
    slow.at = NOW.replace(year=2020)  # the server's Date is the real one
    clock = {check.subject: check for check in examine(acme, {"JIRA_PAT": TOKEN}, slow)}["clock of shop"]
    assert clock.state == "fail"
    assert "ahead of this machine's" in clock.said
