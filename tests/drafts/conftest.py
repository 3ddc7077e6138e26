"""A workspace with two trackers, items in its store, and the drafts of its comments."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from config.load import load
from domain.lines import Line
from domain.work import Record, State, WorkItem
from store.open import Store, open_store
from sync.drafts import Draft, drafts

NOW = datetime(2026, 11, 25, 8, tzinfo=UTC)

SETTINGS = """\
version: 1
organisation: Acme
timezone: Europe/Paris
language: en
sources:
  - id: shop
    kind: jira
    url: https://acme.atlassian.net
    auth: {method: basic, user: "${JIRA_USER}", token: "${JIRA_TOKEN}"}
    projects: [SHOP, PAY, LUNE]
  - id: platform
    kind: azure_devops
    url: https://dev.azure.com/acme
    auth: {method: pat, token: "${ADO_PAT}"}
    projects: [Platform]
  - {id: legacy, kind: files, path: legacy.jsonl}
comments: COMMENTS
"""
STRATEGY = """\
version: 1
cycles: [{id: 2026, from: 2026-01-01, to: 2026-12-31}]
objectives:
  - id: O1
    title: Make checkout effortless
    cycle: 2026
    owner: Head of Commerce
    weight: 60
    key_results:
      - id: KR1.1
        title: Checkout conversion
        kpi: {unit: "%", baseline: 2, target: 3, kind: increase}
        readings: [{on: 2026-11-12, value: 2.4}, {on: 2026-12-01, value: 2.9}]
      - {id: KR1.2, title: Payments refused}
  - {id: O2, title: Deliver on the day, cycle: 2026, weight: 40}
budgets: [{id: run, title: Keep the lights on, weight: 20}]
"""
MAPPING = """\
version: 1
rules:
  - {id: payments, when: {component: "Pay*", source: shop}, set: {contributes_to: KR1.1}}
  - {id: tagged, when: {label: "okr-*"}, set: {contributes_to: "{label:okr-*}"}}
  - {id: shared, when: {area_path: 'Platform\\Shared\\**'}, set: {contributes_to: {KR1.1: 60, O2: 40}}}
  - {id: bugs, when: {any: [{type: Bug}, {summary: /(?i)upgrade/}], not: {label: spike}}, set: {contributes_to: run}}
  - {id: moonshot, when: {label: moon}, set: {contributes_to: unaligned}}
inherit: [contributes_to]
pins: PINS
"""


def _item(key: str, **values: Any) -> WorkItem:
    """An epic in doing of the source shop, whose project is what stands before the key's hyphen."""
    told: dict[str, Any] = {
        "source": "shop",
        "id": f"id-{key}",
        "url": f"https://acme.atlassian.net/browse/{key}",
        "type": "Epic",
        "level": 1,
        "title": f"Title of {key}",
        "status": "Doing",
        "state": State.DOING,
        "project": key.partition("-")[0],
        "created_at": NOW,
        "updated_at": NOW,
    }
    return WorkItem(key=key, **(told | values))


@dataclass(frozen=True)
class StillClock:
    at: datetime = NOW

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.at.timestamp()

    def sleep(self, seconds: float) -> None:
        raise AssertionError(f"nobody waits {seconds} s for a draft")


@dataclass
class Desk:
    """Writes the workspace, fills its store, and drafts."""

    folder: Path
    store: Store
    comments: str = "{projects: [SHOP, PAY, LUNE, Platform], commands: off}"
    pins: str = "[]"

    def keep(self, items: Sequence[WorkItem]) -> None:
        """Put items into the store."""
        for source in sorted({item.source for item in items}):
            records = [
                Record(item, (), f'{{"id": "{item.id}", "at": "{item.updated_at}"}}'.encode())
                for item in items
                if item.source == source
            ]
            with self.store.writing() as unit:
                unit.save_page(source, run=None, records=records, cursor=None, context={}, at=NOW)

    def drafts(self, *items: WorkItem, at: datetime = NOW) -> list[Draft]:
        """The drafts for these items and what was kept before."""
        self.keep(items)
        texts = {
            "filrouge": SETTINGS.replace("COMMENTS", self.comments),
            "strategy": STRATEGY,
            "mapping": MAPPING.replace("PINS", self.pins),
        }
        for name, text in texts.items():
            (self.folder / f"{name}.yaml").write_text(text, encoding="utf-8")
        return list(drafts(load(self.folder, {}, secrets=False), self.store, StillClock(at)))

    def says(self, *items: WorkItem, at: datetime = NOW) -> str:
        """What the draft for the first of these items says."""
        return next(draft for draft in self.drafts(*items, at=at) if draft.item.ref == items[0].ref).message.plain()

    def hear(self, item: WorkItem, *said: str, at: datetime = NOW, allowed: bool = True) -> None:
        """Let people write these lines in a ticket that is kept, an hour apart, the last of them now."""
        hours = [at - timedelta(hours=number) for number in reversed(range(len(said)))]
        lines = [
            Line(item.ref, str(number), one, "someone", allowed, when, when)
            for number, (one, when) in enumerate(zip(said, hours, strict=True))
        ]
        with self.store.writing() as unit:
            unit.keep_lines(item.ref, lines, at, at)

    def with_(self, *, comments: str | None = None, pins: str | None = None) -> Desk:
        """The same with other settings."""
        return replace(self, comments=comments or self.comments, pins=pins or self.pins)


@pytest.fixture
def make_item() -> Callable[..., WorkItem]:
    return _item


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    store = open_store(f"sqlite:///{tmp_path / 'filrouge.db'}")
    yield Desk(tmp_path, store)
    store.close()
