"""One source's run: every page it gives is stored whole with its cursor, or not at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from threading import Event

import structlog

from config.settings import Source
from connectors.port import Page, Tracker
from domain.clock import Clock
from domain.errors import BudgetError, FilrougeError, LeaseError, StoreError
from store.kept import Fence, Outcome, PageCount
from store.open import Store
from sync.census import CensusRun
from sync.failure import fail
from sync.listen import Heard
from sync.progress import Progress, Watcher
from sync.traces import span
from sync.turn import Taken, lease_name, turn

log = structlog.get_logger("sync")


@dataclass
class SourceRun:
    """What one run of one source came to.

    `outcome` is ok, partial, failed, interrupted, or skipped, which leaves nothing in the store; `taken` says why.
    """

    source: str
    outcome: Outcome = "ok"
    count: PageCount = field(default_factory=PageCount)
    set_aside: int = 0
    requests: int = 0
    seconds: float = 0.0
    problem: str | None = None
    error: FilrougeError | None = None
    taken: Taken | None = None
    warnings: list[str] = field(default_factory=list)
    census: CensusRun | None = None
    heard: Heard = field(default_factory=Heard)

    @property
    def errors(self) -> list[FilrougeError]:
        """What failed: the pull, or the census after it."""
        return [one for one in (self.error, self.census.error if self.census else None) if one is not None]

    @property
    def read(self) -> int:
        return self.count.new + self.count.changed + self.count.same

    def summary(self) -> dict[str, object]:
        """The run as it is kept in the store and printed as JSON."""
        return {
            "source": self.source,
            "outcome": self.outcome,
            "read": self.read,
            "new": self.count.new,
            "changed": self.count.changed,
            "same": self.count.same,
            "deleted": self.count.deleted,
            "set_aside": self.set_aside,
            "requests": self.requests,
            "seconds": round(self.seconds, 1),
            "problem": self.problem,
            "warnings": list(self.warnings),
            **({"skipped": self.taken.sentence()} if self.taken else {}),
        }

    def sentence(self) -> str:
        """The run in one sentence for people."""
        if self.taken is not None:
            return f"{self.source}: skipped, since {self.taken.sentence()}."
        counted = (
            f"{self.read:,} items read ({self.count.new:,} new, {self.count.changed:,} changed)"
            f"{f', {self.count.deleted:,} deleted' if self.count.deleted else ''}"
            f"{f', {self.set_aside:,} set aside' if self.set_aside else ''}"
            f" with {self.requests:,} requests in {self.seconds:.1f} s"
        )
        if self.outcome == "interrupted":
            return f"{self.source}: stopped, {counted}; the next run goes on from here."
        if self.problem is not None:
            begun = f" after {counted}" if self.read else ""
            return f"{self.source}: failed{begun}. {self.problem}"
        return f"{self.source}: {counted}."


def pull(
    source: Source, tracker: Tracker, store: Store, *, clock: Clock, full: bool, watcher: Watcher, stop: Event
) -> SourceRun:
    """Pull one source into the store and record the run.

    `full` forgets the cursor and reads everything in scope again. `stop` ends the run after the page in hand.
    While another process is at the source nothing is done: the run is skipped. One that was taken over in the middle
    is interrupted. Tracker errors become the run's problem; StoreError is raised, since nothing could be recorded.
    """
    with turn(lease_name(source.id), store, clock) as held:
        if isinstance(held, Taken):
            log.info("sync.skipped", source=source.id, holder=held.holder)
            return SourceRun(source.id, outcome="skipped", taken=held)
        with span("pull", source=source.id):
            return _pull(source, tracker, store, held, clock=clock, full=full, watcher=watcher, stop=stop)


def _pull(
    source: Source,
    tracker: Tracker,
    store: Store,
    fence: Fence,
    *,
    clock: Clock,
    full: bool,
    watcher: Watcher,
    stop: Event,
) -> SourceRun:
    result = SourceRun(source.id)
    began = clock.monotonic()
    with store.writing() as unit:
        run = unit.start_run("sync", source.id, clock.now())
    log.info("sync.started", source=source.id, number=run, full=full)
    try:
        _pages(source.id, run, tracker, store, fence, result, clock=clock, full=full, watcher=watcher, stop=stop)
    except StoreError:
        raise
    except (BudgetError, LeaseError) as error:
        result.outcome = "interrupted"
        result.warnings.append(str(error))
    except Exception as error:
        fail(result, error)
    result.requests, result.seconds = tracker.requests, clock.monotonic() - began
    if result.outcome == "ok" and result.set_aside:
        result.outcome = "partial"
    with store.writing() as unit:
        unit.finish_run(run, clock.now(), result.outcome, result.summary())
    log.info("sync.finished", number=run, **result.summary())
    return result


def _pages(
    source: str,
    run: int,
    tracker: Tracker,
    store: Store,
    fence: Fence,
    result: SourceRun,
    *,
    clock: Clock,
    full: bool,
    watcher: Watcher,
    stop: Event,
) -> None:
    def held(ids: Sequence[str]) -> Mapping[str, bytes]:
        with store.reading() as reader:
            return reader.raw(source, ids)

    cursor = None
    if not full:
        with store.reading() as reader:
            cursor = reader.cursor(source)
    began = clock.monotonic()
    for page in tracker.pull(cursor, held):
        with span("page", source=source, items=len(page.records)):
            _keep(source, run, page, store, fence, result, clock.now())
        watcher.advanced(Progress(source, result.read, page.total, clock.monotonic() - began))
        if stop.is_set():
            result.outcome = "interrupted"
            return


def _keep(source: str, run: int, page: Page, store: Store, fence: Fence, result: SourceRun, now: datetime) -> None:
    with store.writing() as unit:
        count = unit.save_page(
            source,
            run=run,
            records=page.records,
            cursor=page.cursor,
            context=page.context,
            deleted=page.deleted,
            set_aside=[(aside.id, aside.reason) for aside in page.set_aside],
            at=now,
            fence=fence,
        )
    result.count += count
    result.set_aside += len(page.set_aside)
    result.warnings += [warning for warning in page.warnings if warning not in result.warnings]
