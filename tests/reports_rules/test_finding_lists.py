"""What is new, known, resolved, acknowledged, tuned, turned off."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from domain.findings import fingerprint
from reports.compute import compute
from reports.facts import Facts

Build = Callable[[Mapping[str, Any]], Facts]

STARVED: dict[str, Any] = {
    "strategy": {"objectives": {"O1": 40, "O2": 30, "O3": 30}},
    "items": [
        {"key": "A", "level": 1, "to": "O1", "done": "2026-11-17T10:00", "copies": 23},
        {"key": "B", "level": 1, "to": "O2", "done": "2026-11-17T10:00", "copies": 17},
        {"key": "E-1", "level": 1, "to": "O1", "done": "2026-11-17T10:00"},
        {"key": "S", "parent": "E-1", "to": "O1", "copies": 60},
    ],
}


def _codes(document: Mapping[str, Any], name: str = "findings") -> list[str]:
    return [f"{finding['code']} {finding['subject']}" for finding in document[name]]


def test_a_first_report_calls_everything_new(facts_from: Build) -> None:
    document = compute(facts_from(STARVED))
    assert {finding["status"] for finding in document["findings"]} == {"new"}
    assert {finding["since"] for finding in document["findings"]} == {"2026-W47"}
    assert document["resolved"] == []


def test_worst_first(facts_from: Build) -> None:
    document = compute(facts_from(STARVED))
    ranks = [
        (-["info", "warning", "error"].index(finding["severity"]), finding["code"], finding["subject"])
        for finding in document["findings"]
    ]
    assert ranks == sorted(ranks)
    assert _codes(document)[0] == "A02 O3"


def test_known_since_and_resolved(facts_from: Build) -> None:
    earlier = [
        {"code": "A02", "subject": "O3", "since": "2026-W41"},
        {"code": "A02", "subject": "O2", "since": "2026-W40", "message": "O2 got little."},
        {"code": "Z99", "subject": "x", "since": "2026-W40"},
    ]
    document = compute(facts_from({**STARVED, "earlier": earlier}))
    finding = document["findings"][0]
    assert (finding["code"], finding["status"], finding["since"]) == ("A02", "known", "2026-W41")
    assert finding["fingerprint"] == fingerprint("A02", "O3")
    # O2 is not starved any more; nobody asked the question behind Z99, so it is not called resolved.
    assert _codes(document, "resolved") == ["A02 O2"]
    assert document["resolved"][0]["message"] == "O2 got little."
    assert document["resolved"][0]["since"] == "2026-W40"
    assert "new" in {finding["status"] for finding in document["findings"]}


def test_what_cannot_be_told_is_not_resolved(facts_from: Build) -> None:
    earlier = [{"code": code, "subject": "O3", "since": "2026-W41"} for code in ("A01", "A02", "A06")]
    few = {**STARVED, "items": STARVED["items"][:1]}
    few["items"] = [{**few["items"][0], "copies": 3}]
    document = compute(facts_from({**few, "earlier": earlier}))
    assert document["drift"]["horizon"]["verdict"] == "not_enough_data"
    assert document["resolved"] == []


def test_a_rule_turned_off_says_nothing_and_resolves_nothing(facts_from: Build) -> None:
    earlier = [{"code": "A02", "subject": "O3", "since": "2026-W41"}]
    document = compute(facts_from({**STARVED, "earlier": earlier, "options": {"rules": {"A02": {"off": True}}}}))
    assert "A02" not in {finding["code"] for finding in document["findings"]}
    assert document["resolved"] == []


def test_acknowledged_until_its_date(facts_from: Build) -> None:
    # as_of is 24 November.
    for until, silenced in ((date(2026, 11, 24), True), (date(2026, 11, 23), False)):
        ack = {"finding": "a02", "subject": "o3", "why": "agreed in the committee", "until": until}
        earlier = [{"code": "A02", "subject": "O3", "since": "2026-W41"}]
        document = compute(facts_from({**STARVED, "acknowledge": [ack], "earlier": earlier}))
        assert ("A02 O3" in _codes(document)) is not silenced
        assert _codes(document, "acknowledged") == (["A02 O3"] if silenced else [])
        assert document["resolved"] == []
        if silenced:
            assert document["acknowledged"][0]["why"] == "agreed in the committee"
            assert document["acknowledged"][0]["until"] == "2026-11-24"
            assert "Martin" not in json.dumps(document)


def test_evidence_is_cut_at_50_and_counted(facts_from: Build) -> None:
    document = compute(facts_from(STARVED))
    open_children = next(finding for finding in document["findings"] if finding["code"] == "W03")
    assert open_children["evidence_count"] == 60
    assert len(open_children["evidence"]) == len(open_children["evidence_items"]) == 50
    assert [item["key"] for item in open_children["evidence_items"]] == open_children["evidence"]
    assert open_children["evidence_items"][0]["url"].startswith("https://shop.example/S-")
    assert open_children["subject_title"] == "Title of E-1"


def test_people_are_never_named(facts_from: Build) -> None:
    case = {
        "options": {"measure": "days"},
        "strategy": {"objectives": {"O1": 50}},
        "items": [{"key": "A-1", "to": "O1", "assignee": "Jane-Doe-77", "doing": "2026-11-16T09:00"}],
    }
    assert "Jane" not in json.dumps(compute(facts_from(case)))


def test_figures_have_six_decimals_and_no_negative_zero(facts_from: Build) -> None:
    document = compute(facts_from(STARVED))

    def figures(value: Any) -> list[float]:
        if isinstance(value, float):
            return [value]
        held = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
        return [figure for part in held for figure in figures(part)]

    found = figures(document)
    assert len(found) > 50
    assert all(figure == round(figure, 6) for figure in found)
    assert not any(str(figure).startswith("-0.0") and figure == 0 for figure in found)
