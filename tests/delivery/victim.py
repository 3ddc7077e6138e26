"""A process that delivers a report and is killed at a step: before or after a commit, or a line to the mail server."""

from __future__ import annotations

import os
import signal
import smtplib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path

from config.load import load
from reports.formats.registry import FORMATS
from reports.report import Report
from store.open import Store, open_store
from store.unit import Unit
from sync.delivery import deliver_all
from sync.wiring import House
from tests.reports_formats.sample_documents import SAMPLES
from tests.sync.conftest import StillClock

# Children are forked from a process that has read the program and has no threads.
_PROCESSES = get_context("forkserver")
_PROCESSES.set_forkserver_preload([__name__])


def deliver_and_die(folder: Path, url: str, environ: dict[str, str], mail: bytes, step: int) -> int:
    """Deliver the workspace's one report in a process that is killed at its n-th step; its exit code.

    `mail` is the report as a mail, for making it takes most of a child's time.
    """
    child = _PROCESSES.Process(target=_deliver, args=(folder, url, environ, mail, step))
    child.start()
    child.join(60)
    assert child.exitcode is not None, "it hangs"
    return child.exitcode


def _deliver(folder: Path, url: str, environ: dict[str, str], mail: bytes, step: int) -> None:
    os.environ.update(environ)
    assert isinstance(FORMATS, dict)
    FORMATS["email"] = lambda _report: mail
    store = open_store(url)
    _count(_killed_at(step))
    house = House(load(folder, environ), store, StillClock())
    (job,) = house.workspace.settings.reports
    deliver_all(house, job, Report(SAMPLES["nothing_delivered_fr"]()))
    store.close()


def _killed_at(last: int) -> Callable[[], None]:
    done = 0

    def step() -> None:
        nonlocal done
        done += 1
        if done == last:
            os.kill(os.getpid(), signal.SIGKILL)

    return step


def _count(step: Callable[[], None]) -> None:
    """Make a step of either side of every transaction that writes, and of every line that is sent."""
    writing, send = Store.writing, smtplib.SMTP.send

    @contextmanager
    def counted(store: Store) -> Iterator[Unit]:
        step()
        with writing(store) as unit:
            yield unit
        step()

    def sent(smtp: smtplib.SMTP, content: bytes | str) -> None:
        step()
        send(smtp, content)
        step()

    Store.writing = counted  # type: ignore[method-assign, assignment] # in this process alone
    smtplib.SMTP.send = sent  # type: ignore[method-assign, assignment]
