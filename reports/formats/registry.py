"""The formats that a report can be written in, one line each."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from reports.document import Document
from reports.formats import as_email, as_html, as_json, as_markdown

Format = Callable[[Document], bytes]

FORMATS: Mapping[str, Format] = {
    "json": as_json.render,
    "md": as_markdown.render,
    "html": as_html.render,
    "email": as_email.render,
}
USUAL = ("html", "md", "json")  # where nobody says which


def ending(name: str) -> str:
    """The ending of the name of a file in a format."""
    return "eml" if name == "email" else name
