"""Values written as YAML in one line, such that reading them again gives the same."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from config.tree import scalar

_PLAIN = re.compile(r"[\w./(][\w*./()+ -]*", re.ASCII)


def flow(value: Any) -> str:
    """A text, number, None, list or mapping as flow YAML: `{type: Epic, label: [a, 'b: c']}`."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{flow(str(name))}: {flow(held)}" for name, held in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(flow(held) for held in value) + "]"
    return _scalar(value)


def _scalar(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, int | float):
        return f"{value:g}" if float(f"{value:g}") == value else repr(value)
    text = str(value)
    if _PLAIN.fullmatch(text) is not None and text == text.strip() and type(scalar(text)) is str:
        return text
    return "'" + text.replace("'", "''") + "'" if text.isprintable() else json.dumps(text, ensure_ascii=False)
