"""Marks that a tracker could not hold, or that a mapping rule would take for a team's word, are refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from config.load import load

TOKEN = 'token: "${T}"'
JIRA = f'{{id: shop, kind: jira, url: "https://acme.example", auth: {{method: bearer, {TOKEN}}}, projects: [A]}}'
ADO = f'{{id: ops, kind: azure_devops, url: "https://ado.example/c", auth: {{method: pat, {TOKEN}}}, projects: [B]}}'
STRATEGY = """\
version: 1
cycles: [{id: Q4, from: 2026-10-01, to: 2026-12-31}]
objectives:
  - {id: O1, title: One, cycle: Q4, weight: 1, key_results: [{id: KR1, title: A result}]}
  - {id: O2, title: Two, cycle: Q4, weight: 1}
budgets: [{id: run, title: Run, weight: 1}]
"""

Write = Callable[..., Path]
Faults = Callable[..., list[str]]


def settings(comments: str, *sources: str) -> str:
    return (
        f"version: 1\norganisation: Acme\ntimezone: UTC\nsources: [{', '.join(sources or (JIRA, ADO))}]\n"
        f"comments:\n  projects: [A]\n  {comments}\n"
    )


def mapping(when: str, target: str = "O1") -> str:
    return f"version: 1\nrules: [{{id: mine, when: {when}, set: {{contributes_to: '{target}'}}}}]\n"


@pytest.mark.parametrize(
    ("comments", "sources", "expected"),
    [
        ("marks: {label: 'my fil-'}", (), "7:18: `my fil-` has a blank, a comma or a semicolon"),
        ("marks: {label: 'fil;'}", (), "7:18: `fil;` has a blank, a comma or a semicolon"),
        ("marks: {label: 'fil,'}", (), "7:18: `fil,` has a blank, a comma or a semicolon"),
        ("marks: {label: ''}", (), "7:18: an empty text stands here"),
        ("marks: {label: '  '}", (), "7:18: an empty text stands here"),
        ("marks: {property: 1}", (), "7:21: the number 1 stands here; expected `true` or `false`"),
        ("marks: {property: true}", (ADO,), "only Jira has properties of issues, and no source is a Jira"),
        ("text: false", (), "neither a text nor marks are wanted"),
        ("marks: {lable: fil-}", (), "did you mean `label`?"),
        (f"marks: {{label: '{'x' * 254}'}}", (), "can be no label"),
    ],
)
def test_what_a_tracker_could_not_hold_is_refused(
    write: Write, faults: Faults, comments: str, sources: tuple[str, ...], expected: str
) -> None:
    projects = sources and "[B]"
    text = settings(comments, *sources)
    found = faults(write(text.replace("[A]\n", f"{projects}\n") if projects else text, STRATEGY), secrets=False)
    assert len(found) == 1, found
    assert expected in found[0]
    assert found[0].startswith("filrouge.yaml:")


def test_a_source_whose_tickets_would_have_no_mark_is_named(write: Write, faults: Faults) -> None:
    wanted = settings("marks: {property: true}").replace("[A]\n", "[A, b]\n")
    assert faults(write(wanted, STRATEGY), secrets=False) == [
        "filrouge.yaml:7:21: the source `ops` is no Jira and has no properties; expected `label` beside, for its tags"
    ]
    load(write(wanted.replace("true", "true, label: fil-"), STRATEGY), {}, secrets=False)
    load(write(settings("marks: {property: true}"), STRATEGY), {}, secrets=False)


def test_an_id_that_no_label_can_hold_is_refused(write: Write, faults: Faults) -> None:
    (found,) = faults(write(settings("marks: {label: fil-}"), STRATEGY.replace("id: O2", "id: 'O 2'")), secrets=False)
    assert found.startswith("filrouge.yaml:7:18: `fil-O 2` can be no label")


@pytest.mark.parametrize(
    ("when", "target", "label"),
    [
        ("{label: 'fil-*'}", "O1", "fil-O1"),
        ("{label: 'FIL-o2'}", "O1", "fil-O2"),
        ("{label: [other, '*run']}", "O1", "fil-run"),
        ("{label: '???-O1'}", "O1", "fil-O1"),
        ("{label: /^fil/}", "O1", "fil-O1"),
        ("{label: '/(?i)RUN/'}", "O1", "fil-run"),
        ("{not: {label: 'fil-*'}}", "O1", "fil-O1"),
        ("{any: [{type: Bug}, {label: 'fil-*'}]}", "O1", "fil-O1"),
        ("{all: [{any: [{ancestor: {label: 'fil-*'}}]}]}", "O1", "fil-O1"),
        ("{parent: {label: 'fil-*'}}", "O1", "fil-O1"),
        ("{field: {Labels: 'fil-*'}}", "O1", "fil-O1"),
        ("{field: {System.Tags: '*fil-*'}}", "O1", "fil-O1"),
        ("{}", "{label:fil-*}", "fil-O1"),
        ("{type: Epic}", "{label:FIL-*}", "fil-O1"),
        ("{}", "{label:f?l-*}", "fil-O1"),
    ],
)
def test_a_prefix_that_a_rule_reads_is_refused(
    write: Write, faults: Faults, when: str, target: str, label: str
) -> None:
    found = faults(write(settings("marks: {label: fil-}"), STRATEGY, mapping(when, target)), secrets=False)
    assert len(found) == 1, found
    assert found[0].startswith(f"filrouge.yaml:7:18: the rule `mine` would read our own label `{label}` by its pattern")


@pytest.mark.parametrize(
    ("when", "target"),
    [
        ("{label: 'okr-*'}", "O1"),
        ("{label: fil}", "O1"),
        ("{label: /^O1$/}", "O1"),
        ("{component: 'fil-*', field: {Team: 'fil-*'}}", "O1"),
        ("{}", "{label:*}"),
        ("{}", "{label:okr-*}"),
    ],
)
def test_a_prefix_that_no_rule_reads_is_taken(write: Write, when: str, target: str) -> None:
    workspace = load(write(settings("marks: {label: fil-}"), STRATEGY, mapping(when, target)), {}, secrets=False)
    assert workspace.settings.comments.marks.label == "fil-"
    assert workspace.settings.comments.text
    assert not workspace.settings.comments.marks.property
    assert workspace.settings.comments.budget.marks_per_run == 200
