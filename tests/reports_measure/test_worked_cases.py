"""Every definition, computed by hand and held against the code."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from reports.compute import compute
from reports.facts import Facts

CASES = sorted(Path(__file__).parent.joinpath("cases").glob("*.yaml"))


def _each() -> list[Any]:
    found = []
    for path in CASES:
        for name, case in yaml.safe_load(path.read_text(encoding="utf-8")).items():
            found.append(pytest.param(case, id=f"{path.stem}-{name}"))
    return found


@pytest.mark.parametrize("case", _each())
def test_case_is_as_computed_by_hand(
    case: Mapping[str, Any],
    facts_from: Callable[[Mapping[str, Any]], Facts],
    differences: Callable[[Mapping[str, Any], Mapping[str, Any]], list[str]],
) -> None:
    assert case["expect"], "a case that expects nothing proves nothing"
    assert differences(dict(compute(facts_from(case))), case["expect"]) == []
