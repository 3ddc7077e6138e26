"""A week of operation by docs/operations.md alone."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from socket import socket

import pytest

from tests.databases import PostgresServer, postgres_server
from tests.docs.runner import clean_environment, run_page
from tests.packaging.conftest import package_index

__all__ = ["package_index", "postgres_server"]

ROOT = Path(__file__).parents[2]
SYSTEM = ("/opt/", "/etc/", "/usr/local/", "/var/lib/")  # where the page works as root; here folders of the test's own

# What cannot be here: an init system, a container engine, and a change to this machine's users. Each does or looks at
# what it is asked for, and writes down what that was.
SHIMS = {
    "systemctl": """
unit=$SYSTEM/etc/systemd/system/filrouge.service
of() { sed -n "s|^$1=||p" "$unit"; }
case $1 in
    start | enable)
        cd "$SYSTEM$(of WorkingDirectory)"
        unset FILROUGE_STORE PYTHONPATH && set -a && . "$SYSTEM$(of EnvironmentFile)"
        "$SYSTEM"$(of ExecStart) >>"$SYSTEM/journal" 2>&1 </dev/null &
        echo $! >"$SYSTEM/service.pid" ;;
    stop | disable)
        pid=$(cat "$SYSTEM/service.pid") && rm "$SYSTEM/service.pid"
        kill "$pid" && tail --pid="$pid" -f /dev/null ;;
    *) test -f "$unit" ;;
esac""",
    "docker": 'for one in "$@"; do case $one in Containerfile | *.yaml) test -f "$one" || exit 1 ;; esac; done',
    "useradd": 'mkdir -p "$4"',
}


@pytest.fixture
def system(tmp_path: Path) -> Iterator[Path]:
    """A machine's root with the repository in it, as after a clone; no service outlives the test."""
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    files = subprocess.run(listed, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for file in filter(None, files.split("\0")):
        if not file.startswith("tests/") and (ROOT / file).is_file():
            copy = tmp_path / "system/usr/local/src/filrouge" / file
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / file, copy)
    yield tmp_path / "system"
    for left in tmp_path.glob("system/service.pid"):
        os.kill(int(left.read_text()), signal.SIGKILL)


@pytest.mark.usefixtures("package_index")
def test_a_week_of_operation(tmp_path: Path, system: Path, postgres_server: PostgresServer) -> None:
    programs, asked = tmp_path / "programs", tmp_path / "asked"
    programs.mkdir()
    for name, does in SHIMS.items():
        shim = programs / name
        shim.write_text(f'#!/bin/sh\necho "{name} $*" >>"{asked}"\n{does}\n', encoding="utf-8")
        shim.chmod(0o755)
    env = clean_environment(tmp_path, f"{programs}:{system}/usr/local/bin") | {"SYSTEM": str(system)}
    env.pop("PYTHONPATH", None)  # what was installed has to run without the sources
    env["TMPDIR"] = str(tmp_path)
    env |= {f"GIT_{who}_{what}": "admin" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    with socket() as free:
        free.bind(("127.0.0.1", 0))
        listen = f"127.0.0.1:{free.getsockname()[1]}"
    env["FILROUGE_SERVICE__LISTEN"] = listen
    with postgres_server.database() as url:
        instead = {path: f"{system}{path}" for path in SYSTEM}
        instead["127.0.0.1:9464"] = listen
        instead["postgresql+psycopg://filrouge@db.acme.example/filrouge"] = url
        done = run_page(ROOT / "docs" / "operations.md", tmp_path, env, instead=instead)
    assert len(done) > 40
    assert "systemctl enable --now filrouge\n" in asked.read_text()
    assert not (system / "var/lib/filrouge").exists()
