"""The processes that Azure DevOps ships: work item types, their states with categories, backlogs and effort fields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

States = tuple[tuple[str, str], ...]

PROPOSED, IN_PROGRESS, RESOLVED, COMPLETED, REMOVED = "Proposed", "InProgress", "Resolved", "Completed", "Removed"
PREFIX = "Microsoft.VSTS.WorkItemTypes."
EFFORT = "Microsoft.VSTS.Scheduling.Effort"
STORY_POINTS = "Microsoft.VSTS.Scheduling.StoryPoints"
SIZE = "Microsoft.VSTS.Scheduling.Size"


@dataclass(frozen=True, slots=True)
class Process:
    """Types with their states (name, category), and which types stand on which backlog.

    `portfolio` is from the top down: (backlog's name, its types).
    """

    name: str
    types: Mapping[str, States]
    portfolio: tuple[tuple[str, tuple[str, ...]], ...]
    requirements: tuple[str, tuple[str, ...]]
    tasks: tuple[str, tuple[str, ...]]
    effort: str
    bugs: str = "asRequirements"
    disabled: frozenset[str] = field(default_factory=frozenset)


def states(**categories: str) -> States:
    """States from names (a double underscore is a space) to a category."""
    return tuple((name.replace("__", " "), category) for name, category in categories.items())


_TESTS = {
    "Test Case": states(Design=PROPOSED, Ready=IN_PROGRESS, Closed=COMPLETED),
    "Test Plan": states(Active=IN_PROGRESS, Inactive=COMPLETED),
    "Test Suite": states(In__Planning=PROPOSED, In__Progress=IN_PROGRESS, Completed=COMPLETED),
    "Shared Steps": states(Active=IN_PROGRESS, Closed=COMPLETED),
}
_AGILE = states(New=PROPOSED, Active=IN_PROGRESS, Resolved=RESOLVED, Closed=COMPLETED, Removed=REMOVED)
_SCRUM_PLAN = states(New=PROPOSED, In__Progress=IN_PROGRESS, Done=COMPLETED, Removed=REMOVED)
_SCRUM_ITEM = states(New=PROPOSED, Approved=PROPOSED, Committed=IN_PROGRESS, Done=COMPLETED, Removed=REMOVED)
_BASIC = states(To__Do=PROPOSED, Doing=IN_PROGRESS, Done=COMPLETED)
_CMMI = states(Proposed=PROPOSED, Active=IN_PROGRESS, Resolved=RESOLVED, Closed=COMPLETED)

AGILE = Process(
    name="Agile",
    types={
        "Epic": _AGILE,
        "Feature": _AGILE,
        "User Story": _AGILE,
        "Bug": states(New=PROPOSED, Active=IN_PROGRESS, Resolved=RESOLVED, Closed=COMPLETED),
        "Task": states(New=PROPOSED, Active=IN_PROGRESS, Closed=COMPLETED, Removed=REMOVED),
        "Issue": states(Active=IN_PROGRESS, Closed=COMPLETED),
        **_TESTS,
    },
    portfolio=(("Epics", ("Epic",)), ("Features", ("Feature",))),
    requirements=("Stories", ("User Story",)),
    tasks=("Tasks", ("Task",)),
    effort=STORY_POINTS,
    bugs="asTasks",
)
SCRUM = Process(
    name="Scrum",
    types={
        "Epic": _SCRUM_PLAN,
        "Feature": _SCRUM_PLAN,
        "Product Backlog Item": _SCRUM_ITEM,
        "Bug": _SCRUM_ITEM,
        "Task": states(To__Do=PROPOSED, In__Progress=IN_PROGRESS, Done=COMPLETED, Removed=REMOVED),
        "Impediment": states(Open=PROPOSED, Closed=COMPLETED),
        **_TESTS,
    },
    portfolio=(("Epics", ("Epic",)), ("Features", ("Feature",))),
    requirements=("Backlog items", ("Product Backlog Item",)),
    tasks=("Tasks", ("Task",)),
    effort=EFFORT,
)
BASIC = Process(
    name="Basic",
    types={"Epic": _BASIC, "Issue": _BASIC, "Task": _BASIC, **_TESTS},
    portfolio=(("Epics", ("Epic",)),),
    requirements=("Issues", ("Issue",)),
    tasks=("Tasks", ("Task",)),
    effort=EFFORT,
    bugs="off",
)
CMMI = Process(
    name="CMMI",
    types={
        **dict.fromkeys(("Epic", "Feature", "Requirement", "Bug", "Change Request", "Task", "Issue", "Risk"), _CMMI),
        "Review": states(Active=IN_PROGRESS, Resolved=RESOLVED, Closed=COMPLETED),
        **_TESTS,
    },
    portfolio=(("Epics", ("Epic",)), ("Features", ("Feature",))),
    requirements=("Requirements", ("Requirement",)),
    tasks=("Tasks", ("Task",)),
    effort=SIZE,
    bugs="asTasks",
)
PROCESSES: Mapping[str, Process] = {process.name: process for process in (AGILE, SCRUM, BASIC, CMMI)}
