"""The formats that a report can be written in, one line each."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from reports.document import Document
from reports.formats import as_csv, as_email, as_html, as_json, as_markdown, as_pdf, as_xlsx
from reports.report import Report

Format = Callable[[Report], bytes]


def _of_data(render: Callable[[Document], bytes]) -> Format:
    """A format that needs nothing but the report's data."""
    return lambda report: render(report.document)


FORMATS: Mapping[str, Format] = {
    "json": _of_data(as_json.render),
    "md": _of_data(as_markdown.render),
    "html": _of_data(as_html.render),
    "email": _of_data(as_email.render),
    "pdf": _of_data(as_pdf.render),
    "csv": as_csv.render,
    "xlsx": as_xlsx.render,
}
USUAL = ("html", "md", "json")  # where nobody says which


def ending(name: str) -> str:
    """The ending of the name of a file in a format."""
    return "eml" if name == "email" else name
