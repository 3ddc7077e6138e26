"""A sound workspace becomes typed values; secrets, overrides, overlays and readings find their way in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

import pytest

from config.load import load
from config.rules import Place
from config.settings import FilesSource, JiraSource
from config.workspace import Workspace
from domain.errors import ConfigurationError
from domain.findings import Severity
from domain.strategy import DatedValue, KpiKind, Priority

Write = Callable[..., Path]
Faults = Callable[..., list[str]]

JIRA = """\
version: 1
organisation: Acme
timezone: Europe/Paris
sources:
  - id: shop
    kind: jira
    url: https://acme.atlassian.net
    auth: {method: basic, user: me@acme.example, token: TOKEN}
    projects: [SHOP]
"""


def jira(token: str) -> str:
    return JIRA.replace("TOKEN", token)


def test_settings_of_a_whole_workspace(whole_workspace: Workspace) -> None:
    settings = whole_workspace.settings
    shop, platform, legacy = settings.sources
    assert isinstance(shop, JiraSource)
    assert shop.fields.points == ("customfield_10016", "customfield_10026")
    assert shop.since == date(2026, 1, 1)
    assert shop.auth.user is not None
    assert shop.auth.user.get_secret_value() == "me@acme.example"
    assert shop.auth.token.get_secret_value() == "jira-secret"
    assert platform.id == "platform"
    assert isinstance(legacy, FilesSource)
    assert settings.drift.rules["F02"].off
    assert settings.drift.rules["A03"].severity is Severity.ERROR
    assert settings.drift.rules["W05"].model_extra == {"days": 14}
    assert settings.drift.holidays == (date(2026, 11, 11),)
    assert whole_workspace.zone.key == "Europe/Paris"


def test_strategy_of_a_whole_workspace(whole_workspace: Workspace) -> None:
    first, second = whole_workspace.strategy.objectives
    assert first.priority == Priority(weights=(DatedValue(date.min, 40.0),))
    assert second.priority == Priority(
        weights=(DatedValue(date(2026, 10, 1), 35.0), DatedValue(date(2026, 11, 16), 45.0)), range=(35.0, 45.0)
    )
    maintained = second.key_results[0].kpi
    assert maintained is not None
    assert (maintained.kind, maintained.band) == (KpiKind.MAINTAIN, (95.0, 100.0))
    result = first.key_results[0]
    assert result.objective == "O1"
    # The file's readings come after the strategy's own: of two on one day the later counts.
    assert [(reading.on.day, reading.value) for reading in result.readings] == [(15, 2.3), (12, 2.4), (20, 2.35)]
    assert whole_workspace.strategy.target_of()["KR2.1"] == "O2"


def test_mapping_of_a_whole_workspace(whole_workspace: Workspace) -> None:
    mapping = whole_workspace.mapping
    assert [rule.id for rule in mapping.rules] == [
        "payments-component",
        "shared-platform",
        "tagged-by-the-team",
        "upkeep",
        "forest",
    ]
    payments, shared, tagged, upkeep, forest = mapping.rules
    assert payments.when == {
        "source": ["shop"],
        "component": ["Payments", "Pay *"],
        "not": {"label": ["spike"]},
    }
    assert payments.place == Place("mapping.yaml", 3, 5)
    assert shared.set.contributes_to == (("KR1.1", 60.0), ("KR2.1", 40.0))
    assert tagged.set.contributes_to == (("{label:okr-*}", 1.0),)
    assert upkeep.when == {"any": [{"type": ["Bug"]}, {"summary": [r"/(?i)\bupgrade\b/"]}]}
    # Numbers and words in patterns keep the text that was written.
    assert forest.when == {
        "team": ["Forest"],
        "fix_version": ["2.10", "1"],
        "sprint": ["on"],
        "field": {"cost centre": ["0815"]},
    }
    assert forest.set.contributes_to == (("O2", 1.0), ("run", 1.0))
    assert forest.place == Place("teams/forest.yaml", 3, 5)
    assert mapping.inherit == {"contributes_to", "value_stream", "product"}
    pin = mapping.pins[0]
    assert (pin.item, pin.source, pin.on, pin.cascade) == ("SHOP-42", "shop", date(2026, 11, 3), True)
    real, given = mapping.tests
    assert (real.item, real.expect) == ("SHOP-7", {"contributes_to": {"KR1.1": 1.0}, "rule": "payments-component"})
    assert given.given == {"type": "Epic", "label": ["spike"], "component": ["Payments"]}
    assert given.expect == {"contributes_to": None}
    assert mapping.acknowledge[0].until == date(2026, 12, 15)


def test_commands_without_network_need_no_secrets(whole: Path) -> None:
    shop = load(whole, {}, secrets=False).settings.sources[0]
    assert isinstance(shop, JiraSource)
    assert shop.auth.token.get_secret_value() == "${JIRA_TOKEN}"


def test_every_variable_that_is_not_set_is_a_fault_with_its_place(whole: Path, faults: Faults) -> None:
    assert faults(whole, {"JIRA_TOKENS": "x", "JIRA_USER": " "}) == [
        f"filrouge.yaml:{place}: the environment variable `{name}` is {state}; expected it to hold the value{near}"
        for place, name, state, near in [
            ("14:33", "JIRA_USER", "empty", ""),
            ("14:56", "JIRA_TOKEN", "not set", "; did you mean `JIRA_TOKENS`?"),
            ("23:32", "ADO_PAT", "not set", ""),
        ]
    ]


def test_a_secret_from_a_file(write: Write, faults: Faults) -> None:
    folder = write(jira("{file: secrets/token}"))
    assert faults(folder)[0].startswith("filrouge.yaml:8:57: the file `secrets/token` of this secret cannot be read;")
    (folder / "secrets").mkdir()
    (folder / "secrets" / "token").write_text("\n")
    assert "is empty" in faults(folder)[0]
    (folder / "secrets" / "token").write_text("from-a-file\n")
    source = load(folder, {}).settings.sources[0]
    assert isinstance(source, JiraSource)
    assert source.auth.token.get_secret_value() == "from-a-file"
    assert source.auth.user is not None
    assert source.auth.user.get_secret_value() == "me@acme.example"


def test_no_secret_in_any_text_of_a_workspace(whole: Path, secrets: Mapping[str, str]) -> None:
    workspace = load(whole, secrets)
    texts = [repr(workspace), workspace.config_revision.text, workspace.mapping_revision.text]
    for secret in secrets.values():
        assert not any(secret in text for text in texts)
    assert '"token":"${JIRA_TOKEN}"' in workspace.config_revision.text


def test_an_account_in_clear_is_no_secret_but_private(write: Write) -> None:
    workspace = load(write(jira('"${TOKEN}"')), {"TOKEN": "t"})
    assert "me@acme.example" not in repr(workspace) + workspace.config_revision.text


def test_a_store_with_its_password_in_a_variable(write: Write, faults: Faults) -> None:
    folder = write(jira('"${TOKEN}"') + "store: postgresql+psycopg://filrouge:${DB_PASSWORD}@db/filrouge\n")
    assert faults(folder, secrets=False) == [
        "filrouge.yaml:10:8: the environment variable `DB_PASSWORD` is not set; expected it to hold the value"
    ]
    workspace = load(folder, {"DB_PASSWORD": "p@ss/word"}, secrets=False)
    assert workspace.store_url == "postgresql+psycopg://filrouge:p%40ss%2Fword@db/filrouge"
    assert "word@" not in workspace.config_revision.text


def test_a_relative_sqlite_store_lies_in_the_workspace(write: Write) -> None:
    folder = write()
    assert load(folder, {}).store_url == f"sqlite:///{folder / 'filrouge.db'}"


def test_a_folder_without_a_workspace_says_what_to_do(tmp_path: Path, faults: Faults) -> None:
    assert faults(tmp_path / "nowhere") == [
        "filrouge.yaml:1:1: there is no file `filrouge.yaml` in the workspace; `filrouge init` writes a workspace"
    ]


def test_three_files_may_have_other_names(write: Write) -> None:
    folder = write(jira('"${TOKEN}"') + "strategy: a/goals.yaml\nmapping: a/rules.yaml\n")
    (folder / "a").mkdir()
    (folder / "strategy.yaml").rename(folder / "a" / "goals.yaml")
    (folder / "mapping.yaml").rename(folder / "a" / "rules.yaml")
    assert load(folder, {}, secrets=False).mapping.rules[0].place == Place("a/rules.yaml", 2, 9)


def test_readings_with_semicolons_and_decimal_commas(write: Write) -> None:
    strategy = """\
