"""Ids as they stand in the data, whatever else is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from config.locate import Path, place_of
from config.problems import short
from config.tree import Keys


class EveryName(tuple[str, ...]):
    """The ids of a file that cannot be read: any name may be one of them."""

    __slots__ = ()

    def __contains__(self, name: object) -> bool:
        return True


def entries(tree: Keys, name: str) -> list[Keys]:
    """The elements of a list that may have an id."""
    entries = tree.get(name)
    return [entry for entry in entries if isinstance(entry, Keys)] if isinstance(entries, list) else []


def ids_of(tree: Keys, name: str) -> list[str]:
    """The ids in a list, as they are written."""
    found = [entry.get("id") for entry in entries(tree, name)]
    return [str(getattr(each, "text", each)).strip() for each in found if each is not None]


def duplicates(ids: Iterable[tuple[Path, str]], what: str, tree: Keys) -> Iterator[tuple[Path, str]]:
    """A fault, as path and sentence, for each id that an earlier one equals but for case."""
    seen: dict[str, Path] = {}
    for path, name in ids:
        first = seen.setdefault(name.casefold(), path)
        if first != path:
            where = place_of(tree, first)
            yield path, f"duplicate {what} `{short(name)}`; it stands already at {where}; give one of them another id"
