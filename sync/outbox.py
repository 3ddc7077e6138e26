"""The outbox: what is planned is written into tickets, by one process at a time for each source."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import datetime
from secrets import token_hex
from threading import Event

import structlog

from config.settings import Source
from config.workspace import Workspace
from connectors.port import Commentable, Markable, Tracker
from domain.clock import Clock
from domain.errors import ConfigurationError, FilrougeError, LeaseError, StoreError
from domain.work import WorkItem
from store.kept import UNCLEAR
from store.open import Store
from sync.drafts import Draft
from sync.intent import Planned, first_projects, plan
from sync.marking import Marking
from sync.marks import plan_marks
from sync.turn import Taken, turn
from sync.writer import OutboxRun, Token, Writer, is_of

log = structlog.get_logger("outbox")

Connect = Callable[[Source], Tracker]
Act = Callable[[Writer, Marking], None]


def new_token() -> str:
    """A word that marks one write; by chance it was never given before."""
    return token_hex(6)


def require_enabled(workspace: Workspace) -> None:
    """ConfigurationError unless the admin has said that Filrouge may write to trackers."""
    if not workspace.settings.comments.enabled:
        raise ConfigurationError(
            "filrouge.yaml: comments.enabled is false, so nothing is written to a tracker; look at `filrouge comment "
            "plan`, then set it to true."
        )


def require_approved(workspace: Workspace, store: Store, drafts: Sequence[Draft], now: datetime) -> None:
    """ConfigurationError that names the projects which would have their first comments or marks, if there are any."""
    first = first_projects(_planned(workspace, store, now, drafts, approved=True), store)
    if first:
        places = ", ".join(f"{project} ({count:,})" for (_, project), count in sorted(first.items()))
        raise ConfigurationError(
            f"These projects would have their first comments or marks: {places}. Nothing was written; look at "
            "`filrouge comment plan`, then run `filrouge comment post --yes`."
        )


def post(
    workspace: Workspace,
    store: Store,
    drafts: Sequence[Draft],
    connect: Connect,
    *,
    clock: Clock,
    token: Token,
    approved: bool,
    stop: Event,
) -> list[OutboxRun]:
    """Write what is planned, source by source, and clear up what an earlier run left unclear.

    A source with nothing to do is asked nothing. `approved`: the admin has agreed to the first comments or marks in a
    project; otherwise there are none. ConfigurationError when comments are not enabled. Errors of a tracker become its
    run's problem; StoreError is raised.
    """
    require_enabled(workspace)
    now = clock.now()
    budget = workspace.settings.comments.budget
    left = budget.per_run, budget.marks_per_run
    runs = []
    for source in workspace.settings.sources:
        mine = [draft for draft in drafts if draft.item.source == source.id]
        if not _is_needed(workspace, store, source, mine, now, approved=approved):
            continue

        def act(box: Writer, marks: Marking, mine: Sequence[Draft] = mine, left: tuple[int, int] = left) -> None:
            # Marks first: the comments in a ticket are read after ours, and then there is no later change to look into.
            marks.post(workspace, mine, left[1], stop, approved=approved)
            box.post(workspace, mine, left[0], stop, approved=approved)

        runs.append(_in_turn(source, store, connect, clock, token, act))
        counts = runs[-1].counts
        written = sum(counts[word] for word in ("posted", "edited", "unclear"))
        left = left[0] - written, left[1] - counts["tickets"]
    return runs


def withdraw(
    workspace: Workspace,
    store: Store,
    connect: Connect,
    *,
    clock: Clock,
    token: Token,
    project: str | None,
    stop: Event,
) -> list[OutboxRun]:
    """Remove every comment of ours that no person has changed, and every mark of ours (of one project, ignoring case).

    Errors as in `post`. A later post begins anew, and asks again before the first comment in a project.
    """
    require_enabled(workspace)
    runs = []
    for source in workspace.settings.sources:
        with store.reading() as reader:
            writes = {one.ref for one in reader.writes(UNCLEAR, source=source.id)}
            if not (writes or reader.comments(source.id) or reader.marks(source.id)):
                continue

        def act(box: Writer, marks: Marking) -> None:
            box.withdraw(project, stop)
            marks.withdraw(project, stop)

        runs.append(_in_turn(source, store, connect, clock, token, act))
    return runs


def withdrawable(store: Store, project: str | None) -> list[WorkItem]:
    """The tickets whose comment or marks a withdrawal would remove, as far as the store knows."""
    with store.reading() as reader:
        ours = {ref for ref, one in reader.comments().items() if one.state == "standing"}
        ours |= {ref for ref, known in reader.marks().items() if any(mark.state != "left" for mark in known)}
        return [item for item in reader.items_of(ours).values() if is_of(item, project)]


def _is_needed(
    workspace: Workspace, store: Store, source: Source, drafts: Sequence[Draft], now: datetime, *, approved: bool
) -> bool:
    with store.reading() as reader:
        if reader.writes(UNCLEAR, source=source.id):
            return True
    return any(one.writes for one in _planned(workspace, store, now, drafts, approved=approved))


def _planned(
    workspace: Workspace, store: Store, now: datetime, drafts: Sequence[Draft], *, approved: bool
) -> Iterator[Planned]:
    yield from plan(workspace, store, now, drafts, approved=approved)
    yield from plan_marks(workspace, store, now, drafts, approved=approved)


def _in_turn(source: Source, store: Store, connect: Connect, clock: Clock, token: Token, act: Act) -> OutboxRun:
    """Do something in one source while no other process writes there; what came of it."""
    result = OutboxRun(source.id)
    with turn(f"comments:{source.id}", store, clock) as held:
        if isinstance(held, Taken):
            result.outcome, result.taken = "skipped", held
            return result
        with store.writing() as unit:
            run = unit.start_run("comment", source.id, clock.now())
        try:
            with closing(connect(source)) as tracker:
                if not isinstance(tracker, Commentable) or not isinstance(tracker, Markable):
                    raise ConfigurationError(
                        f"Source {source.id}: no comments can be written into a {source.kind} source."
                    )
                commenter = tracker.commenter()
                box = Writer(source.id, commenter, store, clock, token, held, result)
                try:
                    act(box, Marking(box, tracker.marker()))
                finally:
                    result.requests = commenter.requests
        except StoreError:
            raise
        except LeaseError as error:
            result.outcome = "interrupted"
            result.problems.append(str(error))
        except FilrougeError as error:
            result.outcome, result.error = "failed", error
            if str(error) not in result.problems:
                result.problems.append(str(error))
        if result.outcome == "ok" and (result.problems or result.counts["unclear"] or result.counts["refused"]):
            result.outcome = "partial"
        with store.writing() as unit:
            unit.finish_run(run, clock.now(), result.outcome, result.summary())
    log.info("outbox.finished", **result.summary())
    return result
