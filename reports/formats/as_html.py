"""The report as one page: no script, nothing fetched, good on paper and in a mail client."""

from __future__ import annotations

from reports.document import Document
from reports.formats.pictures import pictures
from reports.formats.templating import environment
from reports.formats.view import view


def render(document: Document) -> bytes:
    """UTF-8; every text of the document is escaped, only addresses of the web become links."""
    page = environment(document).get_template("page.html.j2")
    return (page.render(view(document), pictures=pictures(document)) + "\n").encode()
