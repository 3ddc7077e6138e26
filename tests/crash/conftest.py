"""A tracker's site, workspaces that sync from it, and children that may be killed at any request."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from threading import Event, Lock, Timer

import pytest

from demo.trackers.http import Exchange, serve
from tests.cli.conftest import FILROUGE
from tests.contract.harness import START, TOKEN, HandClock, Harness, Make
from tests.contract.world import HARNESSES, write_workspace


class Executioner:
    """Kills a child at the k-th request that the server sees from it, some milliseconds later."""

    def __init__(self, site: Harness) -> None:
        self._lock, self._known = Lock(), Event()
        self._pid: int | None = None
        self._left: int | None = None
        self._after = 0.0
        self.requests = 0
        site.served.observers.append(self._seen)

    def expect(self, request: int | None, after: float = 0.0) -> None:
        """The next child is to be killed so many seconds after its request of that number (None: let it live)."""
        self._left, self._after = request, after
        self._known.clear()

    def know(self, pid: int) -> None:
        """The child's pid."""
        self._pid = pid
        self._known.set()

    def over(self) -> None:
        """The child has ended: nobody is killed any more."""
        with self._lock:
            self._pid = None

    def _seen(self, _exchange: Exchange) -> None:
        self.requests += 1
        if self._left is None:
            return
        self._left -= 1
        if self._left:
            return
        self._known.wait(30)
        if self._after:
            timer = Timer(self._after, self._kill)
            timer.daemon = True
            timer.start()
        else:
            self._kill()  # the request was handled and is not answered yet

    def _kill(self) -> None:
        with self._lock:
            if self._pid is not None:
                os.kill(self._pid, signal.SIGKILL)


class Nursery:
    """The process that starts children; see nursery.py."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("nursery.py"))],
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def say(self, line: str) -> None:
        """A line of its input."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()

    def number(self) -> int:
        """The next line that it writes."""
        assert self._process.stdout is not None
        return int(self._process.stdout.readline())

    def close(self) -> None:
        self._process.communicate()


class Workplace:
    """A workspace in which children run `filrouge sync`."""

    def __init__(self, folder: Path, executioner: Executioner, nursery: Nursery) -> None:
        self.folder, self._executioner, self._nursery = folder, executioner, nursery
        self.store = folder / "filrouge.db"

    def sync(
        self,
        *,
        kill_at: int | None = None,
        after: float = 0.0,
        file_limit: int | None = None,
        page_limit: int | None = None,
    ) -> int:
        """One child from start to end; its exit code, negative for a signal."""
        self._executioner.expect(kill_at, after)
        told = {"folder": str(self.folder), "output": str(self.folder / "output")}
        self._nursery.say(json.dumps({**told, "file_limit": file_limit, "page_limit": page_limit}))
        self._executioner.know(self._nursery.number())
        code = self._nursery.number()
        self._executioner.over()
        self._nursery.say("")
        return code

    def output(self) -> str:
        """What the last child wrote."""
        return (self.folder / "output").read_text(encoding="utf-8")


class Scene:
    """One tracker's site with `count` items, and as many workspaces as are asked for."""

    def __init__(self, stack: ExitStack, nursery: Nursery, folder: Path, kind: str, count: int, pages: int) -> None:
        self.clock = HandClock()
        self.harness = HARNESSES[kind](self.clock, Make(pages=pages))
        self.harness.served.observers.clear()
        self.executioner = Executioner(self.harness)
        self._nursery, self._folder = nursery, folder
        self.url = stack.enter_context(serve(self.harness.served))
        self.items: list[str] = []
        for number in range(count):
            at = START - timedelta(days=90) + timedelta(minutes=number)
            above = self.items[number - number % 10] if number % 10 else None
            self.items.append(self.harness.add(at, f"Item {number}", project=number % 2, parent=above))
            self.harness.edit(self.items[-1], at + timedelta(hours=1), status=number % 3, labels=("first",))

    def workspace(self, name: str) -> Path:
        """A folder with a workspace of its own and a store that is not there yet."""
        folder = self._folder / name
        folder.mkdir()
        write_workspace(folder, self.harness.source(self.url), "sqlite:///filrouge.db")
        return folder

    def workplace(self, name: str) -> Workplace:
        """Children for a new workspace."""
        return Workplace(self.workspace(name), self.executioner, self._nursery)

    def edit_some(self, chance: random.Random, count: int) -> None:
        """People go on working."""
        for item in chance.sample(self.items, count):
            at = self.clock.tick(seconds=20)
            what = chance.randrange(4)
            if what == 0:
                self.harness.edit(item, at, title=f"Edited at {at}", points=float(chance.randrange(9)))
            elif what == 1:
                self.harness.edit(item, at, status=chance.randrange(3), labels=None)
            elif what == 2:
                self.harness.edit(item, at, parent=chance.choice([None, self.items[0]]))
            else:
                self.harness.move(item, at, chance.randrange(2))


def environment() -> dict[str, str]:
    """The environment of a child: nothing of the caller's FILROUGE_…."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("FILROUGE_")}
    return clean | {"CONTRACT_TOKEN": TOKEN, "NO_COLOR": "1", "COLUMNS": "200"}


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    """One for all tests: it is ready once it has imported everything."""
    opened = Nursery()
    yield opened
    opened.close()


@pytest.fixture
def scene(tmp_path: Path, nursery: Nursery) -> Iterator[Callable[..., Scene]]:
    """`scene(kind, count, pages)`: a site and its workspaces."""
    with ExitStack() as stack:
        yield lambda kind, count, pages: Scene(stack, nursery, tmp_path, kind, count, pages)


@pytest.fixture
def command() -> Callable[[Path], subprocess.Popen[bytes]]:
    """Start the installed command in a workspace."""

    def start(folder: Path) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [str(FILROUGE), "sync"],
            cwd=folder,
            env=environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    return start
