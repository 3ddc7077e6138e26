"""The whole job on recorded payloads: the real command, the real packages, figures counted straight from the files."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Call
from tests.real_input import WorkItems

SETTINGS = """
version: 1
organisation: Recorded
timezone: Europe/Paris
language: en
sources:
  - id: titanium
    kind: jira
    url: {jira}
    auth: {{method: bearer, token: "${{JIRA_PAT}}"}}
    projects: [ALOY, MOD, DAEMON]
  - id: templates
    kind: azure_devops
    url: {azure_devops}
    auth: {{method: pat, token: "${{ADO_PAT}}"}}
    projects: {projects}
"""
STRATEGY = """
version: 1
cycles: [{id: all, from: 2010-01-01, to: 2030-12-31}]
objectives:
  - {id: O1, title: Markup, cycle: all, weight: 60}
  - {id: O2, title: Runtime, cycle: all, weight: 30}
  - {id: O3, title: Security templates, cycle: all, weight: 10}
"""
MAPPING = r"""
version: 1
rules:
  - {id: markup, when: {source: titanium, component: [XML, Styling]}, set: {contributes_to: O1}}
  - {id: runtime, when: {source: titanium, component: Runtime}, set: {contributes_to: O2}}
  - {id: security, when: {source: templates, area_path: 'AC-AzureSentinel\**'}, set: {contributes_to: O3}}
