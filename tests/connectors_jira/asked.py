"""What was asked of a loopback Jira."""

from __future__ import annotations

import json
from typing import Any


def paths(seen: list[Any]) -> list[str]:
    return [exchange.path.removeprefix("/rest/api/3/") for exchange in seen]


def asked(seen: list[Any], path: str) -> list[dict[str, Any]]:
    return [json.loads(exchange.request_body) for exchange in seen if exchange.path.endswith(path)]