version: 1
cycles: [{id: Q4, from: 2026-10-01, to: 2026-12-31}]
objectives:
  - {id: O1, title: One, cycle: Q4, key_results: [{id: K, title: T, readings_from: k.csv}]}
"""
    folder = write(strategy=strategy)
    (folder / "k.csv").write_bytes("\ufeffValue;On;note\r\n2,5;2026-10-15;first\r\n\r\n".encode())
    assert load(folder, {}).strategy.objectives[0].key_results[0].readings == (DatedValue(date(2026, 10, 15), 2.5),)


def test_rules_of_an_overlay_come_after_those_of_the_file(write: Write) -> None:
    folder = write(mapping="version: 1\ninclude: [b.yaml, '*.yaml']\nrules: [{id: own, when: {}, set: {product: p}}]\n")
    (folder / "strategy.yaml").write_text(
        (folder / "strategy.yaml").read_text() + "products: [{id: p, title: P, serves: [O1]}]\n"
    )
    for name in ("a", "b"):
        (folder / f"{name}.yaml").write_text(f"version: 1\nrules: [{{id: {name}, when: {{}}, set: {{product: p}}}}]\n")
    with pytest.raises(ConfigurationError) as caught:  # the wildcard also takes files that are no overlays
        load(folder, {})
    assert any(problem.startswith("filrouge.yaml:") for problem in caught.value.problems)
    (folder / "mapping.yaml").write_text(
        (folder / "mapping.yaml").read_text().replace("'*.yaml'", "'[ab].yaml'").replace("b.yaml,", "./b.yaml,")
    )
    assert [rule.id for rule in load(folder, {}).mapping.rules] == ["own", "b", "a"]
