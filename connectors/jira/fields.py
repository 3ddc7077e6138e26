"""Which of a site's fields hold points, team, sprint and parents, found by schema: ids differ from site to site."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from connectors.jira.options import Options
from domain.errors import ConfigurationError

POINT_ESTIMATE = "com.pyxis.greenhopper.jira:jsw-story-points"
NUMBER = "com.atlassian.jira.plugin.system.customfieldtypes:float"
SPRINT = "com.pyxis.greenhopper.jira:gh-sprint"
EPIC_LINK = "com.pyxis.greenhopper.jira:gh-epic-link"
EPIC_NAME = "com.pyxis.greenhopper.jira:gh-epic-label"
PARENT_LINK = "com.atlassian.jpo:jpo-custom-field-parent"
TEAMS = (
    "com.atlassian.teams:rm-teams-custom-field-team",
    "com.atlassian.jira.plugin.system.customfieldtypes:atlassian-team",
)
# Names under which a plain number field holds story points, in the languages sites are set up in.
POINT_NAMES = (
    "story points",
    "story point estimate",
    "story points estimate",
    "story point",
    "points de story",
    "points de récit",
    "points d'histoire",
    "estimation en points",
    "story-points",
    "storypoints",
    "story-punkte",
    "puntos de historia",
)

# What is asked of every issue besides the fields found here.
SYSTEM = (
    "summary",
    "status",
    "statuscategorychangedate",
    "resolution",
    "resolutiondate",
    "issuetype",
    "project",
    "priority",
    "labels",
    "components",
    "fixVersions",
    "assignee",
    "parent",
    "created",
    "updated",
)


@dataclass(frozen=True)
class Fields:
    """Ids of the fields that matter here; `names` are the display names by which old change logs call them.

    `extra` maps each field that a mapping rule tests, as its author wrote it, to the ids that it may mean.
    """

    points: tuple[str, ...] = ()
    sprint: tuple[str, ...] = ()
    team: tuple[str, ...] = ()
    epic_link: tuple[str, ...] = ()
    epic_name: tuple[str, ...] = ()
    parent_link: tuple[str, ...] = ()
    extra: Mapping[str, tuple[str, ...]] | None = None
    names: Mapping[str, str] | None = None
    unknown: tuple[str, ...] = ()

    @property
    def wanted(self) -> list[str]:
        """The ids to ask for, without repetition, always in the same order."""
        more: list[str] = []
        for ids in (self.points, self.sprint, self.team, self.epic_link, self.epic_name, self.parent_link):
            more += ids
        for ids in (self.extra or {}).values():
            more += ids
        return list(dict.fromkeys((*SYSTEM, *more)))


def discover(listing: Sequence[Mapping[str, Any]], options: Options) -> Fields:
    """Find the fields in the answer of `GET field`.

    What the admin configured (an id or a name) goes before what is found. Raises ConfigurationError for a configured
    field that the site does not have; an unknown `extra` field is only reported in `unknown`, since the rule that
    tests it may be meant for another source.
    """
    by_schema: dict[str, list[str]] = {}
    for entry in listing:
        custom = str((entry.get("schema") or {}).get("custom") or "")
        by_schema.setdefault(custom, []).append(str(entry["id"]))
    numbers = set(by_schema.get(NUMBER, ()))
    called = [
        str(entry["id"])
        for entry in listing
        if str(entry["id"]) in numbers and str(entry.get("name") or "").strip().casefold() in POINT_NAMES
    ]
    found_points = (*by_schema.get(POINT_ESTIMATE, ()), *called)
    problems: list[str] = []
    points = _configured(options.points, listing, options, "fields.points", problems)
    team = _configured((options.team,) if options.team else (), listing, options, "fields.team", problems)
    if problems:
        raise ConfigurationError(*problems)
    extra = {name: ids for name in options.extra if (ids := _matching(name, listing))}
    fields = Fields(
        points=points or found_points,
        sprint=tuple(by_schema.get(SPRINT, ())),
        team=team or tuple(field_id for schema in TEAMS for field_id in by_schema.get(schema, ())),
        epic_link=tuple(by_schema.get(EPIC_LINK, ())),
        epic_name=tuple(by_schema.get(EPIC_NAME, ())),
        parent_link=tuple(by_schema.get(PARENT_LINK, ())),
        extra=extra,
        unknown=tuple(name for name in options.extra if name not in extra),
    )
    wanted = set(fields.wanted)
    names = {str(entry["id"]): str(entry.get("name") or "") for entry in listing if str(entry["id"]) in wanted}
    return Fields(**{**vars(fields), "names": names})


def _configured(
    given: Iterable[str], listing: Sequence[Mapping[str, Any]], options: Options, where: str, problems: list[str]
) -> tuple[str, ...]:
    ids: list[str] = []
    for name in given:
        matching = _matching(name, listing)
        if not matching:
            known = {str(entry.get(part) or ""): None for entry in listing for part in ("id", "name")}
            near = get_close_matches(name, known, n=1)
            hint = f"; did you mean {near[0]}?" if near else "."
            problems.append(
                f"Source {options.source}: `{where}` names {name}, a field that the site does not have{hint}"
            )
        ids += matching
    return tuple(dict.fromkeys(ids))


def _matching(name: str, listing: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """The field of that id, else all fields of that name (several may share one), ignoring case."""
    wanted = name.strip().casefold()
    for part in ("id", "key", "name"):
        ids = [str(entry["id"]) for entry in listing if str(entry.get(part) or "").strip().casefold() == wanted]
        if ids:
            return tuple(dict.fromkeys(ids))
    return ()
