"""Every test that asks for a `world` runs once for each tracker that it can apply to."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from store.open import open_store
from tests.contract.harness import HandClock, Make
from tests.contract.world import HARNESSES, World, open_world
from tests.databases import postgres_server

__all__ = ["postgres_server"]

Open = Callable[..., World]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A harness says which tests cannot apply to its tracker, and why; there they do not exist (see test_lines.py)."""
    if "kind" in metafunc.fixturenames:
        able = [
            name
            for name, build in HARNESSES.items()
            if metafunc.function.__name__ not in build(HandClock(), Make()).excused
        ]
        metafunc.parametrize("kind", able)


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with its tables and nothing in them: copying it is cheaper than making one for every test."""
    path = tmp_path_factory.mktemp("contract") / "empty.db"
    open_store(f"sqlite:///{path}").close()
    return path


@pytest.fixture
def world(kind: str, tmp_path: Path, empty_store: Path) -> Iterator[Open]:
    """`world(pages=…, zone=…, store_url=…, **keys of the source)`: a site of the tracker, being served, and a store."""
    with ExitStack() as stack:

        def make(*, timezone: str = "UTC", store_url: str | None = None, keys: Any = None, **site: Any) -> World:
            url = store_url or f"sqlite:///{shutil.copy(empty_store, tmp_path / 'filrouge.db')}"
            return stack.enter_context(open_world(kind, tmp_path, url, Make(**site), timezone=timezone, **(keys or {})))

        yield make
