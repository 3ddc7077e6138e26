"""The digest of a whole report, by which a changed file is told from a changed input."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from reports.document import Document


def sealed(document: Document) -> Document:
    """The document with its own digest in its manifest."""
    return {**document, "manifest": {**document["manifest"], "document": seal_of(document)}}


def seal_of(document: Mapping[str, Any]) -> str:
    """The digest of a document, whatever digest of its own stands in it; KeyError where it has no manifest."""
    open_one = {**document, "manifest": {**document["manifest"], "document": ""}}
    text = json.dumps(open_one, ensure_ascii=False, separators=(",", ":"))
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"
