"""Threads that know whose work they do: what logs and traces call it goes along."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextvars import Context, copy_context


def threads(most: int, name: str) -> ThreadPoolExecutor:
    """So many threads, in whose context stands all that stands in the caller's now."""
    return ThreadPoolExecutor(most, thread_name_prefix=name, initializer=_adopt, initargs=(copy_context(),))


def _adopt(context: Context) -> None:
    for variable, value in context.items():
        variable.set(value)
