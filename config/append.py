"""One more entry in a list of a YAML file, with every other character as it was."""

from __future__ import annotations

from typing import Any

import yaml

from config.positions import read
from domain.errors import ConfigurationError


def appended(text: str, key: str, entry: str, file: str) -> str:
    """The text of a YAML file with one more entry (`- {…}`, in one line) under a key of its top level.

    A key that is missing is put at the end. ConfigurationError, with the file's name, where the list is written in one
    line, or where the file would not read as before but for the entry.
    """
    root = yaml.compose(text, Loader=yaml.CSafeLoader)
    there = next((value for name, value in root.value if name.value == key), None) if root else None
    if there is None:
        made = f"{text.rstrip()}\n\n{key}:\n  {entry}\n"
    elif not isinstance(there, yaml.SequenceNode) or (there.flow_style and there.value):
        raise ConfigurationError(f"{file}: `{key}` is written in one line; write one entry a line, or add it yourself.")
    elif there.flow_style:
        made = f"{text[: there.start_mark.index].rstrip()}\n  {entry}{text[there.end_mark.index :]}"
    else:
        made = _after(text, there, entry)
    before, after = read(text.encode(), file), read(made.encode(), file)
    new = after.get(key)
    if not isinstance(new, list) or {**before, key: [*(before.get(key) or []), new[-1]]} != after:
        raise ConfigurationError(f"{file}: the entry could not be added under `{key}`; add it yourself.")
    return made


def _after(text: str, there: Any, entry: str) -> str:
    """The text with the entry in a line of its own after the last line of the list."""
    lines = text.splitlines(keepends=True)
    first = there.value[0].start_mark
    indent = lines[first.line][: first.column].rindex("-")
    last = there.value[-1].end_mark
    end = last.line if last.column else last.line - 1
    while not lines[end].strip() or lines[end].lstrip().startswith("#"):
        end -= 1
    if not lines[end].endswith("\n"):
        lines[end] += "\n"
    lines.insert(end + 1, f"{' ' * indent}{entry}\n")
    return "".join(lines)
