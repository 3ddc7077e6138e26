"""Work items and instants for the tests of the nouns."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from domain.work import ItemRef, State, WorkItem

MakeItem = Callable[..., WorkItem]
MakeItems = Callable[..., dict[ItemRef, WorkItem]]


def _item(key: str, **values: Any) -> WorkItem:
    """An item whose id is `id-KEY` unless said otherwise."""
    told: dict[str, Any] = {
        "source": "shop",
        "id": f"id-{key}",
        "url": "",
        "type": "Story",
        "level": 0,
        "title": key,
        "status": "Open",
        "state": State.TODO,
        "project": "SHOP",
        "created_at": datetime(2026, 1, 5, 8, tzinfo=UTC),
        "updated_at": datetime(2026, 1, 5, 8, tzinfo=UTC),
    }
    return WorkItem(key=key, **(told | values))


@pytest.fixture(scope="session")
def make_item() -> MakeItem:
    return _item


@pytest.fixture(scope="session")
def make_items() -> MakeItems:
    def items(*all_items: WorkItem) -> dict[ItemRef, WorkItem]:
        return {item.ref: item for item in all_items}

    return items
