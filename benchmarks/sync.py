"""How a first sync of a Jira site compares with a floor written for it and with the script one would write.

Usage: `python benchmarks/sync.py [--issues N] [--large N] [--rounds N]`. The site is served by a second process, at no
latency and at 100 ms. Each contestant runs in a process of its own; times begin after its imports. The last lines are
the whole command after 50 edits, and the peak memory at ten times the size. It ends with 1 when a bound is broken.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

# This file is called like the package that it measures, so the repository has to be found before this folder.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

TOKEN = "benchmark"  # noqa: S105 (the loopback server's)
HERE = Path(__file__).resolve().parent
WORKSPACE = {
    "filrouge.yaml": """
version: 1
organisation: Benchmark
timezone: UTC
sources:
  - {{id: shop, kind: jira, url: "{url}", auth: {{method: bearer, token: "${{TOKEN}}"}}, projects: [SHOP]}}
""",
    "strategy.yaml": """
version: 1
cycles: [{{id: all, from: 2026-01-01, to: 2026-12-31}}]
objectives: [{{id: O1, title: One, cycle: all, weight: 1}}]
""",
    "mapping.yaml": """
version: 1
rules: [{{id: every, when: {{source: shop}}, set: {{contributes_to: O1}}}}]
""",
}


class Site:
    """The served site: its address, and orders to it."""

    def __init__(self, process: subprocess.Popen[str], url: str) -> None:
        self.url = url
        self._process = process

    def order(self, line: str) -> None:
        """Give an order and wait until it is done."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        self._process.stdout.readline()


@contextmanager
def site(count: int) -> Iterator[Site]:
    """A site of that many issues, in a process of its own."""
    with subprocess.Popen(
        [sys.executable, HERE / "sync_site.py", str(count)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        yield Site(process, process.stdout.readline().strip())
        process.terminate()


def contest(role: str, url: str, folder: Path) -> dict[str, float]:
    """Run one contestant in a process of its own: seconds, CPU seconds, peak megabytes, requests."""
    done = subprocess.run(
        [sys.executable, __file__, "--role", role, "--url", url, "--folder", folder],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"TOKEN": TOKEN},
    )
    told: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return told


def command(folder: Path) -> dict[str, float]:
    """Run the real `filrouge sync`, mapping included, and say the same of it, its start and imports included."""
    start = time.perf_counter()
    process = subprocess.Popen(
        [Path(sys.executable).with_name("filrouge"), "sync", "--json", "-w", folder],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=os.environ | {"TOKEN": TOKEN},
    )
    assert process.stdout is not None
    told = json.loads(process.stdout.read())["sources"][0]
    _, status, usage = os.wait4(process.pid, 0)
    assert status == 0
    return {
        "seconds": time.perf_counter() - start,
        "cpu": usage.ru_utime + usage.ru_stime,
        "peak": usage.ru_maxrss / 1024,
        "requests": told["requests"],
        "read": told["read"],
    }


def act(role: str, url: str, folder: Path) -> dict[str, float]:
    """Be one contestant."""
    if role == "filrouge":
        from threading import Event  # noqa: PLC0415 # a rival shall not pay for our imports

        from cli.logs import configure  # noqa: PLC0415 # as above
        from cli.memory import tune  # noqa: PLC0415 # as above
        from sync.progress import Unwatched  # noqa: PLC0415 # as above
        from sync.pull import pull  # noqa: PLC0415 # as above
        from sync.wiring import open_house  # noqa: PLC0415 # as above

        configure(0, "auto")
        tune()
        for name, text in WORKSPACE.items():
            (folder / name).write_text(text.format(url=url), encoding="utf-8")
        start, cpu = time.perf_counter(), time.process_time()
        with open_house(folder, secrets=True) as house:
            (source,) = house.workspace.settings.sources
            tracker = house.connect(source)
            run = pull(source, tracker, house.store, clock=house.clock, full=False, watcher=Unwatched(), stop=Event())
            tracker.close()
        assert run.outcome == "ok", run.problem
        requests, read = run.requests, run.read
    else:
        from benchmarks.sync_rivals import RIVALS  # noqa: PLC0415 # as above

        start, cpu = time.perf_counter(), time.process_time()
        requests, read = RIVALS[role](url, TOKEN, folder), 0
    return {
        "seconds": time.perf_counter() - start,
        "cpu": time.process_time() - cpu,
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "requests": requests,
        "read": read,
    }


def best(role: str, url: str, rounds: int) -> dict[str, float]:
    """The middle one of several runs, each into an empty folder."""
    runs = []
    for _ in range(rounds):
        with TemporaryDirectory() as name:
            runs.append(contest(role, url, Path(name)))
    middle = median(run["seconds"] for run in runs)
    return min(runs, key=lambda run: abs(run["seconds"] - middle))


def line(name: str, run: dict[str, float], floor: dict[str, float] | None = None) -> str:
    """One line of the table."""
    shown = f"{name:<28}{run['seconds']:>8.2f} s{run['cpu']:>8.2f} s{run['peak']:>7.0f} MB{run['requests']:>7.0f}"
    return shown if floor is None else f"{shown}{run['seconds'] / floor['seconds']:>9.2f}"


def main() -> int:
    """Print the table; 1 when a bound is broken."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--issues", type=int, default=10_000)
    parser.add_argument("--large", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--role")
    parser.add_argument("--url", default="")
    parser.add_argument("--folder", type=Path, default=Path())
    given = parser.parse_args()
    if given.role:
        print(json.dumps(act(given.role, given.url, given.folder)))
        return 0
    bounds: list[tuple[str, float, float]] = []
    print(f"{'':<28}{'time':>10}{'CPU':>10}{'peak':>10}{'requests':>7}{'x floor':>9}")
    peak = 0.0
    with site(given.issues) as served:
        best("floor", served.url, 1)  # so that no contestant waits while a page is made for the first time
        best("script", served.url, 1)
        best("filrouge", served.url, 1)
        for latency in (0.0, 0.1):
            served.order(f"latency {latency}")
            print(f"{given.issues} issues, latency {latency * 1000:.0f} ms")
            floor = best("floor", served.url, given.rounds)
            ours = best("filrouge", served.url, given.rounds)
            script = best("script", served.url, 1)
            for name, run in (("floor", floor), ("filrouge", ours), ("script with `jira`", script)):
                print(line(f"  {name}", run, floor), flush=True)
            bounds.append((f"time at {latency * 1000:.0f} ms / floor", ours["seconds"] / floor["seconds"], 2.5))
            peak = max(peak, ours["peak"])
        bounds.append(("5 x time at 100 ms / script", 5 * ours["seconds"] / script["seconds"], 1.0))
        bounds.append(("peak memory, MB", peak, 200))
        served.order("latency 0")
        with TemporaryDirectory() as name:
            contest("filrouge", served.url, Path(name))
            command(Path(name))
            served.order("edit 50")
            again = command(Path(name))
        print(line("  the command after 50 edits", again))
        bounds += [("CPU after 50 edits, s", again["cpu"], 2), ("requests after 50 edits", again["requests"], 20)]
    if given.large:
        with site(given.large) as served:
            large = best("filrouge", served.url, 1)
        print(line(f"  {given.large} issues", large), flush=True)
        bounds.append(("peak at that size / peak", large["peak"] / peak, 1.2))
    print()
    for what, found, bound in bounds:
        print(f"{what:<28}{found:>10.2f}  at most {bound:g}{'' if found <= bound else '  BROKEN'}")
    return int(any(found > bound for _, found, bound in bounds))


if __name__ == "__main__":
    sys.exit(main())
