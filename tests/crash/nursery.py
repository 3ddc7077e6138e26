"""Starts the real command in child processes without paying for the imports each time; a program of its own.

Each line of its input is JSON: `folder`, `output` (paths), `file_limit` (bytes) and `page_limit` (pages), or null. It
forks a child that runs `filrouge sync` in the folder, and writes the child's pid. When the child has ended it writes
its exit code (negative: the signal), keeps the pid from being given away until another line comes, and goes on.
"""

from __future__ import annotations

import importlib
import json
import os
import resource
import sys
from typing import Any

PARTS = ("cli.data", "config.load", "connectors.jira.tracker", "connectors.azure_devops.tracker", "sync.wiring")
LATE = ("alembic.command", "jira", "sync.run", "sync.replay", "sync.tagging")


def _tell(number: int) -> None:
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()


def _child(told: dict[str, Any]) -> None:
    os.chdir(told["folder"])
    output = os.open(told["output"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(output, 1)
    os.dup2(output, 2)
    if told.get("page_limit") is not None:
        _limit_pages(told["page_limit"])
    if told.get("file_limit") is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (told["file_limit"], told["file_limit"]))
    sys.argv = ["filrouge", "sync"]
    code: Any = 1
    try:
        from cli.main import run

        run()
        code = 0
    except SystemExit as ended:
        code = ended.code
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code if isinstance(code, int) else 0 if code is None else 1)


def _limit_pages(pages: int) -> None:
    """SQLite itself then says that the disk is full, as it does when the file system has no room."""
    from sqlalchemy import Engine, event

    event.listen(Engine, "connect", lambda connection, _: connection.execute(f"PRAGMA max_page_count={pages}"))


def main() -> None:
    for name in (*PARTS, *LATE):
        importlib.import_module(name)
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            _child(json.loads(line))
        _tell(pid)
        status = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
        assert status is not None
        _tell(status.si_status if status.si_code == os.CLD_EXITED else -status.si_status)
        sys.stdin.readline()
        os.waitpid(pid, 0)


if __name__ == "__main__":
    main()
