"""The service: one process leads the schedule, all do the jobs, and a changed workspace is taken over while it runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Event, Lock, Thread

import structlog

from config.workspace import Workspace
from domain.errors import ConfigurationError, FilrougeError, LeaseError, StoreError
from store.kept import Fence
from sync.jobs import Turns, jobs_of
from sync.queue import Queue
from sync.schedule import Job, Timetable, done_already
from sync.turn import Taken, turn
from sync.wiring import House

log = structlog.get_logger("service")

LEAD = "schedule"  # the lease of whoever leads
LOOK = 2.0  # seconds between two looks: is it still ours to lead, did the workspace change
READ = frozenset({".yaml", ".yml", ".csv"})  # what a workspace is read from


@dataclass
class Service:
    """What one process knows of the jobs: the house as it is now, and what is to be done by id.

    `load` reads the workspace again; `noticed` is told whether the newest one could be read, `leads` whether this
    process leads.
    """

    house: House
    stop: Event
    load: Callable[[], Workspace]
    noticed: Callable[[bool], None] = lambda _valid: None
    leads: Callable[[bool], None] = lambda _leading: None
    look: Callable[[Event], bool] = lambda over: over.wait(LOOK)
    refused: str | None = None  # why the newest workspace is not the one in use
    leading: bool = False
    _jobs: Mapping[str, Job] = field(default_factory=dict)
    _turns: Turns = field(default_factory=Turns)
    _timetable: Timetable | None = None
    _lock: Lock = field(default_factory=Lock)
    _ended: bool = True  # whether what the schedule began came to its end

    def __post_init__(self) -> None:
        self._read_jobs()

    @property
    def jobs(self) -> Sequence[Job]:
        """Every job that has a schedule now."""
        return list(self._jobs.values())

    def do(self, job_id: str) -> None:
        """Do a job now, unless it is none any more or was done by somebody else since it was due."""
        job = self._jobs.get(job_id)
        if job is None:
            log.info("job.gone", job=job_id)
        elif done_already(job, self.house.workspace.zone, self.house.clock.now()):
            log.info("job.done_already", job=job_id)
        else:
            job.act()

    def run(self, patience: float) -> bool:
        """Lead or follow until `stop` is set; whether all that was begun came to its end within so many seconds."""
        queue = self._queue()
        with _opened(queue), queue.working(patience) if queue else nullcontext(None) as worked:
            give = self._giving(queue)
            leader = Thread(target=self._lead, args=(give, patience), name="lead")
            leader.start()
            seen = signature(self.house.workspace.folder)
            while not self.look(self.stop):
                now = signature(self.house.workspace.folder)
                if now != seen:
                    seen = now
                    self.take_over()
            leader.join()
        return self._ended and (worked is None or worked.is_set())

    def unready(self) -> list[str]:
        """Why the jobs are not being done, one sentence each; nothing when they are."""
        return ["The service is stopping."] if self.stop.is_set() else []

    def take_over(self) -> None:
        """Go on with the workspace as its files are now; where they are not valid, say why and go on as before."""
        try:
            workspace = self.load()
            for key, old, new in (
                ("store", self.house.workspace.store_url, workspace.store_url),
                ("tls", self.house.workspace.settings.tls, workspace.settings.tls),
            ):
                if old != new:
                    raise ConfigurationError(f"filrouge.yaml: `{key}` was changed; restart the service to go by it.")
        except (FilrougeError, OSError) as error:
            self.refused = str(error)
            log.error("workspace.refused", problem=self.refused)
            self.noticed(False)
            return
        self.refused = None
        self.house = replace(self.house, workspace=workspace)
        self._read_jobs()
        log.info("workspace.taken_over", jobs=len(self._jobs))
        self.noticed(True)

    def _read_jobs(self) -> None:
        with self._lock:
            self._jobs = {job.id: job for job in jobs_of(self.house, self.stop, self._turns)}
            if self._timetable is not None:
                self._timetable.put(self.jobs, self.house.workspace.zone)

    def _queue(self) -> Queue | None:
        url = self.house.workspace.store_url
        return Queue(url, self.do) if url.startswith("postgresql") else None

    def _giving(self, queue: Queue | None) -> Callable[[str], None]:
        if queue is None:
            return self.do

        def give(job_id: str) -> None:
            job = self._jobs.get(job_id)
            if job is not None:
                queue.give(job)

        return give

    def _lead(self, fire: Callable[[str], None], patience: float) -> None:
        """Lead the schedule whenever nobody else does."""
        waiting = False
        while not self.stop.is_set():
            try:
                with turn(LEAD, self.house.store, self.house.clock) as held:
                    if not isinstance(held, Taken):
                        waiting = False
                        self._led(held, fire, patience)
                        continue
                    if not waiting:
                        log.info("schedule.followed", leader=held.sentence())
                        waiting = True
            except StoreError as error:
                log.error("schedule.not_led", problem=str(error))
            self.look(self.stop)

    def _led(self, held: Fence, fire: Callable[[str], None], patience: float) -> None:
        timetable = Timetable(self.house.workspace.zone, fire, now=self.house.clock.now)
        with self._lock:
            timetable.put(self.jobs, self.house.workspace.zone)
            self._timetable = timetable
        timetable.start()
        self._lead_is(True)
        try:
            while not self.look(self.stop):
                if not self._still(held):
                    break
        finally:
            self._lead_is(False)
            with self._lock:
                self._timetable = None
            self._ended = timetable.stop(patience)

    def _lead_is(self, leading: bool) -> None:
        self.leading = leading
        self.leads(leading)

    def _still(self, held: Fence) -> bool:
        try:
            with self.house.store.writing() as unit:
                unit.check_lease(held)
        except LeaseError:
            log.warning("schedule.lost")
            return False
        except StoreError as error:
            log.warning("schedule.store_away", problem=str(error))
        return True


@contextmanager
def _opened(queue: Queue | None) -> Iterator[None]:
    if queue is None:
        yield
        return
    queue.open()
    try:
        yield
    finally:
        queue.close()


def signature(folder: Path) -> frozenset[tuple[str, int, int]]:
    """What tells whether the files of a workspace changed: path, time and size of all that it may be read from."""
    found = set()
    for path in folder.rglob("*"):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if path.suffix in READ and not hidden:
            try:
                there = path.stat()
            except OSError:  # it has gone meanwhile
                continue
            found.add((str(path), there.st_mtime_ns, there.st_size))
    return frozenset(found)
