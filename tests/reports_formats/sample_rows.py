"""Rows of sample documents: allocation, findings, trend, weeks."""

from __future__ import annotations

from datetime import UTC, datetime
from math import sqrt
from typing import Literal

from domain.findings import fingerprint
from reports.document import (
    AllocationRow,
    EvidenceItem,
    FindingData,
    FlowPoint,
    KeyResultData,
    TrendPoint,
    ValueStreamData,
)
from reports.report import ItemRow

WINDOWS = [f"2026-W{week}" for week in range(35, 48)]
Kind = Literal["objective", "budget", "unaligned"]
Row = tuple[str, str, Kind, float | None, float | None, float | None, float | None]

SHOP: list[Row] = [
    ("O1", "Rendre le paiement sans effort", "objective", 0.40, 0.31, 0.42, 0.35),
    ("O2", "Fidéliser les clients professionnels", "objective", 0.20, 0.03, 0.003, 0.0),
    ("O3", "Livrer en deux jours partout en Europe", "objective", 0.15, 0.14, 1.0, 0.10),
    ("O4", "Ouvrir le catalogue aux partenaires", "objective", 0.10, 0.24, 0.009, 0.30),
    ("debt", "Dette technique", "budget", 0.05, 0.04, 1.0, 0.0),
    ("run", "Faire tourner la boutique", "budget", 0.10, 0.12, 0.97, 0.15),
    ("unaligned", "", "unaligned", 0.0, 0.12, 0.21, 0.10),
]
SHOP_EN = {
    "O1": "Make checkout effortless",
    "O2": "Win the loyalty of business customers",
    "O3": "Deliver in two days all over Europe",
    "O4": "Open the catalogue to partners",
    "debt": "Technical debt",
    "run": "Keep the lights on",
}


def rows(table: list[Row], effective: float = 22.0) -> list[AllocationRow]:
    """Rows of the allocation; the interval of the gap is Wilson's at 90 %."""
    made: list[AllocationRow] = []
    for target, title, kind, planned, delivered, chance, week in table:
        gap = low = high = None
        if planned is not None and delivered is not None:
            z = 1.6449
            middle = (delivered + z * z / (2 * effective)) / (1 + z * z / effective)
            half = (
                z / (1 + z * z / effective) * sqrt(delivered * (1 - delivered) / effective + z * z / (4 * effective**2))
            )
            gap, low, high = (
                round(value, 6) for value in (delivered - planned, middle - half - planned, middle + half - planned)
            )
        band = None if planned is None else [max(0.0, round(planned - 0.05, 6)), round(planned + 0.05, 6)]
        made.append(
            {
                "target": target,
                "title": title,
                "kind": kind,
                "planned": planned,
                "delivered": delivered,
                "gap": gap,
                "low": low,
                "high": high,
                "band": [0.0, 0.1] if kind == "unaligned" and planned is not None else band,
                "chance": chance,
                "week": week,
                "items": round(96 * (delivered or 0.0)),
            }
        )
    return made


# Id, title, objective, progress, effort, cell, day of the last reading.
Result = tuple[str, str, str, float | None, float, str, str | None]
KEY_RESULTS: list[Result] = [
    ("KR1.1", "Taux de conversion du paiement", "O1", 0.33, 0.22, "effort_and_progress", "2026-11-12"),
    ("KR1.2", "Paniers abandonnés à la dernière étape", "O1", 0.05, 0.19, "effort_without_progress", "2026-11-12"),
    ("KR2.1", "Clients professionnels actifs chaque mois", "O2", None, 0.03, "no_recent_reading", None),
    ("KR3.1", "Colis livrés en deux jours, part des pays", "O3", 0.62, 0.02, "progress_without_effort", "2026-11-18"),
    ("KR4.1", "Partenaires qui publient sans notre aide", "O4", 0.0, 0.01, "neither", "2026-11-10"),
]
KEY_RESULTS_EN = {
    "KR1.1": "Checkout conversion",
    "KR1.2": "Baskets left at the last step",
    "KR2.1": "Monthly active customers",
    "KR3.1": "Parcels delivered in two days, share of countries",
    "KR4.1": "Partners who publish without our help",
}


def key_results(results: list[Result]) -> list[KeyResultData]:
    """Key results at 57 % of their cycle."""
    return [
        {
            "id": id_,
            "title": title,
            "objective": objective,
            "progress": progress,
            "raw": progress,
            "expected": None if progress is None else 0.57,
            "lag": None if progress is None else round(0.57 - progress, 6),
            "effort": effort,
            "cell": cell,
            "read_on": read_on,
        }
        for id_, title, objective, progress, effort, cell, read_on in results
    ]


