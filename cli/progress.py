"""Progress of long work: bars on a terminal, one line each ten seconds elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn
from rich.progress import Progress as Bars

from domain.clock import Clock
from sync.progress import Progress, Unwatched, Watcher

EVERY = 10.0  # seconds between two lines where there is no terminal


@contextmanager
def watching(console: Console, clock: Clock, *, quiet: bool = False) -> Iterator[Watcher]:
    """A watcher that shows on this console how far each source has come."""
    if quiet:
        yield Unwatched()
    elif console.is_terminal:
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[pace]}"),
        )
        with Bars(*columns, console=console, transient=True) as bars:
            yield _Bars(bars)
    else:
        yield _Lines(console, clock)


@contextmanager
def counting(console: Console, clock: Clock, what: str, *, quiet: bool = False) -> Iterator[Callable[[int, int], None]]:
    """Shows on this console how much is done of something that is counted: call it with both numbers."""
    if quiet:
        yield lambda *_: None
    elif console.is_terminal:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        with Bars(*columns, console=console, transient=True) as bars:
            task = bars.add_task(what)
            yield lambda done, total: bars.update(task, completed=done, total=total)
    else:
        said = clock.monotonic()

        def tell(done: int, total: int) -> None:
            nonlocal said
            if clock.monotonic() - said >= EVERY:
                said = clock.monotonic()
                console.print(f"{what}: {done:,} of {total:,}", markup=False)

        yield tell


def pace(progress: Progress) -> str:
    """`820 items/s, 12 s left`, as far as it is known."""
    left = progress.seconds_left
    return f"{progress.rate:,.0f} items/s" + (f", {left:,.0f} s left" if left is not None else "")


class _Bars:
    def __init__(self, bars: Bars) -> None:
        self._bars, self._lock = bars, Lock()
        self._tasks: dict[str, TaskID] = {}

    def advanced(self, progress: Progress) -> None:
        with self._lock:
            if progress.source not in self._tasks:
                self._tasks[progress.source] = self._bars.add_task(progress.source, total=progress.total, pace="")
        # An estimate may be low; a bar must not run past its end.
        total = None if progress.total is None else max(progress.total, progress.items)
        self._bars.update(self._tasks[progress.source], completed=progress.items, total=total, pace=pace(progress))


class _Lines:
    def __init__(self, console: Console, clock: Clock) -> None:
        self._console, self._clock, self._lock = console, clock, Lock()
        self._said: dict[str, float] = {}

    def advanced(self, progress: Progress) -> None:
        now = self._clock.monotonic()
        with self._lock:
            last = self._said.setdefault(progress.source, now)
            if now - last < EVERY:
                return
            self._said[progress.source] = now
        of = f" of about {progress.total:,}" if progress.total is not None else ""
        self._console.print(f"{progress.source}: {progress.items:,}{of} items, {pace(progress)}", markup=False)
