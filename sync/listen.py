"""Reading what people wrote to us in the tickets that changed since we last looked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from threading import Event

import structlog

from config.settings import Comments, Source, TicketCommands
from connectors.port import Commentable, Commenter, Remark, Tracker
from domain.clock import Clock
from domain.errors import FilrougeError, ItemError, StoreError
from domain.lines import Line
from domain.work import WorkItem
from store.open import Store
from sync.turn import Taken, turn

log = structlog.get_logger("listen")


@dataclass
class Heard:
    """What one round came to: tickets that were read, commands that were new, and sentences on what failed."""

    tickets: int = 0
    new: int = 0
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Listener:
    """Reads the commands of single tickets of one source, and keeps them."""

    commenter: Commenter
    store: Store
    clock: Clock
    commands: TicketCommands

    def hear(self, item: WorkItem, to: datetime) -> int:
        """Keep what stands in a ticket, which was changed last at `to` or later; how many commands are new.

        Errors as a commenter's; nothing is kept then, and the ticket is read again next time.
        """
        at = self.clock.now()
        lines = [self._line(item, remark, at) for remark in self.commenter.remarks(item)]
        with self.store.writing() as unit:
            return unit.keep_lines(item.ref, lines, to, at)

    def _line(self, item: WorkItem, remark: Remark, at: datetime) -> Line:
        allowed = self._may(item, remark)
        return Line(item.ref, remark.comment, remark.said, remark.author, allowed, remark.at, at)

    def _may(self, item: WorkItem, remark: Remark) -> bool:
        people = {name.casefold() for name in self.commands.people}
        if not people and not self.commands.roles:
            return True
        if people & {name.casefold() for name in remark.names}:
            return True
        if remark.author is None or not self.commands.roles:
            return False
        return self.commenter.holds(item, remark.author, self.commands.roles)


def listen(source: Source, tracker: Tracker, store: Store, comments: Comments, *, clock: Clock, stop: Event) -> Heard:
    """Read the tickets of a source that have our comment and changed since they were last read.

    Nothing is asked where comments or commands are off, or while another process writes comments there: the next round
    reads what this one did not. A tracker's error ends the round and becomes its problem; StoreError is raised.
    """
    heard = Heard()
    if not comments.enabled or comments.commands is None or not isinstance(tracker, Commentable):
        return heard
    waiting = _waiting(source.id, store, comments)
    if not waiting:
        return heard
    with turn(f"comments:{source.id}", store, clock) as held:
        if isinstance(held, Taken):
            return heard
        listener = Listener(tracker.commenter(), store, clock, comments.commands)
        for item in waiting:
            if stop.is_set():
                break
            try:
                heard.new += listener.hear(item, item.updated_at)
            except ItemError as error:
                log.info("listen.skipped", source=source.id, item=item.key, problem=str(error))
            except StoreError:
                raise
            except FilrougeError as error:
                heard.problems.append(str(error))
                break
            else:
                heard.tickets += 1
    log.info("listen.finished", source=source.id, tickets=heard.tickets, new=heard.new)
    return heard


def _waiting(source: str, store: Store, comments: Comments) -> Sequence[WorkItem]:
    allowed = {project.casefold() for project in comments.projects}
    with store.reading() as reader:
        return [item for item in reader.unheard(source) if item.project.casefold() in allowed]
