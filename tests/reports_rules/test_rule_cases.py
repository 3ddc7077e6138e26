"""Every rule: its cases, its manual page, its place in the registry."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import yaml

from domain.findings import Severity
from reports.facts import Facts
from reports.findings import check
from reports.language import language
from reports.measure.figures import figures_of
from reports.rules.manual import HEADINGS, advice, manual, manual_markdown, questions, sections
from reports.rules.registry import BY_CODE, RULES
from reports.rules.rule import Rule

FOLDER = Path(str(files("reports.rules")))
Build = Callable[[Mapping[str, Any]], Facts]


def _cases(rule: Rule) -> dict[str, Any]:
    place = FOLDER / f"{rule.code.lower()}_{rule.name.replace('-', '_')}.cases.yaml"
    loaded: dict[str, Any] = yaml.safe_load(place.read_text(encoding="utf-8")) if place.exists() else {}
    return loaded


def _each() -> Iterator[Any]:
    for rule in RULES:
        for name, case in _cases(rule).items():
            yield pytest.param(rule, case, id=f"{rule.code}-{name}")


@pytest.mark.parametrize(("rule", "case"), list(_each()))
def test_case(rule: Rule, case: Mapping[str, Any], facts_from: Build) -> None:
    """`finds` lists findings, `cannot_tell: true` says that the rule does not answer."""
    facts = facts_from(case)
    said = check(rule, figures_of(facts), facts, language(facts.language))
    if case.get("cannot_tell"):
        assert said is None
        return
    assert said is not None
    assert len(said) == len(case["finds"])
    for finding, expected in zip(said, case["finds"], strict=True):
        assert (finding.code, finding.name) == (rule.code, rule.name)
        assert finding.subject == expected["subject"]
        if "severity" in expected:
            assert finding.severity == expected["severity"]
        if "message" in expected:
            assert finding.message == expected["message"]
        if "evidence" in expected:
            assert [facts.items[ref].key for ref in finding.evidence] == expected["evidence"]
        if "evidence_count" in expected:
            assert len(finding.evidence) == expected["evidence_count"]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_rule_has_a_speaking_a_silent_and_a_cannot_tell_case(rule: Rule) -> None:
    cases = list(_cases(rule).values())
    assert any(case.get("finds") for case in cases), "no case in which the rule speaks"
    assert any(case.get("finds") == [] for case in cases), "no case in which the rule is silent"
    assert any(case.get("cannot_tell") for case in cases), "no case in which the rule cannot tell"
    assert any("message" in found for case in cases for found in case.get("finds", [])), "no case shows the message"


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_manual_page(rule: Rule) -> None:
    page = manual(rule.code)
    assert page.startswith(f"{rule.code} {rule.name} ({rule.severity.value})\n\n")
    for option in rule.options:
        assert f"`{option}: " in page
    markdown = manual_markdown(rule.code)
    assert [line for line in markdown.splitlines() if line.startswith("#")] == [
        f"# {rule.code} {rule.name}",
        *(f"## {heading}" for heading in (*HEADINGS, "How to tune it")),
    ]
    assert sum(line.startswith("- ") for line in markdown.splitlines()) == 2
    found = sections(rule.code)
    assert list(found) == ["", *HEADINGS]
    assert all(found.values()), "an empty section"
    first = (rule.__doc__ or "").splitlines()[0]
    assert re.fullmatch(r"[A-Z][^.]*\.", first), "the first line is one sentence"
    asked = questions(found["Ask the team"])
    assert len(asked) == 2
    assert all(question.endswith("?") and question.count("?") == 1 for question in asked)
    what, asked_in_french = advice(rule.code, language("fr"))
    assert what
    assert len(asked_in_french) == 2


def test_registry_knows_every_rule_file_once() -> None:
    there = {path.stem for path in FOLDER.glob("*.py") if re.match(r"[a-z]\d\d_", path.stem)}
    registered = [f"{rule.code.lower()}_{rule.name.replace('-', '_')}" for rule in RULES]
    assert sorted(registered) == sorted(there)
    assert len(BY_CODE) == len(RULES)


def test_unknown_code() -> None:
    with pytest.raises(KeyError):
        manual("A99")


def test_severities_are_severities() -> None:
    assert all(isinstance(rule.severity, Severity) for rule in RULES)
