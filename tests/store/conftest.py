"""What the store's tests share: an open store on each database, and work items that say little."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from domain.work import Record, State, Transition, WorkItem
from store import PageCount
from store.open import Store, open_store
from tests.databases import PostgresServer, database_url, postgres_server

__all__ = ["database_url", "postgres_server"]

MONDAY = datetime(2026, 11, 2, 8, 30, 15, 123456, tzinfo=UTC)


class Board:
    """Makes items, records and pages, and saves them."""

    start = MONDAY

    def at(self, hours: float) -> datetime:
        """The instant so many hours after `start`."""
        return MONDAY + timedelta(hours=hours)

    def item(self, number: int | str = 1, **values: Any) -> WorkItem:
        plain = WorkItem(
            source="shop",
            id=str(number),
            key=f"SHOP-{number}",
            url=f"https://shop.example/browse/SHOP-{number}",
            type="Story",
            level=0,
            title="Basket",
            status="Open",
            state=State.TODO,
            project="SHOP",
            created_at=MONDAY,
            updated_at=MONDAY,
        )
        return dataclasses.replace(plain, **values)

    def record(
        self, number: int | str = 1, history: Sequence[Transition] = (), raw: bytes | None = None, **values: Any
    ) -> Record:
        """A record whose payload, unless given, tells its item and history."""
        item = self.item(number, **values)
        said = repr((item, history)).encode("utf-8", "backslashreplace") if raw is None else raw
        return Record(item, tuple(history), said)

    def save(self, store: Store, *records: Record, source: str = "shop", hours: float = 1, **values: Any) -> PageCount:
        """Save one page at `hours` after the start."""
        with store.writing() as unit:
            return unit.save_page(
                source,
                records=records,
                at=self.at(hours),
                **{"run": None, "cursor": {"page": 1}, "context": {"points": "cf_1"}, **values},
            )

    def dump(self, store: Store) -> dict[str, Any]:
        """Everything the store says of its items, for comparing stores."""
        with store.reading() as reader:
            items = list(reader.items(deleted=True))
            return {
                "items": items,
                "histories": list(reader.histories(None)),
                "raw": {item.ref: reader.raw(item.source, [item.id]) for item in items},
                "counts": reader.counts(),
                "keys": [reader.find(item.key) for item in items],
            }


@pytest.fixture
def board() -> Board:
    return Board()


@pytest.fixture(scope="session")
def empty_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite store with nothing in it, for copying: migrating afresh for each test would take most of its time."""
    path = tmp_path_factory.mktemp("empty") / "filrouge.db"
    open_store(f"sqlite:///{path}").close()
    return path


@pytest.fixture(scope="session")
def empty_database(postgres_server: PostgresServer) -> Iterator[str]:
    """The name of a PostgreSQL database with an empty store, for copying."""
    with postgres_server.database() as url:
        open_store(url).close()
        yield url.partition("?")[0].rpartition("/")[2]


def empty_store(request: pytest.FixtureRequest, stack: ExitStack, kind: str, file: Path) -> Store:
    """An empty store on the database of that name (SQLite: in `file`), closed and gone with the stack."""
    if kind == "sqlite":
        url = f"sqlite:///{shutil.copy(request.getfixturevalue('empty_file'), file)}"
    else:
        server: PostgresServer = request.getfixturevalue("postgres_server")
        url = stack.enter_context(server.database(request.getfixturevalue("empty_database")))
    opened = open_store(url)
    stack.callback(opened.close)
    return opened


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty store, once on SQLite and once on PostgreSQL."""
    with ExitStack() as stack:
        yield empty_store(request, stack, request.param, tmp_path / "filrouge.db")
