"""The report as PDF: two sheets, titled and tagged, the same bytes each time, no text that is code."""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Callable
from functools import cache
from typing import Any

import pypdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import ConfigurationError
from reports.document import Document
from reports.formats import as_pdf
from reports.formats.registry import FORMATS
from reports.report import Report
from tests.reports_formats.sample_documents import SAMPLES

Sample = Callable[[str], Document]


@cache
def pdf(name: str) -> pypdf.PdfReader:
    """A sample document as PDF, taken apart."""
    return pypdf.PdfReader(io.BytesIO(FORMATS["pdf"](Report(SAMPLES[name]()))))


def text(name: str) -> str:
    return " ".join(" ".join(page.extract_text() for page in pdf(name).pages).split())


def parts(node: Any) -> list[Any]:
    """Every element of the structure below a node, in reading order."""
    node = node.get_object() if hasattr(node, "get_object") else node
    if isinstance(node, list):
        return [part for child in node for part in parts(child)]
    if not isinstance(node, dict):
        return []
    return [node, *(parts(node["/K"]) if "/K" in node else [])]


@pytest.mark.parametrize(("name", "sheets"), [("drifting_fr", 2), ("no_signal_en", 2), ("nothing_delivered_fr", 1)])
def test_the_report_fits_on_two_sheets(name: str, sheets: int) -> None:
    assert len(pdf(name).pages) <= sheets
    for page in pdf(name).pages:
        assert [round(float(side)) for side in page.mediabox] == [0, 0, 595, 842]


def test_it_has_a_title_a_language_and_tags(name: str) -> None:
    reader = pdf(name)
    assert reader.metadata is not None
    assert str(reader.metadata.title).endswith("2026-W47")
    root: Any = reader.trailer["/Root"]
    assert root["/Lang"] == name[-2:]
    assert root["/MarkInfo"]["/Marked"]
    found = parts(root["/StructTreeRoot"])
    kinds = [part.get("/S") for part in found]
    assert kinds.count("/H1") == 1
    assert kinds.count("/H2") >= 4
    pictures = [part for part in found if part.get("/S") == "/Figure"]
    assert pictures
    assert all(len(str(picture.get("/Alt", ""))) > 20 for picture in pictures)


def test_it_claims_the_standard_only_where_every_letter_can_be_shown() -> None:
    def claimed(name: str) -> bool:
        root: Any = pdf(name).trailer["/Root"]
        return b"pdfuaid" in root["/Metadata"].get_object().get_data()

    assert claimed("drifting_fr")
    assert claimed("no_strategy_en")
    document = SAMPLES["no_strategy_en"]()
    document["organisation"] = "Acme \U0010fffd"  # no font has a letter there
    raw = FORMATS["pdf"](Report(document))
    assert b"pdfuaid" not in raw
    assert len(pypdf.PdfReader(io.BytesIO(raw)).pages) == 1


def test_it_holds_what_the_page_holds(sample: Sample) -> None:
    told = text("drifting_fr")
    document = sample("drifting_fr")
    for finding in document["findings"]:
        assert " ".join(finding["message"].split()[:5]) in told
    for head in ("Prévu et livré", "Résultats clés et effort", "Tendance", "Sur quoi repose ce rapport"):
        assert head in told
    assert "20 autres" in told


def test_the_same_document_gives_the_same_bytes(sample: Sample) -> None:
    first, second = (FORMATS["pdf"](Report(sample("no_signal_en"))) for _ in range(2))
    assert first == second


def test_a_title_is_never_code(sample: Sample) -> None:
    document = sample("no_strategy_en")
    document["organisation"] = '"); #panic("no") #read("/etc/passwd") $x$ *b* \\u{41} \\'
    raw = FORMATS["pdf"](Report(document))
    told = pypdf.PdfReader(io.BytesIO(raw)).pages[0].extract_text()
    assert '"); #panic("no") #read("/etc/passwd") $x$ *b* \\u{41} \\' in told.replace("\n", " ")


@settings(derandomize=True, max_examples=200, deadline=None)
@given(st.text())
def test_every_text_is_one_string_literal(text: str) -> None:
    assert re.fullmatch(r'"(?:[^"\\]|\\["\\])*"', as_pdf.literal(text))


def test_without_the_extra_one_sentence_says_what_to_install(sample: Sample, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "typst", None)
    with pytest.raises(ConfigurationError, match=r"filrouge\[pdf\]"):
        FORMATS["pdf"](Report(sample("no_strategy_en")))
