"""The query language: what it means, and that it means the same however it is written."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from demo.trackers.jira import match, times
from demo.trackers.jira.jql import Call, Clause, Every, JqlError, Literal, Node, Not, Some, parse
from demo.trackers.jira.match import Row, Terms, key_of

NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
NAMES = {"story points": "customfield_1", "cf[1]": "customfield_1", "team": "customfield_2"}


def terms(zone: str = "UTC") -> Terms:
    return Terms(NOW, ZoneInfo(zone), NAMES)


def row(number: int, *, project: str = "AB", updated: datetime = NOW, **fields: Any) -> Row:
    shown = {"project": {"key": project, "name": f"Project {project}", "id": "7"}, **fields}
    at = times.milliseconds(updated)
    return Row(number, f"{project}-{number}", project, number, at, at, None, shown)


ROWS = [
    row(1, labels=["a", "b"], status={"id": "1", "name": "To Do", "statusCategory": {"key": "new"}}),
    row(2, labels=[], components=[{"id": "5", "name": "Web"}], customfield_1=5.0, updated=NOW - timedelta(hours=2)),
    row(3, project="TO", labels=["c"], status={"id": "2", "name": "Terminé", "statusCategory": {"key": "done"}}),
    row(10, components=[{"id": "6", "name": "API"}], customfield_1=8, customfield_2={"id": "t", "name": "Team Été"}),
]


def found(text: str, zone: str = "UTC", rows: list[Row] = ROWS) -> list[int]:
    query = parse(text)
    test, key = match.test_of(query.where, terms(zone)), key_of(query, terms(zone))
    return [one.id for one in sorted(filter(test, rows), key=key)]


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ('project = "AB" ORDER BY id ASC', [1, 2, 10]),
        ("project in (ab, 'TO') order by id desc", [10, 3, 2, 1]),
        ("project != AB", [3]),
        ("id > 2 AND id <= 10 ORDER BY key", [3, 10]),
        ("issuekey in (AB-1, AB-10, 3) ORDER BY id", [1, 3, 10]),
        ("key >= AB-2 ORDER BY id", [2, 10]),
        ("labels = a", [1]),
        ("labels in (b, c) ORDER BY id", [1, 3]),
        ("labels is EMPTY ORDER BY id", [2, 10]),
        ("labels = empty AND component = Web", [2]),
        ("labels is not null ORDER BY id", [1, 3]),
        ("labels != a", [3]),
        ("component not in (Web)", [10]),
        ("NOT component = Web ORDER BY id", [1, 3, 10]),
        ('status = "terminé"', [3]),
        ("statusCategory = done", [3]),
        ("status in (1, 2) ORDER BY id", [1, 3]),
        ('"Story Points" >= 5 AND cf[1] < 8', [2]),
        ('team ~ "été"', [10]),
        ("(labels = a OR labels = c) AND NOT project = AB", [3]),
        ("labels = a OR labels = c AND project = AB", [1]),
        ("labels = a || labels = c && !project = AB ORDER BY id", [1, 3]),
        ("updated >= -75m ORDER BY id", [1, 3, 10]),
        ("updated < -1h", [2]),
        (f"updated <= {times.milliseconds(NOW - timedelta(hours=2))}", [2]),
        ('updated >= "2026-06-01 10:01" ORDER BY id', [1, 3, 10]),
        ('updated < "2026/06/01"', []),
        ("created >= startOfDay() ORDER BY id", [1, 2, 3, 10]),
        ('created >= startOfYear("1w")  ORDER BY id', [1, 2, 3, 10]),
        ("updated >= now(-1h) ORDER BY id", [1, 3, 10]),
        ('updated >= "2020-01-01T00:00:00Z"', []),
        ("resolved is empty ORDER BY id", [1, 2, 3, 10]),
    ],
)
def test_what_a_query_finds(text: str, ids: list[int]) -> None:
    assert found(text) == ids


@pytest.mark.parametrize(
    "text",
    [
        "project =",
        "project = TO",
        "project AB",
        "project = AB AND",
        "project in ()",
        "project in (AB",
        "(project = AB",
        "project = AB)",
        "labels is full",
        'project = "AB',
        "nonsense = 1",
        "updated >= yesterday",
        "updated >= membersOf(x)",
        "updated ~ 5",
        "id > soon",
        "project = currentUser()",
        "project = AB ORDER labels",
        "summary > b",
    ],
)
def test_what_cannot_be_understood_is_refused(text: str) -> None:
    with pytest.raises(JqlError):
        found(text)


@given(
    minutes=st.integers(0, 400_000),
    zone=st.sampled_from(["UTC", "Europe/Paris", "America/Los_Angeles", "Asia/Kolkata"]),
)
@settings(max_examples=60, derandomize=True)
def test_a_minute_is_read_in_the_accounts_zone(minutes: int, zone: str) -> None:
    when = NOW - timedelta(minutes=minutes)
    rows = [row(number, updated=when + timedelta(minutes=number - 3)) for number in range(1, 6)]
    local = when.astimezone(ZoneInfo(zone))
    if (
        local.replace(tzinfo=None).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC) == when
    ):  # not the hour that comes twice
        written = found(f'updated >= "{local:%Y-%m-%d %H:%M}" ORDER BY id', zone, rows)
        assert written == found(f"updated >= {times.milliseconds(when)} ORDER BY id", zone, rows) == [3, 4, 5]


VALUES = st.sampled_from(["a", "b", "c", "Web", "TO", "Terminé", 'with "quotes"', "and", "back\\slash", "-75m", "1"])
FIELDS = st.sampled_from(["labels", "component", "status", "project", "Story Points", "team", "summary"])


def clauses() -> st.SearchStrategy[Node]:
    one = VALUES.map(Literal)
    many = st.lists(one, min_size=1, max_size=3).map(tuple)
    empty: st.SearchStrategy[Node] = st.builds(Clause, FIELDS, st.sampled_from(["is", "is not"]), st.just(()))
    single: st.SearchStrategy[Node] = st.builds(
        Clause, FIELDS, st.sampled_from(["=", "!=", "~", "!~"]), one.map(lambda value: (value,))
    )
    several: st.SearchStrategy[Node] = st.builds(Clause, FIELDS, st.sampled_from(["in", "not in"]), many)
    return empty | single | several


def joined(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    parts = st.lists(inner, min_size=2, max_size=3).map(tuple)
    return st.builds(Not, inner) | st.builds(Every, parts) | st.builds(Some, parts)


TREES = st.recursive(clauses(), joined, max_leaves=6)


def quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def written(node: Node) -> str:
    if isinstance(node, Not):
        return f"NOT ({written(node.inner)})"
    if isinstance(node, Every | Some):
        word = " AND " if isinstance(node, Every) else " OR "
        return "(" + word.join(f"({written(part)})" for part in node.parts) + ")"
    values = [quoted(value.text) if isinstance(value, Literal) else value.name for value in node.values]
    if node.operator in ("is", "is not"):
        return f"{quoted(node.field)} {node.operator} EMPTY"
    return f"{quoted(node.field)} {node.operator} " + (f"({', '.join(values)})" if "in" in node.operator else values[0])


@given(tree=TREES)
@settings(max_examples=100, derandomize=True)
def test_a_written_tree_is_read_as_that_tree(tree: Node) -> None:
    assert parse(written(tree)).where == tree


@given(left=TREES, right=TREES)
@settings(max_examples=60, derandomize=True)
def test_and_or_not_are_those_of_sets(left: Node, right: Node) -> None:
    one, other = set(found(written(left))), set(found(written(right)))
    whole = {row.id for row in ROWS}
    assert set(found(written(Not(left)))) == whole - one
    assert set(found(f"{written(left)} AND {written(right)}")) == one & other
    assert set(found(f"{written(left)} OR {written(right)}")) == one | other


def test_functions_keep_their_arguments() -> None:
    assert parse('updated > startOfDay("-1d")').where == Clause("updated", ">", (Call("startOfDay", ("-1d",)),))


@pytest.mark.parametrize(
    ("text", "used"),
    [
        ("updated >= -75m", True),
        ("project = AB AND NOT (labels = a OR created > startOfDay())", True),
        ('updated >= 1780000000000 AND created < "2026-01-01 10:00"', False),
        ("ORDER BY updated", False),
    ],
)
def test_which_queries_depend_on_the_clock(text: str, used: bool) -> None:
    assert match.uses_clock(parse(text).where) is used
