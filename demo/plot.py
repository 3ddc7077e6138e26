"""The made-up company's story: what it planned, what it delivered week by week, and when the two parted.

Weeks are counted 0 to 38; week 38 is the last that is over. In week 32 the drift begins: the marketplace pilot's
cycle has ended, but its work goes on with the people who were to keep the delivery promise.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

ORGANISATION = "Maison Lumière"
WEEKS = 39
DRIFT_BEGINS = 32  # the first week in which the marketplace pilot's cycle is over
DELIVERED_A_WEEK = 25  # give or take three
BUGS_SHARE = 0.11  # of the deliveries: single bugs, without an epic
EPICS_AT_A_TIME = 30
WHIM = 1.0  # how far, in epics, the choice of the next one strays from its share


@dataclass(frozen=True)
class Theme:
    """A kind of work: where it lives in the trackers, and what the mapping will say of it.

    `bugs` are loose work, without epics.
    """

    name: str
    tracker: str  # jira | azure_devops
    project: str
    team: str
    component: str | None = None
    area: str | None = None
    labels: tuple[str, ...] = ()
    bugs: bool = False


THEMES: tuple[Theme, ...] = (
    Theme("checkout", "jira", "SHOP", "Azur", component="Checkout"),
    Theme("payments", "jira", "SHOP", "Azur", component="Payments"),
    Theme("marketplace", "jira", "SHOP", "Brique", component="Marketplace"),
    Theme("careers", "jira", "SHOP", "Brique"),
    Theme("pro", "jira", "PRO", "Cobalt", labels=("okr-kr3.1",)),
    Theme("promise", "azure_devops", "Logistique", "Dune", area=r"Logistique\Promesse"),
    Theme("shared", "azure_devops", "Plateforme", "Ebene", area=r"Plateforme\Services communs"),
    Theme("foundations", "azure_devops", "Plateforme", "Ebene", area=r"Plateforme\Socle"),
    Theme("incidents-shop", "jira", "SHOP", "Azur", component="Checkout", bugs=True),
    Theme("incidents-platform", "azure_devops", "Plateforme", "Ebene", area=r"Plateforme\Socle", bugs=True),
)

# Share of the epics worked on, by theme; bugs come on top.
ON_PLAN: Mapping[str, float] = {
    "checkout": 0.20,
    "payments": 0.11,
    "marketplace": 0.14,
    "careers": 0.03,
    "pro": 0.16,
    "promise": 0.23,
    "shared": 0.05,
    "foundations": 0.08,
}
ADRIFT: Mapping[str, float] = {
    "checkout": 0.22,
    "payments": 0.11,
    "marketplace": 0.25,
    "careers": 0.13,
    "pro": 0.16,
    "promise": 0.0,
    "shared": 0.05,
    "foundations": 0.08,
}


def shares(week: int) -> Mapping[str, float]:
    """How the epics begun in a week (0 to 38) are spread over the themes; sums to 1."""
    return ON_PLAN if week < DRIFT_BEGINS else ADRIFT
