"""Setting and removing marks on the tickets of one source: a row first, then the tracker, then what came of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from threading import Event

from config.workspace import Workspace
from connectors.port import Marker
from domain.errors import FilrougeError, ItemError, ProtocolError
from domain.work import ItemRef, WorkItem
from store.kept import StoredMark
from sync.drafts import Draft
from sync.intent import quiet_until
from sync.marks import Change, Wanted, label_change, plan_marks, property_change
from sync.writer import Writer, is_of


@dataclass
class Marking:
    """One source, in our turn, which the writer of its comments holds."""

    box: Writer
    marker: Marker

    def post(self, workspace: Workspace, drafts: Sequence[Draft], budget: int, stop: Event, *, approved: bool) -> None:
        """Let the tickets of these drafts bear the marks that they should, `budget` tickets at most."""
        box = self.box
        intents = plan_marks(workspace, box.store, box.clock.now(), drafts, budget=budget, approved=approved)
        box.result.counts["held"] += sum(1 for one in intents if not one.writes)
        known = self._known()
        for intent in intents:
            if not intent.writes:
                continue
            if stop.is_set() or quiet_until(workspace.settings.comments, workspace.zone, box.clock.now()):
                box.result.outcome = "interrupted"
                return
            with box.attempt(intent.item):
                self._settle(intent.item, known.get(intent.item.ref, []), intent.wanted)

    def withdraw(self, project: str | None, stop: Event) -> None:
        """Remove every mark of ours, of one project if given; what people decided stays known."""
        known = self._known()
        with self.box.store.reading() as reader:
            items = reader.items_of(known)
        for item in items.values():
            theirs = tuple(mark.name for mark in known[item.ref] if mark.state == "left")
            if not is_of(item, project) or len(theirs) == len(known[item.ref]):
                continue
            if stop.is_set():
                self.box.result.outcome = "interrupted"
                return
            with self.box.attempt(item):
                self._settle(item, known[item.ref], Wanted(theirs))  # what is theirs is never touched while wanted

    def _known(self) -> dict[ItemRef, list[StoredMark]]:
        with self.box.store.reading() as reader:
            return reader.marks(self.box.source)

    def _settle(self, item: WorkItem, known: Sequence[StoredMark], wanted: Wanted) -> None:
        """Bring one ticket from what it bears now, which is read from it, to what it should bear."""
        counts, now = self.box.result.counts, self.box.clock.now()
        counts["tickets"] += 1
        if wanted.labels or any(mark.kind == "label" for mark in known):
            seen = self.marker.labels(item)
            change = label_change(known, wanted.labels, seen.names, now, item.updated_at)
            counts["left"] += len(_left(change.after) - _left(known))
            edit = partial(self.marker.change_labels, item, seen, change.add, change.remove)
            known = self._carry_out(item, known, change, edit)
        value = None if wanted.value is None else json.loads(wanted.value)

        def give() -> bool:
            self.marker.set_property(item, value)
            return True

        self._carry_out(item, known, property_change(known, wanted.value, now, item.updated_at), give)

    def _carry_out(
        self, item: WorkItem, known: Sequence[StoredMark], change: Change, send: Callable[[], bool]
    ) -> Sequence[StoredMark]:
        """Do one change, with its rows before it; the marks that are known then.

        After an unclear failure the rows stay as they are while a mark is written, so that the next run looks and does
        what is missing; where nothing was written, what was known before is known again.
        """
        counts = self.box.result.counts
        if change.add or change.remove:
            self._keep(item, change.during)
            try:
                done = send()
            except (ItemError, ProtocolError):
                self._keep(item, known)
                counts["refused"] += 1
                raise
            except FilrougeError:
                counts["unclear"] += 1
                raise
            if not done:  # somebody was quicker: the next run reads the ticket again
                self._keep(item, known)
                counts["held"] += 1
                return known
            counts["marked"] += len(change.add)
            counts["unmarked"] += len(change.remove)
        self._keep(item, change.after)
        return change.after

    def _keep(self, item: WorkItem, known: Sequence[StoredMark]) -> None:
        with self.box.store.writing() as unit:
            unit.keep_marks(item.ref, known, self.box.fence)


def _left(known: Sequence[StoredMark]) -> set[str]:
    return {mark.name for mark in known if mark.state == "left"}
