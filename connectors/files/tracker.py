"""Files of the workspace behind the port: no network."""

from __future__ import annotations

import glob
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from config.settings import FilesSource, Source
from connectors.files import lines, options
from connectors.files.convert import convert, parse
from connectors.files.lines import Line
from connectors.files.options import Options
from connectors.port import Access, Confirmed, Context, Cursor, Held, Page, SetAside, Tracker
from domain.clock import Clock
from domain.errors import ConfigurationError, ItemError
from domain.exchange import ITEM_FIELDS, unknown_keys
from domain.work import Record

VERSION = 1
PAGE = 1000  # records stored in one transaction
BLOCK = 1 << 20  # bytes read at a time for a digest


def connect(
    source: Source,
    *,
    folder: Path,
    zone: ZoneInfo,
    clock: Clock,  # noqa: ARG001 # files wait for nobody
    dropped_resolutions: Sequence[str],  # noqa: ARG001 # a record tells its state itself
    extra_fields: frozenset[str],
    agent: str,  # noqa: ARG001 # nobody is asked
) -> Tracker:
    """The tracker of a files source; opens nothing yet. ConfigurationError when its settings make no sense.

    `folder` is where a relative path starts, `zone` that of days and instants without an offset in CSV files;
    `extra_fields` become fields of a CSV's items where a column has their name.
    """
    assert isinstance(source, FilesSource)
    return Files(options.read(source, folder=folder, zone=zone, extra_fields=extra_fields))


