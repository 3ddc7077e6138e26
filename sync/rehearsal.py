"""A pull that keeps nothing: what a run would bring, told before it is made."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from threading import Event

from config.settings import Source
from connectors.port import Page, Tracker
from domain.clock import Clock
from domain.errors import BudgetError, FilrougeError
from store.kept import PageCount
from store.open import Store
from sync.failure import fail
from sync.progress import Progress, Watcher
from sync.pull import SourceRun


def rehearse(
    source: Source, tracker: Tracker, store: Store, *, clock: Clock, full: bool, watcher: Watcher, stop: Event
) -> SourceRun:
    """Pull a source as `sync.pull.pull` does, but write nothing: neither items nor cursor nor run.

    The counts say what would be new, changed and the same. Payloads that were read are held in memory (packed),
    since a tracker may ask for them again.
    """
    result = SourceRun(source.id)
    began = clock.monotonic()
    seen: dict[str, bytes] = {}

    def held(ids: Sequence[str]) -> Mapping[str, bytes]:
        with store.reading() as reader:
            stored = reader.raw(source.id, [one for one in ids if one not in seen])
        return stored | {one: zlib.decompress(seen[one]) for one in ids if one in seen}

    cursor = None
    if not full:
        with store.reading() as reader:
            cursor = reader.cursor(source.id)
    try:
        for page in tracker.pull(cursor, held):
            result.count += _compare(page, store, source.id, seen)
            result.set_aside += len(page.set_aside)
            result.warnings += [warning for warning in page.warnings if warning not in result.warnings]
            watcher.advanced(Progress(source.id, result.read, page.total, clock.monotonic() - began))
            if stop.is_set():
                result.outcome = "interrupted"
                break
    except BudgetError as error:
        result.outcome = "interrupted"
        result.warnings.append(str(error))
    except FilrougeError as error:
        fail(result, error)
    result.requests, result.seconds = tracker.requests, clock.monotonic() - began
    return result


def _compare(page: Page, store: Store, source: str, seen: dict[str, bytes]) -> PageCount:
    """How the page's records differ from the store; each item is counted once a run."""
    fresh = {record.item.id: record.raw for record in page.records if record.item.id not in seen}
    with store.reading() as reader:
        stored = reader.raw(source, list(fresh))
    new = sum(1 for one in fresh if one not in stored)
    same = sum(1 for one, raw in fresh.items() if stored.get(one) == raw)
    seen.update({record.item.id: zlib.compress(record.raw, 1) for record in page.records})
    return PageCount(new, len(fresh) - new - same, same, len(page.deleted))
