"""`map diff` reads the mapping of then from git, wherever the workspace lies, or says in a sentence why it cannot."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Call

SETTINGS = """
version: 1
organisation: Acme
timezone: Europe/Paris
sources: [{id: shop, kind: files, path: items.jsonl}]
"""
STRATEGY = """
version: 1
cycles: [{id: c, from: 2026-01-01, to: 2026-12-31}]
objectives:
  - {id: O1, title: One, cycle: c, weight: 60}
  - {id: O2, title: Two, cycle: c, weight: 40}
"""
MAPPING = """
version: 1
include: ../teams/*.yaml
rules: [{id: pay, when: {label: pay}, set: {contributes_to: O1}}]
"""
OVERLAY = "version: 1\nrules: [{id: rest, when: {}, set: {contributes_to: O2}}]\n"
PERIOD = ("--since", "2026-05-01", "--until", "2026-05-31")


def _item(number: int, label: str) -> str:
    told = {
        "source": "shop",
        "id": str(number),
        "key": f"SHOP-{number}",
        "type": "Story",
        "level": 0,
        "title": f"Story {number}",
        "status": "Done",
        "state": "done",
        "project": "SHOP",
        "labels": [label],
        "created_at": "2026-04-01T08:00:00Z",
        "updated_at": "2026-05-12T08:00:00Z",
        "done_at": "2026-05-12T08:00:00Z",
    }
    return json.dumps(told) + "\n"


class Repository:
    """A workspace in a folder of a repository, with three stories for O1 and one for O2."""

    def __init__(self, top: Path, filrouge: Call) -> None:
        self.top, self.folder, self._filrouge = top, top / "strategy" / "work space", filrouge
        self.folder.mkdir(parents=True)
        self.git("init", "--quiet")
        self.write("filrouge", SETTINGS)
        self.write("strategy", STRATEGY)
        self.write("mapping", MAPPING)
        (self.folder / "items.jsonl").write_text(
            "".join(map(_item, range(1, 5), ("pay", "pay", "pay", "other"))), "utf-8"
        )
        (self.folder.parent / "teams").mkdir()
        (self.folder.parent / "teams" / "all.yaml").write_text(OVERLAY, "utf-8")
        (top / ".gitignore").write_text("*.db*\n", "utf-8")

    def write(self, name: str, text: str) -> None:
        (self.folder / f"{name}.yaml").write_text(text, "utf-8")

    def git(self, *arguments: str) -> None:
        who = ("-c", "user.name=A", "-c", "user.email=a@acme.example", "-c", "commit.gpgsign=false")
        subprocess.run(["git", *who, *arguments], cwd=self.top, check=True, capture_output=True)

    def commit(self) -> None:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "As it is now")

    def diff(self, *arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
        return self._filrouge("map", "diff", *PERIOD, *arguments, "-w", self.folder, **options)


@pytest.fixture
def repository(tmp_path: Path, filrouge: Call) -> Repository:
    made = Repository(tmp_path / "repository", filrouge)
    made.commit()
    assert filrouge("sync", "-w", made.folder).returncode == 0
    return made


def test_a_workspace_in_a_folder_is_held_against_the_last_commit(repository: Repository) -> None:
    repository.write("mapping", MAPPING.replace("label: pay", "label: pays"))
    found = json.loads(repository.diff("--json").stdout)
    assert found["against"].startswith("HEAD (")
    (group,) = found["groups"]
    assert (group["before"], group["after"]) == ({"O1": 1}, {"O2": 1})
    assert (group["by_before"], group["by_after"]) == ("pay", "rest")
    assert group["refs"] == [["shop", f"SHOP-{number}"] for number in (1, 2, 3)]
    shifts = {row["target"]: (row["planned"], row["before"], row["after"]) for row in found["shares"]}
    assert shifts == {"O1": (0.6, 0.75, 0), "O2": (0.4, 0.25, 1)}
    assert found["same_strategy"]


def test_an_included_file_of_then_is_read_as_it_was_then(repository: Repository) -> None:
    overlay = repository.folder.parent / "teams" / "all.yaml"
    overlay.write_text(OVERLAY.replace("O2", "unaligned"), "utf-8")
    repository.commit()
    found = json.loads(repository.diff("--against", "HEAD~1", "--json").stdout)
    (group,) = found["groups"]
    assert (group["before"], group["after"], group["items"]) == ({"O2": 1}, {"unaligned": 1}, 1)
    overlay.unlink()
    repository.write("mapping", MAPPING.replace("include: ../teams/*.yaml\n", ""))
    found = json.loads(repository.diff("--json").stdout)
    (group,) = found["groups"]
    assert (group["before"], group["after"]) == ({"unaligned": 1}, {})
    assert [row["shift"] for row in found["shares"]] == [0, 0, 0], "declared or not, it serves nothing"


def test_what_differs_besides_the_mapping_is_said(repository: Repository) -> None:
    repository.write("strategy", STRATEGY.replace("weight: 60", "weight: 70"))
    repository.write("mapping", MAPPING.replace("{label: pay}", "{field: {Squad: Sea}}"))
    said = repository.diff().stdout
    assert "The strategy differs as well; both sides are seen with that of the working files." in said
    assert "Rules look at fields that may not have been read yet (Squad)" in said
    assert "| O1 One | 63.6% | 75.0% | 0.0% | -75.0 |" in said


def elsewhere(repository: Repository) -> tuple[str, ...]:
    return ("--against", str(repository.top))


def faulty(repository: Repository) -> tuple[str, ...]:
    repository.write("mapping", MAPPING.replace("O1", "O9"))
    repository.commit()
    repository.write("mapping", MAPPING)
    return ()


def absent(repository: Repository) -> tuple[str, ...]:
    repository.git("checkout", "--quiet", "--orphan", "before")
    repository.git("reset", "--quiet")
    repository.git("commit", "--quiet", "--allow-empty", "--message", "Nothing yet")
    return ()


PROBLEMS: dict[str, tuple[Callable[[Repository], tuple[str, ...]], str]] = {
    "no such revision": (lambda _: ("--against", "gone"), "There is no git revision 'gone' here"),
    "an option": (lambda _: ("--against", "--output=x"), "There is no git revision '--output=x' here"),
    "another folder": (elsewhere, "filrouge.yaml:1:1: there is no file `filrouge.yaml` in the workspace"),
    "a faulty mapping": (faulty, ") cannot be compared with, since it is not valid:\nmapping.yaml:4:"),
    "not there yet": (absent, "The git revision HEAD has no folder strategy/work space/"),
    "no day": (lambda _: ("--since", "2026-06-02"), "No day lies between 2026-06-02 and 2026-05-31"),
    "two forms": (lambda _: ("--markdown", "--json"), "--markdown and --json are two forms of the same"),
}


@pytest.mark.parametrize("problem", PROBLEMS)
def test_what_cannot_be_compared_is_one_clear_error(repository: Repository, problem: str) -> None:
    prepare, sentence = PROBLEMS[problem]
    result = repository.diff(*prepare(repository))
    assert (result.returncode, result.stdout) == (2, "")
    assert sentence in result.stderr
    assert "Traceback" not in result.stderr


def test_without_git_or_a_repository_another_folder_is_named(repository: Repository, tmp_path: Path) -> None:
    nowhere = {"PATH": str(tmp_path)}
    assert "There is no command git on this machine" in repository.diff(env=nowhere).stderr
    assert repository.diff("--against", str(repository.folder), env=nowhere).returncode == 0
    (repository.top / ".git").rename(tmp_path / "git")
    result = repository.diff(env={"GIT_CEILING_DIRECTORIES": os.fspath(tmp_path)})
    assert result.returncode == 2
    assert "lies in no git repository that can be read" in result.stderr
    assert "`--against DIR` compares with another folder" in result.stderr


def test_a_hook_of_another_repository_does_not_lead_astray(repository: Repository, tmp_path: Path) -> None:
    assert repository.diff(env={"GIT_DIR": str(tmp_path / "none"), "GIT_PREFIX": "x/"}).returncode == 0
