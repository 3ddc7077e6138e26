"""An address of this machine on which the service answers, as an admin writes it."""

from __future__ import annotations

import re

_ADDRESS = re.compile(r"(?:(?P<name>[A-Za-z0-9.-]+)|\[(?P<six>[0-9A-Fa-f:.]+)\]):(?P<port>[0-9]{1,5})")


def host_and_port(text: str) -> tuple[str, int] | None:
    """`127.0.0.1:9464` or `[::1]:9464` as host and port (0: any that is free), `off` as None.

    ValueError with one sentence for anything else.
    """
    if text == "off":
        return None
    match = _ADDRESS.fullmatch(text)
    if match is None or int(match["port"]) > 65_535:
        raise ValueError(f"`{text[:80]}` is no address to listen on; expected HOST:PORT such as 127.0.0.1:9464, or off")
    return match["name"] or match["six"], int(match["port"])
