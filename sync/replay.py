"""Stored payloads converted again, without the network: what a changed setting of a source makes of what is held."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from threading import Event

import structlog

from config.settings import Source
from connectors.port import Tracker
from domain.clock import Clock
from domain.errors import ConfigurationError, FilrougeError, ItemError, LeaseError, StoreError
from domain.work import Record
from store.kept import Fence
from store.open import Store
from sync.progress import Progress, Watcher
from sync.pull import SourceRun
from sync.turn import Taken, lease_name, turn

log = structlog.get_logger("sync")


def replay_all(
    sources: Sequence[Source],
    connect: Callable[[Source], Tracker],
    store: Store,
    *,
    clock: Clock,
    watcher: Watcher,
    stop: Event,
) -> list[SourceRun]:
    """Replay the sources one after the other (a store has one writer); one that fails does not stop the others."""
    results = []
    for source in sources:
        try:
            with closing(connect(source)) as tracker:
                results.append(replay(source, tracker, store, clock=clock, watcher=watcher, stop=stop))
        except StoreError:
            raise
        except FilrougeError as error:
            results.append(SourceRun(source.id, outcome="failed", problem=str(error), error=error))
    return results


def replay(source: Source, tracker: Tracker, store: Store, *, clock: Clock, watcher: Watcher, stop: Event) -> SourceRun:
    """Convert every stored payload of a source again and keep the outcome; the cursor stays where it is.

    An item that can no longer be converted is set aside and keeps its old form; a deleted one stays deleted. `stop`
    ends the run after the items in hand. Skipped while another process is at the source. ConfigurationError when the
    source was never read.
    """
    with turn(lease_name(source.id), store, clock) as held:
        if isinstance(held, Taken):
            return SourceRun(source.id, outcome="skipped", taken=held)
        return _replay(source, tracker, store, held, clock=clock, watcher=watcher, stop=stop)


def _replay(
    source: Source, tracker: Tracker, store: Store, fence: Fence, *, clock: Clock, watcher: Watcher, stop: Event
) -> SourceRun:
    with store.reading() as reader:
        cursor, context = reader.cursor(source.id), reader.context(source.id)
        held = reader.counts().get(source.id)
    if cursor is None or context is None:
        raise ConfigurationError(f"Source {source.id} has never been read, so there is nothing to convert again.")
    result = SourceRun(source.id)
    began = clock.monotonic()
    with store.writing() as unit:
        run = unit.start_run("replay", source.id, clock.now())
    try:
        with store.reading() as reader:
            for payloads in reader.payloads(source.id):
                records: list[Record] = []
                aside: list[tuple[str, str]] = []
                for payload in payloads:
                    try:
                        records.append(tracker.convert(payload.raw, context))
                    except ItemError as error:
                        aside.append((payload.id, str(error)))
                with store.writing() as unit:
                    result.count += unit.save_page(
                        source.id,
                        run=run,
                        records=records,
                        cursor=cursor,
                        context=context,
                        deleted=[(payload.id, payload.deleted) for payload in payloads if payload.deleted is not None],
                        set_aside=aside,
                        at=clock.now(),
                        again=True,
                        fence=fence,
                    )
                result.set_aside += len(aside)
                seconds = clock.monotonic() - began
                watcher.advanced(Progress(source.id, result.read, held.items if held else None, seconds))
                if stop.is_set():
                    result.outcome = "interrupted"
                    break
    except LeaseError as error:
        result.outcome = "interrupted"
        result.warnings.append(str(error))
    if result.outcome == "ok" and result.set_aside:
        result.outcome = "partial"
    result.seconds = clock.monotonic() - began
    with store.writing() as unit:
        unit.finish_run(run, clock.now(), result.outcome, result.summary())
    log.info("replay.finished", number=run, **result.summary())
    return result