def evidence(prefix: str, count: int, titles: list[str]) -> tuple[list[str], list[EvidenceItem]]:
    """Work items with keys `PREFIX-…`, at most fifty."""
    items: list[EvidenceItem] = [
        {
            "source": "shop",
            "key": f"{prefix}-{104 + 7 * place}",
            "title": titles[place % len(titles)],
            "url": f"https://acme.example/browse/{prefix}-{104 + 7 * place}",
        }
        for place in range(min(count, 50))
    ]
    return [item["key"] for item in items], items


def finding(
    code: str,
    name: str,
    severity: Literal["info", "warning", "error"],
    subject: tuple[str, str],
    message: str,
    what_to_do: str = "",
    questions: tuple[str, ...] = (),
    proof: tuple[str, int, list[str]] | None = None,
    since: str = "2026-W47",
) -> FindingData:
    keys, items = evidence(*proof) if proof else ([], [])
    return {
        "code": code,
        "name": name,
        "severity": severity,
        "subject": subject[0],
        "subject_title": subject[1],
        "message": message,
        "what_to_do": what_to_do,
        "questions": list(questions),
        "evidence": keys,
        "evidence_items": items,
        "evidence_count": proof[1] if proof else 0,
        "status": "new" if since == "2026-W47" else "known",
        "since": since,
        "fingerprint": fingerprint(code, subject[0]),
    }


TITLES = [
    "Paiement en trois fois sans frais",
    "Import des fiches produit des partenaires",
    "Relance automatique des paniers abandonnés",
    "Portail des vendeurs : tableau de bord des ventes et des retours",
]

FINDINGS_FR = [
    finding(
        "A05",
        "sustained-drift",
        "error",
        ("organisation", ""),
        "La dérive dépasse sa ligne d’alarme depuis la semaine 44 (26 octobre – 1er novembre 2026).",
        "Mettre la dérive à l’ordre du jour du prochain arbitrage : confirmer le plan ou le changer.",
        ("Qu’est-ce qui a changé fin octobre ?", "Le plan dit-il encore ce que nous voulons ?"),
        since="2026-W46",
    ),
    finding(
        "A02",
        "starved",
        "error",
        ("O2", "Fidéliser les clients professionnels"),
        "Fidéliser les clients professionnels a reçu 3 % de l’effort pour 20 % prévus ; le hasard seul ferait cela à un"
        " objectif moins d’une fois sur cent.",
        "Choisir : dégager de la capacité pour cet objectif, ou baisser son poids et le dire.",
        ("Qu’est-ce qui a pris la place de cet objectif ?", "Que faudrait-il pour commencer cette semaine ?"),
        ("SHOP", 3, TITLES),
    ),
    finding(
        "A01",
        "over-invested",
        "warning",
        ("O4", "Ouvrir le catalogue aux partenaires"),
        "Ouvrir le catalogue aux partenaires a reçu 24 % de l’effort pour 10 % prévus.",
        "Vérifier que ce surcroît est voulu ; sinon, limiter le travail en cours sur cet objectif.",
        ("Qui a demandé ce travail, et quand ?", "Que se passerait-il s’il attendait un mois ?"),
        ("CAT", 23, TITLES),
        since="2026-W45",
    ),
    finding(
        "A03",
        "unaligned-work",
        "warning",
        ("unaligned", ""),
        "12 % de l’effort (12 éléments) n’est rattaché à aucun objectif.",
        "Rattacher les épopées listées, ou dire qu’elles sont hors plan.",
        ("À quoi sert ce travail ?", "Quelle règle le reconnaîtrait ?"),
        ("PAY", 12, TITLES),
        since="2026-W46",
    ),
    finding(
        "A06",
        "priority-inversion",
        "warning",
        ("O2", "Fidéliser les clients professionnels"),
        "Fidéliser les clients professionnels attend avec 6 éléments prêts, tandis que Ouvrir le catalogue aux"
        " partenaires, de moindre poids, dépasse sa part.",
        "Faire passer d’abord le travail prêt de l’objectif le plus lourd.",
        ("Qu’est-ce qui empêche de commencer ?", "Qui peut changer l’ordre ?"),
        ("SHOP", 6, TITLES),
    ),
    *(
        finding(
            "W01",
            "unmapped-epic",
            "warning",
            (f"PAY-{number}", title),
            f"L’épopée PAY-{number} ({title}) n’est rattachée à aucun objectif.",
            "La rattacher.",
            ("À quel objectif sert-elle ?",),
            (f"PAY{number}", 1, [title]),
            since="2026-W44",
        )
        for number, title in ((81, "Refonte du back-office"), (93, "Audit du prestataire"))
    ),
    finding(
        "W03",
        "done-with-open-children",
        "warning",
        ("SHOP-12", "Nouveau tunnel d’achat"),
        "L’épopée SHOP-12 est terminée avec 4 enfants ouverts.",
        "Fermer ou déplacer les enfants.",
        ("Reste-t-il vraiment du travail ?",),
        ("SHOP", 4, TITLES),
    ),
]


