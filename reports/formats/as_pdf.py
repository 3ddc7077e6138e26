"""The report as two sheets of paper: a tagged PDF, set by Typst."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from domain.calendar import parse_instant
from domain.errors import ConfigurationError
from domain.plain import plain
from reports.charts.svg import svg
from reports.document import Document
from reports.formats.pictures import NARROW, WIDE, drawings
from reports.formats.templating import environment
from reports.formats.view import SHOWN, view


@dataclass(frozen=True, slots=True)
class Vector:
    """A picture as SVG, with its content in words."""

    source: str
    told: str


def render(document: Document) -> bytes:
    """A4, with title, language and tags; dated as_of, so that the same document gives the same bytes.

    It meets PDF/UA-1 (ISO 14289-1) unless a title needs letters that no font here has: they are boxes then, and no
    standard is claimed. ConfigurationError where the extra `pdf` is not installed.
    """
    try:
        import typst  # noqa: PLC0415 - an extra, and large
    except ImportError:
        raise ConfigurationError("The format pdf needs the extra `pdf`; install filrouge[pdf].") from None
    text, at = source(document).encode(), int(parse_instant(document["as_of"]).timestamp())
    try:
        return typst.compile(text, format="pdf", pdf_standards="ua-1", timestamp=at)
    except typst.TypstError:
        return typst.compile(text, format="pdf", timestamp=at)


def source(document: Document) -> str:
    """The report in Typst's language; every value is a string literal there, so that none is ever markup or code."""
    templates = environment(document)
    templates.finalize = literal
    template = templates.get_template("report.typ.j2")
    return template.render(view(document, listed=SHOWN), pictures=_vectors(document))


def literal(value: object) -> str:
    """A value as Typst's string literal; newlines stay, as pictures have them."""
    text = "".join(mark for mark in str(value) if mark == "\n" or plain(mark) or mark == " ")
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _vectors(document: Document) -> Mapping[str, Vector | None]:
    found: dict[str, Vector | None] = {}
    for name, drawing in drawings(document).items():
        spec = drawing.draw(document, WIDE if name == "allocation" else NARROW)
        told = plain(drawing.described(document))
        found[name] = (
            None
            if spec is None
            else Vector(svg(spec, name, drawing.title, told, document["language"]), f"{drawing.title}. {told}")
        )
    return found
