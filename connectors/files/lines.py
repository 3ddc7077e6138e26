"""The records of one file, each with the line on which it begins."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from domain.errors import ConfigurationError

CSV_SUFFIXES = frozenset({".csv", ".tsv"})
DELIMITERS = ",;\t"
LONGEST = 10_000_000  # characters in one cell


@dataclass(frozen=True, slots=True)
class Line:
    """`raw` is what is kept of the record: the line of a JSON Lines file, or a CSV's row as `{"row": {column: text}}`.

    `problem` says why the line is no record (then `raw` is empty).
    """

    number: int
    raw: bytes
    problem: str | None = None


def is_csv(path: Path) -> bool:
    """Whether a file is a table; any other is JSON Lines."""
    return path.suffix.lower() in CSV_SUFFIXES


def read(path: Path) -> Iterator[Line]:
    """The lines of a file; blank ones do not count. ConfigurationError for a CSV without a usable header."""
    return _csv_lines(path) if is_csv(path) else _json_lines(path)


def header(path: Path) -> list[str]:
    """The columns of a CSV file. ConfigurationError when it has none."""
    with path.open("rb") as file:
        line = file.readline()
    try:
        first = line.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ConfigurationError(f"{path}: the first line is not UTF-8; save the file as CSV UTF-8.") from None
    columns = [name.strip() for name in next(csv.reader([first], delimiter=delimiter(first)), [])]
    if not any(columns):
        raise ConfigurationError(f"{path}: the first line names no columns.")
    doubles = sorted({name for name in columns if name and columns.count(name) > 1})
    if doubles:
        raise ConfigurationError(f"{path}: the first line names {', '.join(map(repr, doubles))} more than once.")
    return columns


def delimiter(first: str) -> str:
    """What separates the cells: of comma, semicolon and tab the one that is most frequent in the header."""
    return max(DELIMITERS, key=first.count)


def _json_lines(path: Path) -> Iterator[Line]:
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            content = line.removeprefix(b"\xef\xbb\xbf").strip() if number == 1 else line.strip()
            if content:
                yield Line(number, content)


def _csv_lines(path: Path) -> Iterator[Line]:
    columns = header(path)
    csv.field_size_limit(LONGEST)
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
        first = file.readline()
        rows = csv.reader(file, delimiter=delimiter(first), strict=True)
        end = 0
        while True:
            number = end + 2  # after the header, and after the row before, which may span lines
            try:
                cells = next(rows)
            except StopIteration:
                return
            except csv.Error as error:
                end = rows.line_num
                yield Line(number, b"", f"it is no row of a CSV file ({error})")
                continue
            end = rows.line_num
            if not any(cell.strip() for cell in cells):
                continue
            yield _row(number, columns, cells)


def _row(number: int, columns: list[str], cells: list[str]) -> Line:
    if len(cells) > len(columns) and any(cell.strip() for cell in cells[len(columns) :]):
        return Line(number, b"", f"it has {len(cells)} cells, and the header names {len(columns)} columns")
    row: dict[str, Any] = {name: cell for name, cell in zip(columns, cells, strict=False) if name}
    try:
        return Line(number, json.dumps({"row": row}, ensure_ascii=False, sort_keys=True).encode())
    except UnicodeEncodeError:
        return Line(number, b"", "it is not UTF-8; save the file as CSV UTF-8")
