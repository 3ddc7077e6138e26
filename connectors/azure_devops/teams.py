"""Whether an account is in a team of a project, which is what a role is here; each is asked for once."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cache

from connectors.azure_devops.client import Client
from connectors.azure_devops.options import Options
from domain.errors import ConfigurationError, ItemError, ProtocolError


class Teams:
    """The teams of an organisation's projects, by their names in any case."""

    def __init__(self, options: Options, client: Client) -> None:
        self._options, self._client = options, client
        self._teams, self._members = cache(self._ask_teams), cache(self._ask_members)  # refusals are kept as well

    def hold(self, project: str, author: str, names: Collection[str]) -> bool:
        """Whether an account (its id) is in one of these teams. A team that the project does not have holds nobody.

        ConfigurationError where teams or members may not be read, ProtocolError where an answer makes no sense.
        """
        try:
            return any(author.casefold() in self._in_team(project, name) for name in names)
        except (KeyError, TypeError) as error:
            raise ProtocolError(
                f"Source {self._options.source}: what the tracker says of the teams of {project} makes no sense."
            ) from error

    def _in_team(self, project: str, name: str) -> Collection[str]:
        teams = self._teams(project)
        if teams is None:
            raise self._refused(project, name)
        team = teams.get(name.casefold())
        members = self._members(project, team) if team is not None else ()
        if members is None:
            raise self._refused(project, name)
        return members

    def _refused(self, project: str, name: str) -> ConfigurationError:
        return ConfigurationError(
            f"Source {self._options.source}: who is in the team {name} of project {project} may not be read by this "
            "account; give it access to the project and its token the scope Project and Team (Read), or name accounts "
            "in place of roles."
        )

    def _ask_teams(self, project: str) -> Mapping[str, str] | None:
        """Names without regard to case, and ids; None where they may not be read."""
        try:
            teams = self._client.teams(project, project, absent=ItemError)
        except ItemError:
            return None
        return {name.casefold(): team for name, team in teams.items()}

    def _ask_members(self, project: str, team: str) -> Collection[str] | None:
        """The ids of a team's members; None where they may not be read."""
        try:
            members = self._client.team_members(project, team)
        except ItemError:
            return None
        return frozenset(str(one["id"]).casefold() for one in members)
