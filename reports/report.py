"""A report: its data, and the work items behind its figures, which the data do not hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from reports.document import Document


@dataclass(frozen=True, slots=True)
class ItemRow:
    """One counted item whose effort takes part in the horizon's figures, as it stood at as_of.

    `effort` and `shares` (fractions by target, summing to 1) are exactly what the figures were made of. `root` is the
    key of what it moves with, `cluster` the place of its cluster in their order, from 1. `delivered` is UTC, None for
    work under way. `via` is what set its targets: a rule's id, `pin`, `ticket` or `inherited:KEY`. `team` is None
    where the item has none, or one too small to be shown apart. Nobody is named.
    """

    source: str
    key: str
    title: str
    type: str
    team: str | None
    root: str
    cluster: int
    delivered: datetime | None
    effort: float
    imputed: bool
    shares: Mapping[str, float]
    via: str | None
    url: str


@dataclass(frozen=True, slots=True)
class Report:
    """`document` is stored and rendered; `rows` serve the formats that show how its figures came to be."""

    document: Document
    rows: Sequence[ItemRow] = ()
