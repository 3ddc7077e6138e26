"""Who lets us in, what the site is, which of the wanted projects we may see, and what time it is there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import get_close_matches
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote

from connectors.jira.client import Client
from connectors.jira.options import Options
from connectors.jira.values import instant
from connectors.transport import Answer
from domain.errors import ConfigurationError, ProtocolError

CLOUD_HOSTS = (".atlassian.net", ".jira.com", "api.atlassian.com")
LISTED = 50  # projects a page of Cloud's project search
PAGES = 20  # of it, when looking for a name close to an unknown one


@dataclass(frozen=True)
class Site:
    """`version` of the API; `base_url` for links; `now` is the server's own time, UTC; `account` the id we act as."""

    cloud: bool
    base_url: str
    now: datetime
    account: str
    zone: str

    @property
    def version(self) -> int:
        return 3 if self.cloud else 2


@dataclass(frozen=True)
class Projects:
    """`keys` maps each wanted project that we may see to its present key; `hidden` are the others, as written."""

    keys: Mapping[str, str]
    hidden: Sequence[str]


def sign_in(client: Client, options: Options) -> Site:
    """Ask the site what it is and who we are there.

    Cloud is recognised by `deploymentType` of serverInfo (API_FACTS), which guests may read: only `myself` proves
    that the credentials are good. Raises the errors of `connectors.transport.call`.
    """
    answer = _server_info(client, options)
    info = _mapping(answer, options, "serverInfo")
    cloud = options.deployment == "cloud" or (
        options.deployment == "auto" and str(info.get("deploymentType", "")).lower() == "cloud"
    )
    version = 3 if cloud else 2
    me = _mapping(client.get("myself", version, what="sign-in (myself)"), options, "myself")
    return Site(
        cloud=cloud,
        base_url=str(info.get("baseUrl") or options.url).rstrip("/"),
        now=_server_time(info, answer, client),
        account=str(me.get("accountId") or me.get("key") or me.get("name") or "unknown"),
        zone=str(me.get("timeZone") or ""),
    )


def find_projects(client: Client, site: Site, wanted: Sequence[str]) -> Projects:
    """Look each wanted project up: a search over one that is unknown or hidden answers nothing, without an error."""
    keys: dict[str, str] = {}
    hidden = []
    for project in wanted:
        answer = client.get(
            f"project/{quote(project, safe='')}", site.version, what=f"project {project}", accept=(403, 404, 410)
        )
        body = answer.json() if answer.status == 200 else None
        if isinstance(body, dict) and body.get("key"):
            keys[project] = str(body["key"])
        else:
            hidden.append(project)
    return Projects(keys, hidden)


def unknown_projects(client: Client, site: Site, options: Options, projects: Projects) -> ConfigurationError:
    """The error for projects that we may not see, with the nearest key that we may."""
    visible = {key.casefold(): key for key in visible_keys(client, site)}
    problems = []
    for project in projects.hidden:
        near = get_close_matches(project.casefold(), visible, n=1, cutoff=0.5)
        hint = f"; did you mean {visible[near[0]]}?" if near else "."
        problems.append(
            f"Source {options.source}: there is no project {project}, or this account may not browse it{hint}"
        )
    return ConfigurationError(*problems)


def visible_keys(client: Client, site: Site) -> list[str]:
    """The keys of the projects that we may see (on Cloud the first thousand)."""
    what = "list of projects"
    if not site.cloud:
        return [str(project["key"]) for project in client.get("project", 2, what=what).json() or ()]
    keys: list[str] = []
    for page in range(PAGES):
        query = {"startAt": page * LISTED, "maxResults": LISTED}
        body = client.get("project/search", 3, what=what, query=query).json() or {}
        values = body.get("values") or []
        keys += [str(project["key"]) for project in values]
        if body.get("isLast", True) or not values:
            break
    return keys


def _server_info(client: Client, options: Options) -> Answer:
    what = "sign-in (serverInfo)"
    on_cloud = options.deployment == "cloud" or any(host in options.url for host in CLOUD_HOSTS)
    if on_cloud:
        return client.get("serverInfo", 3, what=what)
    if options.deployment == "auto":
        answer = client.get("serverInfo", 3, what=what, accept=(404,))  # Data Center has no version 3
        if answer.status != 404:
            return answer
    return client.get("serverInfo", 2, what=what)


def _server_time(info: Mapping[str, Any], answer: Answer, client: Client) -> datetime:
    """The server's time: `serverTime`, else the Date header; our own clock only when it gives neither."""
    told = info.get("serverTime")
    if told:
        try:
            return instant(told)
        except ValueError:
            pass
    try:
        return parsedate_to_datetime(answer.header("date") or "").astimezone(UTC)
    except ValueError:
        return client.gate.clock.now()


def _mapping(answer: Answer, options: Options, what: str) -> Mapping[str, Any]:
    body = answer.json()
    if not isinstance(body, dict):
        raise ProtocolError(
            f"Source {options.source}: {what} answered something that is not Jira's; check `url` of this source."
        )
    return body