class Files:
    """The files that match one pattern, read whole whenever their content changed."""

    def __init__(self, settings: Options) -> None:
        self._options = settings

    @property
    def requests(self) -> int:
        return 0

    def access(self) -> Access:
        wanted = [self._options.pattern]
        notes = [f"Source {self._options.source}: reads {', '.join(self._files())}."]
        return Access(account="files", wanted=wanted, visible=wanted, notes=notes)

    def pull(self, cursor: Cursor | None, held: Held) -> Iterator[Page]:  # noqa: ARG002 # a line is a whole item
        """Every record of every file whose content, or whose way of being read, is not that of the cursor.

        A line that is no record is set aside by its place, and the others go on. An item that is no longer in a file
        stays until a census. ConfigurationError when no file matches, when one cannot be opened, or when a CSV lacks a
        column that is asked for.
        """
        with self._openable():
            yield from self._pages(cursor)

    def census(self) -> Iterator[Sequence[str]]:
        """The ids of this source's own items in every file. Errors as in `pull`."""
        with self._openable():
            for _, records, _ in self._all():
                yield [record.item.id for record in records if record.item.source == self._options.source]

    def confirm(self, ids: Sequence[str], held: Held) -> Iterator[Confirmed]:
        """An item that is in no file is gone, unless some line cannot be read: it might be that one."""
        left = set(ids)
        unread: dict[str, str] = {}
        context: Context = {}
        with self._openable():
            for context, records, aside in self._all():
                unread |= {one.id: one.reason for one in aside}
                found = [one for one in records if one.item.source == self._options.source and one.item.id in left]
                left -= {one.item.id for one in found}
                yield Confirmed(context, records=found)
        places = sorted(left & set(unread))
        rest = sorted(left - set(unread))
        doubtful = set(held(rest)) if unread else set()
        doubt = "it is in no file, and a line that cannot be read may be the one"
        yield Confirmed(
            context,
            gone=[one for one in rest if one not in doubtful],
            set_aside=[
                *(SetAside(one, unread[one]) for one in places),
                *(SetAside(one, doubt) for one in rest if one in doubtful),
            ],
        )

    def _all(self) -> Iterator[tuple[Context, list[Record], list[SetAside]]]:
        """Every record of every file, some at a time, with the context and with what is none."""
        files = self._files()
        context = self._context(files)
        yield context, [], []
        for name, path in files.items():
            kept = lines.read(path)
            while part := list(islice(kept, PAGE)):
                page = self._page(name, part, context, {})
                yield context, list(page.records), list(page.set_aside)

    @contextmanager
    def _openable(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise ConfigurationError(
                f"Source {self._options.source}: {error.filename} cannot be read ({error.strerror})."
            ) from None

    def _context(self, files: Mapping[str, Path]) -> dict[str, Any]:
        return {
            "levels": dict(self._options.levels),
            "columns": self._columns(files),
            "zone": self._options.zone.key,
        }

    def _pages(self, cursor: Cursor | None) -> Iterator[Page]:
        files = self._files()
        context = self._context(files)
        way = _digest_of(context)
        known = cursor if cursor is not None and cursor.get("version") == VERSION and cursor["way"] == way else {}
        digests = {name: _digest(path) for name, path in files.items()}
        done = {name: digest for name, digest in known.get("files", {}).items() if digests.get(name) == digest}
        reading = known.get("reading")
        warnings = [
            f"Source {self._options.source}: {name} is gone; the items that it brought stay."
            for name in sorted(set(known.get("files", {})) - set(files))
        ]
        todo = [name for name in sorted(files) if name not in done]
        for name in todo:
            start = reading["line"] if reading and reading["name"] == name and reading["digest"] == digests[name] else 0
            kept = (line for line in lines.read(files[name]) if line.number > start)
            while part := list(islice(kept, PAGE)):
                here = {"name": name, "digest": digests[name], "line": part[-1].number}
                page = self._page(name, part, context, {"version": VERSION, "way": way, "files": done, "reading": here})
                yield _with(page, warnings)
                warnings = []
            done = {**done, name: digests[name]}
        yield _with(
            Page(records=[], cursor={"version": VERSION, "way": way, "files": done, "reading": None}, context=context),
            warnings,
        )

    def convert(self, raw: bytes, context: Context) -> Record:
        """What the admin says counts as it is today: levels are not those of the pull."""
        return convert(raw, {**context, "levels": dict(self._options.levels)}, self._options.source)

    def close(self) -> None:
        """Nothing is held open."""

    def _page(self, name: str, part: Sequence[Line], context: Mapping[str, Any], cursor: Cursor) -> Page:
        records: list[Record] = []
        aside: list[SetAside] = []
        strange: set[str] = set()
        for line in part:
            place = f"{name}:{line.number}"
            try:
                if line.problem is not None:
                    raise ItemError(f"{line.problem}.")
                records.append(convert(line.raw, context, self._options.source))
            except ItemError as error:
                aside.append(SetAside(place, f"{place}: {error}"))
                continue
            strange |= set(_strange(line.raw))
        names = ", ".join(map(repr, sorted(strange)))
        warning = (
            f"Source {self._options.source}: {name} has {names}, which is no field of a work item and is not read."
        )
        return Page(records, cursor, context, set_aside=aside, warnings=[warning] if strange else [])

    def _files(self) -> dict[str, Path]:
        """The files that match the pattern, by their name from the workspace's folder, sorted."""
        folder = self._options.folder
        # Path.glob refuses an absolute pattern, which `path` may be.
        names = sorted(glob.glob(self._options.pattern, root_dir=folder, recursive=True))  # noqa: PTH207 # see above
        files = {name: folder / name for name in names if (folder / name).is_file()}
        if not files:
            raise ConfigurationError(
                f"Source {self._options.source}: no file matches {self._options.pattern!r} in {folder}; expected JSON "
                "Lines or CSV files there. Correct `path`, or put the file in its place."
            )
        return files

    def _columns(self, files: Mapping[str, Path]) -> dict[str, str]:
        """Field to column, for all CSV files alike: the settings' word, else a column that has a field's name."""
        tables = {name: lines.header(path) for name, path in files.items() if lines.is_csv(path)}
        asked = self._options.columns
        if asked and not tables:
            raise ConfigurationError(
                f"Source {self._options.source}: `columns` is for CSV files, and none ends in .csv or .tsv among "
                f"{', '.join(files)}."
            )
        problems = [
            f"Source {self._options.source}: {name} has no column {column!r} (for `{field}`); its columns are "
            f"{', '.join(map(repr, names))}."
            for name, names in tables.items()
            for field, column in sorted(asked.items())
            if column not in names
        ]
        if problems:
            raise ConfigurationError(*problems)
        found = dict(asked)
        for names in tables.values():
            for column in names:
                if column in ITEM_FIELDS:
                    found.setdefault(column, column)
                for extra in self._options.extra_fields:
                    if extra.casefold() == column.casefold():
                        found.setdefault(f"{options.EXTRA}{extra}", column)
        return dict(sorted(found.items()))


def _strange(raw: bytes) -> list[str]:
    document = parse(raw)
    return [] if set(document) == {"row"} else unknown_keys(document)


def _with(page: Page, warnings: Sequence[str]) -> Page:
    return Page(
        page.records,
        page.cursor,
        page.context,
        set_aside=page.set_aside,
        warnings=[*warnings, *page.warnings],
    )


def _digest(path: Path) -> str:
    """A digest of a file's content: a time stamp would miss a change within its own tick."""
    digest = hashlib.blake2b(digest_size=16)
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()


def _digest_of(context: Mapping[str, Any]) -> str:
    return hashlib.blake2b(json.dumps(context, sort_keys=True).encode(), digest_size=8).hexdigest()
