"""The formats that a report can be written in, one line each."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from reports.document import Document
from reports.formats import as_html, as_json, as_markdown

Format = Callable[[Document], bytes]

FORMATS: Mapping[str, Format] = {
    "json": as_json.render,
    "md": as_markdown.render,
    "html": as_html.render,
}
