"""Worked cases as facts, for the tests of this folder."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from reports.facts import Facts


def _load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("worked_case", Path(__file__).with_name("worked_case.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


WORKED_CASE = _load()


@pytest.fixture(scope="session")
def facts_from() -> Callable[[Mapping[str, Any]], Facts]:
    """The facts of a case as YAML gives it."""
    build: Callable[[Mapping[str, Any]], Facts] = WORKED_CASE.facts_from
    return build


@pytest.fixture(scope="session")
def differences() -> Callable[[Mapping[str, Any], Mapping[str, Any]], list[str]]:
    """Where a document is not what a case expects."""
    compare: Callable[[Mapping[str, Any], Mapping[str, Any]], list[str]] = WORKED_CASE.differences
    return compare
