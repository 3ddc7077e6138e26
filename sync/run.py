"""One run over several sources, side by side; one that fails does not stop the others."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from concurrent.futures import wait
from threading import Event

from config.settings import Comments, Source
from connectors.port import Tracker
from connectors.threads import threads
from domain.clock import Clock
from domain.errors import FilrougeError
from store.open import Store
from sync.census import ENDED, census
from sync.listen import listen
from sync.progress import Watcher
from sync.pull import SourceRun, pull
from sync.rehearsal import rehearse

Connect = Callable[[Source], Tracker]
SILENT = Comments()  # nothing is written into tickets, so nobody answers there


def run(
    sources: Sequence[Source],
    connect: Connect,
    store: Store,
    *,
    clock: Clock,
    full: bool,
    watcher: Watcher,
    stop: Event,
    dry: bool = False,
    counting: Callable[[Source], bool] = lambda _source: False,
    accept: Collection[str] = (),
    comments: Comments = SILENT,
) -> list[SourceRun]:
    """Pull every source, each in its own thread; results in the order of the sources.

    `dry` keeps nothing and only says what would come. A source for which `counting` says so has a census after a pull
    that came to its end (`accept` as in `sync.census.census`). Where `comments` are enabled, what people answered in
    tickets is read after the pull.

    `connect` makes the tracker of a source and may raise FilrougeError. An interrupt (Ctrl-C) lets each source
    finish the page in hand, records what it did and is then raised again. StoreError is raised.
    """
    if not sources:
        return []

    def one(source: Source) -> SourceRun:
        return _one(source, connect, store, clock, full, watcher, stop, dry, counting, accept, comments)

    with threads(len(sources), "sync") as pool:
        futures = [pool.submit(one, source) for source in sources]
        try:
            wait(futures)
        except BaseException:
            stop.set()
            raise
    return [future.result() for future in futures]


def _one(
    source: Source,
    connect: Connect,
    store: Store,
    clock: Clock,
    full: bool,
    watcher: Watcher,
    stop: Event,
    dry: bool,
    counting: Callable[[Source], bool],
    accept: Collection[str],
    comments: Comments,
) -> SourceRun:
    try:
        tracker = connect(source)
    except FilrougeError as error:
        result = SourceRun(source.id, outcome="failed", problem=str(error), error=error)
        if dry:
            return result
        with store.writing() as unit:
            started = unit.start_run("sync", source.id, clock.now())
            unit.finish_run(started, clock.now(), result.outcome, result.summary())
        return result
    try:
        step = rehearse if dry else pull
        result = step(source, tracker, store, clock=clock, full=full, watcher=watcher, stop=stop)
        # After a pull that broke off, the census would take for new what the next pull brings anyway.
        if result.outcome in ENDED and counting(source):
            result.census = census(
                source, tracker, store, clock=clock, watcher=watcher, stop=stop, accept=accept, dry=dry
            )
        if result.outcome in ENDED and not dry:
            result.heard = listen(source, tracker, store, comments, clock=clock, stop=stop)
        return result
    finally:
        tracker.close()
