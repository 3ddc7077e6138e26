"""Work items as JSON: what is written can be read, and a wrong field is named."""

from __future__ import annotations

import json
import string
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import ItemError
from domain.exchange import ITEM_FIELDS, item_to_json, pseudonym, record_from_json, unknown_keys
from domain.tags import Assignment
from domain.work import HISTORY_FIELDS, FieldValue, ItemRef, Record, State, Transition, WorkItem

WORDS = st.text(alphabet=string.ascii_letters + "é \\\"'\n0", min_size=1, max_size=8)
MAYBE = st.none() | WORDS
LISTS = st.lists(WORDS, max_size=3).map(lambda many: tuple(sorted(set(many))))
INSTANTS = st.datetimes(datetime(2020, 1, 1), datetime(2027, 1, 1)).map(lambda at: at.replace(tzinfo=UTC))  # noqa: DTZ001 # made aware at once
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
FIELDS = st.dictionaries(WORDS, st.lists(WORDS, min_size=1, max_size=2).map(tuple), max_size=2)


def values_of(field: str) -> st.SearchStrategy[FieldValue]:
    if field in ("labels", "components", "fix_versions"):
        return LISTS
    if field == "points":
        return st.none() | NUMBERS
    if field == "state":
        return st.sampled_from([state.value for state in State])
    if field == "deleted":
        return st.none() | INSTANTS.map(lambda at: at.isoformat().replace("+00:00", "Z"))
    return MAYBE


@st.composite
def transitions(draw: st.DrawFn) -> Transition:
    field = draw(st.sampled_from(HISTORY_FIELDS))
    return Transition(draw(INSTANTS), field, draw(values_of(field)), draw(values_of(field)))


HISTORIES = st.lists(transitions(), max_size=5).map(lambda many: tuple(sorted(many, key=lambda one: one.at)))
ITEMS = st.builds(
    WorkItem,
    source=WORDS,
    id=WORDS,
    key=WORDS,
    url=st.sampled_from(["", "https://acme.example/browse/A-1"]),
    type=WORDS,
    level=st.integers(-1, 4),
    title=WORDS,
    status=WORDS,
    state=st.sampled_from(State),
    project=WORDS,
    created_at=INSTANTS,
    updated_at=INSTANTS,
    points=st.none() | NUMBERS,
    priority=MAYBE,
    parent=MAYBE,
    team=MAYBE,
    labels=LISTS,
    components=LISTS,
    area_path=MAYBE,
    iteration=MAYBE,
    sprint=MAYBE,
    fix_versions=LISTS,
    assignee=MAYBE,
    fields=FIELDS,
    started_at=st.none() | INSTANTS,
    done_at=st.none() | INSTANTS,
    deleted=st.none() | INSTANTS,
)


@settings(max_examples=120, derandomize=True, deadline=None)
@given(item=ITEMS, history=HISTORIES)
def test_what_is_written_can_be_read(item: WorkItem, history: tuple[Transition, ...]) -> None:
    text = json.dumps(item_to_json(item, history=history, salt="pepper"))

    def veiled(value: FieldValue) -> FieldValue:
        return pseudonym(value, "pepper") if isinstance(value, str) else value

    shown = [
        replace(one, before=veiled(one.before), after=veiled(one.after)) if one.field == "assignee" else one
        for one in history
    ]
    person = None if item.assignee is None else pseudonym(item.assignee, "pepper")
    expected = Record(replace(item, assignee=person, parent_key=item.parent), tuple(shown), b"")
    assert record_from_json(json.loads(text), source="another") == expected


def story(**changes: Any) -> dict[str, Any]:
    return {
        "key": "A-1",
        "type": "Story",
        "title": "Pay by card",
        "state": "doing",
        "project": "A",
        "created_at": "2026-01-05T08:00:00Z",
        **changes,
    }


def test_fields_and_their_order_are_those_of_the_interface() -> None:
    record = record_from_json(story(), source="legacy")
    assignment = Assignment(shares={"O2": 0.25, "KR1.1": 0.75}, product="checkout", via={"contributes_to": "r1"})
    document = item_to_json(record.item, assignment=assignment, salt="s")
    assert list(document) == [*ITEM_FIELDS, "tags", "via"]
    assert document["tags"] == {
        "contributes_to": {"KR1.1": 0.75, "O2": 0.25},
        "value_stream": None,
        "product": "checkout",
        "work_class": None,
    }
    assert document["via"] == {"contributes_to": "r1", "value_stream": None, "product": None, "work_class": None}
    assert document["created_at"] == "2026-01-05T08:00:00Z"
    assert "history" not in document
    assert item_to_json(record.item, salt="s")["tags"]["contributes_to"] == {}


