"""Worked cases as facts, built by the neighbouring folder's reader of cases."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from reports.facts import Facts


@pytest.fixture(scope="session")
def facts_from() -> Callable[[Mapping[str, Any]], Facts]:
    """The facts of a case as YAML gives it."""
    path = Path(__file__).parents[1] / "reports_measure" / "worked_case.py"
    spec = importlib.util.spec_from_file_location("worked_case", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    build: Callable[[Mapping[str, Any]], Facts] = module.facts_from
    return build
