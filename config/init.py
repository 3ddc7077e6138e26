"""A first workspace: commented files that work at once and offline."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from importlib.resources import files
from pathlib import Path

from config.problems import short
from config.schema import schemas
from domain.errors import ConfigurationError

LANGUAGES = ("en", "fr")
EXAMPLE_DAY = date(2026, 11, 25)

# File of the workspace to the file it is made from. Git would take a file called .gitignore for its own.
_FILES = {
    "filrouge.yaml": "filrouge.yaml",
    "strategy.yaml": "strategy.yaml",
    "mapping.yaml": "mapping.yaml",
    "items.jsonl": "items.jsonl",
    ".gitignore": "gitignore",
}
_SCHEMAS = Path(".filrouge") / "schema"


def write_workspace(
    folder: Path, *, organisation: str = "Acme", language: str = "en", today: date = EXAMPLE_DAY
) -> list[Path]:
    """Write a commented, working workspace and say which files were written.

    Its made-up items and its cycle lie around `today`. The JSON Schemas of the files go to `.filrouge/schema`, where
    the first line of each file looks for them. Raises ConfigurationError, and writes nothing, when one of the three
    files or the items is there already, when the language is not known, or when the folder cannot be written.
    """
    if language not in LANGUAGES:
        raise ConfigurationError(f"There is no language `{short(language)}`; expected {' or '.join(LANGUAGES)}.")
    if not organisation.strip():
        raise ConfigurationError("The organisation's name is empty; expected at least one character.")
    kept = [name for name in _FILES if name != ".gitignore" and (folder / name).exists()]
    if kept:
        raise ConfigurationError(
            f"{', '.join(kept)} would be overwritten in {folder}; expected a folder without them. Nothing was written."
        )
    values = _values(today) | {"organisation": _quoted(organisation), "language": language}
    contents = {folder / name: _filled(_template(source), values) for name, source in _FILES.items()}
    if (folder / ".gitignore").exists():
        del contents[folder / ".gitignore"]
    for name, schema in schemas().items():
        text = json.dumps(schema, ensure_ascii=False, indent=2)
        contents[folder / _SCHEMAS / f"{name}.schema.json"] = text + "\n"
    try:
        for path, content in contents.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8", newline="\n")
    except OSError as error:
        raise ConfigurationError(
            f"{error.filename or folder} cannot be written ({error.strerror}); expected a folder that may be written."
        ) from None
    return list(contents)


def _template(name: str) -> str:
    return (files("config") / "example" / name).read_text(encoding="utf-8")


def _values(today: date) -> dict[str, str]:
    """`$day_N` is N days before today; the cycle has begun before all of them and is not over."""
    days = {f"day_{number}": (today - timedelta(days=number)).isoformat() for number in range(100)}
    start, end = today - timedelta(days=120), today + timedelta(days=60)
    return days | {"cycle_start": start.isoformat(), "cycle_end": end.isoformat()}


def _filled(text: str, values: dict[str, str]) -> str:
    """The text with each `$name` that is known replaced; any other `$` stays."""
    return re.sub(r"\$(day_\d+|[a-z]+(?:_[a-z]+)?)", lambda match: values.get(match[1], match[0]), text)


def _quoted(text: str) -> str:
    """Text as YAML reads it back, whatever signs it holds: a JSON string is a YAML one."""
    return json.dumps(" ".join(text.split()), ensure_ascii=False)
