"""The audit of dependencies: what is installed against the lock, and the lock against what a database knows."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = ("requirements/base.txt", "requirements/dev.txt")
FLAW = {"id": "PYSEC-2026-1", "fix_versions": ["9.9"], "aliases": [], "description": "…"}


def audit(folder: Path, answers: Any, *locks: str) -> subprocess.CompletedProcess[str]:
    """Run the audit where pip-audit says this (None: it has no answer)."""
    said = "" if answers is None else json.dumps({"dependencies": answers, "fixes": []})
    (folder / "pip_audit.py").write_text(f"print({said!r})\n")
    env = os.environ | {"PYTHONPATH": str(folder)}
    command = [sys.executable, str(ROOT / "scripts" / "audit.py"), *locks]
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)


def test_the_environment_is_what_is_locked(tmp_path: Path) -> None:
    done = audit(tmp_path, [{"name": "jinja2", "version": "3.1.6", "vulns": []}], *LOCKS)
    assert done.returncode == 0, done.stdout
    assert "nothing else is installed" in done.stdout
    assert "No known vulnerabilities; 0 entries could not be looked up." in done.stdout


@pytest.mark.parametrize("answers", [None, [{"name": "jinja2", "skip_reason": "not found"}]])
def test_silence_is_not_taken_for_good_news(tmp_path: Path, answers: Any) -> None:
    done = audit(tmp_path, answers, *LOCKS)
    assert done.returncode == 0
    assert "No vulnerability database answered, so nothing is said of known vulnerabilities." in done.stdout


def test_a_known_vulnerability_ends_it_with_1(tmp_path: Path) -> None:
    done = audit(tmp_path, [{"name": "jinja2", "version": "3.1.6", "vulns": [FLAW]}], *LOCKS)
    assert done.returncode == 1
    assert done.stdout.count("jinja2 3.1.6: PYSEC-2026-1; mended in 9.9.") == 1


def test_what_is_not_locked_ends_it_with_1(tmp_path: Path) -> None:
    lock = tmp_path / "lock.txt"
    lock.write_text("jinja2==0.0.1 \\\n    --hash=sha256:00\npytest>=9\n")
    done = audit(tmp_path, None, str(lock))
    assert done.returncode == 1
    assert "is installed, and the lock has 0.0.1" in done.stdout
    assert "`pytest>=9` is not pinned with a digest" in done.stdout
