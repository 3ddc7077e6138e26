"""The pipelines and the page on changed mappings call commands that exist, with options that they have."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
import typer.main
import yaml

from cli.main import app

DOCS = Path(__file__).resolve().parents[2] / "docs"
PIPELINES = sorted((DOCS / "examples").glob("*.yml"))
SHELL = re.compile(r"^```sh\n(.*?)^```", re.DOTALL | re.MULTILINE)


def _steps(pipeline: Path) -> list[dict[str, Any]]:
    said = yaml.safe_load(pipeline.read_text("utf-8"))
    return said["steps"] if "steps" in said else [step for job in said["jobs"].values() for step in job["steps"]]


def _scripts(file: Path) -> Iterator[str]:
    if file.suffix == ".md":
        yield from SHELL.findall(file.read_text("utf-8"))
    else:
        yield from (script for step in _steps(file) if (script := step.get("run") or step.get("script")))


def _calls(file: Path) -> list[list[str]]:
    lines = [line.strip() for script in _scripts(file) for line in script.splitlines()]
    return [shlex.split(line.partition(" > ")[0], comments=True)[1:] for line in lines if line.startswith("filrouge ")]


@pytest.mark.parametrize("file", [*PIPELINES, DOCS / "mapping-changes.md"], ids=lambda file: file.name)
def test_every_command_exists_with_its_options(file: Path) -> None:
    calls = _calls(file)
    assert calls
    for arguments in calls:
        command: Any = typer.main.get_command(app)
        context = click.Context(command)
        rest = list(arguments)
        while hasattr(command, "commands"):
            command = command.commands[rest.pop(0)]
            context = click.Context(command, parent=context)
        command.make_parser(context).parse_args(rest)  # raises for an option that the command does not have


def test_each_pipeline_checks_tests_compares_and_comments() -> None:
    assert [pipeline.stem for pipeline in PIPELINES] == ["azure-pipelines", "github-actions"]
    for pipeline in PIPELINES:
        calls = _calls(pipeline)
        assert [call[:2] for call in calls[1:]] == [["map", "test"], ["map", "diff"]]
        assert calls[0] == ["check"]
        assert {"--against", "--markdown"} <= set(calls[2])
        said = pipeline.read_text("utf-8")
        assert "gh pr comment" in said or "/threads" in said
        # What an attacker may call a branch never becomes a part of a script.
        assert not any("${{" in script for script in _scripts(pipeline))
