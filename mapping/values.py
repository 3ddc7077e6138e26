"""The texts of a work item that each condition looks at."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from domain.work import WorkItem, level_word

Reader = Callable[[WorkItem], tuple[str, ...]]

# Condition name to the attribute of a work item that holds its one text, or its list of texts.
ONE_TEXT = {
    "source": "source",
    "project": "project",
    "key": "key",
    "type": "type",
    "area_path": "area_path",
    "iteration": "iteration",
    "sprint": "sprint",
    "team": "team",
    "status": "status",
    "state": "state",
    "priority": "priority",
    "summary": "title",
}
MANY_TEXTS = {"label": "labels", "component": "components", "fix_version": "fix_versions"}
LEVEL = "level"
FIELD = "field"
PATHS = frozenset({"area_path", "iteration"})
DISTINCT = frozenset({"key", "summary"})  # about as many values as items: nothing is won by remembering one

# The conditions on the item's own values; `field` is besides, since it names a field of its own.
NAMES = (*ONE_TEXT, *MANY_TEXTS, LEVEL)


def reader(name: str, field: str | None = None) -> Reader:
    """The function that reads the texts for a condition; no text means that the item lacks the field.

    `name` is one of NAMES, or `field` with the field's name (compared without regard to case).
    """
    if name == FIELD:
        assert field is not None, "a condition on a field names it"
        return _field_reader(field)
    if name == LEVEL:
        return lambda item: level_texts(item.level)
    if name in MANY_TEXTS:
        many = MANY_TEXTS[name]

        def read_many(item: WorkItem) -> tuple[str, ...]:
            texts: tuple[str, ...] = getattr(item, many)
            return tuple(text for text in texts if text) if "" in texts else texts

        return read_many
    one = ONE_TEXT[name]

    def read_one(item: WorkItem) -> tuple[str, ...]:
        text: str | None = getattr(item, one)
        return (text,) if text else ()

    return read_one


@lru_cache(maxsize=64)
def level_texts(level: int) -> tuple[str, ...]:
    """A level as its number and its word."""
    return (str(level), level_word(level))


def _field_reader(field: str) -> Reader:
    folded = field.casefold()

    def read(item: WorkItem) -> tuple[str, ...]:
        texts = item.fields.get(field)
        if texts is None:
            texts = next((held for name, held in item.fields.items() if name.casefold() == folded), ())
        return tuple(text for text in texts if text)

    return read
