"""The demo told once, as a user tells it, for every test that only looks at what it left."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import warm

TODAY = "2026-11-25"
Call = Callable[..., subprocess.CompletedProcess[str]]


def _filrouge(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return warm.call(list(map(str, arguments)), Path.cwd(), os.environ | {"NO_COLOR": "1"}, 120)


@pytest.fixture(scope="session")
def filrouge() -> Call:
    """The real command."""
    return _filrouge


@pytest.fixture(scope="session")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """The kept workspace of a demo told on 25 November 2026, to be read only, and what the command said."""
    folder = tmp_path_factory.mktemp("demo") / "kept"
    result = _filrouge("demo", "--keep", folder, "--today", TODAY, "--json")
    assert result.returncode == 0, result.stderr
    return folder, result
