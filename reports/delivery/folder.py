"""A report delivered into a folder, one file a format."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from domain.errors import FilrougeError


def deliver(folder: Path, name: str, contents: Mapping[str, bytes]) -> list[Path]:
    """Write `name.ENDING` for every format (ending to bytes); the paths in the order given.

    A file is replaced in one step, so a reader never sees half of one. FilrougeError when the folder cannot be
    written.
    """
    paths: list[Path] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for extension, content in contents.items():
            path = folder / f"{name}.{extension}"
            beside = folder / f".{name}.{extension}.{os.getpid()}"
            beside.write_bytes(content)
            beside.replace(path)
            paths.append(path)
    except OSError as error:
        raise FilrougeError(
            f"The report could not be written to {folder} ({error.strerror}); choose a folder that may be written."
        ) from None
    return paths
