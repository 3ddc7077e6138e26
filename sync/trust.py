"""Certificate authorities of one's own, trusted besides the usual ones by all of this process that asks others."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile

from requests.utils import DEFAULT_CA_BUNDLE_PATH

from config.workspace import Workspace

BUNDLE = "REQUESTS_CA_BUNDLE"  # what `requests`, and so every tracker's client and apprise, goes by


@contextmanager
def trusting(workspace: Workspace) -> Iterator[None]:
    """Trust what `tls.ca` names while the block runs; without it, what the environment or Mozilla's list does.

    One file holds both, since every library takes one file in place of its own; each new connection reads it, so what
    tidies up temporary folders sees that it is in use. Whoever makes connections by hand asks `trusted`.
    """
    own, before = workspace.settings.tls.ca, trusted()
    if own is None:
        yield
        return
    with NamedTemporaryFile(prefix="filrouge-ca-", suffix=".pem") as both:
        for file in (Path(before or DEFAULT_CA_BUNDLE_PATH), workspace.folder / own):
            both.write(file.read_bytes() + b"\n")
        both.flush()
        os.environ[BUNDLE] = both.name
        try:
            yield
        finally:
            os.environ.pop(BUNDLE)
            if before is not None:
                os.environ[BUNDLE] = before


def trusted() -> str | None:
    """The file of certificates in PEM by which others are trusted; None: those that a library brings along."""
    return os.environ.get(BUNDLE) or None
