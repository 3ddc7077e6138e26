"""What installing needs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

UV = Path(sys.executable).with_name("uv")


@pytest.fixture(scope="session")
def package_index(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Skips where no package index answers; where CI is set it has to, and what needs it then fails."""
    command = [str(UV), "pip", "install", "--dry-run", "--no-cache", "--no-deps", "--target", "nowhere", "hatchling"]
    asked = subprocess.run(
        command, cwd=tmp_path_factory.mktemp("index"), capture_output=True, text=True, timeout=60, check=False
    )
    if asked.returncode and not os.environ.get("CI"):
        pytest.skip(f"no package index answers here: {asked.stderr.strip().splitlines()[-1]}")
