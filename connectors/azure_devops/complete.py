"""What the reporting API will not tell again of an item: its relations, and its past."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from connectors.azure_devops.client import BATCH_SIZE, Client
from connectors.azure_devops.payload import Payload, parent_in
from connectors.azure_devops.values import text
from domain.calendar import instant_text
from domain.clock import Clock
from domain.errors import ItemError


@dataclass
class Missed:
    """The items that could not be completed: id to reason."""

    reasons: dict[str, str] = field(default_factory=dict)


@dataclass
class Luck:
    """How many items in a row turned out, in this pull, to have no past beyond what was told."""

    fruitless: int = 0


MOST_FRUITLESS = 5  # then the server plainly holds no earlier revisions, and is not asked for each item
GONE = "it is not there any more, or this account may not see it, so its parent and its past are not known"


def relations(client: Client, clock: Clock, payloads: Sequence[Payload], missed: Missed) -> None:
    """Add to each payload the parent that the item has now. One request for 200 items."""
    for part in chunks([one for one in payloads if not in_bin(one)]):
        found = client.items([one.id for one in part])
        at = instant_text(clock.now())
        for payload in part:
            item = found.get(payload.id)
            if item is None:
                missed.reasons[payload.id] = GONE
            else:
                payload.seen = {"parent": parent_in(item.get("relations")), "at": at}


def state_at(client: Client, payloads: Sequence[Payload], since: str, asked: Sequence[str]) -> None:
    """Add to each payload the revision that was in force at an instant, so that the first change after it has a
    before. One request for 200 items; an item that did not exist then, or is hidden now, stays as it is."""
    for part in chunks(payloads):
        found = client.items([one.id for one in part], as_of=since)
        for payload in part:
            item = found.get(payload.id)
            if item is not None and int(item["rev"]) < min(payload.revisions):
                payload.add_revision(int(item["rev"]), only(item["fields"], asked))


def past(client: Client, payloads: Sequence[Payload], asked: Sequence[str], missed: Missed, luck: Luck) -> None:
    """Add to each payload all its revisions. One request for 200 revisions of one item: for the few that moved in."""
    for payload in payloads:
        if in_bin(payload) or payload.id in missed.reasons or luck.fruitless >= MOST_FRUITLESS:
            continue
        first = min(payload.revisions)
        try:
            for one in client.item_revisions(payload.id, ItemError):
                payload.add_revision(int(one["rev"]), only(one["fields"], asked))
        except ItemError:
            missed.reasons[payload.id] = GONE
        else:
            luck.fruitless = 0 if min(payload.revisions) < first else luck.fruitless + 1


def whole(client: Client, clock: Clock, ids: Sequence[str], asked: Sequence[str]) -> Iterator[Payload]:
    """Items of which nothing is known yet, as they are now; what is gone or hidden does not come."""
    for part in chunks(sorted(ids)):
        found = client.items(part)
        at = instant_text(clock.now())
        for one in part:
            item = found.get(one)
            if item is not None:
                payload = Payload(one, seen={"parent": parent_in(item.get("relations")), "at": at})
                payload.add_revision(int(item["rev"]), only(item["fields"], asked))
                yield payload


def only(fields: Mapping[str, Any], asked: Sequence[str]) -> dict[str, Any]:
    """Of an item's fields those that are asked of every revision."""
    return {name: fields[name] for name in asked if fields.get(name) is not None}


def chunks(whole: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """A sequence in parts of at most 200."""
    for start in range(0, len(whole), BATCH_SIZE):
        yield whole[start : start + BATCH_SIZE]


def in_bin(payload: Payload) -> bool:
    """Whether the item lies in the recycle bin, where relations and revisions cannot be read."""
    return text(payload.latest.get("System.IsDeleted")).casefold() == "true"
