"""Settings from variables: nested, typed, checked like those of the file, and never a secret in a text of ours."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from config.load import load
from config.settings import JiraSource
from domain.findings import Severity

Faults = Callable[..., list[str]]


@pytest.mark.parametrize(
    ("name", "value", "read"),
    [
        ("FILROUGE_TIMEZONE", "Europe/Rome", lambda s: s.timezone == "Europe/Rome"),
        ("FILROUGE_ORGANISATION", "Acme: the company", lambda s: s.organisation == "Acme: the company"),
        ("FILROUGE_ORGANISATION", "2026", lambda s: s.organisation == "2026"),
        ("FILROUGE_DRIFT__HORIZON", "8", lambda s: s.drift.horizon == 8),
        ("FILROUGE_DRIFT__THRESHOLDS__OFF_PLAN", "0.3", lambda s: s.drift.thresholds.off_plan == 0.3),
        ("FILROUGE_DRIFT__RULES__W03", "off", lambda s: "W03" in s.drift.rules and s.drift.rules["W03"].off),
        ("FILROUGE_DRIFT__RULES__W05__SEVERITY", "info", lambda s: s.drift.rules["W05"].severity is Severity.INFO),
        ("FILROUGE_COMMENTS__ENABLED", "true", lambda s: s.comments.enabled is True),
        ("FILROUGE_COMMENTS__PROJECTS", "[SHOP, '2']", lambda s: s.comments.projects == ("SHOP", "2")),
        ("FILROUGE_COMMENTS__BUDGET", "{per_run: 5}", lambda s: s.comments.budget.per_run == 5),
        ("FILROUGE_SOURCES__SHOP__URL", "https://b.example", lambda s: s.sources[0].url == "https://b.example"),
        ("FILROUGE_SOURCES__1__SCHEDULE__EVERY", "1h", lambda s: s.sources[1].schedule.every == "1h"),
        ("FILROUGE_REPORTS__WEEKLY__FORMATS", "[json]", lambda s: s.reports[0].formats == ("json",)),
    ],
)
def test_a_variable_overrides(whole: Path, name: str, value: str, read: Callable[[object], bool]) -> None:
    before = load(whole, {}, secrets=False)
    after = load(whole, {name: value}, secrets=False)
    assert not read(before.settings)
    assert read(after.settings)
    assert after.config_revision.digest != before.config_revision.digest
    assert after.mapping_revision == before.mapping_revision


def test_faults_of_variables_name_the_variable(whole: Path, faults: Faults) -> None:
    environ = {
        "FILROUGE_DRIFT__HORIZON": "many",
        "FILROUGE_DRIFT__TOLERANCES": "3",
        "FILROUGE_TIMEZONES": "UTC",
        "FILROUGE_SOURCES__SHOPS__URL": "https://b.example",
        "FILROUGE_REPORTS": "[",
        "FILROUGE_LANGUAGE": "",
        "FILROUGE_COMMENTS__ENABLED": "yes",
    }
    found = faults(whole, environ, secrets=False)
    assert sorted(line.split(": ")[0] for line in found) == sorted(environ)
    ends = {line.split(": ")[0]: line.rpartition("; ")[2] for line in found}
    assert ends["FILROUGE_SOURCES__SHOPS__URL"] == "did you mean `shop`?"
    assert ends["FILROUGE_TIMEZONES"] == "did you mean `timezone`?"
    assert ends["FILROUGE_DRIFT__TOLERANCES"] == "did you mean `tolerance`?"


def test_variables_of_others_are_left_alone(whole: Path) -> None:
    others = {"FILROUGE_SHARED": "/x", "FILROUGE_TEST_POSTGRESQL": "y", "FILROUGE_DB_PASSWORD": "z", "HOME": "/"}
    plain = load(whole, {}, secrets=False)
    assert load(whole, others, secrets=False).config_revision == plain.config_revision


def test_secrets_from_overriding_variables_stay_references(whole: Path) -> None:
    environ = {
        "JIRA_USER": "u",
        "ADO_PAT": "p",
        "FILROUGE_SOURCES__SHOP__AUTH__TOKEN": "12345",
        "FILROUGE_STORE": "postgresql+psycopg://u:hunter2@db/f",
    }
    workspace = load(whole, environ)
    shop = workspace.settings.sources[0]
    assert isinstance(shop, JiraSource)
    assert shop.auth.token.get_secret_value() == "12345"
    assert workspace.store_url == "postgresql+psycopg://u:hunter2@db/f"
    assert "12345" not in workspace.config_revision.text
    assert "hunter2" not in workspace.config_revision.text
    without = {name: value for name, value in environ.items() if name != "FILROUGE_STORE"}
    # Where things are kept changes no figure, so a moved store gives the same report.
    assert load(whole, without).config_revision == workspace.config_revision


def test_a_broken_store_from_a_variable_is_not_shown(whole: Path, faults: Faults) -> None:
    found = faults(whole, {"FILROUGE_STORE": "mysql://u:hunter2@db/f"}, secrets=False)
    assert len(found) == 1
    assert found[0].startswith("FILROUGE_STORE: this is no address of a store; expected ")
    assert "hunter2" not in found[0]
