"""Which work items a source is about, and whether it asks for more than it did before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from connectors.azure_devops.options import Options
from connectors.azure_devops.values import SEPARATOR, lies_under, path, text
from domain.errors import ConfigurationError


@dataclass(frozen=True)
class Scope:
    """`projects` maps the wanted projects' names, as the server writes them, to their ids."""

    projects: Mapping[str, str]
    area_paths: tuple[str, ...]

    def __contains__(self, fields: Mapping[str, Any]) -> bool:
        """Whether a revision lies in one of the projects and, where area paths are named, under one of them."""
        if text(fields.get("System.TeamProject")) not in self.projects:
            return False
        area = path(fields.get("System.AreaPath"))
        return not self.area_paths or any(lies_under(area, root) for root in self.area_paths)


def match(wanted: Sequence[str], visible: Iterable[Mapping[str, Any]]) -> tuple[dict[str, str], list[str]]:
    """The wanted projects that are visible (name as the server writes it to id), and those that are not.

    A project may be wanted by its name, in upper or lower case, or by its id.
    """
    known: dict[str, Mapping[str, Any]] = {}
    for one in visible:
        known[str(one["id"]).casefold()] = one
        known[str(one["name"]).casefold()] = one
    ours = [known[name.casefold()] for name in wanted if name.casefold() in known]
    found = {str(one["name"]): str(one["id"]) for one in ours}
    return found, [name for name in wanted if name.casefold() not in known]


def resolve(options: Options, visible: Sequence[Mapping[str, Any]]) -> Scope:
    """The scope of a source. ConfigurationError with the nearest name for each project that is not visible."""
    found, missing = match(options.projects, visible)
    if missing:
        names = [str(one["name"]) for one in visible]
        raise ConfigurationError(*(f"Source {options.source}: {unknown(name, names)}" for name in missing))
    return Scope(found, options.area_paths)


def unknown(name: str, visible: Sequence[str]) -> str:
    """One sentence about a project that is not there, with the nearest name."""
    by_fold = {one.casefold(): one for one in visible}
    near = get_close_matches(name.casefold(), by_fold, n=1, cutoff=0.5)
    hint = f"did you mean {by_fold[near[0]]!r}?" if near else f"it sees {len(visible)} projects."
    return f"project {name!r} does not exist, or this account may not see it; {hint}"


def asked(options: Options, scope: Scope, extra: Mapping[str, str]) -> dict[str, Any]:
    """What a pull asks for, as kept in the cursor: JSON. `extra` maps names to reference names."""
    return {
        "projects": sorted(scope.projects.values()),
        "area_paths": sorted(root.casefold() for root in options.area_paths),
        "since": None if options.since is None else options.since.isoformat(),
        "fields": sorted(extra.values()),
    }


def grown(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """What is asked for now and was not before, in words; then everything must be read again.

    The tracker tells each change once, so what was not wanted at that time was let go.
    """
    words = []
    if not set(now["projects"]) <= set(before["projects"]):
        words.append("projects")
    old, new = before["area_paths"], now["area_paths"]
    if old and (not new or not all(any(_below(one, root) for root in old) for one in new)):
        words.append("area paths")
    if before["since"] is not None and (now["since"] is None or now["since"] < before["since"]):
        words.append("an earlier start")
    if not set(now["fields"]) <= set(before["fields"]):
        words.append("fields")
    return words


def _below(one: str, root: str) -> bool:
    return one == root or one.startswith(root + SEPARATOR)
