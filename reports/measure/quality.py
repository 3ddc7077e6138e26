"""What the figures rest on, said kindly, so that nobody takes them for more than they are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from domain.calendar import Period
from domain.work import OPEN, State
from reports.document import QualityNote
from reports.language import Language
from reports.measure.figures import Figures
from reports.measure.ledger import Work
from reports.measure.periods import QUARTER, days_before

HOUR = timedelta(hours=1)
BURST_ITEMS, BURST_SHARE = 10, 0.30
MANY_GUESSED = 0.20


def quality_notes(figures: Figures, say: Language) -> Sequence[QualityNote]:
    """One sentence for each thing that makes the figures less sure; empty when there is none."""
    kinds = (_unread, _hidden, _later, _burst, _imputed, _left_out, _never_closed, _reopened, _without_history)
    return [note for kind in kinds for note in kind(figures, say)]


def largest_burst(instants: Sequence[datetime]) -> int:
    """The most instants (in order) that lie within one hour, both ends included."""
    most = start = 0
    for end, instant in enumerate(instants):
        while instant - instants[start] > HOUR:
            start += 1
        most = max(most, end - start + 1)
    return most


def _unread(figures: Figures, say: Language) -> Iterator[QualityNote]:
    for source in figures.ledger.facts.sources:
        if source.synced_at is None:
            text = say.text("Source {source} has not been read yet, so its work is missing here.", source=source.id)
            yield {"code": "never_synced", "message": text}


def _hidden(figures: Figures, say: Language) -> Iterator[QualityNote]:
    for source in figures.ledger.facts.sources:
        for problem in source.problems:
            text = say.text(
                "Source {source} was read in part: {problem}", source=source.id, problem=problem.rstrip(".") + "."
            )
            yield {"code": "partly_read", "message": text}


def _later(figures: Figures, say: Language) -> Iterator[QualityNote]:
    names = {"strategy": say.text("strategy"), "mapping": say.text("mapping"), "config": say.text("configuration")}
    for revision in figures.ledger.facts.manifest.later:
        text = say.text(
            "The {revision} used here was first seen after the report's date, because no earlier one is known.",
            revision=names.get(revision, revision),
        )
        yield {"code": "later_revision", "message": text}


def _burst(figures: Figures, say: Language) -> Iterator[QualityNote]:
    delivered = sorted(
        work.delivered for work in figures.ledger.delivered_in(figures.frame.week) if work.delivered is not None
    )
    most = largest_burst(delivered)
    if most >= BURST_ITEMS and most >= BURST_SHARE * len(delivered):
        text = say.text(
            "{n} of the week's {all} items were closed within one hour; perhaps the board was tidied, "
            "and the work was done earlier.",
            n=say.number(most),
            all=say.number(len(delivered)),
        )
        yield {"code": "burst", "message": text}


def _imputed(figures: Figures, say: Language) -> Iterator[QualityNote]:
    guessed = figures.horizon.drift.sample.imputed
    if guessed is not None and guessed > MANY_GUESSED:
        text = say.text(
            "{share} of the effort rests on estimates that nobody made: the usual size of such items stands in.",
            share=say.percent(guessed),
        )
        yield {"code": "imputed", "message": text}


def _left_out(figures: Figures, say: Language) -> Iterator[QualityNote]:
    share = figures.horizon.drift.sample.left_out
    if share:
        text = say.text(
            "{share} of the effort of the period fell on days that no cycle plans, and takes no part in these figures.",
            share=say.percent(share),
        )
        yield {"code": "left_out", "message": text}


def _never_closed(figures: Figures, say: Language) -> Iterator[QualityNote]:
    ledger, frame = figures.ledger, figures.frame
    quarter = Period(days_before(frame.until, QUARTER, frame.zone), frame.until)
    open_epics = 0
    for item in ledger.epics:
        if item.state is State.DONE and item.done_at is not None and item.done_at >= quarter.start:
            return
        if item.state is State.DOING and item.created_at < quarter.start:
            open_epics += 1
    if open_epics and ledger.delivered_in(quarter):
        text = say.count(
            "No epic has been closed for a quarter while {n} is under way; what is finished may be worth closing.",
            "No epic has been closed for a quarter while {n} are under way; what is finished may be worth closing.",
            open_epics,
        )
        yield {"code": "never_closed", "message": text}


def _reopened(figures: Figures, say: Language) -> Iterator[QualityNote]:
    reopened = sum(1 for work in figures.ledger.work if _was_reopened(work, figures.horizon.drift.period))
    if reopened:
        text = say.count(
            "{n} item was reopened in the period; it counts once it is delivered again.",
            "{n} items were reopened in the period; they count once they are delivered again.",
            reopened,
        )
        yield {"code": "reopened", "message": text}


def _was_reopened(work: Work, period: Period) -> bool:
    return any(
        entry.field == "state" and entry.before == State.DONE and entry.after in OPEN and entry.at in period
        for entry in work.history
    )


def _without_history(figures: Figures, say: Language) -> Iterator[QualityNote]:
    dated: dict[str, bool] = defaultdict(bool)
    for work in figures.ledger.work:
        if work.item.state is State.DONE:
            dated[work.item.source] |= any(entry.field == "state" for entry in work.history)
    for source in sorted(source for source, known in dated.items() if not known):
        text = say.text(
            "Source {source} tells no history of states, so its items count from the end date that it gives.",
            source=source,
        )
        yield {"code": "no_history", "message": text}
