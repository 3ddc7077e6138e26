"""Whether somebody has a role in a ticket's project is told right, asked once, and never guessed."""

from __future__ import annotations

import pytest

from domain.errors import ConfigurationError
from tests.contract.conftest import Open
from tests.contract.test_remarks import opened, world_of


def test_a_role_is_held_by_those_who_have_it_in_the_tickets_project(world: Open) -> None:
    here, (item, other) = world_of(world, 2)
    lead, person = (here.harness.names(name)[0] for name in ("lead", "person"))
    here.harness.grant("Leads", "lead")
    here.harness.grant("Developers", "person", project=1)
    with opened(here) as commenter:
        assert commenter.holds(item, lead, ["leads"])
        assert commenter.holds(item, lead, ["Astronauts", "LEADS"])
        assert not commenter.holds(item, person, ["Leads", "Developers", "Astronauts"])
        assert not commenter.holds(other, lead, ["Leads", "Developers"])
        assert commenter.holds(other, person, {"Developers"})
        assert not commenter.holds(item, "somebody-else", ["Leads"])


def test_a_role_of_many_is_read_to_its_end_and_once(world: Open) -> None:
    here, (item, _) = world_of(world, 2)
    here.harness.grant("Leads", *(f"lead{number}" for number in range(230)))
    with opened(here) as commenter:
        assert not commenter.holds(item, here.harness.names("lead230")[0], [])
        since = len(here.exchanges)
        last = here.harness.names("lead229")[0]
        assert commenter.holds(item, last, ["Leads"])
        assert since < len(here.exchanges)
        since = len(here.exchanges)
        assert commenter.holds(item, last, ["leads", "Leads"])
        assert len(here.exchanges) == since


def test_a_role_may_come_by_a_group(world: Open) -> None:
    here, (item, other) = world_of(world, 2)
    here.harness.grant("Leads", "lead")
    here.harness.grant("Leads", *(f"member{number}" for number in range(130)), group="captains & co")
    with opened(here) as commenter:
        assert commenter.holds(item, here.harness.names("lead")[0], ["Leads"])
        assert not any("group/member" in one.path for one in here.exchanges)
        assert commenter.holds(item, here.harness.names("member129")[0], ["Leads"])
        since = len(here.exchanges)
        assert commenter.holds(item, here.harness.names("member0")[0], ["Leads"])
        assert not commenter.holds(other, here.harness.names("member0")[0], ["Leads"])
        assert not any("group/member" in one.path for one in here.exchanges[since:])


def test_roles_that_may_not_be_read_are_named_with_what_to_do(world: Open) -> None:
    here, (item,) = world_of(world)
    here.harness.grant("Leads", "lead")
    here.harness.hide_roles()
    since = len(here.exchanges)
    with opened(here) as commenter:
        for _ in range(3):
            with pytest.raises(ConfigurationError) as told:
                commenter.holds(item, here.harness.names("lead")[0], ["Leads"])
    said = str(told.value)
    assert "Leads" in said
    assert item.project in said
    assert "; give it" in said
    asked = [one for one in here.exchanges[since:] if one.path.lower().endswith(("/role", "/teams"))]
    assert len(asked) == 1


def test_a_group_that_may_not_be_read_is_named_with_what_to_do(world: Open) -> None:
    here, (item,) = world_of(world)
    here.harness.grant("Leads", "lead", group="captains")
    here.harness.hide_groups()
    with opened(here) as commenter:
        for _ in range(3):
            with pytest.raises(ConfigurationError, match=r"group captains.*role Leads in project SHOP.*; give it"):
                commenter.holds(item, here.harness.names("lead")[0], ["Leads"])
    assert len([one for one in here.exchanges if one.path.endswith("/group/member")]) == 1
