"""What must hold for every history of work items, however it was pulled."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, cast
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from config.settings import AzureDevOpsAuth, AzureDevOpsSource
from connectors.azure_devops import options
from connectors.azure_devops.tracker import AzureDevOps
from connectors.azure_devops.wire import Wire
from domain.history import as_of, value_at
from domain.work import HISTORY_FIELDS

CHANGES = st.fixed_dictionaries(
    {},
    optional={
        "state": st.sampled_from(["New", "Active", "Resolved", "Closed", "Removed", "Odd"]),
        "title": st.sampled_from(["a", "b", "c"]),
        "points": st.sampled_from([None, 0, 1, 2.5]),
        "tags": st.sampled_from([None, "x", "y; x"]),
        "area": st.sampled_from(["Platform", "Platform\\Pay", "Platform\\Pay\\Card"]),
        "iteration": st.sampled_from(["Platform", "Platform\\S1", "Platform\\S2"]),
        "assignee": st.sampled_from([None, "A <a@x>", {"uniqueName": "a@x"}, {"uniqueName": "b@x"}]),
        "priority": st.sampled_from([None, 1, 2]),
        "deleted": st.sampled_from([None, True]),
        "project": st.sampled_from(["Platform", "Shop"]),
        "kind": st.sampled_from(["User Story", "Task"]),
    },
)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("change"), st.integers(1, 4), CHANGES),
        st.tuples(st.just("parent"), st.integers(1, 4), st.sampled_from([None, 1, 2, 3, 4])),
        st.tuples(st.just("pull"), st.integers(1, 4), st.integers(1, 6)),
    ),
    max_size=14,
)


def connect(organisation: Any) -> AzureDevOps:
    source = AzureDevOpsSource(
        id="platform",
        kind="azure_devops",
        url="https://dev.azure.com/acme",
        auth=AzureDevOpsAuth.model_construct(method="pat", token=SecretStr("t")),
        projects=("Platform",),
    )
    read = options.read(source, zone=ZoneInfo("UTC"), extra_fields=frozenset(), agent="a")
    return AzureDevOps(read, organisation.clock, wire=cast(Wire, organisation))


@settings(max_examples=50, derandomize=True, deadline=None)
@given(steps=STEPS)
def test_pulls_between_changes_come_to_the_same_as_one_pull_at_the_end(
    new_world: Callable[[], tuple[Any, Any]], steps: list[Any]
) -> None:
    """And the present value of every field follows from the history, whatever happened."""
    organisation, shelf = new_world()
    organisation.teams["Platform"] = [("Ocean", "Platform\\Pay", True)]
    for number in range(1, 5):
        organisation.create(number)
    for kind, number, what in steps:
        if kind == "change":
            organisation.change(number, **what)
        elif kind == "parent":
            organisation.set_parent(number, what if what != number else None)
        else:
            organisation.page = number
            shelf.pull(connect(organisation), stop=what)
    shelf.pull(connect(organisation))
    whole = new_world()[1].pull(connect(organisation))
    for key, expected in whole.items.items():
        # An item that came in late tells less of where it hung before; all else is the same.
        found = shelf.items[key]
        assert replace(found, updated_at=expected.updated_at) == expected
        assert [one for one in shelf.history[key] if one.field != "parent"] == [
            one for one in whole.history[key] if one.field != "parent"
        ]
        last = organisation.revisions[int(key)][-1]
        assert (found.status, found.title, found.project) == (
            last["System.State"],
            last["System.Title"],
            last["System.TeamProject"],
        )
        parent = organisation.parents.get(int(key))
        if not last.get("System.IsDeleted"):  # relations of what lies in the bin cannot be read
            assert found.parent == (None if parent is None else str(parent))
    for key, found in shelf.items.items():
        history = shelf.history[key]
        assert [one.at for one in history] == sorted(one.at for one in history)
        for field in HISTORY_FIELDS:
            present = getattr(found, field)
            if isinstance(present, datetime):
                present = present.isoformat().replace("+00:00", "Z")
            assert value_at(history, field, organisation.clock.at, present) == present, field
            mine = [one for one in history if one.field == field]
            assert all(one.before != one.after for one in mine)
            assert all(one.after == two.before for one, two in pairwise(mine)), field
        if found.deleted is None:
            assert as_of(found, history, organisation.clock.at + timedelta(days=1)) is not None
        assert json.loads(shelf.raw[key])["id"] == key
