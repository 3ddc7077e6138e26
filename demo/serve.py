"""The made-up company's two trackers on the loopback interface."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime

from demo import as_azure_devops, as_jira
from demo.company import ZONE, Company
from demo.plot import THEMES
from demo.trackers.azure_devops.site import AzureDevOpsSite
from demo.trackers.http import serve
from demo.trackers.jira.site import JiraSite
from demo.workspace import AZURE_DEVOPS_TOKEN, JIRA_TOKEN


def jira_site(company: Company, now: Callable[[], datetime]) -> JiraSite:
    """The web shop's Jira Cloud site; `now` is the site's clock."""
    return JiraSite(
        now=now,
        issues=as_jira.issues(company),
        projects=as_jira.projects(),
        statuses=as_jira.statuses(),
        account_time_zone=str(ZONE),
        token=JIRA_TOKEN,
        title="Maison Lumière",
    )


def azure_devops_site(company: Company, now: Callable[[], datetime]) -> AzureDevOpsSite:
    """The logistics' and platform's Azure DevOps organisation; `now` is its clock."""
    work = as_azure_devops.work_items(company)
    parents = {link.child: link for link in work.links}
    return AzureDevOpsSite(
        now=now,
        organisation="maison-lumiere",
        projects=[
            {
                "name": project,
                "process": process,
                "areas": sorted({theme.area for theme in THEMES if theme.area and theme.project == project}),
                "teams": {theme.team: [theme.area] for theme in THEMES if theme.area and theme.project == project},
            }
            for project, process in as_azure_devops.PROCESSES.items()
        ],
        items=[
            {"id": number, "revisions": revisions} | ({"parent": parents[number].parent} if number in parents else {})
            for number, revisions in work.revisions.items()
        ],
        token=AZURE_DEVOPS_TOKEN,
    )


@contextmanager
def serve_company(company: Company, now: Callable[[], datetime]) -> Iterator[tuple[str, str]]:
    """Serve both trackers as long as the context; the addresses of Jira and of the Azure DevOps organisation."""
    with ExitStack() as stack:
        jira = stack.enter_context(serve(jira_site(company, now)))
        azure_devops = stack.enter_context(serve(azure_devops_site(company, now)))
        yield jira, azure_devops
