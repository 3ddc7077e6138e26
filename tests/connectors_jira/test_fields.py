"""Finding a site's fields by schema."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from pydantic import SecretStr

from connectors.jira.fields import SYSTEM, discover
from connectors.jira.options import Options
from domain.errors import ConfigurationError

OPTIONS = Options("shop", "https://x", "cloud", SecretStr("t"), ("SHOP",))


def field(number: int, name: str, schema: str) -> dict[str, Any]:
    return {"id": f"customfield_{number}", "key": f"customfield_{number}", "name": name, "schema": {"custom": schema}}


NUMBER = "com.atlassian.jira.plugin.system.customfieldtypes:float"
LISTING: list[dict[str, Any]] = [
    {"id": "summary", "name": "Summary", "schema": {"type": "string", "system": "summary"}},
    {"id": "thumbnail", "name": "Images"},
    field(1, "Story point estimate", "com.pyxis.greenhopper.jira:jsw-story-points"),
    field(2, "Story Points", NUMBER),
    field(3, "Story Points", NUMBER),
    field(4, "Business value", NUMBER),
    field(5, "Iteration", "com.pyxis.greenhopper.jira:gh-sprint"),
    field(6, "Lien d'epic", "com.pyxis.greenhopper.jira:gh-epic-link"),
    field(7, "Parent Link", "com.atlassian.jpo:jpo-custom-field-parent"),
    field(8, "Team", "com.atlassian.teams:rm-teams-custom-field-team"),
    field(9, "Epic Name", "com.pyxis.greenhopper.jira:gh-epic-label"),
    field(10, "Customer", "com.atlassian.jira.plugin.system.customfieldtypes:select"),
    field(11, "Story Points", "com.atlassian.jira.plugin.system.customfieldtypes:textfield"),
]


def test_points_are_found_by_schema_and_name_whatever_the_ids() -> None:
    found = discover(LISTING, OPTIONS)
    assert found.points == ("customfield_1", "customfield_2", "customfield_3")
    assert found.sprint == ("customfield_5",)
    assert found.epic_link == ("customfield_6",)
    assert found.parent_link == ("customfield_7",)
    assert found.team == ("customfield_8",)
    assert found.epic_name == ("customfield_9",)
    assert found.wanted[: len(SYSTEM)] == list(SYSTEM)
    assert "customfield_4" not in found.wanted


def test_what_the_admin_configured_wins() -> None:
    found = discover(LISTING, replace(OPTIONS, points=("Business value", "customfield_2"), team="Customer"))
    assert found.points == ("customfield_4", "customfield_2")
    assert found.team == ("customfield_10",)


def test_a_configured_field_that_is_not_there_is_an_error_with_the_nearest_name() -> None:
    with pytest.raises(
        ConfigurationError, match=r"`fields.points` names Buisness value.*did you mean Business value"
    ) as caught:
        discover(LISTING, replace(OPTIONS, points=("Buisness value",), team="customfield_99"))
    assert len(caught.value.problems) == 2


def test_fields_that_rules_test_are_asked_for_under_the_name_as_written() -> None:
    found = discover(LISTING, replace(OPTIONS, extra=("CUSTOMER", "customfield_4", "Story Points", "Nowhere")))
    assert found.extra == {
        "CUSTOMER": ("customfield_10",),
        "customfield_4": ("customfield_4",),
        "Story Points": ("customfield_2", "customfield_3", "customfield_11"),
    }
    assert found.unknown == ("Nowhere",)
    assert {"customfield_10", "customfield_4"} <= set(found.wanted)
