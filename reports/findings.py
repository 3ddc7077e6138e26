"""What a report's rules say, with what is new, known, resolved or acknowledged."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from config.rules import Acknowledgement
from config.settings import RuleOptions
from domain.calendar import local_day
from domain.findings import Finding, Severity, Sighting
from domain.strategy import UNALIGNED
from domain.work import ItemRef
from reports.document import AcknowledgedData, EvidenceItem, FindingData, ResolvedData
from reports.facts import Facts
from reports.language import Language
from reports.measure.figures import Figures
from reports.rules.manual import advice
from reports.rules.registry import RULES
from reports.rules.rule import Rule, Sight

MOST_EVIDENCE = 50
WORDS: Mapping[Severity, Literal["info", "warning", "error"]] = {
    Severity.INFO: "info",
    Severity.WARNING: "warning",
    Severity.ERROR: "error",
}


@dataclass(frozen=True, slots=True)
class FindingLists:
    """The report's three lists; `findings` and `acknowledged` are worst first: severity, then code, then subject."""

    findings: list[FindingData]
    resolved: list[ResolvedData]
    acknowledged: list[AcknowledgedData]


def findings_of(figures: Figures, facts: Facts, say: Language) -> FindingLists:
    """Ask every rule that is on, and compare with the findings of the window before (DRIFT 9).

    A finding of the window before is resolved when its rule is on, could tell, and did not say it again; one that
    is acknowledged, or that cannot be told now, is neither.
    """
    found: list[Finding] = []
    judged: set[str] = set()
    for rule in RULES:
        said = check(rule, figures, facts, say)
        if said is not None:
            judged.add(rule.code)
            found += said
    found.sort(key=lambda finding: (-finding.severity.rank, finding.code, finding.subject))
    titles = _titles({finding.subject for finding in found}, facts, say)
    earlier = {sighting.fingerprint: sighting for sighting in facts.earlier or ()}
    today = local_day(facts.as_of, facts.window.zone)
    excused = {
        finding.fingerprint: ack
        for finding in found
        if (ack := acknowledgement(facts.acknowledgements, finding.code, finding.subject, today)) is not None
    }
    still = {finding.fingerprint for finding in found}
    return FindingLists(
        findings=[
            _data(finding, facts, say, titles.get(finding.subject, finding.subject), earlier.get(finding.fingerprint))
            for finding in found
            if finding.fingerprint not in excused
        ],
        resolved=[
            {
                "code": sighting.code,
                "name": sighting.name,
                "severity": sighting.severity,
                "subject": sighting.subject,
                "message": sighting.message,
                "since": sighting.since,
                "fingerprint": sighting.fingerprint,
            }
            for sighting in sorted(facts.earlier or (), key=lambda sighting: (sighting.code, sighting.subject))
            if sighting.fingerprint not in still and sighting.code in judged
        ],
        acknowledged=[
            {
                "code": finding.code,
                "name": finding.name,
                "subject": finding.subject,
                "message": finding.message,
                "why": excused[finding.fingerprint].why,
                "until": excused[finding.fingerprint].until.isoformat(),
                "fingerprint": finding.fingerprint,
            }
            for finding in found
            if finding.fingerprint in excused
        ],
    )


def check(rule: Rule, figures: Figures, facts: Facts, say: Language) -> list[Finding] | None:
    """What one rule says as the admin tuned it; None when it is turned off or cannot tell."""
    tuned = facts.options.rules.get(rule.code, RuleOptions())
    if tuned.off:
        return None
    said = rule.check(Sight(figures, facts, _options(rule, tuned), say))
    if said is None:
        return None
    return [finding if tuned.severity is None else replace(finding, severity=tuned.severity) for finding in said]


def _options(rule: Rule, tuned: RuleOptions) -> Mapping[str, float]:
    given = tuned.model_extra or {}
    return {option: float(given.get(option, usual)) for option, usual in rule.options.items()}


def acknowledgement(known: Iterable[Acknowledgement], code: str, subject: str, today: date) -> Acknowledgement | None:
    """The acknowledgement that still holds for a finding of that code and subject: up to and including its date."""
    for ack in known:
        same = ack.finding.casefold() == code.casefold() and ack.subject.casefold() == subject.casefold()
        if same and today <= ack.until:
            return ack
    return None


def _data(finding: Finding, facts: Facts, say: Language, title: str, earlier: Sighting | None) -> FindingData:
    what_to_do, questions = advice(finding.code, say)
    evidence = [evidence_of(facts, ref) for ref in finding.evidence[:MOST_EVIDENCE]]
    return {
        "code": finding.code,
        "name": finding.name,
        "severity": WORDS[finding.severity],
        "subject": finding.subject,
        "subject_title": title,
        "message": finding.message,
        "what_to_do": what_to_do,
        "questions": questions,
        "evidence": [item["key"] for item in evidence],
        "evidence_items": evidence,
        "evidence_count": len(finding.evidence),
        "status": "new" if earlier is None else "known",
        "since": facts.window.label if earlier is None else earlier.since,
        "fingerprint": finding.fingerprint,
    }


def evidence_of(facts: Facts, ref: ItemRef) -> EvidenceItem:
    """An item with what a link to it needs."""
    item = facts.items[ref]
    return {"source": item.source, "key": item.key, "title": item.title, "url": item.url}


def _titles(subjects: Set[str], facts: Facts, say: Language) -> Mapping[str, str]:
    """What the subjects of findings are called: a target's or work item's title, or what the word stands for."""
    items = sorted((ref, item) for ref, item in facts.items.items() if item.key in subjects)
    return {item.key: item.title for _, item in reversed(items)} | {
        **facts.strategy.titles(),
        UNALIGNED: say.text("Work that serves no target"),
        "organisation": facts.organisation,
        "strategy": say.text("The strategy"),
    }
