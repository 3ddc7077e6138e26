"""The files for operators name what exists: the unit, the compose file, the pipelines."""

from __future__ import annotations

import re
import shutil
import subprocess
from configparser import ConfigParser
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
UNIT = ROOT / "ops" / "filrouge.service"


def test_the_unit_runs_what_operations_installs_as_its_user() -> None:
    unit = ConfigParser(strict=False, interpolation=None, delimiters=("=",))
    unit.optionxform = str  # type: ignore[assignment,method-assign] # systemd's keys have capitals
    unit.read(UNIT, "utf-8")
    page = (ROOT / "docs" / "operations.md").read_text("utf-8")
    service = unit["Service"]
    program, *arguments = service["ExecStart"].split()
    assert arguments == ["run", "--log-format", "json"]
    assert f"UV_TOOL_BIN_DIR={Path(program).parent}" in page
    assert f"/{Path(service['EnvironmentFile']).relative_to('/')}" in page
    assert f"useradd --system --create-home --home-dir {Path(service['WorkingDirectory']).parent}" in page
    assert f" {service['User']}\n" in page
    assert (service["ProtectSystem"], service["NoNewPrivileges"], service["CapabilityBoundingSet"]) == (
        "strict", "yes", "",
    )  # fmt: skip


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd-analyze here")
def test_systemd_understands_the_unit(tmp_path: Path) -> None:
    """With a program and a folder that exist, so that it speaks of the unit alone."""
    text = UNIT.read_text("utf-8")
    text = re.sub(r"^ExecStart=\S+", "ExecStart=/bin/true", text, flags=re.MULTILINE)
    text = re.sub(r"^(User|Group|EnvironmentFile|WorkingDirectory)=.*\n", "", text, flags=re.MULTILINE)
    unit = tmp_path / UNIT.name
    unit.write_text(text, "utf-8")
    done = subprocess.run(["systemd-analyze", "verify", unit], capture_output=True, text=True, check=False)
    said = [line for line in (done.stdout + done.stderr).splitlines() if UNIT.name in line]
    assert said == []


def test_the_pipeline_calls_targets_and_files_that_exist() -> None:
    pipeline = yaml.safe_load((ROOT / "ops" / "ci" / "github-actions.yml").read_text("utf-8"))
    commands = [step["run"] for job in pipeline["jobs"].values() for step in job["steps"] if "run" in step]
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    called = re.findall(r"\bmake ([a-z]+)", "\n".join(commands))
    assert {"test", "audit"} <= set(called) <= set(targets)
    named = re.findall(r"--file (\S+)", "\n".join(commands))
    assert "Containerfile" in named
    assert all((ROOT / name).is_file() for name in named)
