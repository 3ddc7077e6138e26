"""Whatever the change log says, every field's chain is unbroken and ends at the present value."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.jira.convert import convert
from domain.history import as_of
from domain.work import State

BEGIN = datetime(2026, 1, 5, tzinfo=UTC)
CONTEXT = {
    "source": "s",
    "base": "https://x",
    "fields": {"points": ["cf1", "cf2"], "sprint": ["cf3"], "team": ["cf4"], "epic_link": ["cf5"]},
    "names": {"cf1": "Estimate", "cf2": "Points", "cf3": "Sprint", "cf4": "Team", "cf5": "Epic Link"},
    "dropped": ["Won't Do"],
    "statuses": {"1": ["Open", "new"], "2": ["Doing", "indeterminate"], "3": ["Done", "done"]},
}
words = st.sampled_from([None, "", "a", "b", "a b", "Won't Do", "SHOP-1", "7"])
ids = st.sampled_from([None, "", "1", "2", "3", "99", "1, 2"])
field = st.sampled_from(
    [
        ("status", None),
        ("resolution", None),
        ("issuetype", "issuetype"),
        ("labels", "labels"),
        ("Component", "components"),
        ("Fix Version", "fixVersions"),
        ("summary", None),
        ("priority", "priority"),
        ("assignee", None),
        ("Key", None),
        ("project", None),
        ("IssueParentAssociation", None),
        ("Parent", "parent"),
        ("Epic Link", "cf5"),
        ("Estimate", "cf1"),
        ("Points", None),
        ("Sprint", "cf3"),
        ("Team", "cf4"),
        ("Rank", "cf9"),
    ]
)


@st.composite
def items(draw: st.DrawFn) -> dict[str, Any]:
    name, field_id = draw(field)
    told: dict[str, Any] = {"field": name, "fieldtype": "custom" if name in {"Points", "Rank"} else "jira"}
    told |= {"from": draw(ids), "fromString": draw(words), "to": draw(ids), "toString": draw(words)}
    return told | ({"fieldId": field_id} if field_id else {})


entries = st.builds(
    lambda number, minutes, changed: {
        "id": str(number),
        "created": (BEGIN + timedelta(minutes=minutes)).isoformat(),
        "items": changed,
    },
    st.integers(1, 50),
    st.integers(0, 20),
    st.lists(items(), min_size=1, max_size=3),
)
named = st.lists(st.sampled_from([{"id": "1", "name": "a"}, {"id": "2", "name": "b"}, {"name": "c"}]), max_size=3)
issues = st.fixed_dictionaries(
    {
        "status": st.sampled_from(
            [
                {"id": "1", "name": "Offen", "statusCategory": {"key": "new"}},
                {"id": "2", "name": "Doing", "statusCategory": {"key": "indeterminate"}},
                {"id": "3", "name": "Done", "statusCategory": {"key": "done"}},
                {"id": "9", "name": "New one", "statusCategory": {"key": "done"}},
            ]
        ),
        "resolution": st.sampled_from([None, {"id": "1", "name": "Fixed"}, {"id": "2", "name": "Won't Do"}]),
        "issuetype": st.sampled_from([{"id": "1", "name": "Story"}, {"id": "2", "name": "Epic"}]),
        "project": st.just({"id": "1", "key": "SHOP", "name": "a"}),
        "created": st.just(BEGIN.isoformat()),
        "updated": st.just((BEGIN + timedelta(days=1)).isoformat()),
        "summary": st.sampled_from(["a", "b", ""]),
        "labels": st.lists(st.sampled_from(["a", "b"]), max_size=2),
        "components": named,
        "fixVersions": named,
        "priority": st.sampled_from([None, {"id": "1", "name": "High"}]),
        "assignee": st.sampled_from([None, {"accountId": "1"}]),
        "parent": st.sampled_from([None, {"id": "7", "key": "SHOP-7"}]),
        "statuscategorychangedate": st.sampled_from([None, (BEGIN + timedelta(minutes=10)).isoformat()]),
        "resolutiondate": st.sampled_from([None, (BEGIN + timedelta(minutes=15)).isoformat()]),
        "cf1": st.sampled_from([None, 3]),
        "cf2": st.sampled_from([None, 5.5]),
        "cf3": st.sampled_from([None, [{"id": 1, "name": "S1", "state": "closed"}, {"id": 2, "name": "S2"}]]),
        "cf4": st.sampled_from([None, {"id": "1", "name": "Ocean"}, "Lake"]),
        "cf5": st.sampled_from([None, "SHOP-1"]),
    }
)


@given(fields=issues, log=st.lists(entries, max_size=8), total=st.integers(0, 9))
@settings(max_examples=300, deadline=None, derandomize=True)
def test_chains_are_unbroken_and_end_at_the_present(
    fields: dict[str, Any], log: list[dict[str, Any]], total: int
) -> None:
    raw = json.dumps({"id": "1", "key": "SHOP-1", "fields": fields, "changelog": {"total": total, "histories": log}})
    record = convert(raw.encode(), CONTEXT)
    item, history = record.item, record.history
    assert [entry.at for entry in history] == sorted(entry.at for entry in history)
    for name in {entry.field for entry in history}:
        chain = [entry for entry in history if entry.field == name]
        assert all(entry.before != entry.after for entry in chain)
        assert all(one.after == two.before for one, two in pairwise(chain))
        assert chain[-1].after == getattr(item, name)
    later = as_of(item, history, BEGIN + timedelta(days=2))
    assert later is not None
    for name in ("state", "status", "points", "parent", "type", "labels", "components", "team", "project", "title"):
        assert getattr(later, name) == getattr(item, name)
    assert later.done_at == item.done_at or (item.state is State.DONE and item.done_at is None)
    assert later.started_at == item.started_at or any(entry.field == "state" for entry in history)
    assert (item.done_at is None) or item.state is State.DONE
    assert convert(record.raw, CONTEXT) == record
