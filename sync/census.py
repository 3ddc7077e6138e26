"""The census of a source: what the store holds and the tracker no longer shows, and what became of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from sys import intern
from threading import Event

import structlog

from config.settings import Source
from connectors.port import Confirmed, Tracker
from domain.clock import Clock
from domain.errors import BudgetError, FilrougeError, LeaseError, StoreError
from store.kept import Fence, Outcome, StoredRun
from store.open import Store
from store.queries import Reader
from sync.failure import fail
from sync.progress import Progress, Watcher
from sync.turn import Taken, lease_name, turn

log = structlog.get_logger("census")

FEW = 5  # items of a project that may go at once although they are more than half of it
ENDED = ("ok", "partial")  # outcomes of a census that came to its end


@dataclass(frozen=True, slots=True)
class Vanished:
    """A project of which so much disappeared at once that it is taken for lost access: `gone` of `of` items."""

    project: str
    gone: int
    of: int

    def sentence(self, source: str) -> str:
        """For the admin: what disappeared, what was done, what to do."""
        return (
            f"{self.gone:,} of {self.of:,} items of project {self.project} are no longer to be seen: taken for lost "
            "access, and nothing of it was deleted. Give the account back its access; or, if they are really gone, "
            f"run `filrouge sync --census --accept-deletions {_shell(self.project)} {source}`."
        )

    def as_json(self) -> dict[str, object]:
        return {"project": self.project, "gone": self.gone, "of": self.of}


@dataclass
class CensusRun:
    """What one census came to; `outcome` as of a pull: ok, partial (something was kept or set aside) …

    `missing` counts stored items that the tracker did not show, `found` those of them that still exist, `fresh` items
    that the store did not hold, `restored` those it held as deleted, `deleted` those marked now.
    """

    source: str
    outcome: Outcome = "ok"
    seen: int = 0
    missing: int = 0
    found: int = 0
    fresh: int = 0
    restored: int = 0
    deleted: int = 0
    set_aside: int = 0
    requests: int = 0
    seconds: float = 0.0
    dry: bool = False
    vanished: list[Vanished] = field(default_factory=list)
    problem: str | None = None
    error: FilrougeError | None = None
    taken: Taken | None = None

    def summary(self) -> dict[str, object]:
        """The census as it is kept in the store and printed as JSON."""
        return {
            "source": self.source,
            "outcome": self.outcome,
            "seen": self.seen,
            "missing": self.missing,
            "found": self.found,
            "new": self.fresh,
            "restored": self.restored,
            "deleted": self.deleted,
            "set_aside": self.set_aside,
            "vanished": [one.as_json() for one in self.vanished],
            "requests": self.requests,
            "seconds": round(self.seconds, 1),
            "problem": self.problem,
        }

    def sentence(self) -> str:
        """The census in one sentence for people."""
        if self.taken is not None:
            return f"{self.source}: census skipped, since {self.taken.sentence()}."
        if self.problem is not None:
            return f"{self.source}: census failed; nothing was marked as deleted. {self.problem}"
        if self.outcome == "interrupted":
            return f"{self.source}: census stopped; nothing was marked as deleted, and the next one begins anew."
        would = "would be " if self.dry else ""
        counted = (
            f"{self.seen:,} items seen, {self.missing:,} missing"
            f"{f' ({self.found:,} of them exist elsewhere)' if self.found else ''}, "
            f"{self.deleted:,} {would}{'marked as ' if not self.dry else ''}deleted"
            f"{f', {self.restored:,} {would}restored' if self.restored else ''}"
            f"{f', {self.fresh:,} {would}added' if self.fresh else ''}"
            f"{f', {self.set_aside:,} set aside' if self.set_aside else ''}"
        )
        return f"{self.source}: census, {counted}, with {self.requests:,} requests in {self.seconds:.1f} s."

    def warnings(self) -> list[str]:
        """One sentence for each project whose items were kept although they are no longer to be seen."""
        return [one.sentence(self.source) for one in self.vanished]


def census(
    source: Source,
    tracker: Tracker,
    store: Store,
    *,
    clock: Clock,
    watcher: Watcher,
    stop: Event,
    accept: Collection[str] = (),
    dry: bool = False,
) -> CensusRun:
    """Compare what the store holds of a source with what the tracker shows, and keep what that means.

    What is missing is asked for by id first: what moved, or is only out of sight of the search, is stored as it is
    now. What is gone is marked as deleted, all of it in one transaction at the end, unless it is too much of a
    project at once (`believed`): that stays, and is reported until a census sees it again, or until the admin names
    the project in `accept` (ignoring case). What the tracker shows and the store does not hold, or holds as deleted,
    is stored. `dry` keeps nothing. A crash or a stop marks nothing, and the next census begins anew. While another
    process is at the source nothing is done: the census is skipped. Tracker errors become the run's problem; StoreError
    is raised.
    """
    if dry:
        return _census(source, tracker, store, None, clock=clock, watcher=watcher, stop=stop, accept=accept)
    with turn(lease_name(source.id), store, clock) as held:
        if isinstance(held, Taken):
            return CensusRun(source.id, outcome="skipped", taken=held)
        return _census(source, tracker, store, held, clock=clock, watcher=watcher, stop=stop, accept=accept)


def _census(
    source: Source,
    tracker: Tracker,
    store: Store,
    fence: Fence | None,
    *,
    clock: Clock,
    watcher: Watcher,
    stop: Event,
    accept: Collection[str],
) -> CensusRun:
    """`fence` is of the turn that we have; None keeps nothing."""
    dry = fence is None
    result = CensusRun(source.id, dry=dry)
    began, requests = clock.monotonic(), tracker.requests
    run = None
    if not dry:
        with store.writing() as unit:
            run = unit.start_run("census", source.id, clock.now())
    log.info("census.started", source=source.id, number=run, dry=dry)
    try:
        taking = _Census(source.id, tracker, store, clock, run, fence, result)
        taking.take(watcher, stop, {one.casefold() for one in accept})
    except StoreError:
        raise
    except (BudgetError, LeaseError):
        result.outcome = "interrupted"
    except Exception as error:
        fail(result, error)
    result.requests, result.seconds = tracker.requests - requests, clock.monotonic() - began
    if result.outcome == "ok" and (result.vanished or result.set_aside):
        result.outcome = "partial"
    if run is not None:
        with store.writing() as unit:
            unit.finish_run(run, clock.now(), result.outcome, result.summary())
    log.info("census.finished", number=run, **result.summary())
    return result


def last_ended(
    reader: Reader, kind: str, subject: str, outcomes: Sequence[str] = ENDED, until: datetime | None = None
) -> StoredRun | None:
    """The last run of a kind that had one of these outcomes, finished at or before `until` if given."""
    runs = (reader.last_run(kind, subject, outcome=outcome, until=until) for outcome in outcomes)
    return max((one for one in runs if one is not None), key=lambda one: (one.started_at, one.id), default=None)


def vanished_of(run: StoredRun | None) -> list[Vanished]:
    """What a stored census lost sight of, and kept."""
    told = run.summary.get("vanished") or () if run is not None else ()
    return [Vanished(str(one["project"]), int(one["gone"]), int(one["of"])) for one in told]


def believed(gone: int, of: int) -> bool:
    """Whether it is believed that so many of a project's items were deleted since the last census.

    A whole project is never believed, more than half of one only when that is a handful (FEW): nobody deletes most of
    a project in a week, but a changed permission hides it in a moment (API_FACTS).
    """
    return gone < of and (2 * gone <= of or gone <= FEW)


@dataclass
class _Census:
    source: str
    tracker: Tracker
    store: Store
    clock: Clock
    run: int | None
    fence: Fence | None
    result: CensusRun

    def take(self, watcher: Watcher, stop: Event, accept: Collection[str]) -> None:
        # The store is read before the tracker: an item that is created meanwhile cannot be missing.
        missing, deleted, aside = self._roll()
        totals = Counter(missing.values())
        unknown, back = self._look(missing, deleted, watcher, stop)
        self.result.missing = len(missing)
        asked = {*missing, *back, *unknown, *aside}
        if self.result.dry:
            # What would only be added need not be read to be counted.
            self.result.fresh, self.result.restored = len(unknown - aside), len(back)
            asked = {*missing, *aside} - back
        gone: list[str] = []
        dated: list[tuple[str, datetime]] = []
        for part in () if stop.is_set() else self._confirmed(sorted(asked)):
            if stop.is_set():
                break
            self._keep(part, missing, back)
            gone += part.gone
            dated += [(one, when) for one, when in part.deleted if one in missing]
        if stop.is_set():
            self.result.outcome = "interrupted"
            return
        self._judge(missing, totals, [one for one in gone if one in missing], dated, accept)
        self._end(dated, gone)

    def _roll(self) -> tuple[dict[str, str], set[str], set[str]]:
        """What is stored: the project of each item that is there, the deleted ones, those set aside; all by id."""
        present: dict[str, str] = {}
        deleted: set[str] = set()
        with self.store.reading() as reader:
            for one, project, gone in reader.roll(self.source):
                if gone:
                    deleted.add(one)
                else:
                    present[one] = intern(project)
            return present, deleted, {one.id for one in reader.set_aside(self.source)}

    def _look(
        self, missing: dict[str, str], deleted: Collection[str], watcher: Watcher, stop: Event
    ) -> tuple[set[str], set[str]]:
        """Take from `missing` what the tracker shows; what it shows and we do not hold, and what we hold as deleted."""
        unknown: set[str] = set()
        back: set[str] = set()
        met: set[str] = set()
        held, began = len(missing), self.clock.monotonic()
        for ids in self.tracker.census():
            for one in ids:
                if missing.pop(one, None) is not None:
                    met.add(one)
                elif one in deleted:
                    back.add(one)
                elif one not in met:
                    unknown.add(one)
            self.result.seen = len(met) + len(back) + len(unknown)
            watcher.advanced(Progress(self.source, self.result.seen, held, self.clock.monotonic() - began))
            if stop.is_set():
                break
        return unknown, back

    def _confirmed(self, ids: Sequence[str]) -> Iterator[Confirmed]:
        def held(some: Sequence[str]) -> Mapping[str, bytes]:
            with self.store.reading() as reader:
                return reader.raw(self.source, some)

        if ids:
            yield from self.tracker.confirm(ids, held)

    def _keep(self, part: Confirmed, missing: Mapping[str, str], back: Collection[str]) -> None:
        """Store what exists: that is true whatever becomes of the rest of the census."""
        result = self.result
        ids = {record.item.id for record in part.records}
        result.found += len(ids & missing.keys())
        result.set_aside += len(part.set_aside)
        if result.dry:
            return
        result.restored += sum(1 for record in part.records if record.item.id in back and record.item.deleted is None)
        with self.store.writing() as unit:
            count = unit.save_page(
                self.source,
                run=self.run,
                records=part.records,
                cursor=None,
                context=part.context,
                set_aside=[(aside.id, aside.reason) for aside in part.set_aside],
                at=self.clock.now(),
                fence=self.fence,
            )
        result.fresh += count.new

    def _judge(
        self,
        missing: Mapping[str, str],
        totals: Mapping[str, int],
        gone: Sequence[str],
        dated: list[tuple[str, datetime]],
        accept: Collection[str],
    ) -> None:
        """Add to `dated` what is believed to be deleted, now; what is not goes into the run as vanished.

        What the tracker itself calls deleted needs no belief, and does not count as disappeared.
        """
        now = self.clock.now()
        lost = Counter(missing[one] for one in gone)
        said = Counter(missing[one] for one, _ in dated)
        kept = set()
        for project, count in sorted(lost.items()):
            of = totals[project] - said[project]
            if project.casefold() not in accept and not believed(count, of):
                kept.add(project)
                self.result.vanished.append(Vanished(project, count, of))
        dated += [(one, now) for one in gone if missing[one] not in kept]

    def _end(self, dated: Sequence[tuple[str, datetime]], gone: Sequence[str]) -> None:
        if self.result.dry:
            self.result.deleted = len(dated)
            return
        with self.store.writing() as unit:
            count = unit.save_page(
                self.source,
                run=self.run,
                records=(),
                cursor=None,
                context={},
                deleted=dated,
                at=self.clock.now(),
                fence=self.fence,
            )
            unit.forget_set_aside(self.source, [*gone, *(one for one, _ in dated)])
        self.result.deleted = count.deleted


def _shell(word: str) -> str:
    """A project's name as one word of a command."""
    return word if word.replace("-", "").replace("_", "").isalnum() else f"'{word}'"
