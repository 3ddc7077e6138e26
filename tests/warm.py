"""The real command without the second that a Python program takes to begin: a process that has read the program forks.

Each call is a process of its own with its own folder, environment, output and exit code, as from a shell; only what
importing does has been done before.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from threading import Lock

FILROUGE = Path(sys.executable).with_name("filrouge")
READ = (
    "cli.main",
    "sync.wiring",
    "sync.jobs",
    "sync.status",
    "sync.verify",
    "sync.compare",
    "demo.tell",
    "connectors.jira.client",
    "connectors.azure_devops.client",
    "reports.formats.registry",
    "mapping.trace",
    "mapping.check",
    "sqlalchemy.dialects.sqlite",
    "psycopg",
    "vl_convert",
)
HEAD = 8  # bytes that say how long what follows is


def call(
    arguments: Sequence[str], cwd: Path, env: Mapping[str, str], timeout: float
) -> subprocess.CompletedProcess[str]:
    """Run `filrouge ARGUMENTS` and give back what it said; subprocess.TimeoutExpired as from `subprocess.run`."""
    server = _server()
    if not server.free.acquire(blocking=False):  # another thread is waiting for its own command
        command = [str(FILROUGE), *arguments]
        return subprocess.run(
            command, cwd=cwd, env=dict(env), capture_output=True, text=True, timeout=timeout, check=False
        )
    try:
        return server.call(arguments, cwd, env, timeout)
    finally:
        server.free.release()


@cache
def _server() -> _Server:
    return _Server()


class _Server:
    def __init__(self) -> None:
        self.free = Lock()
        self._channel, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.warm", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                cwd=Path(__file__).parents[1],
                env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
            )
        atexit.register(self._end)

    def call(
        self, arguments: Sequence[str], cwd: Path, env: Mapping[str, str], timeout: float
    ) -> subprocess.CompletedProcess[str]:
        request = json.dumps({"arguments": list(arguments), "cwd": str(cwd), "env": dict(env)}).encode()
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            self._channel.settimeout(timeout)
            socket.send_fds(self._channel, [len(request).to_bytes(HEAD)], [out.fileno(), err.fileno()])
            self._channel.sendall(request)
            try:
                code = int.from_bytes(_exactly(self._channel, HEAD), signed=True)
            except TimeoutError:
                _server.cache_clear()
                self._end()
                raise subprocess.TimeoutExpired([str(FILROUGE), *arguments], timeout) from None
            out.seek(0)
            err.seek(0)
            said = out.read().decode(), err.read().decode()
        return subprocess.CompletedProcess([str(FILROUGE), *arguments], code, *said)

    def _end(self) -> None:
        self._channel.close()
        self._process.kill()
        self._process.wait()


def _exactly(channel: socket.socket, count: int) -> bytes:
    found = b""
    while len(found) < count:
        more = channel.recv(count - len(found))
        if not more:
            raise EOFError
        found += more
    return found


def _serve(channel: socket.socket) -> bool:
    """Answer calls; True in a child that is to be the command now, False when nobody calls any more."""
    while True:
        head, fds, _, _ = socket.recv_fds(channel, HEAD, 2)
        if not head:
            return False
        request = json.loads(_exactly(channel, int.from_bytes(head)))
        child = os.fork()
        if child == 0:
            channel.close()
            os.chdir(request["cwd"])
            os.environ.clear()
            os.environ.update(request["env"])
            for number, fd in enumerate(fds, start=1):
                os.dup2(fd, number)
                os.close(fd)
            sys.argv = [str(FILROUGE), *request["arguments"]]
            return True
        for fd in fds:
            os.close(fd)
        _, status = os.waitpid(child, 0)
        channel.sendall(os.waitstatus_to_exitcode(status).to_bytes(HEAD, signed=True))


if __name__ == "__main__":
    for name in READ:
        import_module(name)
    gc.freeze()
    with socket.socket(fileno=int(sys.argv[1])) as calls:
        is_command = _serve(calls)
    if is_command:
        # The console script finds the program beside the interpreter, never in the folder it is called from.
        sys.path.pop(0)
        import_module("cli.main").run()
