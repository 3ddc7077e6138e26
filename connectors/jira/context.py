"""What conversion needs to know besides an issue itself, as JSON that is kept with the payloads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from connectors.jira.fields import Fields
from connectors.jira.options import Options
from connectors.jira.values import text
from domain.work import State

# Jira's three status categories (API_FACTS); `undefined` is a status that was never given one.
CATEGORIES: Mapping[str, State] = {
    "new": State.TODO,
    "undefined": State.TODO,
    "indeterminate": State.DOING,
    "done": State.DONE,
}


@dataclass(frozen=True)
class Known:
    """The context in typed form.

    `statuses` maps status ids to (name, category key); `levels` type names in lower case to levels; `dropped` holds
    ids and names in lower case; `names` maps field ids to display names; `extra` maps a field as a rule's author
    wrote it to field ids.
    """

    source: str
    base: str
    points: tuple[str, ...] = ()
    sprint: tuple[str, ...] = ()
    team: tuple[str, ...] = ()
    epic_link: tuple[str, ...] = ()
    epic_name: tuple[str, ...] = ()
    parent_link: tuple[str, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    extra: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    levels: Mapping[str, int] = field(default_factory=dict)
    dropped: frozenset[str] = frozenset()
    statuses: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    # What change logs call a field (its id, its name, custom or not), and which field of ours that is: a log says the
    # same few again and again.
    kinds: dict[tuple[Any, Any, bool], tuple[str | None, str]] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def of(cls, context: Mapping[str, Any]) -> Self:
        """Read what `write` wrote; keys that are missing count as empty."""
        fields: Mapping[str, Sequence[str]] = context.get("fields") or {}
        return cls(
            source=str(context.get("source") or ""),
            base=str(context.get("base") or ""),
            points=tuple(fields.get("points", ())),
            sprint=tuple(fields.get("sprint", ())),
            team=tuple(fields.get("team", ())),
            epic_link=tuple(fields.get("epic_link", ())),
            epic_name=tuple(fields.get("epic_name", ())),
            parent_link=tuple(fields.get("parent_link", ())),
            names=dict(context.get("names") or {}),
            extra={name: tuple(ids) for name, ids in (context.get("extra") or {}).items()},
            levels={name.casefold(): int(level) for name, level in (context.get("levels") or {}).items()},
            dropped=frozenset(str(name).casefold() for name in context.get("dropped") or ()),
            statuses={key: (str(name), str(kind)) for key, (name, kind) in (context.get("statuses") or {}).items()},
        )

    def category(self, status_id: str | None, name: str | None) -> State | None:
        """The state of a status by its id, else by its name; None when the site no longer knows either."""
        if status_id is not None and status_id in self.statuses:
            return CATEGORIES.get(self.statuses[status_id][1])
        if name is not None:
            for known, kind in self.statuses.values():
                if known.casefold() == name.casefold():
                    return CATEGORIES.get(kind)
        return None

    def drops(self, *resolution: str | None) -> bool:
        """Whether a resolution, given by its id and names, ends work without delivery."""
        return any(word is not None and word.casefold() in self.dropped for word in resolution)


def write(options: Options, base_url: str, fields: Fields, statuses: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The context as JSON; `statuses` is the answer of `GET status`."""
    return {
        "source": options.source,
        "base": base_url,
        "fields": {
            "points": list(fields.points),
            "sprint": list(fields.sprint),
            "team": list(fields.team),
            "epic_link": list(fields.epic_link),
            "epic_name": list(fields.epic_name),
            "parent_link": list(fields.parent_link),
        },
        "names": dict(fields.names or {}),
        "extra": {name: list(ids) for name, ids in (fields.extra or {}).items()},
        "levels": dict(options.levels),
        "dropped": list(options.dropped),
        "statuses": {
            str(status["id"]): [
                text(status.get("name")) or "",
                text((status.get("statusCategory") or {}).get("key")) or "undefined",
            ]
            for status in statuses
            if status.get("id") is not None
        },
    }
