"""The real command, as in tests/cli."""

from __future__ import annotations

from tests.cli.conftest import filrouge

__all__ = ["filrouge"]
