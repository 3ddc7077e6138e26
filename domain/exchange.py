"""A work item as one JSON object: what `items --json --history` writes and what the `files` connector reads."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from domain import checked
from domain.calendar import instant_text
from domain.errors import ItemError
from domain.tags import NOTHING, Assignment, Dimension
from domain.work import (
    HISTORY_FIELDS,
    LEVEL_WORDS,
    FieldValue,
    History,
    ItemRef,
    Record,
    State,
    Transition,
    WorkItem,
)

LISTS = frozenset({"labels", "components", "fix_versions"})
INSTANTS = frozenset({"created_at", "updated_at", "started_at", "done_at", "deleted"})
# The fields of a work item in the order in which they are written (INTERFACE, Data out).
ITEM_FIELDS: tuple[str, ...] = (
    "source",
    "id",
    "key",
    "url",
    "type",
    "level",
    "title",
    "status",
    "state",
    "points",
    "priority",
    "parent",
    "project",
    "team",
    "labels",
    "components",
    "area_path",
    "iteration",
    "sprint",
    "fix_versions",
    "assignee",
    "fields",
    "created_at",
    "updated_at",
    "started_at",
    "done_at",
    "deleted",
)
WRITTEN: frozenset[str] = frozenset({*ITEM_FIELDS, "tags", "via", "history"})

# Levels of types by their usual names, where a record gives none; any other type is a story.
USUAL_LEVELS: Mapping[str, int] = {
    "initiative": 2,
    "epic": 1,
    "feature": 1,
    "sub-task": -1,
    "subtask": -1,
    "sous-tâche": -1,
}


def pseudonym(account: str, salt: str) -> str:
    """A name that is the same for the same account and salt, and tells nothing of the account."""
    return "person-" + hmac.new(salt.encode(), account.encode(), "sha256").hexdigest()[:10]


def item_to_json(
    item: WorkItem,
    *,
    salt: str,
    history: History | None = None,
    assignment: Assignment = NOTHING,
    parent_key: str | None = None,
    parent_keys: Mapping[ItemRef, str] | None = None,
) -> dict[str, Any]:
    """The object for one item, with exactly the fields of INTERFACE, in their order.

    `history` adds the key of that name (None leaves it out). `parent_key` is the key of the parent as the store knows
    it; without one the item's own `parent_key` or else `parent` stands. `parent_keys` turns the parents' ids in the
    history into keys; an id that it lacks stays. `salt` makes the pseudonyms: the same for a whole export.
    """
    keys = parent_keys or {}

    def shown(field: str, value: FieldValue) -> Any:
        if isinstance(value, tuple):
            return list(value)
        if field == "assignee" and isinstance(value, str):
            return pseudonym(value, salt)
        if field == "parent" and isinstance(value, str):
            return keys.get(ItemRef(item.source, value), value)
        return value

    known = {name: _plain(getattr(item, name)) for name in ITEM_FIELDS}
    document: dict[str, Any] = {
        **known,
        "parent": None if item.parent is None else parent_key or item.parent_key or shown("parent", item.parent),
        "assignee": shown("assignee", item.assignee),
        "fields": {name: list(texts) for name, texts in sorted(item.fields.items())},
        "tags": {
            "contributes_to": dict(sorted(assignment.shares.items())),
            "value_stream": assignment.value_stream,
            "product": assignment.product,
            "work_class": assignment.work_class,
        },
        "via": {dimension.value: assignment.via.get(dimension.value) for dimension in Dimension},
    }
    if history is not None:
        document["history"] = [
            {
                "at": instant_text(entry.at),
                "field": entry.field,
                "from": shown(entry.field, entry.before),
                "to": shown(entry.field, entry.after),
            }
            for entry in history
        ]
    return document


def unknown_keys(document: Mapping[str, Any]) -> list[str]:
    """The keys of an object that no item has, sorted; they are not read."""
    return sorted(set(document) - WRITTEN)


def record_from_json(
    document: Any, *, source: str, raw: bytes = b"", levels: Mapping[str, int] | None = None
) -> Record:
    """A record from an object as `item_to_json` writes it; `tags` and `via` are not read.

    Needed are `key`, `type`, `title`, `state`, `project` and `created_at`. Where they are missing, `id` is the key,
    `source` the one given, `status` the state, `updated_at` the last instant in history or creation, `started_at` and
    `done_at` what the history says, `level` the type's usual one; `levels` (type in lower case to level) wins over
    the record's own. The parent is taken for a key. Raises ItemError with one sentence: which field, what was found,
    what was expected.
    """
    if not isinstance(document, Mapping):
        raise ItemError(f"expected an object with a work item's fields, found {checked.shown(document)}.")
    read = _Reader(document)
    key, kind = read.needed("key"), read.needed("type")
    state = checked.state(read.needed("state"), "state")
    created = read.instant("created_at")
    if created is None:
        raise ItemError("`created_at` is missing; expected an instant such as 2026-11-25T08:00:00Z.")
    history = _history(document.get("history"))
    parent = read.text("parent")
    return Record(
        item=WorkItem(
            source=read.text("source") or source,
            id=read.text("id") or key,
            key=key,
            url=read.text("url") or "",
            type=kind,
            level=_level(document.get("level"), kind, levels or {}),
            title=read.needed("title"),
            status=read.text("status") or state.value,
            state=state,
            project=read.needed("project"),
            created_at=created,
            updated_at=read.instant("updated_at") or max([created, *(entry.at for entry in history)]),
            points=read.number("points"),
            priority=read.text("priority"),
            parent=parent,
            parent_key=parent,
            team=read.text("team"),
            labels=read.texts("labels"),
            components=read.texts("components"),
            area_path=read.text("area_path"),
            iteration=read.text("iteration"),
            sprint=read.text("sprint"),
            fix_versions=read.texts("fix_versions"),
            assignee=read.text("assignee"),
            fields=_fields(document.get("fields")),
            started_at=read.instant("started_at", lambda: _first(history, State.DOING)),
            done_at=read.instant("done_at", lambda: _last_done(history, state)),
            deleted=read.instant("deleted"),
        ),
        history=history,
        raw=raw,
    )


class _Reader:
    """Reads the fields of one object by their types."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document

    def text(self, name: str) -> str | None:
        value = self._document.get(name)
        return None if value is None else checked.text(value, name)

    def needed(self, name: str) -> str:
        value = self.text(name)
        if not value:
            raise ItemError(f"`{name}` is missing; every work item needs one.")
        return value

    def number(self, name: str) -> float | None:
        value = self._document.get(name)
        return None if value is None else checked.number(value, name)

    def texts(self, name: str) -> tuple[str, ...]:
        return checked.texts(self._document.get(name) or (), name)

    def instant(self, name: str, otherwise: Callable[[], datetime | None] = lambda: None) -> datetime | None:
        if name not in self._document:
            return otherwise()
        value = self._document[name]
        return None if value is None else checked.instant(value, name)


