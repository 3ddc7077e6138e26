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
    f01_slower_flow,
    f02_overload,
    m01_dead_rule,
    m02_shadowed_rule,
    m03_broken_reference,
    m04_coverage_fell,
    m05_stale_source,
    m06_expired_acknowledgement,
    s01_no_strategy,
    s02_idle_objective,
    s03_zombie_objective,
    s04_stale_key_result,
    s05_idle_key_result,
    v01_effort_without_outcome,
    v02_abandoned_outcome,
    v03_watermelon,
    w01_unmapped_epic,
    w02_contradicting_tags,
    w03_done_with_open_children,
    w04_closed_empty,
    w05_stalled_epic,
    w06_scope_growth,
    w07_retagged,
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
    s04_stale_key_result,
    s05_idle_key_result,
    w01_unmapped_epic,
    w02_contradicting_tags,
    w03_done_with_open_children,
    w04_closed_empty,
    w05_stalled_epic,
    w06_scope_growth,
    w07_retagged,
    v01_effort_without_outcome,
    v02_abandoned_outcome,
    v03_watermelon,
    f01_slower_flow,
    f02_overload,
    m01_dead_rule,
    m02_shadowed_rule,
    m03_broken_reference,
    m04_coverage_fell,
    m05_stale_source,
    m06_expired_acknowledgement,
)

BY_CODE: Mapping[str, Rule] = {rule.code: rule for rule in RULES}
