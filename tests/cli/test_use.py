"""Wrong use gets one sentence and exit code 2; help and version need nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Call


def test_version_and_help(filrouge: Call) -> None:
    assert filrouge("--version").stdout.startswith("filrouge ")
    shown = filrouge("--help")
    assert shown.returncode == 0
    for name in ("demo", "init", "check", "sync", "items", "map", "report", "run", "status", "explain"):
        assert name in shown.stdout


@pytest.mark.parametrize(
    "arguments",
    [("check",), ("sync",), ("items",), ("report",), ("status",), ("map", "explain", "SHOP-1"), ("run",)],
    ids=" ".join,
)
def test_a_folder_without_a_workspace_is_said(filrouge: Call, arguments: tuple[str, ...]) -> None:
    result = filrouge(*arguments)
    assert result.returncode == 2
    assert "filrouge.yaml" in result.stderr
    assert "filrouge init" in result.stderr
    assert "Traceback" not in result.stderr


def test_an_unknown_command_or_option_is_wrong_use(filrouge: Call) -> None:
    for arguments in (("synk",), ("sync", "--fulll")):
        result = filrouge(*arguments)
        assert result.returncode == 2
        assert "Traceback" not in result.stderr


def test_explain_knows_its_findings(filrouge: Call) -> None:
    assert "What it finds" in filrouge("explain", "a02").stdout
    wrong = filrouge("explain", "A99")
    assert wrong.returncode == 2
    assert "A99" in wrong.stderr


def test_schemas_are_written_for_editors(filrouge: Call, tmp_path: Path) -> None:
    assert filrouge("schema", "--out", tmp_path / "schemas").returncode == 0
    names = {path.name for path in (tmp_path / "schemas").iterdir()}
    assert names == {"filrouge.schema.json", "strategy.schema.json", "mapping.schema.json", "overlay.schema.json"}
    assert filrouge("schema", "nothing").returncode == 2


def test_an_option_before_the_command_that_it_belongs_to_is_wrong_use(filrouge: Call) -> None:
    result = filrouge("report", "--week", "2026-W47", "verify", "report.json")
    assert result.returncode == 2
    assert "--week" in result.stderr
    assert "put it after `verify`" in result.stderr
