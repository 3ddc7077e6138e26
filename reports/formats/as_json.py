"""The report's data as JSON: the one source of every other format."""

from __future__ import annotations

import json

from reports.document import Document


def render(document: Document) -> bytes:
    """UTF-8, keys in the document's order, one line feed at the end: the same document gives the same bytes."""
    return (json.dumps(document, ensure_ascii=False, indent=2) + "\n").encode()
