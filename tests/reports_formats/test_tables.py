"""CSV and workbook: the rows behind the figures, and no text that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable
from typing import get_args
from xml.etree import ElementTree

import pytest

from cli.report import Format
from config.settings import ReportJob
from reports.document import Document
from reports.formats.registry import FORMATS, USUAL
from reports.report import Report
from tests.reports_formats.sample_rows import item_rows

Sample = Callable[[str], Document]
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1+1", ' =HYPERLINK("https://evil.example")', "\u202e=cmd|' /C calc'!A0"]


def lines(report: Report) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(FORMATS["csv"](report).decode(), newline="")))


def sheets(report: Report) -> dict[str, list[list[str]]]:
    """The texts of each sheet of the workbook, row by row, and nothing else in them."""
    with zipfile.ZipFile(io.BytesIO(FORMATS["xlsx"](report))) as book:
        trees = {name: ElementTree.fromstring(book.read(name)) for name in book.namelist() if name.endswith(".xml")}  # noqa: S314 - our own workbook
    texts = ["".join(one.itertext()) for one in trees["xl/sharedStrings.xml"].iter(f"{MAIN}si")]
    found = {}
    for number, sheet in enumerate(trees["xl/workbook.xml"].iter(f"{MAIN}sheet"), start=1):
        tree = trees[f"xl/worksheets/sheet{number}.xml"]
        assert not list(tree.iter(f"{MAIN}f")), "a formula"
        assert not list(tree.iter(f"{MAIN}hyperlink"))
        found[sheet.attrib["name"]] = [
            [
                texts[int(cell.findtext(f"{MAIN}v") or 0)] if cell.get("t") == "s" else cell.findtext(f"{MAIN}v") or ""
                for cell in row
            ]
            for row in tree.iter(f"{MAIN}row")
        ]
    return found


def test_csv_has_a_row_for_each_item_with_what_it_weighs_and_serves(sample: Sample) -> None:
    first, second, third = lines(Report(sample("drifting_fr"), item_rows()))
    assert first == {
        "source": "shop",
        "key": "SHOP-104",
        "title": "Paiement en trois fois sans frais",
        "type": "Story",
        "team": "Ocean",
        "root": "SHOP-12",
        "cluster": "1",
        "delivered_at": "2026-11-18T23:30:00Z",
        "effort": "1",
        "imputed": "false",
        **{f"share:{target}": "0" for target in ("O2", "O3", "O4", "debt", "run", "unaligned")},
        "share:O1": "1",
        "via": "payments-component",
        "url": "https://acme.example/browse/SHOP-104",
    }
    assert (second["effort"], second["imputed"], second["team"]) == ("1.3125", "true", "")
    assert (second["share:O1"], second["share:O2"]) == ("0.25", "0.75")
    assert second["title"] == "Import des fiches, suite"
    assert (third["delivered_at"], third["via"], third["title"]) == ("", "", "Relance automatique")


@pytest.mark.parametrize("title", FORMULAS)
def test_no_title_becomes_a_formula(sample: Sample, title: str) -> None:
    report = Report(sample("drifting_fr"), item_rows(title))
    report.document["findings"][0]["message"] = title
    written = lines(report)[0]["title"]
    assert written.startswith("'")
    assert written[1:].strip()[0] in "=+-@"
    book = sheets(report)
    assert book["Éléments de travail"][1][2] == written[1:]
    assert any(written[1:] in row for row in book["Constats"])


def test_a_hostile_target_cannot_become_a_formula_either(sample: Sample) -> None:
    document = sample("drifting_fr")
    document["allocation"][0] |= {"target": "=O1", "title": "=O1"}
    head = FORMATS["csv"](Report(document)).decode().splitlines()[0]
    assert ",share:=O1," in head
    assert "=O1" in sheets(Report(document))["Prévu et livré"][1]


def test_the_workbook_has_a_sheet_for_each_table_in_the_report_s_language(sample: Sample) -> None:
    book = sheets(Report(sample("drifting_fr"), item_rows()))
    assert list(book) == [
        "Éléments de travail",
        "Prévu et livré",
        "Tendance",
        "Constats",
        "Résultats clés",
        "Chaînes de valeur",
    ]
    assert book["Éléments de travail"][0][:5] == ["Source", "Clé", "Titre", "Type", "Équipe"]
    assert "Livré le (Europe/Paris)" in book["Éléments de travail"][0]
    assert len(book["Éléments de travail"]) == 4
    assert len(book["Prévu et livré"]) == 8
    assert len(book["Tendance"]) == 14
    assert [row[0] for row in book["Constats"][1:3]] == ["A02", "A05"]
    assert book["Résultats clés"][1][0] == "KR1.1"
    assert book["Chaînes de valeur"][1][:3] == ["purchase", "Du panier au paiement", "11.5"]


def test_instants_of_the_workbook_are_those_of_the_organisation(sample: Sample) -> None:
    book = sheets(Report(sample("drifting_fr"), item_rows()))
    # 19 November 2026 at half past midnight in Paris; days since 30 December 1899.
    assert float(book["Éléments de travail"][1][7]) == pytest.approx(46345 + 0.5 / 24, abs=1e-6)


def test_an_unknown_figure_is_an_empty_cell(sample: Sample) -> None:
    book = sheets(Report(sample("nothing_delivered_fr")))
    row = book["Prévu et livré"][1]
    assert row == ["O1", "Rendre le paiement sans effort", "objectif", "0.4", "0.35", "0.45", "0"]


def test_a_very_long_title_fits_its_cell(sample: Sample) -> None:
    book = sheets(Report(sample("drifting_fr"), item_rows("x" * 40_000)))
    assert len(book["Éléments de travail"][1][2]) == 32_767


def test_settings_and_command_know_every_format() -> None:
    named = get_args(get_args(ReportJob.model_fields["formats"].annotation)[0])
    assert set(named) == set(FORMATS) == {one.value for one in Format}
    assert ReportJob.model_fields["formats"].default == USUAL
