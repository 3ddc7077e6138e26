"""Paging by token: every page is read, and a token that comes back is refused at once."""

from __future__ import annotations

from hashlib import sha256

from domain.errors import ProtocolError

PAGES = 100_000


class Tokens:
    """The tokens of one scan; only digests of them are kept."""

    def __init__(self, source: str, what: str) -> None:
        self._subject = f"Source {source}, {what}"
        self._seen: set[bytes] = set()

    def next(self, token: object) -> str | None:
        """The token of the next page; None after the last one (a short or empty page is not the last, API_FACTS).

        Raises ProtocolError for a token that came before, since it would lead round in a circle for ever.
        """
        if not token:
            return None
        digest = sha256(str(token).encode()).digest()[:12]
        if digest in self._seen:
            raise ProtocolError(f"{self._subject}: the tracker gave the same page token twice; stopped.")
        if len(self._seen) >= PAGES:
            raise ProtocolError(f"{self._subject}: no end after {PAGES} pages; stopped.")
        self._seen.add(digest)
        return str(token)
