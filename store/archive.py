"""A whole store in one compressed file of JSON Lines, and back into an empty store of either database.

The first line says what the file is; then, for each table, a line names it and its columns, and its rows follow as
lists; the last line counts the rows and has a digest of all lines before it, so that a file that was cut off or changed
is known.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import tempfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from domain.errors import ConfigurationError
from store.open import Store
from store.plain import columns_of, names
from store.tables import SCHEMA
from store.transfer import filling
from store.unit import Unit

KIND = "filrouge store"
FORMAT = 1
LEVEL = 3  # most of it is compressed already

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def export_store(store: Store, file: Path) -> dict[str, int]:
    """Write every table whole as it stands at one instant; how many rows each has.

    Of equal stores come equal bytes, whatever the database. The file takes the place of an older one only when it is
    whole, and may be read by its owner alone. ConfigurationError when it cannot be written.
    """
    written: dict[str, int] = {}
    digest = hashlib.sha256()
    with _replacing(file) as raw, gzip.GzipFile("", "wb", LEVEL, raw, mtime=0) as packed, store.reading() as reader:

        def line(value: object) -> None:
            said = _encode(value).encode("utf-8") + b"\n"
            digest.update(said)
            packed.write(said)

        line({"kind": KIND, "format": FORMAT, "schema": SCHEMA})
        for table in names():
            line({"table": table, "columns": columns_of(table)})
            written[table] = 0
            for row in reader.plain_rows(table):
                line(list(row))
                written[table] += 1
        line({"rows": written, "sha256": digest.hexdigest()})
    return written


def import_store(store: Store, file: Path, *, replace: bool = False) -> dict[str, int]:
    """Load a file of `export_store` into an empty store, all of it or nothing; how many rows each table has now.

    `replace` empties the store first, in the same transaction. ConfigurationError when the store is not empty, or,
    with the line, when the file is no such file, of another version, damaged or cut off.
    """
    with filling(store, replace=replace) as unit, _lines(file) as lines:
        return _load(lines, unit)


@dataclass
class _Lines:
    """The values of a file's lines, one after the other, and where we are."""

    file: Path
    source: gzip.GzipFile
    number: int = 0
    ahead: list[Any] = field(default_factory=list)
    last: bytes = b""
    before: Any = field(default_factory=hashlib.sha256)  # of all lines before the last one

    def next(self) -> Any:
        """The next line's value; None at the end."""
        if self.ahead:
            return self.ahead.pop()
        self.number += 1
        self.before.update(self.last)
        self.last = self.source.readline()
        return json.loads(self.last) if self.last else None

    def rows(self) -> Iterator[list[Any]]:
        """The rows up to the next line that is none."""
        while isinstance(value := self.next(), list):
            yield value
        self.ahead.append(value)

    def wrong(self, what: str) -> ConfigurationError:
        """What is wrong with the line in hand."""
        return ConfigurationError(f"{self.file}:{self.number}: {what}")


def _load(lines: _Lines, unit: Unit) -> dict[str, int]:
    _check_head(lines)
    read: dict[str, int] = {}
    while isinstance(section := lines.next(), Mapping) and "table" in section:
        table = section["table"]
        if table not in names() or table in read or section.get("columns") != columns_of(table):
            raise lines.wrong(f"there is no table {table!r} with these columns, or it came before.")
        read[table] = 0

        def checked(table: str = table) -> Iterator[list[Any]]:
            for row in lines.rows():
                if len(row) != len(columns_of(table)):
                    raise lines.wrong(f"expected {len(columns_of(table))} values, found {len(row)}.")
                read[table] += 1
                yield row

        unit.insert_plain(table, checked())
    said = {"rows": read, "sha256": lines.before.hexdigest()}
    if section != said or set(read) != set(names()) or lines.next() is not None:
        raise lines.wrong(
            "the file is not whole, or was changed: its last line says otherwise; export the store again."
        )
    return read


def _check_head(lines: _Lines) -> None:
    head = lines.next()
    if not isinstance(head, Mapping) or head.get("kind") != KIND:
        raise lines.wrong("this is no export of a store; expected a file that `filrouge store export` has written.")
    if head.get("format") != FORMAT or head.get("schema") != SCHEMA:
        raise lines.wrong(
            f"this export is of schema {head.get('schema')} (format {head.get('format')}), and this Filrouge reads "
            f"schema {SCHEMA} (format {FORMAT}); import it with the version that wrote it, or export it again after "
            "`filrouge store upgrade`."
        )


@contextmanager
def _lines(file: Path) -> Iterator[_Lines]:
    try:
        source = gzip.open(file, "rb")  # noqa: SIM115 # closed below; only opening it may say that there is no file
    except OSError as error:
        raise ConfigurationError(f"{file} cannot be read ({error.strerror}); expected an exported store.") from error
    with source:
        lines = _Lines(file, source)
        try:
            yield lines
        except (OSError, EOFError, zlib.error) as error:
            raise lines.wrong("the file is damaged, cut off or not compressed; export the store again.") from error
        except (ValueError, TypeError, OverflowError) as error:
            raise lines.wrong(
                "what stands here, or shortly before, is no row of an export; export the store again."
            ) from error


@contextmanager
def _replacing(file: Path) -> Iterator[IO[bytes]]:
    """A new file that takes the place of `file` when the block ends, and is gone when the block raises."""
    try:
        number, made = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    except OSError as error:
        raise ConfigurationError(f"{file} cannot be written ({error.strerror}).") from error
    try:
        with os.fdopen(number, "wb") as raw:
            yield raw
            raw.flush()
            os.fsync(raw.fileno())
        Path(made).replace(file)
    except OSError as error:
        raise ConfigurationError(f"{file} cannot be written ({error.strerror}).") from error
    finally:
        with suppress(FileNotFoundError):
            Path(made).unlink()
