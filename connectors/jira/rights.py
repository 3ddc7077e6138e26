"""What the account may do on a site, held against what it is used for."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from connectors.jira.client import Client
from connectors.jira.site import Projects, Site
from connectors.port import Rights, Use

BROWSE = "BROWSE_PROJECTS"
ADMINISTER = "ADMINISTER"
NEEDED: Mapping[Use, Collection[str]] = {
    Use.COMMENT: ("ADD_COMMENTS", "EDIT_OWN_COMMENTS", "DELETE_OWN_COMMENTS"),
    Use.MARK: ("EDIT_ISSUES",),
    Use.ROLES: ("ADMINISTER_PROJECTS",),
}


def rights_of(client: Client, site: Site, projects: Projects, uses: Mapping[str, Collection[Use]]) -> Rights:
    """Ask for each project that may be seen, and the site, what we may there (GET mypermissions).

    Administering Jira is more than anything needs, but for the members of roles on Data Center.
    """
    lacking: dict[str, None] = {}
    administers = asks_roles = False
    for project, key in projects.keys.items():
        needed = [BROWSE, *(name for use in uses[project] for name in NEEDED[use])]
        asks_roles |= Use.ROLES in uses[project]
        query = {"projectKey": key, "permissions": ",".join([*needed, ADMINISTER])}
        answer = client.get("mypermissions", site.version, what=f"permissions in {project}", query=query)
        told = (answer.json() or {}).get("permissions") or {}
        # A name that this version of Jira does not tell of is no proof of anything.
        may = {name: bool(one.get("havePermission")) for name, one in told.items()}
        lacking |= dict.fromkeys(f"{told[name]['name']} in {project}" for name in needed if not may.get(name, True))
        administers |= may.get(ADMINISTER, False)
    spare = ["Administer Jira"] if administers and (site.cloud or not asks_roles) else []
    return Rights(list(lacking), spare)