def test_parents_are_written_by_key() -> None:
    record = record_from_json(story(), source="shop")
    item = replace(record.item, parent="10001")
    move = Transition(record.item.created_at, "parent", "10000", "10001")
    keys = {ItemRef("shop", "10000"): "A-8", ItemRef("shop", "10001"): "A-9", ItemRef("other", "10001"): "B-9"}
    document = item_to_json(item, history=[move], parent_keys=keys, salt="s")
    assert document["parent"] == "A-9"
    assert [(one["from"], one["to"]) for one in document["history"]] == [("A-8", "A-9")]
    assert item_to_json(item, parent_key="A-9", salt="s")["parent"] == "A-9"
    assert item_to_json(item, salt="s")["parent"] == "10001"


def test_people_are_pseudonyms_that_depend_on_the_salt() -> None:
    item = replace(record_from_json(story(), source="a").item, assignee="ann@acme.example")
    change = Transition(item.created_at, "assignee", None, "ann@acme.example")
    document = item_to_json(item, history=[change], salt="one")
    assert "ann" not in json.dumps(document)
    assert document["assignee"] == document["history"][0]["to"] == pseudonym("ann@acme.example", "one")
    assert pseudonym("ann@acme.example", "one") != pseudonym("ann@acme.example", "two")


def test_what_is_missing_follows_from_the_rest() -> None:
    history = [
        {"at": "2026-02-03T00:00:00Z", "field": "state", "from": "doing", "to": "done"},
        {"at": "2026-02-01T00:00:00Z", "field": "state", "from": "todo", "to": "doing"},
    ]
    item = record_from_json(story(type="Épopée", state="done", history=history), source="legacy").item
    assert (item.source, item.id, item.status, item.level) == ("legacy", "A-1", "done", 0)
    assert item.started_at == datetime(2026, 2, 1, tzinfo=UTC)
    assert item.done_at == item.updated_at == datetime(2026, 2, 3, tzinfo=UTC)
    assert record_from_json(story(type="Epic"), source="a").item.level == 1
    assert record_from_json(story(type="Epic", level=3), source="a").item.level == 3
    assert record_from_json(story(type="Epic", level="initiative"), source="a").item.level == 2
    assert record_from_json(story(type="Epic", level=3), source="a", levels={"epic": 4}).item.level == 4


@pytest.mark.parametrize(
    ("change", "named", "expected"),
    [
        ({"title": None}, "`title`", "missing"),
        ({"key": ""}, "`key`", "missing"),
        ({"state": "closed"}, "`state` is 'closed'", "todo, doing, done, dropped"),
        ({"created_at": None}, "`created_at`", "missing"),
        ({"created_at": "yesterday"}, "`created_at` is 'yesterday'", "instant"),
        ({"created_at": "2026-01-05T08:00:00"}, "`created_at`", "offset"),
        ({"points": "many"}, "`points` is 'many'", "number"),
        ({"points": True}, "`points` is True", "number"),
        ({"labels": "a, b"}, "`labels` is 'a, b'", "list"),
        ({"labels": [["a"]]}, "`labels`", "text"),
        ({"level": "huge"}, "`level` is 'huge'", "initiative"),
        ({"level": -2}, "`level` is -2", "-1"),
        ({"fields": ["a"]}, "`fields` is a list", "object"),
        ({"history": {}}, "`history` is a dict", "list"),
        ({"history": [{"at": "2026-01-05T08:00:00Z"}]}, "entry 1", "`field`"),
        ({"history": [{"at": "2026-01-05T08:00:00Z", "field": "mood"}]}, "'mood'", "status"),
        ({"history": [{"at": "soon", "field": "status"}]}, "entry 1, `at`", "instant"),
        (
            {"history": [{"at": "2026-01-05T08:00:00Z", "field": "state", "from": "open", "to": "done"}]},
            "entry 1, `from`",
            "todo",
        ),
    ],
)
def test_a_wrong_field_is_named_with_what_was_expected(change: dict[str, Any], named: str, expected: str) -> None:
    with pytest.raises(ItemError) as caught:
        record_from_json(story(**change), source="legacy")
    message = str(caught.value)
    assert named in message
    assert expected in message
    assert message.endswith(".")


@pytest.mark.parametrize("document", [None, [], "A-1", 3])
def test_only_an_object_is_an_item(document: object) -> None:
    with pytest.raises(ItemError, match="expected an object"):
        record_from_json(document, source="legacy")


def test_keys_that_no_item_has_are_told() -> None:
    assert unknown_keys(story(tags={}, via={}, history=[], titel="x", colour="red")) == ["colour", "titel"]
