"""A work item made up from a description in the words of the conditions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from domain.work import LEVEL_WORDS, STORY, ItemRef, State, WorkItem
from mapping.conditions import Relation
from mapping.values import FIELD, LEVEL, MANY_TEXTS, NAMES, ONE_TEXT

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


class GivenError(ValueError):
    """A description that makes no sense; the message is one sentence."""


def given_items(given: Mapping[str, Any]) -> tuple[ItemRef, dict[ItemRef, WorkItem]]:
    """The described item's ref, and the item with those above it that the description speaks of.

    What the description leaves out the item lacks, save these: it is `todo`, and its level is that of its type
    where the type is called like a level (Epic), else 0. `ancestor` stands above the parent. GivenError for a name
    that is no condition, or a value that does not fit.
    """
    items: dict[ItemRef, WorkItem] = {}
    return _add(given, None, items), items


def _add(given: Mapping[str, Any], above: WorkItem | None, items: dict[ItemRef, WorkItem]) -> ItemRef:
    """Add an item that hangs, through those that its own description names, below `above`."""
    values = _values(given)
    ancestor, parent = given.get(Relation.ANCESTOR), given.get(Relation.PARENT)
    inherited = {"source": values["source"]} if "source" in values else {}
    if ancestor is not None:
        above = items[_add(inherited | _description(Relation.ANCESTOR, ancestor), above, items)]
    if parent is not None or ancestor is not None:
        above = items[_add(inherited | _description(Relation.PARENT, parent or {}), above, items)]
    number = len(items) + 1
    blank = {"source": "", "key": f"given-{number}", "type": "", "title": "", "status": "", "project": ""}
    item = WorkItem(
        **{**blank, "level": _level_of_type(values.get("type", "")), "state": State.TODO, **values},
        id=f"given-{number}",
        url="",
        created_at=LONG_AGO,
        updated_at=LONG_AGO,
        parent=above.id if above else None,
        parent_key=above.key if above else None,
    )
    items[item.ref] = item
    return item.ref


def _values(given: Mapping[str, Any]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, value in given.items():
        if name in MANY_TEXTS:
            values[MANY_TEXTS[name]] = _texts(name, value)
        elif name == LEVEL:
            values["level"] = _level(_text(name, value))
        elif name == "state":
            values["state"] = _state(_text(name, value))
        elif name in ONE_TEXT:
            values[ONE_TEXT[name]] = _text(name, value)
        elif name == FIELD:
            values["fields"] = {field: _texts(field, held) for field, held in _description(name, value).items()}
        elif name not in tuple(Relation):
            raise GivenError(f"given: an item has no {name}; expected one of {', '.join((*NAMES, FIELD, *Relation))}.")
    return values


def _text(name: str, value: Any) -> str:
    texts = _texts(name, value)
    if len(texts) != 1:
        raise GivenError(f"given: {name} holds {len(texts)} values; expected one.")
    return texts[0]


def _texts(name: str, value: Any) -> tuple[str, ...]:
    held = value if isinstance(value, list | tuple) else (value,)
    if not all(isinstance(text, str | int | float) and not isinstance(text, bool) for text in held):
        raise GivenError(f"given: {name} holds {value!r}; expected a text or a list of texts.")
    return tuple(str(text) for text in held)


def _description(name: str, value: Any) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise GivenError(f"given: {name} holds {value!r}; expected names with values.")
    return dict(value)


def _level(text: str) -> int:
    if text.casefold() in LEVEL_WORDS:
        return LEVEL_WORDS[text.casefold()]
    try:
        return int(text)
    except ValueError:
        raise GivenError(f"given: there is no level {text}; expected {', '.join(LEVEL_WORDS)} or a number.") from None


def _level_of_type(kind: str) -> int:
    return LEVEL_WORDS.get(kind.casefold().replace("-", ""), STORY)


def _state(text: str) -> State:
    try:
        return State(text.casefold())
    except ValueError:
        raise GivenError(f"given: there is no state {text}; expected {', '.join(State)}.") from None
