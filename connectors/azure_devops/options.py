"""What the settings say of an Azure DevOps source, checked as far as it can be without asking the server."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote, unquote, urlsplit
from zoneinfo import ZoneInfo

from pydantic import SecretStr

from config.settings import AzureDevOpsSource
from connectors.azure_devops.values import SEPARATOR
from domain.calendar import midnight
from domain.errors import ConfigurationError

SERVICES = "dev.azure.com"


@dataclass(frozen=True)
class Options:
    """`url` has no final slash; `projects` and `area_paths` are as written; `since` is an instant (UTC) or None;
    `levels` is by type in lower case."""

    source: str
    url: str
    method: str
    token: SecretStr
    projects: tuple[str, ...]
    area_paths: tuple[str, ...]
    since: datetime | None
    levels: Mapping[str, int]
    extra_fields: frozenset[str]
    agent: str


def read(source: AzureDevOpsSource, *, zone: ZoneInfo, extra_fields: frozenset[str], agent: str) -> Options:
    """The options of a source. ConfigurationError names every fault that can be seen without the server."""
    problems: list[str] = []
    url = _url(source.url, problems)
    if not source.auth.token.get_secret_value().strip():
        problems.append("`auth.token` is empty; expected a personal access token or an Entra token.")
    projects = tuple(name.strip() for name in source.projects if name.strip())
    if not projects:
        problems.append("`projects` names no project; expected at least one.")
    areas = tuple(path.strip().strip(SEPARATOR) for path in source.area_paths)
    for area in areas:
        root = area.split(SEPARATOR, 1)[0]
        if root.casefold() not in {name.casefold() for name in projects}:
            problems.append(
                f"`area_paths`: {area!r} begins with {root!r}, which is none of `projects`; an area path begins with "
                "its project's name."
            )
    if problems:
        raise ConfigurationError(*(f"Source {source.id}: {problem}" for problem in problems))
    return Options(
        source=source.id,
        url=url,
        method=source.auth.method,
        token=source.auth.token,
        projects=projects,
        area_paths=areas,
        since=None if source.since is None else midnight(source.since, zone),
        levels={kind.casefold(): level for kind, level in source.levels.items()},
        extra_fields=extra_fields,
        agent=agent,
    )


def _url(written: str, problems: list[str]) -> str:
    """The address of the organisation or collection, quoted, without a final slash."""
    expected = f"expected https://{SERVICES}/ORGANISATION or https://SERVER/COLLECTION."
    try:
        parts = urlsplit(written.strip())
        host = parts.hostname
    except ValueError:
        parts, host = urlsplit(""), None
    if parts.scheme not in ("http", "https") or not host:
        problems.append(f"`url` is no web address; {expected}")
    elif parts.username or parts.password:
        problems.append(f"`url` holds a user or password; put them into `auth` and {expected}")
    elif parts.query or parts.fragment:
        problems.append(f"`url` has something after the path; {expected}")
    elif host == SERVICES and len([part for part in parts.path.split("/") if part]) != 1:
        problems.append(f"`url` must name the organisation and nothing else; {expected}")
    return f"{parts.scheme}://{parts.netloc}{quote(unquote(parts.path))}".rstrip("/")
