"""Jobs carried by a PostgreSQL that several processes share: whoever is free does the next one.

The engine is procrastinate, in a schema of its own beside the store's tables. A job waits once at most, two jobs of
one lock never run at the same time, and a job whose process was killed is given to another.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

import structlog

from domain.errors import ConfigurationError, StoreError
from sync.schedule import Job

if TYPE_CHECKING:  # an extra
    from procrastinate import App

log = structlog.get_logger("queue")

SCHEMA = "filrouge_jobs"
AT_ONCE = 8  # jobs that one process does at the same time
BEAT = 5.0  # seconds between two signs of life
STALLED = 20.0  # seconds without a sign of life until a process's jobs are given to others
TASK = "filrouge.do"
MADE = "SELECT to_regclass('procrastinate_jobs') IS NOT NULL"


class Queue:
    """The jobs of one store. ConfigurationError without the extra `postgres`, StoreError where it cannot be opened."""

    def __init__(self, url: str, do: Callable[[str], None]) -> None:
        try:
            from procrastinate import App, PsycopgConnector, SyncPsycopgConnector  # noqa: PLC0415 - an extra
        except ImportError:
            raise ConfigurationError("A store in PostgreSQL needs the extra `postgres`; install it.") from None
        address = url.replace("postgresql+psycopg://", "postgresql://", 1)
        settings: dict[str, Any] = {"conninfo": address, "kwargs": {"options": f"-c search_path={SCHEMA}"}}
        self._settings = settings
        self._worker = App(connector=PsycopgConnector(min_size=2, max_size=AT_ONCE + 4, **settings))
        self._giver = App(connector=SyncPsycopgConnector(min_size=1, max_size=4, **settings))
        self._do = do
        for app in (self._worker, self._giver):
            app.task(name=TASK)(self._act)

    def _act(self, job: str) -> None:
        self._do(job)

    def open(self) -> None:
        """Connect, and make the tables where there are none."""
        _make_tables(self._settings)
        self._giver.open()

    def close(self) -> None:
        """Give back the connections for giving."""
        self._giver.close()

    def give(self, job: Job) -> None:
        """Let some process do a job; nothing when it waits already."""
        from procrastinate.exceptions import AlreadyEnqueued, ConnectorException  # noqa: PLC0415 - an extra

        told = self._giver.configure_task(TASK, lock=job.lock or job.id, queueing_lock=job.id)
        try:
            told.defer(job=job.id)
            log.info("job.given", job=job.id)
        except AlreadyEnqueued:
            log.debug("job.waits", job=job.id)
        except ConnectorException as error:
            log.error("job.not_given", job=job.id, problem=type(error).__name__)

    @contextmanager
    def working(self, patience: float) -> Iterator[Event]:
        """Do jobs in this process while the block runs; at its end those in hand have so many seconds to end.

        The event is set when all of them did.
        """
        ended, loop = Event(), asyncio.new_event_loop()
        over = asyncio.Event()
        thread = Thread(target=_work_in, args=(loop, self._worker, over, patience, ended), name="queue", daemon=True)
        thread.start()
        try:
            yield ended
        finally:
            with suppress(RuntimeError):  # it may have ended by itself
                loop.call_soon_threadsafe(over.set)
            thread.join(patience + 1)


def _work_in(loop: asyncio.AbstractEventLoop, app: App, over: asyncio.Event, patience: float, ended: Event) -> None:
    asyncio.set_event_loop(loop)
    try:
        loop.run_until_complete(_work(app, over, patience))
        ended.set()
    except Exception:
        log.exception("queue.stopped")
    finally:
        loop.close()


async def _work(app: App, over: asyncio.Event, patience: float) -> None:
    async with app.open_async():
        worker = asyncio.create_task(
            app.run_worker_async(
                concurrency=AT_ONCE,
                wait=True,
                install_signal_handlers=False,
                delete_jobs="always",
                fetch_job_polling_interval=1.0,
                shutdown_graceful_timeout=patience,
                update_heartbeat_interval=BEAT,
                stalled_worker_timeout=STALLED,
            )
        )
        rescue = asyncio.create_task(_rescue(app))
        await asyncio.wait({worker, asyncio.create_task(over.wait())}, return_when=asyncio.FIRST_COMPLETED)
        rescue.cancel()
        worker.cancel()
        with suppress(asyncio.CancelledError):
            await worker


async def _rescue(app: App) -> None:
    """Give jobs of killed processes to others, for ever."""
    from procrastinate.exceptions import UniqueViolation  # noqa: PLC0415 - an extra
    from procrastinate.jobs import Status  # noqa: PLC0415 - an extra

    while True:
        try:
            for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED):
                log.warning("job.rescued", job=job.task_kwargs.get("job"))
                try:
                    await app.job_manager.retry_job(job)
                except UniqueViolation:  # the same waits anew, which is as good
                    await app.job_manager.finish_job(job, Status.FAILED, delete_job=True)
        except Exception:  # the database may be away for a while
            log.exception("queue.rescue_failed")
        await asyncio.sleep(BEAT)


def _make_tables(settings: dict[str, Any]) -> None:
    """The engine's tables in their own schema, made by one process at a time."""
    import psycopg  # noqa: PLC0415 - an extra
    from procrastinate.schema import SchemaManager  # noqa: PLC0415 - an extra

    try:
        with psycopg.connect(settings["conninfo"], **settings["kwargs"]) as connection:
            connection.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", (SCHEMA,))
            connection.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
            made = connection.execute(MADE).fetchone()
            if made is None or not made[0]:
                connection.execute(SchemaManager.get_schema())
    except psycopg.Error as error:
        raise StoreError(f"The job queue in PostgreSQL cannot be opened ({type(error).__name__}).") from None
