"""One Jira source as its admin configured it, checked as far as that goes without the network."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import SecretStr

from config.settings import JiraSource
from domain.calendar import midnight
from domain.errors import ConfigurationError

QUOTED = re.compile(r"""("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')""")
ORDER_BY = re.compile(r"\border\s+by\b", re.IGNORECASE)


@dataclass(frozen=True)
class Options:
    """What the connector needs of the settings. `url` has no slash at its end; `user` is None for bearer tokens."""

    source: str
    url: str
    deployment: Literal["auto", "cloud", "data_center"]
    token: SecretStr
    projects: tuple[str, ...]
    user: SecretStr | None = None
    since: datetime | None = None
    jql: str | None = None
    points: tuple[str, ...] = ()
    team: str | None = None
    levels: Mapping[str, int] = field(default_factory=dict)
    dropped: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()


def read(
    source: JiraSource, *, zone: ZoneInfo, dropped_resolutions: Sequence[str], extra_fields: frozenset[str]
) -> Options:
    """The options of a source; `since` becomes the instant of that day's midnight in `zone`.

    Raises ConfigurationError, with every fault, for what can be seen without asking the site.
    """
    problems = []
    url = source.url.rstrip("/")
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        problems.append("`url` is not a web address; expected something like https://acme.atlassian.net.")
    if parts.username or parts.password or parts.query or parts.fragment:
        problems.append("`url` holds more than an address and a path; put the account under `auth`.")
    if source.auth.method == "basic" and source.auth.user is None:
        problems.append("`auth` with the method basic needs a `user` (on Cloud the account's e-mail address).")
    if not source.projects:
        problems.append("`projects` is empty; expected at least one project key.")
    if source.jql is not None and ORDER_BY.search(QUOTED.sub("", source.jql)):
        problems.append("`jql` has an ORDER BY; leave it out, the order is ours.")
    if source.jql is not None and not _balanced(source.jql):
        problems.append("`jql` has a parenthesis or a quotation mark without its partner.")
    if problems:
        raise ConfigurationError(*(f"Source {source.id}: {problem}" for problem in problems))
    return Options(
        source=source.id,
        url=url,
        deployment=source.deployment,
        token=source.auth.token,
        projects=tuple(dict.fromkeys(source.projects)),
        user=source.auth.user if source.auth.method == "basic" else None,
        since=midnight(source.since, zone) if source.since else None,
        jql=source.jql,
        points=source.fields.points,
        team=source.fields.team,
        levels=dict(source.levels),
        dropped=tuple(dropped_resolutions),
        extra=tuple(sorted(extra_fields)),
    )


def _balanced(jql: str) -> bool:
    """Whether parentheses pair up outside quotation marks: else the admin's part would not stay within its own."""
    bare = QUOTED.sub("", jql)
    depth = 0
    for sign in bare:
        depth += (sign == "(") - (sign == ")")
        if depth < 0:
            return False
    return depth == 0 and '"' not in bare and "'" not in bare
