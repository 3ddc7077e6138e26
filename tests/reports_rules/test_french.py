"""Nothing that a finding or a note says stays English in a French report."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from reports.compute import compute
from reports.facts import Facts
from reports.rules.manual import questions, sections
from reports.rules.registry import RULES

REPORTS = Path(str(files("reports")))
SPOKEN = [*sorted(REPORTS.glob("rules/*.py")), REPORTS / "findings.py", REPORTS / "compute.py"]
SPOKEN.append(REPORTS / "measure" / "quality.py")
PLACEHOLDER = re.compile(r"\{(\w+)\}")


@pytest.fixture(scope="module")
def catalogue() -> Catalog:
    with REPORTS.joinpath("locale", "fr", "findings.po").open("rb") as stream:
        return read_po(stream, locale="fr")


def _messages() -> Iterator[tuple[str, str | None]]:
    """Every message id in the code (with its plural), and every advice and question of the manual pages."""
    for path in SPOKEN:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            if node.func.attr not in ("text", "count") or path.name == "manual.py":
                continue
            words = [argument.value for argument in node.args[:2] if isinstance(argument, ast.Constant)]
            assert words, f"{path.name}:{node.lineno}: a message must stand in the code as it is"
            yield str(words[0]), str(words[1]) if node.func.attr == "count" else None
    for rule in RULES:
        page = sections(rule.code)
        yield page["What to do"], None
        for question in questions(page["Ask the team"]):
            yield question, None


@pytest.mark.parametrize(("one", "many"), sorted(set(_messages()), key=str))
def test_message_is_translated(catalogue: Catalog, one: str, many: str | None) -> None:
    message = catalogue.get(one)
    assert message is not None, "not in findings.po"
    assert not message.fuzzy
    forms = [message.string] if isinstance(message.string, str) else list(message.string or ())
    assert len(forms) == (1 if many is None else 2)
    if many is not None:
        assert isinstance(message.id, tuple | list)
        assert message.id[1] == many
    for form in forms:
        assert form
        # A singular may do without its number ("la dernière semaine"), nothing else may be lost.
        assert set(PLACEHOLDER.findall(form)) | {"n"} == set(PLACEHOLDER.findall(many or one)) | {"n"}
        assert form != one or one in ("configuration",)
        assert not re.search(r" [;?!:]|'", form), "French spaces and apostrophes"


def test_catalogue_has_nothing_to_spare(catalogue: Catalog) -> None:
    used = {one for one, _ in _messages()}
    there = {entry.id[0] if isinstance(entry.id, tuple | list) else entry.id for entry in catalogue if entry.id}
    assert there == used


def test_a_french_report_speaks_french(facts_from: Callable[[Mapping[str, Any]], Facts]) -> None:
    case = {
        "language": "fr",
        "strategy": {"objectives": {"O1": 40, "O2": 30, "O3": 30}},
        "items": [
            {"key": "A", "level": 1, "to": "O1", "done": "2026-11-17T10:00", "copies": 28},
            {"key": "B", "level": 1, "to": "O2", "done": "2026-11-17T10:00", "copies": 12},
            {"key": "C", "level": 1, "done": "2026-11-18T10:00", "copies": 8},
        ],
    }
    document = compute(facts_from(case))
    said = {finding["code"]: finding for finding in document["findings"]}
    assert said["A02"]["message"] == (
        "Objective O3 (O3) a reçu 0\u202f% du travail sur les 4 dernières semaines"
        " pour 30\u202f% prévus\u202f; le hasard n’en fait "
        "autant à une cible qu’une fois sur 2\u202f000 horizons. Rien n’y a été commencé non plus."
    )
    assert said["A02"]["questions"][0].startswith("Que faudrait-il")
    assert said["A03"]["subject_title"] == "Travail qui ne sert aucune cible"
    assert document["allocation"][-1]["title"] == "Travail qui ne sert aucune cible"
