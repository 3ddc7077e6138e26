"""Whether an account has a role in a project, by itself or by a group; each is asked for once."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import quote

from connectors.jira.client import Client
from connectors.jira.options import Options
from connectors.jira.site import Site
from connectors.jira.values import person
from domain.errors import ConfigurationError, ItemError, ProtocolError

LISTED = 50  # members a page, the most that there may be (the file's own words)
PAGES = 2_000  # of one group; a site that never ends is not believed
_ROLE = re.compile(r"/role/(\d+)/?$")


@dataclass(frozen=True)
class Actors:
    """Who has a role: users by their ids (or names), and groups as the query that asks for their members."""

    users: frozenset[str]
    groups: Mapping[str, tuple[str, str]]


class Roles:
    """The roles in a site's projects, by their names in any case."""

    def __init__(self, options: Options, client: Client, site: Site) -> None:
        self._options, self._client, self._site = options, client, site
        # Refusals are kept as well: they come as None.
        self._roles, self._actors = cache(self._ask_roles), cache(self._ask_actors)
        self._members, self._names = cache(self._ask_members), cache(self._ask_names)

    def hold(self, project: str, author: str, names: Collection[str]) -> bool:
        """Whether an account (its id) has one of these roles. A role that the project does not have holds nobody.

        Groups are asked for where no role names the account itself. ConfigurationError where a role or a group may not
        be read, ProtocolError where an answer makes no sense.
        """
        try:
            found = {name: self._in_role(project, name) for name in names}
            if any(self._names(author) & actors.users for actors in found.values() if actors.users):
                return True
            return any(
                author in self._in_group(project, name, group, query)
                for name, actors in found.items()
                for group, query in actors.groups.items()
            )
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise ProtocolError(
                f"Source {self._options.source}: what the tracker says of the roles in {project} makes no sense."
            ) from error

    def _in_role(self, project: str, name: str) -> Actors:
        roles = self._roles(project)
        number = None if roles is None else roles.get(name.casefold(), "")
        actors = self._actors(project, number) if number is not None else None
        if actors is None:
            raise ConfigurationError(
                f"Source {self._options.source}: who has the role {name} in project {project} may not be read by this "
                "account; give it the permission Administer Projects there, or name accounts in place of roles."
            )
        return actors

    def _in_group(self, project: str, name: str, group: str, query: tuple[str, str]) -> Collection[str]:
        members = self._members(query)
        if members is None:
            permission = "Browse users and groups" if self._site.cloud else "Administer Jira"
            raise ConfigurationError(
                f"Source {self._options.source}: who is in the group {group}, which has the role {name} in project "
                f"{project}, may not be read by this account; give it the global permission {permission}, or name "
                "accounts in place of roles."
            )
        return members

    def _ask_roles(self, project: str) -> Mapping[str, str] | None:
        """Names without regard to case, and ids, by GET project/KEY/role, which gives names and addresses.

        An address is never followed: behind a gateway it may lead past it (API_FACTS).
        """
        body = self._ask(f"project/{quote(project, safe='')}/role", f"the roles in project {project}")
        if body is None:
            return None
        found = {}
        for name, address in body.items():
            number = _ROLE.search(str(address))
            if number is None:
                raise ValueError("an address of something else")
            found[name.casefold()] = number[1]
        return found

    def _ask_actors(self, project: str, role: str) -> Actors | None:
        """By GET project/KEY/role/ID: `actors`, each of a `type`; nobody for a role without an id.

        On Cloud `actorUser.accountId` and `actorGroup.{groupId, name}`; on Data Center `name`, which is a user's name
        in the documentation's example, but what is asked for there is called a key elsewhere: see `_ask_names`.
        """
        if not role:
            return Actors(frozenset(), {})
        body = self._ask(f"project/{quote(project, safe='')}/role/{role}", f"a role in project {project}")
        if body is None:
            return None
        users: set[str] = set()
        groups: dict[str, tuple[str, str]] = {}
        for actor in body.get("actors") or ():
            if actor.get("type") == "atlassian-group-role-actor":
                group = actor.get("actorGroup") or {}
                name = str(group.get("name") or actor["name"])
                # Names of groups change, ids do not; Data Center has names alone.
                groups[name] = ("groupId", str(group["groupId"])) if group.get("groupId") else ("groupname", name)
            else:
                user = (actor.get("actorUser") or {}).get("accountId") or actor.get("name")
                users |= {str(user)} if user else set()
        return Actors(frozenset(users), groups)

    def _ask_members(self, query: tuple[str, str]) -> Collection[str] | None:
        """The active members by GET group/member: `values` of users, by `startAt`; Data Center counts in subgroups."""
        found: set[str] = set()
        start = 0
        for _ in range(PAGES):
            page: dict[str, str | int] = {query[0]: query[1], "startAt": start, "maxResults": LISTED}
            body = self._ask("group/member", "the members of a group", page)
            if body is None:
                return None
            values = body.get("values") or ()
            start += len(values)
            found |= {one for one in map(person, values) if one}
            if body.get("isLast", not values) or not values:
                break
        return frozenset(found)

    def _ask_names(self, author: str) -> frozenset[str]:
        """What a role may call an account: its id; on Data Center its key or its name, by GET user.

        Unconfirmed: which of the two Data Center tells. What is one person's key and another's name (a name that was
        given up and taken again) would give the one's role to the other, and so it counts for neither. Nothing where
        the account is not there or may not be looked up.
        """
        if self._site.cloud:
            return frozenset({author})
        known = self._user("key", author)
        if known is None or known["name"] == author:
            return frozenset({author} if known else ())
        name = str(known["name"])
        readings = ((author, "username"), (name, "key"))
        return frozenset(one for one, other_way in readings if self._user(other_way, one) is None)

    def _user(self, by: str, one: str) -> dict[str, Any] | None:
        return self._ask("user", "the name of an account", {by: one})

    def _ask(self, path: str, what: str, query: Mapping[str, str | int] | None = None) -> dict[str, Any] | None:
        """The answer to a GET; None where it is not for us.

        On Cloud 401 is also what an account gets that does not administer the project (the file's own words).
        """
        accept = (401,) if self._site.cloud else ()
        try:
            answer = self._client.get(path, self._site.version, what=what, query=query, accept=accept, absent=ItemError)
        except ItemError:
            return None
        body = None if answer.status == 401 else answer.json()
        if body is not None and not isinstance(body, dict):
            raise TypeError("no object")
        return body
