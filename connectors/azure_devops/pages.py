"""Paging through the reporting resources: to the end, round no circle, and in portions worth a transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from connectors.azure_devops.client import Batch
from domain.errors import FilrougeError, ProtocolError

ENOUGH = 2_000  # entries: an item's revisions lie near each other, and are merged with what is held at once


def batches(read: Callable[[str | None], Batch], token: str | None, what: str) -> Iterator[Batch]:
    """Batches from a token until the server says that we caught up, however small or empty they are.

    An empty batch that leads to itself is asked for once more. ProtocolError for any other token that came before:
    the server would go round for ever.
    """
    seen = {token}
    patient = True
    while True:
        batch = read(token)
        if not batch.last and batch.token == token and not batch.values and patient:
            patient = False
            continue
        if not batch.last and batch.token in seen:
            raise ProtocolError(
                f"{what}: the tracker gave the same token twice, so it would never come to an end. What was read so "
                "far is kept; try again later."
            )
        yield batch
        if batch.last:
            return
        token, patient = batch.token, True
        seen.add(token)


def gathered(pages: Iterator[Batch]) -> Iterator[Batch]:
    """Batches of about two thousand entries, each with the token that leads on from its last page.

    What was gathered when a page fails comes before the error.
    """
    values: list[Mapping[str, Any]] = []
    token: str | None = None
    try:
        for page in pages:
            values += page.values
            token = page.token or token
            if page.last or len(values) >= ENOUGH:
                yield Batch(values, token, page.last)
                values = []
    except FilrougeError:
        if values:
            yield Batch(values, token, last=False)
        raise
