"""The report as Markdown for a wiki or a chat: the content of the page without pictures and without HTML."""

from __future__ import annotations

import re

from domain.plain import isolated, web_address
from reports.document import Document
from reports.formats.templating import environment
from reports.formats.view import view

# What Markdown (CommonMark and GitHub's tables) would take for its own.
SIGNS = re.compile(r"([\\`*_\[\]|~#])")
BLANK_LINES = re.compile(r"\n{3,}")


def render(document: Document) -> bytes:
    """UTF-8 text; every title and message is escaped, so that none can become a table cell, a link or HTML."""
    templates = environment(document)
    templates.filters |= {"md": escaped, "link": link}
    text = templates.get_template("report.md.j2").render(view(document))
    return (BLANK_LINES.sub("\n\n", text).strip() + "\n").encode()


def escaped(text: object) -> str:
    """A text on one line in which no sign means anything to Markdown or HTML."""
    clean = SIGNS.sub(r"\\\1", isolated(str(text)))
    return clean.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def link(text: object, url: str) -> str:
    """A link where the address is one of the web, else the text alone."""
    address = web_address(url)
    if address is None:
        return escaped(text)
    return f"[{escaped(text)}]({address})"
