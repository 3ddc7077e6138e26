"""In which tickets Filrouge may write at all."""

from __future__ import annotations

from config.settings import Comments
from domain.work import INITIATIVE, OPEN, WorkItem
from reports.comment import MUTE, is_muted


def forbidden(item: WorkItem, settings: Comments) -> str | None:
    """Why an item gets no comment whatever the text; None when it may."""
    if item.deleted is not None:
        return "the ticket is deleted"
    if item.state not in OPEN:
        return f"the ticket is {item.state.value}"
    if is_muted(item.labels):
        return f"muted by the label {MUTE}"
    if item.project.casefold() not in {name.casefold() for name in settings.projects}:
        return f"project {item.project} is not among comments.projects"
    if item.level not in settings.levels and not (item.level > INITIATIVE and INITIATIVE in settings.levels):
        return f"level {item.level} is not among comments.levels"
    return None
