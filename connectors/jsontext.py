"""JSON as trackers send it, read and written fast, and still when it holds what strict readers refuse."""

from __future__ import annotations

import json
from typing import Any

import orjson


def read(data: bytes) -> Any:
    """The value of a JSON text in UTF-8, with or without a byte order mark; ValueError when it is none.

    Half a surrogate pair as an escape, NaN and Infinity, which trackers let people write, are read as Python's own
    reader does.
    """
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        # Microsoft's files begin with a byte order mark now and then, and so do answers that pass through a proxy.
        return json.loads(data.decode("utf-8-sig"))


def write(value: Any, *, sort_keys: bool = False) -> bytes:
    """A JSON value as compact UTF-8.

    Where it holds what UTF-8 cannot (half a surrogate pair) or numbers beyond 64 bits, everything outside ASCII is
    escaped instead. TypeError for anything that is no JSON value.
    """
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS if sort_keys else None)
    except TypeError:
        return json.dumps(value, sort_keys=sort_keys, separators=(",", ":")).encode("ascii")
