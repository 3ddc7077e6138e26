"""Reading one page ahead: the next one is on its way while this one is worked on."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import TypeVar

from connectors.threads import threads

T = TypeVar("T")


def ahead(pages: Iterator[T]) -> Iterator[T]:
    """The same pages in their order; each is fetched, in a thread of its own, while the one before is worked on.

    What `pages` raises is raised in the place of the page that failed. When the iteration is given up, a request that
    is under way is waited for, and none follows it.
    """
    with threads(1, "ahead") as thread:
        coming = thread.submit(_next, pages)
        while page := coming.result():
            coming = thread.submit(_next, pages)
            yield page[0]


def _next(pages: Iterator[T]) -> list[T]:
    """The next page, or nothing after the last one."""
    return list(islice(pages, 1))
