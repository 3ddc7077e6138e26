"""The rows behind the figures: each work item that took part, with its effort and where it went."""

from __future__ import annotations

from collections.abc import Container

from domain.tags import Dimension
from reports.facts import Facts
from reports.measure.clusters import ClusterKey
from reports.measure.figures import Figures
from reports.measure.shares import alike
from reports.report import ItemRow
from reports.rounding import rounded


def item_rows(figures: Figures, facts: Facts, shown: Container[str]) -> tuple[ItemRow, ...]:
    """The items of the horizon in order of (source, id); teams that are not among those shown have no name."""
    horizon = figures.horizon.drift
    place = {member: number for number, cluster in enumerate(horizon.clusters, start=1) for member in cluster.members}
    rows = []
    for work, effort in horizon.sample.amounts:
        item = work.item
        assignment = facts.assignments.get(item.ref)
        rows.append(
            ItemRow(
                source=item.source,
                key=item.key,
                title=item.title,
                type=item.type,
                team=item.team if item.team in shown else None,
                root=work.root.key,
                cluster=place[ClusterKey(work.root.source, work.root.key, alike(work.shares))],
                delivered=work.delivered,
                effort=rounded(effort),
                imputed=item.ref in horizon.sample.guessed,
                shares={target: rounded(share) for target, share in work.shares},
                via=assignment.via.get(Dimension.CONTRIBUTES_TO.value) if assignment else None,
                url=item.url,
            )
        )
    return tuple(rows)
