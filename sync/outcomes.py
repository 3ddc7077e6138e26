"""What came of each comment: did it lead to a mapping within two weeks, or was it ignored, muted, removed?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from config.workspace import Workspace
from domain.strategy import UNALIGNED
from domain.tags import NOTHING, Assignment
from domain.work import ItemRef
from mapping.contribution import Targets
from mapping.heard import hear
from reports.comment import is_muted
from store.kept import CommentState, StoredWrite, WriteOutcome
from store.open import Store

PATIENCE = timedelta(days=14)
BY_PEOPLE: Mapping[CommentState, WriteOutcome] = {"deleted": "removed", "edited": "edited"}


def settle(workspace: Workspace, store: Store, tags: Mapping[ItemRef, Assignment], now: datetime) -> int:
    """Note what came of the writes of which that was not known yet; how many they were.

    `tags` are those of every item of today.
    """
    with store.reading() as reader:
        writes = reader.unsettled()
        if not writes:
            return 0
        comments, lines = reader.comments(), reader.lines()
        wanted = {write.ref for write in writes}
        items = reader.items_of(wanted, deleted=True)
        muted = {ref for ref, item in items.items() if is_muted(item.labels)}
    targets = Targets(workspace.strategy)
    for ref in wanted:
        heard = hear(lines.get(ref, ()), targets)
        if heard is not None and heard.muted:
            muted.add(ref)

    def outcome(write: StoredWrite) -> WriteOutcome | None:
        stands = comments.get(write.ref)
        in_time = write.sent_at is not None and now - write.sent_at < PATIENCE
        if write.purpose == "asks" and in_time and _is_answered(tags.get(write.ref, NOTHING)):
            return "mapped"
        if stands is not None and stands.state in BY_PEOPLE:
            return BY_PEOPLE[stands.state]
        if write.ref in muted:
            return "muted"
        return "ignored" if write.purpose == "asks" and not in_time else None

    found = {write.number: said for write in writes if (said := outcome(write)) is not None}
    with store.writing() as unit:
        unit.settle_writes(found, now)
    return len(found)


def _is_answered(tags: Assignment) -> bool:
    """Whether somebody says by now what the work serves, or that it serves nothing."""
    declared = set(tags.shares) == {UNALIGNED} and not tags.conflict
    return declared or bool(set(tags.shares) - set(tags.unknown) - {UNALIGNED})
