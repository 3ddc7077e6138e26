"""Overlay files of a mapping, laid behind the file that includes them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from config.mapping import Overlay
from config.positions import Unreadable, read
from config.problems import Problem, short
from config.rules import Place
from config.tree import Items, Keys
from config.validation import validate

PARTS = ("rules", "pins", "tests", "acknowledge")


def with_included(tree: Keys, folder: Path, own: Path) -> tuple[Keys, list[Problem]]:
    """The mapping's data with the lists of every included file behind its own, and what is wrong with those files.

    `include` holds paths from the workspace's folder, `*` and `?` are wildcards; files come in the order in which
    they are named, those of one wildcard by name, each once. An included file cannot include others.
    """
    problems: list[Problem] = []
    merged = Keys(tree.place)
    for name, value in tree.items():
        merged.put(name, value, tree.key_places[name], tree.places[name])
    for path, place in _files(tree, folder, own, problems):
        shown = _shown(path, folder)
        try:
            overlay = read(path.read_bytes(), shown)
        except OSError:
            problems.append(Problem(place, f"the file `{short(shown)}` cannot be read; expected a mapping file"))
            continue
        except Unreadable as error:
            problems.append(error.problem)
            continue
        checked = validate(Overlay, overlay, {"version": 1})
        problems += checked.problems
        for part in PARTS:
            entries = checked.tree.get(part)
            if isinstance(entries, Items) and isinstance(merged.get(part, entries), Items):
                _append(merged, part, entries)
    return merged, problems


def _files(tree: Keys, folder: Path, own: Path, problems: list[Problem]) -> Iterator[tuple[Path, Place]]:
    include = tree.get("include")
    if isinstance(include, Items):
        named = list(zip(include, include.places, strict=True))
    else:
        named = [(include, tree.places["include"])] if include is not None else []
    seen = {own.resolve()}
    for name, place in named:
        if not isinstance(name, str):
            continue  # the model says so
        try:
            found = sorted(folder.glob(name)) if set(name) & set("*?[") else [folder / name]
            found = [path for path in found if path.is_file()]
        except (OSError, ValueError, NotImplementedError, IndexError):  # what pathlib makes of an odd pattern
            found = []
        if not found:
            problems.append(
                Problem(
                    place,
                    f"no file is called `{short(name)}`; expected a mapping file, its path taken from the workspace",
                )
            )
        for path in found:
            if path.resolve() not in seen:
                seen.add(path.resolve())
                yield path, place


def _append(merged: Keys, part: str, entries: Items) -> None:
    longer = Items(entries.place)
    for source in (merged.get(part), entries):
        if isinstance(source, Items):
            for value, place in zip(source, source.places, strict=True):
                longer.put(value, place)
    key_place = merged.key_places.get(part, entries.place)
    merged.put(part, longer, key_place, merged.places.get(part, entries.place))


def _shown(path: Path, folder: Path) -> str:
    try:
        return path.relative_to(folder).as_posix()
    except ValueError:
        return path.as_posix()
