"""One pull: revisions, then links, each from its own token, merged with what the store holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from connectors.ahead import ahead
from connectors.azure_devops import complete, context, cursor, process
from connectors.azure_devops.client import BATCH_SIZE, Batch, Client, FieldRefusedError, since_text
from connectors.azure_devops.convert import convert
from connectors.azure_devops.options import Options
from connectors.azure_devops.pages import batches, gathered
from connectors.azure_devops.payload import Payload, decode, parent_links
from connectors.azure_devops.scope import asked, grown, resolve
from connectors.azure_devops.values import lies_under, text
from connectors.port import Cursor, Held, Page, SetAside
from domain.clock import Clock
from domain.errors import ItemError, ProtocolError
from domain.work import Record

TRIES = 3  # pulls that ask for an item's links and past before what is known of it must do


class Pull:
    """The state of one pull; `pages` runs it."""

    def __init__(self, client: Client, options: Options, clock: Clock, start: Cursor | None, held: Held) -> None:
        self._client, self._options, self._clock, self._held = client, options, clock, held
        self._place = cursor.load(start)
        self._fresh = start is None
        self._warnings: list[str] = []
        self._context: dict[str, Any] = {}
        self._renewed = False
        self._luck = complete.Luck()
        self._areas_met: set[str] = set()

    def pages(self) -> Iterator[Page]:
        """The pages of the pull, in order: pending items, revisions, links, ancestors; the last one ends it."""
        self._begin()
        yield from self._retry()
        yield from self._revisions()
        yield from self._links()
        yield from self._ancestors()
        self._place.loaded = True
        self._place.context = self._context
        self._warn_of_empty_areas()
        yield self._page([], whole=True)

    def _begin(self) -> None:
        self._scope = resolve(self._options, self._client.projects())
        place, now = self._place, self._clock.now()
        if place.context is not None and context.still_good(
            place.context, place.context_at, self._options, self._scope, now
        ):
            self._context = dict(place.context)
        else:
            self._renew()
        wanted = asked(self._options, self._scope, self._context["extra"])
        more = grown(place.asked, wanted) if place.asked is not None else []
        if more:
            self._warnings.append(
                f"Source {self._options.source}: more is asked for than before ({', '.join(more)}), so everything is "
                "read again from the beginning."
            )
            self._place = cursor.Place(context_at=place.context_at)
        self._place.asked = wanted

    def _renew(self) -> None:
        self._context, warnings = context.read(self._client, self._options, self._scope)
        self._warnings += warnings
        self._place.context_at = self._clock.now()
        self._renewed = True

    def _retry(self) -> Iterator[Page]:
        """Once more the items that an earlier pull could not complete."""
        ids = sorted(self._place.pending)
        for part in complete.chunks(ids):
            payloads = [decode(raw) for _, raw in sorted(self._held(part).items())]
            for gone in set(part) - {one.id for one in payloads}:
                del self._place.pending[gone]
            aside = self._complete(payloads, relations=True, past=True)
            yield self._page(payloads, aside)

    def _revisions(self) -> Iterator[Page]:
        place, since = self._place, since_text(self._options)

        def read(token: str | None) -> Batch:
            while True:
                fields = self._context["fields"]
                try:
                    return self._client.revisions(fields, token, since, self._context["long_text"])
                except FieldRefusedError as refused:
                    if refused.name in context.NEEDED:
                        raise ProtocolError(
                            f"Source {self._options.source}: the server does not report {refused.name}, without which "
                            "there is no work item."
                        ) from None
                    self._context["fields"] = [name for name in fields if name != refused.name]

        for batch in gathered(ahead(batches(read, place.revisions, f"Source {self._options.source}, the revisions"))):
            payloads, new = self._merge(batch.values)
            aside = self._fill(new)
            self._check_states(payloads)
            place.revisions = batch.token or place.revisions
            yield self._page(payloads, aside, touched=frozenset(str(one["id"]) for one in batch.values))

    def _merge(self, values: Iterable[Mapping[str, Any]]) -> tuple[list[Payload], list[Payload]]:
        """Revisions merged with what is held: the items that are ours, and of them those that are new to us.

        An item is ours when we hold it already, wherever it went, or when its newest revision lies in the scope.
        """
        told: dict[str, list[Mapping[str, Any]]] = {}
        for value in values:
            told.setdefault(str(value["id"]), []).append(value)
        held = self._held(list(told))
        payloads, new = [], []
        for item, revisions in told.items():
            payload = decode(held[item]) if item in held else Payload(item)
            for one in revisions:
                payload.add_revision(int(one["rev"]), complete.only(one["fields"], self._context["fields"]))
            if item in held:
                payloads.append(payload)
            elif payload.latest in self._scope:
                payloads.append(payload)
                new.append(payload)
        return payloads, new

    def _fill(self, new: Sequence[Payload]) -> list[SetAside]:
        """Complete items that are new to us, as far as the reporting API will not do it.

        Links that were told before we knew the item were let go: once links have been read, or when the load is
        bounded by `since`, the parent comes from the item's relations. Revisions from before the first one told are
        fetched for an item that moved in; in a bounded first load the one in force at `since` is enough.
        """
        bounded = self._options.since is not None and not self._place.loaded
        late = [one for one in new if one.begins_late]
        if bounded:
            since = since_text(self._options)
            assert since is not None
            complete.state_at(self._client, late, since, self._context["fields"])
        aside = self._complete(late, relations=bounded, past=not bounded) if late else []
        if self._place.links is not None:
            rest = [one for one in new if one.seen is None and one.id not in self._place.pending]
            aside += self._complete(rest, relations=True, past=False)
        return aside

    def _complete(self, payloads: Sequence[Payload], *, relations: bool, past: bool) -> list[SetAside]:
        missed = complete.Missed()
        if relations:
            complete.relations(self._client, self._clock, payloads, missed)
        if past:
            late = [one for one in payloads if one.begins_late]
            complete.past(self._client, late, self._context["fields"], missed, self._luck)
        pending = self._place.pending
        for payload in payloads:
            if payload.id not in missed.reasons:
                pending.pop(payload.id, None)
                continue
            pending[payload.id] = pending.get(payload.id, 0) + 1
            if pending[payload.id] >= TRIES:
                del pending[payload.id]
                self._warnings.append(
                    f"Source {self._options.source}: item {payload.id} could not be completed in {TRIES} runs; what is "
                    "known of it is kept as it is."
                )
        return [SetAside(item, f"Item {item}: {reason}.") for item, reason in sorted(missed.reasons.items())]

    def _links(self) -> Iterator[Page]:
        place, since = self._place, since_text(self._options)

        def read(token: str | None) -> Batch:
            return self._client.links(token, since)

        for batch in gathered(ahead(batches(read, place.links, f"Source {self._options.source}, the links"))):
            told: dict[str, list[dict[str, Any]]] = {}
            for child, link in parent_links(batch.values):
                told.setdefault(child, []).append(link)
            held = self._held(list(told))
            changed = []
            for child, raw in sorted(held.items()):
                payload = decode(raw)
                if any([payload.add_link(link) for link in told[child]]):  # noqa: C419 # every link is to be added
                    changed.append(payload)
            place.links = batch.token or place.links
            yield self._page(changed)

    def _ancestors(self) -> Iterator[Page]:
        """The parents that lie before `since`: children are mapped through them, so they are fetched as they are."""
        place = self._place
        while place.wanted:
            part = sorted(place.wanted)[:BATCH_SIZE]
            missing = sorted(set(part) - set(self._held(part)))
            found = complete.whole(self._client, self._clock, missing, self._context["fields"])
            payloads = [one for one in found if one.latest in self._scope]
            place.wanted -= set(part)
            yield self._page(payloads)

    def _page(
        self,
        payloads: Sequence[Payload],
        aside: Sequence[SetAside] = (),
        *,
        touched: frozenset[str] = frozenset(),
        whole: bool = False,
    ) -> Page:
        records: list[Record] = []
        set_aside = list(aside)
        deleted: list[tuple[str, datetime]] = []
        for payload in payloads:
            try:
                record = convert(payload.encode(), self._context, self._options.source)
            except ItemError as error:
                set_aside.append(SetAside(payload.id, str(error)))
                continue
            records.append(record)
            if record.item.deleted is not None and payload.id in touched:
                deleted.append((payload.id, record.item.deleted))
            if self._options.since is not None and record.item.parent is not None:
                self._place.wanted.add(record.item.parent)
            area = record.item.area_path
            self._areas_met |= {root for root in self._options.area_paths if lies_under(area, root)}
        warnings, self._warnings = self._warnings, []
        return Page(
            records=records,
            cursor=cursor.dump(self._place, whole=whole),
            context=self._context,
            deleted=deleted,
            set_aside=set_aside,
            warnings=warnings,
        )

    def _check_states(self, payloads: Sequence[Payload]) -> None:
        """Read the processes anew, once, when a state turns up that they did not have; warn of one that none has."""

        def unknown() -> list[tuple[str, str, str]]:
            met = {
                tuple(
                    text(one.latest.get(name)) for name in ("System.TeamProject", "System.WorkItemType", "System.State")
                )
                for one in payloads
            }
            return sorted((a, b, c) for a, b, c in met if not process.is_known(self._context, a, b, c))

        strange = unknown()
        if strange and not self._renewed:
            self._renew()
            strange = unknown()
        for project, kind, status in strange:
            state = process.state_of(self._context, project, kind, status)
            self._warnings.append(
                f"Source {self._options.source}: no process gives the state {status!r} of {kind} in {project} a "
                f"category; it counts as {state.value}."
            )

    def _warn_of_empty_areas(self) -> None:
        if not self._fresh:
            return
        for root in self._options.area_paths:
            if root not in self._areas_met:
                self._warnings.append(
                    f"Source {self._options.source}: no work item lies under the area path {root!r}; is it spelt as in "
                    "Azure DevOps?"
                )
