"""`init` writes a workspace that loads, works offline and is never written over another one."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from config.init import write_workspace
from config.load import load
from config.schema import schemas
from domain.calendar import instant_text, midnight
from domain.errors import ConfigurationError
from domain.exchange import record_from_json, unknown_keys
from domain.work import State

TODAY = date(2027, 3, 1)


def test_it_loads_without_any_secret(tmp_path: Path) -> None:
    written = write_workspace(tmp_path / "a" / "b", organisation='Chez "Léa": 100 % #1', language="fr", today=TODAY)
    assert all(path.is_file() for path in written)
    workspace = load(tmp_path / "a" / "b", {})
    assert workspace.settings.organisation == 'Chez "Léa": 100 % #1'
    assert workspace.settings.language == "fr"
    cycle = workspace.strategy.cycles[0]
    assert cycle.start < TODAY < cycle.end
    assert {objective.cycle for objective in workspace.strategy.objectives} == {cycle.id}


def test_its_items_are_records_of_the_weeks_before(tmp_path: Path) -> None:
    write_workspace(tmp_path, today=TODAY)
    records = []
    for line in (tmp_path / "items.jsonl").read_text(encoding="utf-8").splitlines():
        document = json.loads(line)
        assert unknown_keys(document) == []
        records.append(record_from_json(document, source="example"))
    assert len({record.item.key for record in records}) == len(records)
    keys = {record.item.key for record in records}
    assert all(record.item.parent is None or record.item.parent in keys for record in records)
    assert any(record.item.state is State.DONE for record in records)
    now = instant_text(midnight(TODAY, load(tmp_path, {}).zone))
    for record in records:
        instants = [record.item.created_at, *(entry.at for entry in record.history)]
        assert instants == sorted(instants)
        assert instant_text(instants[-1]) < now


@pytest.mark.parametrize("name", ["filrouge.yaml", "strategy.yaml", "mapping.yaml", "items.jsonl"])
def test_nothing_is_overwritten(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("mine")
    with pytest.raises(ConfigurationError, match=name):
        write_workspace(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_text() == "mine"


def test_a_gitignore_that_is_there_stays(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("mine\n")
    written = write_workspace(tmp_path)
    assert (tmp_path / ".gitignore").read_text() == "mine\n"
    assert tmp_path / ".gitignore" not in written


def test_an_unknown_language_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="expected en or fr"):
        write_workspace(tmp_path, language="de")
    with pytest.raises(ConfigurationError, match="empty"):
        write_workspace(tmp_path, organisation=" ")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError, match="cannot be written"):
        write_workspace(tmp_path / "file" / "below")


@pytest.mark.parametrize("name", ["filrouge", "strategy", "mapping"])
def test_editors_find_the_schema_beside_the_file(tmp_path: Path, name: str) -> None:
    write_workspace(tmp_path)
    first = (tmp_path / f"{name}.yaml").read_text(encoding="utf-8").splitlines()[0]
    start = "# yaml-language-server: $schema="
    assert first.startswith(start)
    schema = tmp_path / first.removeprefix(start)
    assert json.loads(schema.read_text(encoding="utf-8")) == schemas()[name]


def test_what_is_commented_out_is_right_too(tmp_path: Path) -> None:
    """A reader who takes the comment signs away gets what `check` accepts."""
    write_workspace(tmp_path)
    text = (tmp_path / "filrouge.yaml").read_text(encoding="utf-8")
    lines = [
        line.replace("# ", "", 1) if line.lstrip().startswith(("# - id:", "#   ", "# holidays:", "# rules:")) else line
        for line in text.splitlines()
    ]
    (tmp_path / "filrouge.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    workspace = load(tmp_path, {}, secrets=False)
    assert [source.kind for source in workspace.settings.sources] == ["files", "jira", "jira", "azure_devops"]
    assert workspace.settings.drift.rules["F02"].off
