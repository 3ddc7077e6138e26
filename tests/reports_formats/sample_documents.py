"""Sample documents such as the measures would give."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any, cast

from domain.findings import fingerprint
from reports.document import Document, TrendPoint
from tests.reports_formats.sample_rows import (
    CALM,
    FINDINGS_FR,
    KEY_RESULTS,
    KEY_RESULTS_EN,
    RISING,
    SHOP,
    SHOP_EN,
    WINDOWS,
    Kind,
    Row,
    finding,
    key_results,
    rows,
    stream,
    trend,
    weekly,
)


def drifting_fr() -> Document:
    return {
        "schema": 1,
        "method": 1,
        "organisation": "Acme",
        "language": "fr",
        "timezone": "Europe/Paris",
        "window": {
            "from": "2026-11-15T23:00:00Z",
            "to": "2026-11-22T23:00:00Z",
            "label": "2026-W47",
            "in_progress": False,
        },
        "horizon": {"from": "2026-10-25T23:00:00Z", "to": "2026-11-22T23:00:00Z"},
        "as_of": "2026-11-23T23:00:00Z",
        "manifest": {
            "data_as_of": {"platform": "2026-11-23T22:45:00Z", "shop": "2026-11-23T22:50:00Z"},
            "strategy": "sha256:" + "5a1e" * 16,
            "mapping": "sha256:" + "b07c" * 16,
            "config": "sha256:" + "19f3" * 16,
            "later": [],
            "inputs": {
                "items": {"shop": {"digest": "sha256:" + "0e11" * 16, "heaps": "0e11" * 256}},
                "strategy": "sha256:" + "57a7" * 16,
                "readings": "sha256:" + "4ead" * 16,
                "commands": "sha256:" + "c033" * 16,
                "comments": "sha256:" + "c077" * 16,
                "sources": "sha256:" + "50ce" * 16,
                "words": "sha256:" + "30d5" * 16,
                "earlier": {
                    "window": "2026-W46",
                    "as_of": "2026-11-16T23:00:00Z",
                    "findings": "sha256:" + "f1d5" * 16,
                },
            },
            "document": "sha256:" + "d0c5" * 16,
        },
        "measure": "items",
        "delivered": {"items": 96, "effort": 96.0, "clusters": 31, "imputed": 0.0, "left_out": 0.0},
        "drift": {
            "week": {
                "index": 0.5,
                "unaligned": 0.1,
                "misplaced": 0.4,
                "expected": 0.31,
                "by_chance": 0.46,
                "significant": True,
            },
            "horizon": {
                "index": 0.28,
                "unaligned": 0.12,
                "misplaced": 0.16,
                "expected": 0.17,
                "by_chance": 0.24,
                "significant": True,
                "least_visible": 0.31,
                "outside_band": 0.16,
                "verdict": "drifting",
                "agreement": "robust",
            },
        },
        "previous": {
            "index": 0.22,
            "unaligned": 0.09,
            "misplaced": 0.13,
            "expected": 0.18,
            "by_chance": 0.25,
            "significant": False,
            "least_visible": 0.33,
            "outside_band": 0.09,
            "verdict": "no_signal",
            "agreement": "robust",
        },
        "allocation": rows(SHOP),
        "unaligned": {"share": 0.12, "items": 12, "reasons": {"no_rule": 5, "no_parent": 4, "conflicting_tags": 3}},
        "trend": RISING,
        "sustained_since": "2026-W44",
        "weekly": weekly([row[0] for row in SHOP], drifting=True),
        "key_results": key_results(KEY_RESULTS),
        "value_streams": [
            stream("purchase", "Du panier au paiement", (11.5, 6.25, 14.0, 9.5), 31, 0.58, 0.5, 0.41),
            stream("fulfilment", "De la commande au pas de porte", (2.0, None, None, 8.0), 0, 0.08, 0.25, None),
            stream(None, "Travail hors chaîne de valeur", (8.25, 3.0, 7.5, 7.0), 4, 0.34, None, None),
        ],
        "small_value_streams": 1,
        "by_source": {"shop": {"O1": 0.4, "O2": 0.05}},
        "by_team": {},
        "findings": copy.deepcopy(FINDINGS_FR),
        "resolved": [
            {
                "code": "M05",
                "name": "stale-source",
                "severity": "error",
                "subject": "platform",
                "message": "La source platform n’a pas été lue depuis trois jours.",
                "since": "2026-W46",
                "fingerprint": fingerprint("M05", "platform"),
            }
        ],
        "acknowledged": [
            {
                "code": "W01",
                "name": "unmapped-epic",
                "subject": "SHOP-9",
                "message": "L’épopée SHOP-9 n’est rattachée à aucun objectif.",
                "why": "travail d’exploration, décidé en comité",
                "until": "2026-12-15",
                "fingerprint": fingerprint("W01", "SHOP-9"),
            }
        ],
        "replies": [
            {
                "item": {
                    "source": "shop",
                    "key": "SHOP-31",
                    "title": "Panne du paiement de dimanche",
                    "url": "https://acme.atlassian.net/browse/SHOP-31",
                },
                "on": "2026-11-18",
                "targets": {},
                "reason": "incident",
            },
            {
                "item": {"source": "shop", "key": "SHOP-44", "title": "Panier partagé", "url": ""},
                "on": "2026-11-19",
                "targets": {"KR1.1": 0.6, "O2": 0.4},
                "reason": None,
            },
        ],
        "comments": {
            "tickets": 24,
            "asked": 11,
            "mapped": 6,
            "ignored": 3,
            "waiting": 2,
            "muted": 1,
            "removed": 1,
            "edited": 0,
        },
        "decisions": [],
        "data_quality": [
            {
                "code": "burst",
                "message": "Le vendredi 20 novembre, 14 éléments ont été fermés en une heure : la semaine a sans doute"
                " été rangée d’un coup.",
            }
        ],
    }


def english(document: Document) -> Document:
    document["language"] = "en"
    for row in document["allocation"]:
        row["title"] = SHOP_EN.get(row["target"], row["title"])
    document["findings"] = [
        finding(
            "W03",
            "done-with-open-children",
            "warning",
            ("SHOP-12", "New checkout"),
            "The epic SHOP-12 is done with 4 open children.",
            "Close or move the children.",
            ("Is there really work left?", "Who knows?"),
            ("SHOP", 4, ["Pay in three instalments", "Seller portal: sales and returns at a glance"]),
        )
    ]
    document["resolved"] = []
    document["acknowledged"] = []
    document["replies"] = []
    document["comments"] = None
    document["data_quality"] = []
    for result in document["key_results"]:
        result["title"] = KEY_RESULTS_EN[result["id"]]
    streams = ("From basket to paid", "From order to doorstep", "Work of no value stream")
    document["small_value_streams"] = 2
    for stream_row, title in zip(document["value_streams"], streams, strict=True):
        stream_row["title"] = title
    return document


def calm(document: Document, chance: float | None = 1.0) -> Document:
    table: list[Row] = [
        (target, title, kind, planned, delivered, chance, week)
        for (target, title, kind, planned, _, _, week), delivered in zip(
            SHOP, (0.36, 0.17, 0.17, 0.12, 0.04, 0.10, 0.04), strict=True
        )
    ]
    document["allocation"] = rows(table)
    document["trend"] = copy.deepcopy(cast(list[TrendPoint], CALM))
    document["sustained_since"] = None
    document["weekly"] = weekly([row[0] for row in SHOP], drifting=False)
    document["unaligned"] = {"share": 0.04, "items": 4, "reasons": {"no_parent": 4}}
    return document


def no_signal_en() -> Document:
    document = english(calm(drifting_fr()))
    document["drift"]["horizon"] |= {
        "index": 0.21,
        "expected": 0.24,
        "by_chance": 0.36,
        "significant": False,
        "least_visible": 0.38,
        "outside_band": 0.05,
        "verdict": "no_signal",
        "agreement": None,
    }
    document["delivered"] |= {"items": 31, "clusters": 9}
    document["previous"] = None
    document["manifest"]["later"] = ["mapping"]
    return document


def on_plan_en() -> Document:
    document = english(calm(drifting_fr()))
    document["drift"]["horizon"] |= {
        "index": 0.08,
        "expected": 0.09,
        "by_chance": 0.14,
        "significant": False,
        "least_visible": 0.19,
        "outside_band": 0.0,
        "verdict": "on_plan",
        "agreement": "robust",
    }
    document["delivered"] |= {"items": 214, "clusters": 74}
    document["previous"] = {**document["drift"]["horizon"], "index": 0.1}
    document["findings"] = []
    document["key_results"] = []
    document["trend"] = [point for point in document["trend"] if point["index"] is not None]
    for point in document["trend"]:
        point["line"] = point["line"] or 0.9
    return document


NOTHING: dict[str, Any] = {
    "index": None,
    "unaligned": None,
    "misplaced": None,
    "expected": None,
    "by_chance": None,
    "significant": None,
}


def silent(document: Document) -> Document:
    """No figure of drift anywhere."""
    document["drift"] = cast(
        Any,
        {
            "week": dict(NOTHING),
            "horizon": {
                **NOTHING,
                "least_visible": None,
                "outside_band": None,
                "verdict": "not_enough_data",
                "agreement": None,
            },
        },
    )
    document["previous"] = None
    document["sustained_since"] = None
    document |= {
        "findings": [],
        "resolved": [],
        "acknowledged": [],
        "replies": [],
        "data_quality": [],
        "key_results": [],
    }
    return document


def nothing_delivered_fr() -> Document:
    document = silent(drifting_fr())
    document["allocation"] = rows([(*row[:4], None, None, None) for row in SHOP])
    document["delivered"] = {"items": 0, "effort": 0.0, "clusters": 0, "imputed": None, "left_out": None}
    document["unaligned"] = {"share": None, "items": 0, "reasons": {}}
    document["trend"] = trend([(None, None, 0.0, None)] * 13)
    document["weekly"] = []
    document["value_streams"] = []
    document["small_value_streams"] = 0
    document["manifest"]["data_as_of"]["legacy"] = None
    return document


def no_strategy_en() -> Document:
    document = silent(english(drifting_fr()))
    document["allocation"] = rows([("unaligned", "", "unaligned", None, 1.0, None, 1.0)])
    document["delivered"] = {"items": 96, "effort": 96.0, "clusters": 31, "imputed": 0.0, "left_out": None}
    document["unaligned"] = {"share": 1.0, "items": 96, "reasons": {"no_rule": 96}}
    document["trend"] = trend([(None, None, 0.0, None)] * 13)
    document["weekly"] = [{"window": window, "target": "unaligned", "effort": 8.0} for window in WINDOWS]
    document["findings"] = [
        finding(
            "S01",
            "no-strategy",
            "error",
            ("strategy", ""),
            "No objective with a weight covers 7 days of the week.",
            "Add a cycle with weighted objectives.",
            ("Who decides on priorities?", "Since when is there no plan?"),
        )
    ]
    return document


def eight_targets_fr() -> Document:
    document = drifting_fr()
    names = [
        "Réduire de moitié le délai entre la commande d’un client professionnel et sa première livraison en Europe",
        "Ouvrir la plate-forme aux partenaires logistiques d’Europe centrale et orientale avant la fin de l’exercice",
        "Mettre en conformité le traitement des données personnelles avec les recommandations de l’autorité",
        "Rendre le parcours d’achat accessible à toutes et à tous, au niveau AA des règles internationales",
        "DOUBLER LA PART DES VENTES RÉALISÉES EN LIBRE-SERVICE PAR LES PETITES ET MOYENNES ENTREPRISES",
        "倉庫の情報システムを一日も止めずに入れ替え、在庫の正確さと出荷の速さを両立させる取り組み",
    ]
    kinds: list[Kind] = ["objective"] * 6
    shares = [(0.2, 0.14), (0.2, 0.31), (0.1, 0.09), (0.1, 0.02), (0.1, 0.08), (0.1, 0.12)]
    table: list[Row] = [
        (
            f"OBJ-2026-{place}",
            name,
            kind,
            planned,
            delivered,
            0.02 if abs(planned - delivered) > 0.07 else 0.9,
            delivered,
        )
        for place, (name, kind, (planned, delivered)) in enumerate(zip(names, kinds, shares, strict=True), start=1)
    ]
    table += [
        ("debt", "Dette technique", "budget", 0.1, 0.06, 0.8, 0.06),
        ("run", "Exploitation", "budget", 0.1, 0.1, 1.0, 0.1),
    ]
    table += [("unaligned", "", "unaligned", 0.0, 0.08, 0.5, 0.08)]
    document["allocation"] = rows(table)
    document["weekly"] = weekly([row[0] for row in table], drifting=True)
    document["window"]["in_progress"] = True
    document["delivered"] |= {"imputed": 0.23, "left_out": 0.04}
    document["drift"]["horizon"] |= {"verdict": "off_plan", "agreement": "depends_on_measure"}
    return document


HOSTILE = "<script>alert(1)</script> | `x` *y* [z](javascript:alert(2)) \u202e\u0007 שלום 🚀\n# Title"


def hostile_en() -> Document:
    document = english(drifting_fr())
    document["organisation"] = HOSTILE
    document["allocation"][0]["title"] = HOSTILE
    document["allocation"][1]["target"] = "O2|<b>"
    document["weekly"] = [
        {**point, "target": "O2|<b>"} if point["target"] == "O2" else point for point in document["weekly"]
    ]
    document["key_results"][0]["title"] = HOSTILE
    document["value_streams"][0] |= {"title": HOSTILE, "work_classes": {HOSTILE: 1.0}}
    document["unaligned"]["reasons"] = {"<i>new_reason": 2}
    document["findings"] = [
        finding("A01", "over-invested", "warning", ("O1", HOSTILE), HOSTILE, HOSTILE, (HOSTILE,), ("X", 60, [HOSTILE])),
        finding("A02", "starved", "warning", ("O2|<b>", ""), HOSTILE),
    ]
    document["findings"][0]["evidence_items"][0]["url"] = "javascript:alert(3)"
    document["findings"][0]["evidence_items"][1]["url"] = 'https://acme.example/") onclick="alert(4)<b>|'
    document["acknowledged"] = [
        {
            "code": "W01",
            "name": "unmapped-epic",
            "subject": "X",
            "message": HOSTILE,
            "why": HOSTILE,
            "until": "2026-12-15",
            "fingerprint": "0" * 12,
        }
    ]
    document["data_quality"] = [{"code": "x", "message": HOSTILE}]
    return document


SAMPLES: dict[str, Callable[[], Document]] = {
    made.__name__: made
    for made in (
        drifting_fr,
        no_signal_en,
        on_plan_en,
        nothing_delivered_fr,
        no_strategy_en,
        eight_targets_fr,
        hostile_en,
    )
}
