"""Certificates are always checked; `tls.ca` names authorities of one's own, besides the usual ones, for all of us."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Call
from tests.https import Site, https_site

ROOT = Path(__file__).parents[2]
PACKAGES = ("domain", "config", "connectors", "mapping", "store", "reports", "sync", "cli", "demo")
UNCHECKED = re.compile(r"verify\s*=\s*False|CERT_NONE|check_hostname\s*=\s*False|_create_unverified|disable_warnings")


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """A server that only its own authority vouches for, and that has nothing to say."""
    with https_site(tmp_path) as up:
        yield up


@pytest.fixture
def acme(tmp_path: Path, site: Site) -> Path:
    """A workspace whose trackers, readings and Confluence are all behind that certificate."""
    folder = tmp_path / "work"
    folder.mkdir()
    auth = 'auth: {method: bearer, token: "${TOKEN}"}'
    (folder / "filrouge.yaml").write_text(
        f"""version: 1
organisation: Acme
timezone: Europe/Paris
readings: {{private_hosts: [localhost]}}
sources:
  - {{id: shop, kind: jira, url: {site.address}, {auth}, projects: [SHOP]}}
  - id: line
    kind: azure_devops
    url: {site.address}/acme
    auth: {{method: pat, token: "${{TOKEN}}"}}
    projects: [Line]
reports:
  - id: weekly
    deliver: [{{confluence: {{url: {site.address}, deployment: data_center, space: AGILE, {auth}}}}}]
"""
    )
    (folder / "mapping.yaml").write_text("version: 1\n")
    (folder / "strategy.yaml").write_text(
        "version: 1\ncycles: [{id: Q4, from: 2026-10-01, to: 2026-12-31}]\n"
        "objectives:\n  - id: O1\n    title: Checkout\n    cycle: Q4\n    weight: 40\n    key_results:\n"
        "      - id: KR1\n        title: Conversion\n        kpi: {baseline: 2, target: 4, kind: increase}\n"
        f"        readings_from: {site.address}/checkout.csv\n"
    )
    site.says("/checkout.csv", "on,value\n2026-10-15,2.5\n")
    return folder


def trust(folder: Path, ca: str) -> None:
    settings = folder / "filrouge.yaml"
    settings.write_text(settings.read_text("utf-8") + f"tls: {{ca: {ca}}}\n", "utf-8")


def problems(filrouge: Call, folder: Path, **env: str) -> dict[str, str]:
    """What each of those that are asked could not do."""
    env = {"TOKEN": "t0k3n", **env}
    told: dict[str, Any] = json.loads(filrouge("check", "--online", "--json", cwd=folder, env=env).stdout)
    found = {one["source"]: str(one["problem"]) for one in told["sources"]}
    (found["readings"],) = (str(one["problem"]) for one in told["readings"])
    looked = json.loads(filrouge("doctor", "--json", cwd=folder, env=env).stdout)
    (found["confluence"],) = (one["said"] for one in looked if one["subject"].startswith("the space"))
    return found


def test_a_certificate_that_nobody_vouches_for_is_refused_by_all(filrouge: Call, acme: Path, site: Site) -> None:
    found = problems(filrouge, acme)
    assert set(found) == {"shop", "line", "readings", "confluence"}
    assert all("certificate" in problem and "not trusted" in problem for problem in found.values()), found
    assert site.asked == []


def test_an_authority_of_ones_own_is_trusted_by_all(filrouge: Call, acme: Path, site: Site) -> None:
    (acme / "certs").mkdir()
    (acme / "certs" / "acme.pem").write_bytes(site.trusted.read_bytes())
    trust(acme, "certs/acme.pem")
    found = problems(filrouge, acme)
    assert not [problem for problem in found.values() if "certificate" in problem], found
    assert found["readings"] == "None"
    asked = " ".join(site.asked)
    assert all(part in asked for part in ("/rest/api/2/serverInfo", "/acme/", "/checkout.csv", "/rest/api/space/AGILE"))


def test_what_is_trusted_anyway_still_is(filrouge: Call, acme: Path, site: Site, tmp_path: Path) -> None:
    """The setting adds to the environment's list and takes nothing from it."""
    (tmp_path / "another").mkdir()
    with https_site(tmp_path / "another") as other:
        trust(acme, str(other.trusted))
        found = problems(filrouge, acme, REQUESTS_CA_BUNDLE=str(site.trusted))
    assert not [problem for problem in found.values() if "certificate" in problem], found


@pytest.mark.parametrize("content", [None, "no certificate at all"])
def test_a_file_that_holds_no_certificates_is_said_with_its_line(
    filrouge: Call, acme: Path, content: str | None
) -> None:
    if content is not None:
        (acme / "acme.pem").write_text(content)
    trust(acme, "acme.pem")
    line = len((acme / "filrouge.yaml").read_text("utf-8").splitlines())
    told = filrouge("check", "--online", cwd=acme, env={"TOKEN": "t0k3n"})
    assert told.returncode == 2
    assert f"filrouge.yaml:{line}:11: `acme.pem` cannot be read as certificates; expected a file in PEM" in told.stderr
    assert filrouge("check", cwd=acme).returncode == 0, "who talks to nobody needs nobody's certificate"


def test_the_check_cannot_be_turned_off(filrouge: Call, acme: Path) -> None:
    settings = acme / "filrouge.yaml"
    settings.write_text(settings.read_text("utf-8") + "tls: {verify: false}\n", "utf-8")
    told = filrouge("check", cwd=acme)
    assert (told.returncode, "unknown key `verify`" in told.stderr) == (2, True)
    files = [file for package in PACKAGES for file in (ROOT / package).rglob("*.py")]
    assert len(files) > 200
    assert [str(file) for file in files if UNCHECKED.search(file.read_text("utf-8"))] == []