inherit: [contributes_to]
"""
DROPPED = {"Won't Do", "Won't Fix", "Duplicate", "Cannot Reproduce", "Declined"}
CATEGORY = {"new": "todo", "indeterminate": "doing", "done": "done"}


@pytest.fixture
def workspace(
    tmp_path: Path,
    jira_data_center: Callable[..., Any],
    azure_devops: Callable[..., Any],
    real_jira_issues: list[dict[str, Any]],
    real_work_items: WorkItems,
) -> tuple[Path, dict[str, str]]:
    jira = jira_data_center(issues=real_jira_issues)
    organisation = azure_devops(**real_work_items.options)
    projects = sorted({row["_template"] for row in real_work_items.rows})
    (tmp_path / "filrouge.yaml").write_text(
        SETTINGS.format(jira=jira.url, azure_devops=organisation.url, projects=json.dumps(projects)), encoding="utf-8"
    )
    (tmp_path / "strategy.yaml").write_text(STRATEGY, encoding="utf-8")
    (tmp_path / "mapping.yaml").write_text(MAPPING, encoding="utf-8")
    return tmp_path, {"JIRA_PAT": jira.token, "ADO_PAT": organisation.token}


def expected_jira_state(issue: dict[str, Any]) -> str:
    fields = issue["fields"]
    state = CATEGORY[fields["status"]["statusCategory"]["key"]]
    resolution = (fields.get("resolution") or {}).get("name")
    return "dropped" if state == "done" and resolution in DROPPED else state


def expected_jira_parent(issue: dict[str, Any]) -> str | None:
    parent, epic = issue["fields"].get("parent"), issue["fields"].get("epic")
    return parent["key"] if parent else epic["key"] if epic else None


def expected_jira_level(issue: dict[str, Any]) -> int:
    kind = issue["fields"]["issuetype"]
    return -1 if kind["subtask"] else 1 if kind["name"] == "Epic" else 0


def test_sync_map_and_report(
    filrouge: Call,
    workspace: tuple[Path, dict[str, str]],
    real_jira_issues: list[dict[str, Any]],
    real_work_items: WorkItems,
) -> None:
    folder, secrets = workspace
    online = filrouge("check", "--online", cwd=folder, env=secrets)
    assert online.returncode == 0, online.stderr
    synced = filrouge("sync", "--json", cwd=folder, env=secrets)
    assert synced.returncode == 0, synced.stderr
    rows = [json.loads(line) for line in filrouge("items", "--json", cwd=folder).stdout.splitlines()]
    by_source = {name: [row for row in rows if row["source"] == name] for name in ("titanium", "templates")}

    jira = by_source["titanium"]
    assert Counter((row["type"], row["state"], row["level"]) for row in jira) == Counter(
        (issue["fields"]["issuetype"]["name"], expected_jira_state(issue), expected_jira_level(issue))
        for issue in real_jira_issues
    )
    assert {row["key"]: row["parent"] for row in jira} == {
        issue["key"]: expected_jira_parent(issue) for issue in real_jira_issues
    }

    work = by_source["templates"]
    assert Counter((row["type"], row["status"], row["project"]) for row in work) == Counter(
        (row["fields"]["System.WorkItemType"], row["fields"]["System.State"], row["_template"])
        for row in real_work_items.rows
    )
    assert {int(row["id"]): row["parent"] for row in work if row["parent"]} == {
        child: str(parent) for child, parent in real_work_items.parents.items()
    }

    mapped = Counter(target for row in jira for target in row["tags"]["contributes_to"])
    own = Counter(
        "O1" if names & {"XML", "Styling"} else "O2"
        for issue in real_jira_issues
        if (names := {component["name"] for component in issue["fields"]["components"]}) & {"XML", "Styling", "Runtime"}
    )
    assert mapped["O1"] >= own["O1"]
    assert mapped["O2"] >= own["O2"]
    inherited = [row for row in jira if str(row["via"].get("contributes_to", "")).startswith("inherited:")]
    assert sum(mapped.values()) == sum(own.values()) + len(inherited)
    sentinel = sum(1 for row in real_work_items.rows if row["_template"] == "AC-AzureSentinel")
    assert Counter(target for row in work for target in row["tags"]["contributes_to"]) == {"O3": sentinel}

    # The busiest week of the recording, as it would have been reported.
    report = filrouge("report", "--week", "2012-W30", "--as-of", "2012-08-01T00:00:00Z", "--json", cwd=folder)
    assert report.returncode == 0, report.stderr
    document = json.loads(report.stdout)
    # No change log was recorded: what counts is what stands in the issues.
    assert document["delivered"]["items"] == delivered_between(real_jira_issues, "2012-07-02", "2012-07-30")
    again = filrouge("sync", "--json", cwd=folder, env=secrets)
    assert [source["new"] + source["changed"] for source in json.loads(again.stdout)["sources"]] == [0, 0]


def delivered_between(issues: list[dict[str, Any]], start: str, end: str) -> int:
    """Counted items (stories, and sub-tasks and epics that stand for no story) done in local days [start, end)."""
    from datetime import datetime
    from zoneinfo import ZoneInfo

    keys = {issue["key"]: issue for issue in issues}
    has_children = {expected_jira_parent(issue) for issue in issues if expected_jira_level(issue) >= 0}
    count = 0
    for issue in issues:
        level, parent = expected_jira_level(issue), expected_jira_parent(issue)
        counted = (
            level == 0
            or (level == -1 and (parent not in keys or expected_jira_level(keys[parent]) != 0))
            or (level == 1 and issue["key"] not in has_children)
        )
        resolved = issue["fields"].get("resolutiondate") or issue["fields"]["created"]
        day = datetime.fromisoformat(resolved).astimezone(ZoneInfo("Europe/Paris")).date().isoformat()
        if counted and expected_jira_state(issue) == "done" and start <= day < end:
            count += 1
    return count


def test_a_wrong_token_shuts_us_out_by_name_and_without_the_token(
    filrouge: Call, workspace: tuple[Path, dict[str, str]]
) -> None:
    folder, secrets = workspace
    wrong = dict.fromkeys(secrets, "wrong-secret-4711")
    result = filrouge("sync", "-v", cwd=folder, env=wrong)
    assert result.returncode == 3
    assert "titanium" in result.stderr
    assert "templates" in result.stderr
    for secret in ("4711", secrets["JIRA_PAT"], "Authorization"):
        assert secret not in result.stdout + result.stderr
    one = filrouge("sync", cwd=folder, env=secrets | {"ADO_PAT": "wrong-secret-4711"})
    assert one.returncode == 1
    assert "templates: failed" in one.stderr
    online = filrouge("check", "--online", cwd=folder, env=wrong)
    assert online.returncode == 3
    assert "4711" not in online.stdout + online.stderr
