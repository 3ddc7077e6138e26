"""The store's address: which ones there are, and its password only by reference."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import quote

from config.references import VARIABLE, variable


def check_clear(written: str) -> None:
    """Nothing for an address without a password in clear; ValueError with one sentence, not showing it, otherwise."""
    bare = VARIABLE.sub("", written)
    authority = re.match(r"[^:/]*://([^/?#]*@)?", bare)
    secret = authority[1] if authority and authority[1] else ""
    if re.search(r":[^@]", secret) or re.search(r"(?i)[?&]password=[^&]", bare):
        raise ValueError(
            "this address holds a password in clear (it is not shown); expected it as ${VARIABLE}, "
            "such as postgresql+psycopg://filrouge:${DB_PASSWORD}@host/filrouge"
        )


def resolve_address(written: str, environ: Mapping[str, str]) -> str:
    """The address with its variables filled in (quoted, unless one is all of it); ValueError when one is not set."""
    if match := VARIABLE.fullmatch(written):
        return variable(match[1], environ)
    return VARIABLE.sub(lambda match: quote(variable(match[1], environ), safe=""), written)


def check_address(address: str) -> None:
    """Nothing for an address of a store that is here; ValueError with one sentence, not showing it, otherwise."""
    if address.startswith("sqlite:///"):
        if not address.removeprefix("sqlite:///").strip("/"):
            raise ValueError("this address names no file; expected sqlite:///FILE, such as sqlite:///filrouge.db")
        return
    if re.match(r"postgresql\+psycopg://[^/]*/.|postgresql\+psycopg://[^/]*/?\?", address):
        return
    if re.match(r"postgres(ql)?(\+\w+)?:", address):
        raise ValueError("this is no address of PostgreSQL; expected postgresql+psycopg://USER@HOST/NAME")
    raise ValueError("this is no address of a store; expected sqlite:///FILE or postgresql+psycopg://USER@HOST/NAME")