def stream(
    name: str | None,
    title: str,
    times: tuple[float, float | None, float | None, float | None],
    load: int,
    delivered: float,
    capacity: float | None,
    efficiency: float | None,
) -> ValueStreamData:
    """`times`: items a week, then median, 85th percentile and the one before, in days."""
    items, median, late, before = times
    return {
        "id": name,
        "title": title,
        "velocity": {"items": items, "effort": items},
        "flow_time": {
            "items": 0 if median is None else round(4 * items),
            "median": median,
            "p85": late,
            "before": before,
        },
        "load": load,
        "work_classes": {"feature": 0.64, "defect": 0.25, "unclassed": 0.11},
        "efficiency": efficiency,
        "delivered": delivered,
        "capacity": capacity,
    }


def trend(values: list[tuple[float | None, float | None, float, float | None]]) -> list[TrendPoint]:
    return [
        {"window": window, "index": index, "expected": expected, "z": z, "line": line}
        for window, (index, expected, z, line) in zip(WINDOWS, values, strict=True)
    ]


RISING = trend(
    [
        (0.30, 0.31, -0.05, None),
        (0.27, 0.32, -0.21, None),
        (0.34, 0.30, 0.08, None),
        (0.31, 0.31, 0.06, 0.94),
        (0.36, 0.30, 0.29, 1.02),
        (0.29, 0.33, 0.02, 1.06),
        (None, None, 0.02, None),
        (0.35, 0.30, 0.24, 1.1),
        (0.44, 0.31, 0.7, 1.12),
        (0.49, 0.30, 1.28, 1.13),
        (0.47, 0.31, 1.55, 1.13),
        (0.52, 0.30, 1.94, 1.14),
        (0.50, 0.31, 2.1, 1.14),
    ]
)
CALM = [{**point, "z": round(0.3 * point["z"], 6)} for point in RISING]


def weekly(targets: list[str], drifting: bool) -> list[FlowPoint]:
    """Effort of thirteen weeks; nothing in the week that the trend does not judge."""
    made: list[FlowPoint] = []
    for place, window in enumerate(WINDOWS):
        if RISING[place]["index"] is None:
            continue
        for index, target in enumerate(targets):
            effort = 3 + (index * 7 + place * 3) % 5 + (6 if index == 0 else 0)
            if drifting and index == 1:
                effort = max(0, 6 - place // 2)
            if drifting and index == 3:
                effort = 2 + place // 2
            if effort:
                made.append({"window": window, "target": target, "effort": float(effort)})
    return made


def item_rows(title: str = "Paiement en trois fois sans frais") -> list[ItemRow]:
    """Three work items behind a report: one delivered, one split and guessed, one under way."""
    return [
        ItemRow(
            source="shop",
            key="SHOP-104",
            title=title,
            type="Story",
            team="Ocean",
            root="SHOP-12",
            cluster=1,
            delivered=datetime(2026, 11, 18, 23, 30, tzinfo=UTC),
            effort=1.0,
            imputed=False,
            shares={"O1": 1.0},
            via="payments-component",
            url="https://acme.example/browse/SHOP-104",
        ),
        ItemRow(
            source="shop",
            key="SHOP-111",
            title="Import des fiches, suite",
            type="Bug",
            team=None,
            root="SHOP-111",
            cluster=2,
            delivered=datetime(2026, 11, 2, 8, 0, tzinfo=UTC),
            effort=1.3125,
            imputed=True,
            shares={"O1": 0.25, "O2": 0.75},
            via="inherited:SHOP-12",
            url="",
        ),
        ItemRow(
            source="platform",
            key="4711",
            title="Relance \u202eautomatique",
            type="User Story",
            team="Wind",
            root="4700",
            cluster=3,
            delivered=None,
            effort=0.5,
            imputed=False,
            shares={"unaligned": 1.0},
            via=None,
            url="https://acme.example/4711",
        ),
    ]
