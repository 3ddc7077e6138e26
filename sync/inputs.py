"""What a report reads, as digests: each input has its own, so that a changed one can be named."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, astuple, replace
from datetime import datetime
from operator import attrgetter
from typing import Any
from zlib import crc32

from domain.calendar import instant_text
from domain.effect import Effect
from domain.findings import Sighting
from domain.strategy import Strategy
from domain.vocabulary import Vocabulary
from domain.work import History, ItemRef, WorkItem
from mapping.heard import Lines
from reports.document import ItemsDigest
from reports.facts import SourceHealth

HEAPS = 256

# Beyond ASCII everything is escaped, so that the bytes depend on no version of Unicode.
_encode = json.JSONEncoder(separators=(",", ":"), default=instant_text).encode

# Everything that mapping or measuring reads of an item. `updated_at` and `parent_key` cannot be told for an earlier
# instant: they would call an item changed that stood at as_of as it stood before.
_values = attrgetter(
    "id",
    "key",
    "url",
    "type",
    "level",
    "title",
    "status",
    "project",
    "points",
    "priority",
    "parent",
    "team",
    "labels",
    "components",
    "area_path",
    "iteration",
    "sprint",
    "fix_versions",
    "assignee",
)


def items_digests(items: Mapping[ItemRef, WorkItem], history: Mapping[ItemRef, History]) -> dict[str, ItemsDigest]:
    """By source the digest of its items, as they stood at as_of, each with its history up to then."""
    heaps: dict[str, list[Any]] = {}
    for ref in sorted(items):
        there = heaps.get(ref.source)
        if there is None:
            there = heaps[ref.source] = [hashlib.sha256() for _ in range(HEAPS)]
        there[heap_of(ref.id)].update(_said(items[ref], history.get(ref, ())))
    return {source: _heaped([heap.digest() for heap in there]) for source, there in heaps.items()}


def heap_of(item: str) -> int:
    """The heap that an item belongs to, by its id."""
    return crc32(item.encode()) % HEAPS


def changed_heaps(one: str, other: str) -> set[int]:
    """The heaps that differ between two digests of the items of a source; all, where one is none."""
    if len(one) != len(other):
        return set(range(HEAPS))
    return {heap for heap in range(HEAPS) if one[4 * heap : 4 * heap + 4] != other[4 * heap : 4 * heap + 4]}


def readings_digest(strategy: Strategy) -> str:
    """The digest of every reading of a key result that the strategy holds."""
    return _digest(
        [result.id, [[reading.on.isoformat(), reading.value] for reading in result.readings]]
        for objective in strategy.objectives
        for result in objective.key_results
    )


def commands_digest(lines: Lines) -> str:
    """The digest of what stood in tickets for us, whoever wrote it."""
    return _digest(
        [*ref, line.comment, line.said, line.allowed, line.at] for ref, there in sorted(lines.items()) for line in there
    )


def comments_digest(effect: Effect) -> str:
    """The digest of what had come of our comments."""
    return _digest([asdict(effect)])


def sources_digest(sources: Iterable[SourceHealth]) -> str:
    """The digest of how well each source had been read, but for how far: the manifest says that in clear."""
    return _digest(asdict(replace(source, data_as_of=None)) for source in sources)


def words_digest(read: Sequence[Vocabulary]) -> str:
    """The digest of the words that were read besides items, to find what rules miss."""
    return _digest([place, *at, sorted(words)] for place, one in enumerate(read) for at, words in sorted(one.items()))


def findings_digest(sightings: Sequence[Sighting]) -> str:
    """The digest of what an earlier report found."""
    return _digest(astuple(sighting) for sighting in sightings)


def _said(item: WorkItem, history: History) -> bytes:
    times = [_seconds(item.created_at), _seconds(item.started_at), _seconds(item.done_at)]
    changes = [(entry.at.timestamp(), entry.field, entry.before, entry.after) for entry in history]
    return _encode((*_values(item), item.state.value, sorted(item.fields.items()), times, changes)).encode()


def _seconds(instant: datetime | None) -> float | None:
    return None if instant is None else instant.timestamp()


def _heaped(heaps: Sequence[bytes]) -> ItemsDigest:
    return {
        "digest": f"sha256:{hashlib.sha256(b''.join(heaps)).hexdigest()}",
        "heaps": "".join(heap[:2].hex() for heap in heaps),
    }


def _digest(lines: Iterable[Any]) -> str:
    whole = hashlib.sha256()
    for line in lines:
        whole.update(_encode(line).encode() + b"\n")
    return f"sha256:{whole.hexdigest()}"
