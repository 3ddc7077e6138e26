"""What can be said of a Jira source without asking the site."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import SecretStr

from config.settings import AzureDevOpsAuth, AzureDevOpsSource, JiraAuth, JiraSource
from connectors import registry
from connectors.jira.options import read
from domain.errors import ConfigurationError


def source(**keys: Any) -> JiraSource:
    told = {
        "id": "shop",
        "kind": "jira",
        "url": "https://acme.atlassian.net/",
        "deployment": "auto",
        "auth": JiraAuth.model_construct(method="basic", user=SecretStr("u"), token=SecretStr("t")),
        "projects": ("SHOP", "SHOP"),
        **keys,
    }
    return JiraSource.model_construct(**told)


def options(**keys: Any) -> Any:
    return read(source(**keys), zone=ZoneInfo("Europe/Paris"), dropped_resolutions=["x"], extra_fields=frozenset("ba"))


def test_what_is_read() -> None:
    found = options()
    assert (found.url, found.projects, found.extra, found.dropped) == (
        "https://acme.atlassian.net",
        ("SHOP",),
        ("a", "b"),
        ("x",),
    )
    bearer = JiraAuth.model_construct(method="bearer", user=SecretStr("u"), token=SecretStr("t"))
    assert options(auth=bearer).user is None


@pytest.mark.parametrize(
    ("keys", "problem"),
    [
        ({"url": "acme.atlassian.net"}, "not a web address"),
        ({"url": "https://me:pw@acme.example"}, "more than an address"),
        ({"url": "https://acme.example/?os_authType=basic"}, "more than an address"),
        ({"auth": JiraAuth.model_construct(method="basic", user=None, token=SecretStr("t"))}, "needs a `user`"),
        ({"projects": ()}, "`projects` is empty"),
        ({"jql": "labels = x order  BY updated"}, "ORDER BY"),
        ({"jql": "labels = x) or (project = SECRET"}, "without its partner"),
        ({"jql": 'summary ~ "x'}, "without its partner"),
    ],
)
def test_faults(keys: dict[str, Any], problem: str) -> None:
    with pytest.raises(ConfigurationError, match=f"Source shop: .*{problem}") as caught:
        options(**keys)
    assert "pw" not in str(caught.value)


def test_words_in_quotation_marks_are_no_order() -> None:
    assert options(jql="summary ~ \"order by (phone\" and labels = 'a)'").jql is not None


def test_the_registry_builds_the_kind_that_is_asked_for() -> None:
    common: dict[str, Any] = {
        "folder": Path(),
        "zone": ZoneInfo("UTC"),
        "clock": object(),
        "dropped_resolutions": (),
        "extra_fields": frozenset(),
        "agent": "filrouge/1",
    }
    common["clock"] = type("Clock", (), {"monotonic": lambda _: 0.0})()
    assert type(registry.build(source(), **common)).__module__ == "connectors.jira.tracker"
    azure = AzureDevOpsSource.model_construct(
        id="p",
        kind="azure_devops",
        url="https://dev.azure.com/acme",
        auth=AzureDevOpsAuth.model_construct(method="pat", token=SecretStr("t")),
        projects=("Platform",),
    )
    assert type(registry.build(azure, **common)).__module__ == "connectors.azure_devops.tracker"
    with pytest.raises(ConfigurationError, match="unknown kind 'trello'"):
        registry.build(source(kind="trello"), **common)


def test_every_kind_is_one_line() -> None:
    assert set(registry.KINDS) == {"jira", "azure_devops", "files"}
