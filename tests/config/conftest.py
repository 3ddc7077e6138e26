"""Workspaces on disk and the way a test asks what is wrong with one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from config.load import load
from config.workspace import Workspace
from domain.errors import ConfigurationError

HERE = Path(__file__).parent
SECRETS = {"JIRA_USER": "me@acme.example", "JIRA_TOKEN": "jira-secret", "ADO_PAT": "ado-secret"}

SETTINGS = """\
version: 1
organisation: Acme
timezone: Europe/Paris
sources: [{id: legacy, kind: files, path: legacy.jsonl}]
"""
STRATEGY = """\
version: 1
cycles: [{id: Q4, from: 2026-10-01, to: 2026-12-31}]
objectives: [{id: O1, title: One, cycle: Q4, weight: 1}]
"""
MAPPING = """\
version: 1
rules: [{id: all, when: {}, set: {contributes_to: O1}}]
"""

Write = Callable[..., Path]
Faults = Callable[..., list[str]]


@pytest.fixture(scope="session")
def whole() -> Path:
    """The folder of a workspace that uses every setting there is."""
    return HERE / "whole"


@pytest.fixture
def whole_workspace(whole: Path) -> Workspace:
    return load(whole, SECRETS)


@pytest.fixture(scope="session")
def secrets() -> Mapping[str, str]:
    return SECRETS


@pytest.fixture(scope="session")
def small() -> Mapping[str, str]:
    """The text of each file of a workspace that is just complete."""
    return {"filrouge.yaml": SETTINGS, "strategy.yaml": STRATEGY, "mapping.yaml": MAPPING}


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a workspace of three small files, any of them replaced, and say where it is."""

    def write_files(
        settings: str | bytes = SETTINGS, strategy: str | bytes = STRATEGY, mapping: str | bytes = MAPPING
    ) -> Path:
        files = {"filrouge.yaml": settings, "strategy.yaml": strategy, "mapping.yaml": mapping}
        for name, content in files.items():
            (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
        return tmp_path

    return write_files


@pytest.fixture
def faults() -> Faults:
    """The lines in which `load` refuses a workspace."""

    def lines_of(folder: Path, environ: Mapping[str, str] | None = None, *, secrets: bool = True) -> list[str]:
        with pytest.raises(ConfigurationError) as caught:
            load(folder, environ or {}, secrets=secrets)
        return str(caught.value).splitlines()

    return lines_of
