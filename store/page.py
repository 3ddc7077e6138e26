"""What one page of a pull changes, decided before anything is written."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, NamedTuple

from domain.work import ItemRef, Record, Transition
from store.columns import clean
from store.deletion import with_deletions
from store.kept import PageCount
from store.rows import Row, entry_rows, item_row
from store.words import Sights, sights_of

# Level 1 is three times as fast as the default and leaves JSON a sixth larger.
COMPRESSION = 1


class Held(NamedTuple):
    """What the store holds of an item, as far as deciding needs it; `run` is the one that wrote it last."""

    key: str
    digest: bytes
    updated_at: datetime
    deleted: datetime | None
    run: int | None = None


@dataclass
class Changes:
    """Rows to write, by table; `rewritten` are items whose stored history is replaced, `marked` become deleted."""

    items: list[Row] = field(default_factory=list)
    payloads: list[Row] = field(default_factory=list)
    entries: list[Row] = field(default_factory=list)
    keys: list[Row] = field(default_factory=list)
    words: Sights = field(default_factory=dict)
    rewritten: list[ItemRef] = field(default_factory=list)
    marked: list[dict[str, Any]] = field(default_factory=list)
    count: PageCount = field(default_factory=PageCount)


def newest(records: Iterable[Record]) -> dict[ItemRef, Record]:
    """One record for each item: the one last updated, and of equals the last in the page."""
    chosen: dict[ItemRef, Record] = {}
    for record in records:
        ref = ItemRef(clean(record.item.source), clean(record.item.id))
        held = chosen.get(ref)
        if held is None or record.item.updated_at >= held.item.updated_at:
            chosen[ref] = record
    return chosen


def context_digest(context: Mapping[str, Any]) -> bytes:
    """A digest of the context's JSON, whatever the order of its keys."""
    return hashlib.blake2b(json.dumps(context, sort_keys=True).encode(), digest_size=16).digest()


def content_digest(record: Record, context: bytes) -> bytes:
    """Sixteen bytes that change with the raw payload or the context; without a payload, with the record itself."""
    raw = record.raw or repr((record.item, record.history)).encode("utf-8", "backslashreplace")
    return hashlib.blake2b(raw, digest_size=16, key=context).digest()


def decide(
    records: Mapping[ItemRef, Record],
    deleted: Mapping[ItemRef, datetime],
    held: Mapping[ItemRef, Held],
    ours: Callable[[Sequence[ItemRef]], Mapping[ItemRef, Sequence[Transition]]],
    *,
    context: Mapping[str, Any],
    run: int | None,
    at: datetime,
    again: bool = False,
) -> Changes:
    """What the records of a page change, given what is held of their items.

    A record that is older than its row is left out, one of the same content is skipped unless
    `again`; one that is not older and not deleted brings a deleted item back. `deleted` is what the page says of its
    items after their records. `ours` fetches what the store added to the histories of items.
    """
    changes = Changes()
    key = context_digest(context)
    written: list[tuple[ItemRef, Record, bytes]] = []
    for ref, record in records.items():
        item, before = record.item, held.get(ref)
        if ref in deleted and item.deleted is None:
            record = replace(record, item=replace(item, deleted=deleted[ref]))  # noqa: PLW2901 # the page's last word
        digest = content_digest(record if record.raw else records[ref], key)
        if before is not None:
            turned = (before.deleted is None) != (record.item.deleted is None)
            if item.updated_at < before.updated_at or (digest == before.digest and not turned and not again):
                continue
            changes.rewritten.append(ref)
        written.append((ref, record, digest))
    added = ours(changes.rewritten)
    for ref, record, digest in written:
        history, kept = with_deletions(record.history, added.get(ref, ()), record.item.deleted, at)
        changes.items.append(item_row(record.item, history, digest, at, run))
        changes.payloads.append((*ref, zlib.compress(record.raw, COMPRESSION)))
        changes.entries.extend(entry_rows(ref, history, kept))
    changes.words = sights_of(record for _, record, _ in written)
    # Azure DevOps gives an item again for each of its revisions: a run counts it once.
    repeated = sum(1 for ref in changes.rewritten if run is not None and held[ref].run == run)
    known = len(changes.rewritten)
    changes.count = PageCount(len(written) - known, known - repeated, len(records) - len(written))
    return changes


def mark_deleted(
    changes: Changes,
    deleted: Mapping[ItemRef, datetime],
    histories: Mapping[ItemRef, Sequence[tuple[Transition, bool]]],
    at: datetime,
) -> None:
    """Add to the changes the deletion of items that are stored and not deleted yet.

    `histories` are what is stored of them, each entry with whether the store added it.
    """
    for ref, when in deleted.items():
        stored = histories.get(ref, ())
        own = [entry for entry, ours in stored if not ours]
        history, kept = with_deletions(own, [entry for entry, ours in stored if ours], when, at)
        changes.marked.append({"item_source": ref.source, "item_id": ref.id, "when": when})
        changes.rewritten.append(ref)
        changes.entries.extend(entry_rows(ref, history, kept))
    changes.count = replace(changes.count, deleted=len(deleted))


def key_rows(records: Iterable[Record], held: Mapping[ItemRef, Held]) -> list[Row]:
    """The rows of `item_key` for keys that are not known as present, of older records too.

    `folded` is the form in which a key is looked for.
    """
    named = {(clean(record.item.source), clean(record.item.id), clean(record.item.key)): None for record in records}
    return [
        (source, item, key, key.casefold())
        for source, item, key in named
        if (before := held.get(ItemRef(source, item))) is None or before.key != key
    ]
