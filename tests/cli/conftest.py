"""The real command, called as a user calls it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests import warm
from tests.warm import FILROUGE

__all__ = ["FILROUGE"]

Call = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def filrouge(tmp_path: Path) -> Call:
    """Run `filrouge ARGUMENTS` in a folder of its own; the environment holds nothing of the caller's FILROUGE_…."""

    def call(
        *arguments: str | Path, cwd: Path | None = None, env: Mapping[str, str] | None = None, timeout: float = 120
    ) -> subprocess.CompletedProcess[str]:
        clean = {key: value for key, value in os.environ.items() if not key.startswith("FILROUGE_")}
        clean |= {"NO_COLOR": "1", "COLUMNS": "160"} | dict(env or {})
        return warm.call(list(map(str, arguments)), cwd or tmp_path, clean, timeout)

    return call
