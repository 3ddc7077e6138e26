"""What is in scope now, by ids alone, and what became of items that are not among them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from connectors.azure_devops import complete, context
from connectors.azure_devops.client import Client, since_text
from connectors.azure_devops.convert import convert
from connectors.azure_devops.options import Options
from connectors.azure_devops.payload import Payload, decode, parent_in
from connectors.azure_devops.scope import Scope, resolve
from connectors.azure_devops.values import instant_or_none
from connectors.port import Confirmed, Held, SetAside
from domain.calendar import instant_text
from domain.clock import Clock
from domain.errors import ItemError, ProtocolError
from domain.work import Record

LIMIT = 20_000  # ids of one query; more are refused (API_FACTS)
EVERY = "SELECT [System.Id] FROM WorkItems WHERE"
AMERICAN = "%m/%d/%Y %I:%M:%S %p"  # how the recycle bin writes dates (Microsoft's examples)


def listed(client: Client, options: Options) -> Iterator[Sequence[str]]:
    """The ids of every item in scope, in their order.

    A query of more than 20,000 is refused whole, so the ids are cut into ranges: a range is halved until it is
    answered, and the next one is as wide again, or twice as wide where few were found. There all that is left may fit
    into one answer, which then is the last.
    """
    part = _query(options, resolve(options, client.projects()))
    above, width, few = 0, LIMIT, True
    while True:
        rest = client.ids(f"{part} AND [System.Id] > {above} ORDER BY [System.Id]") if few else None
        if rest is not None:
            yield rest
            return
        while (found := client.ids(_between(part, above, above + width))) is None:
            if width == 1:
                raise ProtocolError(f"Source {options.source}, the census: the tracker calls a single id too many.")
            width //= 2
        yield found
        above += width
        few = len(found) < LIMIT // 4
        if few:
            width *= 2


def _between(part: str, above: int, last: int) -> str:
    return f"{part} AND [System.Id] > {above} AND [System.Id] <= {last} ORDER BY [System.Id]"


def _query(options: Options, scope: Scope) -> str:
    """The scope of a pull in WIQL: projects, area paths, and how far back the first load went."""
    parts = [f"[System.TeamProject] IN ({', '.join(map(_quoted, scope.projects))})"]
    if scope.area_paths:
        areas = " OR ".join(f"[System.AreaPath] UNDER {_quoted(root)}" for root in scope.area_paths)
        parts.append(f"({areas})")
    since = since_text(options)
    if since is not None:
        parts.append(f"[System.ChangedDate] >= '{since}'")
    return f"{EVERY} {' AND '.join(parts)}"


def _quoted(word: str) -> str:
    return "'" + word.replace("'", "''") + "'"


def confirm(client: Client, options: Options, clock: Clock, ids: Sequence[str], held: Held) -> Iterator[Confirmed]:
    """What became of these items, 200 at a time.

    What the batch read leaves out lies in the recycle bin, or is gone, or hidden: TF401232 is said of the last two
    alike. An item that is there comes with the past that is held of it, and with the rest of it where revisions are
    missing.
    """
    known, _ = context.read(client, options, resolve(options, client.projects()))
    numbers = [one for one in ids if one.isdecimal()]
    if len(numbers) < len(ids):
        yield Confirmed(known, gone=[one for one in ids if not one.isdecimal()])
    for part in complete.chunks(numbers):
        found = client.items(part)
        payloads = held(part)
        records: list[Record] = []
        aside: list[SetAside] = []
        for one in part:
            if one not in found:
                continue
            try:
                records.append(_record(client, options, clock, found[one], payloads.get(one), known))
            except ItemError as error:
                aside.append(SetAside(one, str(error)))
        missing = [one for one in part if one not in found]
        binned = client.recycled(missing) if missing else {}
        yield Confirmed(
            known,
            records=records,
            deleted=[(one, _deletion(binned[one], clock.now())) for one in missing if one in binned],
            gone=[one for one in missing if one not in binned],
            set_aside=aside,
        )


def _record(
    client: Client,
    options: Options,
    clock: Clock,
    item: Mapping[str, Any],
    raw: bytes | None,
    known: Mapping[str, Any],
) -> Record:
    one, rev, asked = str(item["id"]), int(item["rev"]), known["fields"]
    payload = decode(raw) if raw is not None else Payload(one)
    last = max(payload.revisions, default=0)
    if last < rev - 1:
        for told in client.item_revisions(one, ItemError):
            payload.add_revision(int(told["rev"]), complete.only(told["fields"], asked))
    if last < rev or complete.in_bin(payload):
        payload.add_revision(rev, complete.only(item["fields"], asked))
    record = convert(payload.encode(), known, options.source)
    parent = parent_in(item.get("relations"))
    if record.item.parent != parent or raw is None:
        # Links that were told while nobody here knew the item never come again.
        payload.seen = {"parent": parent, "at": instant_text(clock.now())}
        record = convert(payload.encode(), known, options.source)
    return record


def _deletion(written: str, now: datetime) -> datetime:
    """When an item was deleted, as far as the server's date can be read; never later than now."""
    found = instant_or_none(written)
    if found is None:
        try:
            found = datetime.strptime(written, AMERICAN).replace(tzinfo=UTC)
        except ValueError:
            return now
    return min(found, now)
