"""All findings, one line each."""

from __future__ import annotations

from collections.abc import Mapping

from reports.rules import (
    a01_over_invested,
    a02_starved,
    a03_unaligned_work,
    a04_off_plan,
    a05_sustained_drift,
    a06_priority_inversion,
    m05_stale_source,
    s01_no_strategy,
    s02_idle_objective,
    s03_zombie_objective,
    w01_unmapped_epic,
    w03_done_with_open_children,
)
from reports.rules.rule import Rule

RULES: tuple[Rule, ...] = (
    a01_over_invested,
    a02_starved,
    a03_unaligned_work,
    a04_off_plan,
    a05_sustained_drift,
    a06_priority_inversion,
    s01_no_strategy,
    s02_idle_objective,
    s03_zombie_objective,
    w01_unmapped_epic,
    w03_done_with_open_children,
    m05_stale_source,
)

BY_CODE: Mapping[str, Rule] = {rule.code: rule for rule in RULES}
