"""A tracker made of pages, and a clock that stands still unless told."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from config.settings import FilesSource
from connectors.port import Access, Confirmed, Context, Cursor, Held, Page
from domain.errors import FilrougeError
from domain.work import Record, State, WorkItem
from store.open import Store, open_store
from tests.cli.conftest import filrouge

__all__ = ["filrouge"]  # the real command, as in tests/cli

NOW = datetime(2026, 11, 25, 8, tzinfo=UTC)


@dataclass
class StillClock:
    """Stands still; sleeping moves it on."""

    at: datetime = NOW

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.at.timestamp()

    def sleep(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


def bare_issue(
    number: int, created: datetime, updated: datetime, *histories: dict[str, Any], **fields: Any
) -> dict[str, Any]:
    """A story of the project SHOP as Jira says it, for its loopback server."""
    born, changed = (at.strftime("%Y-%m-%dT%H:%M:%S.000+0000") for at in (created, updated))
    return {
        "id": str(number),
        "key": f"SHOP-{number}",
        "fields": {
            "summary": f"Story {number}",
            "project": {"id": "1", "key": "SHOP", "name": "Shop"},
            "issuetype": {"id": "1", "name": "Story", "subtask": False, "hierarchyLevel": 0},
            "status": {"id": "1", "name": "To Do", "statusCategory": {"id": 2, "key": "new", "name": "To Do"}},
            "created": born,
            "updated": changed,
            **fields,
        },
        "changelog": {"histories": [{"created": changed, **entry} for entry in histories]},
    }


@dataclass
class PagedTracker:
    """Gives its pages from the one after the cursor on; an error among them is raised in its turn."""

    pages: Sequence[Page | FilrougeError]
    requests: int = 0
    closed: bool = False
    started_from: list[Cursor | None] = field(default_factory=list)

    def access(self) -> Access:
        return Access("tester", (), ())

    def pull(self, cursor: Cursor | None, held: Held) -> Iterator[Page]:
        self.started_from.append(cursor)
        for page in self.pages[0 if cursor is None else cursor["page"] :]:
            self.requests += 1
            if isinstance(page, FilrougeError):
                raise page
            yield page

    def census(self) -> Iterator[Sequence[str]]:
        raise FilrougeError("A tracker of pages has no census.")

    def confirm(self, ids: Sequence[str], held: Held) -> Iterator[Confirmed]:
        raise FilrougeError("A tracker of pages has no census.")

    def convert(self, raw: bytes, context: Context) -> Record:
        raise FilrougeError("A tracker of pages keeps no payloads.")

    def close(self) -> None:
        self.closed = True


def record(source: str, number: int, *, title: str = "A story", key: str | None = None) -> Record:
    """A story as a tracker would give it."""
    item = WorkItem(
        source=source,
        id=str(number),
        key=key or f"{source.upper()}-{number}",
        url=f"https://tracker.example/{number}",
        type="Story",
        level=0,
        title=title,
        status="To Do",
        state=State.TODO,
        project=source.upper(),
        created_at=NOW - timedelta(days=30),
        updated_at=NOW - timedelta(days=1),
    )
    return Record(item, (), f'{{"id": {number}, "title": "{title}"}}'.encode())


def page(number: int, *records: Record) -> Page:
    """The page after which the cursor stands at that number."""
    return Page(records=records, cursor={"page": number}, context={}, total=10)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(f"sqlite:///{tmp_path / 'filrouge.db'}")
    yield opened
    opened.close()


@pytest.fixture
def source() -> Callable[[str], FilesSource]:
    return lambda name: FilesSource(id=name, kind="files", path="*.jsonl")