def _history(entries: Any) -> tuple[Transition, ...]:
    if entries is None:
        return ()
    if not isinstance(entries, list):
        raise ItemError(f"`history` is {checked.shown(entries)}; expected a list of changes.")
    found = []
    for number, entry in enumerate(entries, start=1):
        where = f"history, entry {number}"
        if not isinstance(entry, Mapping) or not {"at", "field"} <= set(entry):
            raise ItemError(
                f"{where}: expected an object with `at`, `field`, `from` and `to`, found {checked.shown(entry)}."
            )
        field = entry["field"]
        if field not in HISTORY_FIELDS:
            raise ItemError(
                f"{where}: {field!r} is no field with a history; expected one of {checked.listed(HISTORY_FIELDS)}."
            )
        before, after = (_value(entry.get(name), field, f"{where}, `{name}`") for name in ("from", "to"))
        found.append(Transition(checked.instant(entry["at"], f"{where}, `at`"), field, before, after))
    return tuple(sorted(found, key=lambda one: one.at))  # stable: entries of one instant keep their order


def _value(value: Any, field: str, where: str) -> FieldValue:
    if field in LISTS:
        return checked.texts(value or (), where)
    if value is None:
        return None
    if field == "points":
        return checked.number(value, where)
    if field == "state":
        return checked.state(value, where).value
    if field == "deleted":
        return instant_text(checked.instant(value, where))
    return checked.text(value, where)


def _level(value: Any, kind: str, levels: Mapping[str, int]) -> int:
    if kind.casefold() in levels:
        return levels[kind.casefold()]
    if value is None:
        return USUAL_LEVELS.get(kind.casefold(), 0)
    if isinstance(value, str) and value.casefold() in LEVEL_WORDS:
        return LEVEL_WORDS[value.casefold()]
    if isinstance(value, int) and not isinstance(value, bool) and value >= -1:
        return value
    words = checked.listed(LEVEL_WORDS)
    raise ItemError(f"`level` is {checked.shown(value)}; expected a whole number from -1 up, or one of {words}.")


def _fields(value: Any) -> dict[str, tuple[str, ...]]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise ItemError(f"`fields` is {checked.shown(value)}; expected an object of names and texts.")
    found = {}
    for name, one in sorted(value.items()):
        many = one if isinstance(one, list) else [] if one is None else [one]
        found[str(name)] = tuple(checked.text(part, f"fields, `{name}`") for part in many)
    return {name: texts for name, texts in found.items() if texts}


def _first(history: History, state: State) -> datetime | None:
    return next((entry.at for entry in history if entry.field == "state" and entry.after == state), None)


def _last_done(history: History, state: State) -> datetime | None:
    if state is not State.DONE:
        return None
    return _first(tuple(reversed(history)), State.DONE)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return instant_text(value)
    if isinstance(value, tuple):
        return list(value)
    return value.value if isinstance(value, State) else value
