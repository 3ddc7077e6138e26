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
DELIVERED_A_WEEK = 25


@dataclass(frozen=True)
class Theme:
    """A kind of work: where it lives in the trackers, and what the mapping will say of it.

    `alive` epics are worked on at a time. A theme without epics is loose work (single bugs).
    """

    name: str
    tracker: str  # jira | azure_devops
    project: str
    team: str
    alive: int
    component: str | None = None
    area: str | None = None
    labels: tuple[str, ...] = ()
    bugs: bool = False


THEMES: tuple[Theme, ...] = (
    Theme("checkout", "jira", "SHOP", "Azur", 5, component="Checkout"),
    Theme("payments", "jira", "SHOP", "Azur", 3, component="Payments"),
    Theme("marketplace", "jira", "SHOP", "Brique", 4, component="Marketplace"),
    Theme("careers", "jira", "SHOP", "Brique", 3),
    Theme("pro", "jira", "PRO", "Cobalt", 5, labels=("okr-kr3.1",)),
    Theme("promise", "azure_devops", "Logistique", "Dune", 6, area=r"Logistique\Promesse"),
    Theme("shared", "azure_devops", "Plateforme", "Ebene", 2, area=r"Plateforme\Services communs"),
    Theme("foundations", "azure_devops", "Plateforme", "Ebene", 3, area=r"Plateforme\Socle"),
    Theme("incidents-shop", "jira", "SHOP", "Azur", 0, component="Checkout", bugs=True),
    Theme("incidents-platform", "azure_devops", "Plateforme", "Ebene", 0, area=r"Plateforme\Socle", bugs=True),
)

# Share of each week's deliveries, by theme.
ON_PLAN: Mapping[str, float] = {
    "checkout": 0.18,
    "payments": 0.09,
    "marketplace": 0.13,
    "careers": 0.02,
    "pro": 0.15,
    "promise": 0.22,
    "shared": 0.05,
    "foundations": 0.07,
    "incidents-shop": 0.05,
    "incidents-platform": 0.05,
}
ADRIFT: Mapping[str, float] = {
    "checkout": 0.20,
    "payments": 0.10,
    "marketplace": 0.21,
    "careers": 0.12,
    "pro": 0.15,
    "promise": 0.00,
    "shared": 0.05,
    "foundations": 0.07,
    "incidents-shop": 0.05,
    "incidents-platform": 0.05,
}
# The delivery promise does not stop on one day: what was in hand is still finished.
FADING: Mapping[int, float] = {DRIFT_BEGINS: 0.08, DRIFT_BEGINS + 1: 0.04}


def shares(week: int) -> dict[str, float]:
    """How the deliveries of a week (0 to 38) are spread over the themes; sums to 1."""
    spread = dict(ON_PLAN if week < DRIFT_BEGINS else ADRIFT)
    fading = FADING.get(week, 0.0)
    spread["promise"] += fading
    spread["marketplace"] -= fading
    total = sum(spread.values())
    return {theme: share / total for theme, share in spread.items()}
