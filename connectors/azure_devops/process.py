"""What a project's process says of a work item: the category of its state, its level, its team, its estimate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.azure_devops.values import lies_under, number
from domain.work import EPIC, STORY, SUBTASK, State

# State categories (API_SHAPES; the XML process says Complete). A resolved item still waits for someone.
CATEGORIES: Mapping[str, State] = {
    "proposed": State.TODO,
    "inprogress": State.DOING,
    "resolved": State.DOING,
    "completed": State.DONE,
    "complete": State.DONE,
    "removed": State.DROPPED,
}

# States of the processes that Microsoft ships, for states that no project defines any more: histories hold them.
WELL_KNOWN_STATES: Mapping[str, State] = {
    **dict.fromkeys(("new", "to do", "proposed", "approved", "design", "requested", "open"), State.TODO),
    **dict.fromkeys(("active", "in progress", "doing", "committed", "ready", "resolved", "in planning"), State.DOING),
    **dict.fromkeys(("closed", "done", "completed", "accepted", "inactive"), State.DONE),
    **dict.fromkeys(("removed", "rejected"), State.DROPPED),
}

WELL_KNOWN_LEVELS: Mapping[str, int] = {"epic": EPIC + 1, "feature": EPIC, "task": SUBTASK}

# Every process names its effort field (backlogconfiguration), but epics and features use Effort in all of them.
STORY_POINTS = "Microsoft.VSTS.Scheduling.StoryPoints"
EFFORT = "Microsoft.VSTS.Scheduling.Effort"
SIZE = "Microsoft.VSTS.Scheduling.Size"
ESTIMATES: tuple[str, ...] = (STORY_POINTS, EFFORT, SIZE)


def states_of(types: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, str]]:
    """Type to state to category, from work item types with their states; states without a category are left out."""
    return {
        str(kind["name"]): {
            str(state["name"]): str(state.get("category") or state.get("stateCategory"))
            for state in kind.get("states") or ()
            if state.get("category") or state.get("stateCategory")
        }
        for kind in types
    }


def levels_of(backlogs: Mapping[str, Any]) -> dict[str, int]:
    """Type to level, from a backlog configuration.

    The lowest portfolio backlog is level 1, the next 2 and so on; requirements are 0, tasks -1. Ranks grow upwards
    (the task backlog has the lowest); without ranks the list is read from the top down, as the server writes it.
    A bug that the team treats as a task is a task, any other is a story.
    """
    levels: dict[str, int] = {"Bug": SUBTASK if backlogs.get("bugsBehavior") == "asTasks" else STORY}
    for level, backlog in ((SUBTASK, "taskBacklog"), (STORY, "requirementBacklog")):
        for name in _types(backlogs.get(backlog) or {}):
            levels[name] = level
    portfolio = list(backlogs.get("portfolioBacklogs") or ())
    if all(isinstance(one.get("rank"), int) for one in portfolio):
        portfolio.sort(key=lambda one: int(one["rank"]))
    else:
        portfolio.reverse()
    for level, one in enumerate(portfolio, start=EPIC):
        for name in _types(one):
            levels[name] = level
    return levels


def effort_of(backlogs: Mapping[str, Any]) -> str | None:
    """The reference name of the field that holds a requirement's estimate, from a backlog configuration."""
    found = ((backlogs.get("backlogFields") or {}).get("typeFields") or {}).get("Effort")
    return str(found) if found else None


def mapped_states(backlogs: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Type to state to category as a backlog configuration tells it; it speaks of the backlogs' types alone."""
    return {
        str(one["workItemTypeName"]): {str(name): str(category) for name, category in (one.get("states") or {}).items()}
        for one in backlogs.get("workItemTypeMappedStates") or ()
        if one.get("workItemTypeName")
    }


def state_of(context: Mapping[str, Any], project: str, kind: str, status: str) -> State:
    """The state behind a status.

    What the project says of the type; else what any project says of that type, then of any type (an item from
    before a move or a change of process); else the shipped processes' meaning of the word; else `doing`, which
    neither delivers nor forgets the item. `is_known` tells whether the last two were needed.
    """
    category = _category(context, project, kind, status)
    if category is not None:
        return category
    return WELL_KNOWN_STATES.get(status.casefold(), State.DOING)


def is_known(context: Mapping[str, Any], project: str, kind: str, status: str) -> bool:
    """Whether some project of the context defines the state."""
    return _category(context, project, kind, status) is not None


def level_of(context: Mapping[str, Any], project: str, kind: str) -> int:
    """The level of a type: the settings' word, the project's backlogs, another project's, the usual one, else 0."""
    overridden = context.get("levels", {}).get(kind.casefold())
    if overridden is not None:
        return int(overridden)
    projects = context.get("projects", {})
    for one in [projects.get(project, {}), *(projects[name] for name in sorted(projects))]:
        level = one.get("levels", {}).get(kind)
        if level is not None:
            return int(level)
    return WELL_KNOWN_LEVELS.get(kind.casefold(), STORY)


def team_of(context: Mapping[str, Any], project: str, area: str | None) -> str | None:
    """The team whose area lies nearest above an area path; None when no team owns it."""
    best: tuple[int, str] | None = None
    for root, with_children, team in context.get("projects", {}).get(project, {}).get("teams", ()):
        if area is None or not lies_under(area, root):
            continue
        if len(area) > len(root) and not with_children:
            continue
        if best is None or len(root) > best[0]:
            best = (len(root), str(team))
    return best[1] if best else None


def points_of(context: Mapping[str, Any], project: str, fields: Mapping[str, Any]) -> float | None:
    """The estimate: the project's own effort field, else the first of the usual ones that is filled."""
    own = context.get("projects", {}).get(project, {}).get("effort")
    for name in (own, *ESTIMATES) if own else ESTIMATES:
        found = number(fields.get(name))
        if found is not None:
            return found
    return None


def _types(backlog: Mapping[str, Any]) -> list[str]:
    return [str(one["name"]) for one in backlog.get("workItemTypes") or () if one.get("name")]


def _category(context: Mapping[str, Any], project: str, kind: str, status: str) -> State | None:
    projects = context.get("projects", {})
    here = projects.get(project, {}).get("states", {})
    state = _meaning(here.get(kind, {}), status)
    if state is not None:  # the usual case, and convert asks once a revision
        return state
    others = [projects[name].get("states", {}) for name in sorted(projects)]
    same_type = [one.get(kind, {}) for one in others]
    any_type = [states for one in (here, *others) for _, states in sorted(one.items())]
    found = (_meaning(states, status) for states in (*same_type, *any_type))
    return next((state for state in found if state is not None), None)


def _meaning(states: Mapping[str, str], status: str) -> State | None:
    return CATEGORIES.get(states.get(status, "").casefold())
