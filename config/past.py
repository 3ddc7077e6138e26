"""A workspace as a revision of its git repository has it."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from domain.errors import ConfigurationError

# Where git is told, by the hook that called us, to look for another repository than that of the folder it is run in.
ELSEWHERE = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX")
INSTEAD = "`--against DIR` compares with another folder"


@dataclass(frozen=True)
class Past:
    """`folder` holds the workspace of then; `name` is the revision as it was asked for, with its commit."""

    folder: Path
    name: str


@contextmanager
def past(folder: Path, revision: str) -> Iterator[Past]:
    """A workspace's files as of a git revision, in a temporary folder; nothing is checked out.

    Besides the workspace's own folder every `.yaml` of the repository is there, since it may be included. The folder
    may lie anywhere in its repository. ConfigurationError in one sentence where there is no git, no repository, no
    such revision, or no workspace in it.
    """
    here = _git(folder, ("rev-parse", "--show-prefix"))
    if here.returncode != 0:
        why = " ".join(here.stderr.decode(errors="replace").split())
        raise ConfigurationError(
            f"The workspace {folder} lies in no git repository that can be read ({why}); {INSTEAD}."
        )
    prefix = _line(here.stdout)
    commit = _asked(folder, ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}"))
    if commit is None:
        raise ConfigurationError(
            f"There is no git revision {revision!r} here; fetch it first (a shallow clone has few), "
            f"or name another one; {INSTEAD}."
        )
    if _asked(folder, ("cat-file", "-e", f"{commit}:{prefix}")) is None:
        raise ConfigurationError(
            f"The git revision {revision} has no folder {prefix}: the workspace was not there yet."
        )
    top = Path(_asked(folder, ("rev-parse", "--show-toplevel")) or folder)
    wanted = (f":(literal){prefix}", "*.yaml") if prefix else (".",)
    packed = _git(top, ("archive", "--format=zip", commit, "--", *wanted)).stdout
    with tempfile.TemporaryDirectory(prefix="filrouge-past-") as temporary:
        with zipfile.ZipFile(io.BytesIO(packed)) as files:
            files.extractall(temporary)
        yield Past(Path(temporary, prefix), f"{revision} ({commit[:10]})")


def _asked(folder: Path, arguments: tuple[str, ...]) -> str | None:
    """What git answers, on one line; None where it fails."""
    done = _git(folder, arguments)
    return _line(done.stdout) if done.returncode == 0 else None


def _line(said: bytes) -> str:
    return os.fsdecode(said).removesuffix("\n")


def _git(folder: Path, arguments: tuple[str, ...]) -> subprocess.CompletedProcess[bytes]:
    git = shutil.which("git")
    if git is None:
        raise ConfigurationError(f"There is no command git on this machine; {INSTEAD}.")
    environ = {name: value for name, value in os.environ.items() if name not in ELSEWHERE}
    command = [git, "--no-pager", *arguments]
    return subprocess.run(command, cwd=folder, env=environ, capture_output=True, check=False)  # noqa: S603 -- no shell, and a revision cannot be an option
