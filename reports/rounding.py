"""Rounds every figure of a report once, on its way out."""

from __future__ import annotations

from typing import Any

DECIMALS = 6


def rounded(value: Any) -> Any:
    """The same nested lists and dicts with every float rounded half-even to 6 decimals; no figure is -0.0."""
    if isinstance(value, float):
        # Python rounds the exact binary value, and a true tie to the even digit.
        return round(value, DECIMALS) + 0.0
    if isinstance(value, dict):
        return {key: rounded(held) for key, held in value.items()}
    if isinstance(value, list | tuple):
        return [rounded(held) for held in value]
    return value
