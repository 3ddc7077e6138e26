"""What the store adds to a tracker's own history: that an item was deleted, or came back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from domain.calendar import instant_text
from domain.work import History, Transition

DELETED = "deleted"


def with_deletions(
    history: History, ours: Sequence[Transition], deleted: datetime | None, at: datetime
) -> tuple[tuple[Transition, ...], tuple[Transition, ...]]:
    """The history that tells the item's deletions and restorations, and which of its entries are the store's.

    `history` is what the tracker says, `ours` what the store added to it before, `deleted` whether (and since when)
    the item is deleted now, `at` when that was noticed. An entry of ours goes when the tracker's own history has
    one to the same effect. When the last entry of `deleted` still says something else than `deleted`, one is added:
    for a deletion at its instant, for a restoration at `at`, and never before the last one.
    """
    own = [entry for entry in history if entry.field == DELETED]
    told = {(entry.at, entry.after) for entry in own}
    kept = [entry for entry in ours if (entry.at, entry.after) not in told]
    if not own and not kept and deleted is None:
        return tuple(history), ()
    marks = sorted((*own, *kept), key=lambda entry: entry.at)
    last = marks[-1].after if marks else None
    present = None if deleted is None else instant_text(deleted)
    if last != present:
        when = at if deleted is None else deleted
        if marks:
            when = max(when, marks[-1].at)
        kept.append(Transition(when, DELETED, last, present))
    # The sort is stable: what the tracker said of an instant comes before what the store adds to it.
    return tuple(sorted((*history, *kept), key=lambda entry: entry.at)), tuple(kept)
