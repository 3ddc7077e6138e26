"""A Vega-Lite specification made into PNG, for what shows no SVG."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from reports.charts.svg import LOCALES, VEGA_LITE
from reports.charts.theme import Spec

SIGNATURE = b"\x89PNG\r\n\x1a\n"
SHARP = 2.0  # pixels of the image for one of the page


def png(spec: Spec, language: str) -> bytes:
    """The picture on white, twice as large as it is shown; legible on whatever ground it comes to stand."""
    import vl_convert  # noqa: PLC0415 - it is large, and only reports with pictures need it

    drawn: bytes = vl_convert.vegalite_to_png(
        {**spec, "background": "white"},
        vl_version=VEGA_LITE,
        scale=SHARP,
        format_locale=LOCALES[language],
        time_format_locale=LOCALES[language],
        allowed_base_urls=[],
    )
    return _packed(drawn)


def _packed(image: bytes) -> bytes:
    """The same PNG with its data compressed as far as may be: the renderer prefers haste, a mailbox small files."""
    chunks = list(_chunks(image))
    data = zlib.compress(zlib.decompress(b"".join(body for kind, body in chunks if kind == b"IDAT")), 9)
    before = [chunk for chunk in chunks if chunk[0] not in (b"IDAT", b"IEND")]
    return SIGNATURE + b"".join(
        len(body).to_bytes(4, "big") + kind + body + zlib.crc32(kind + body).to_bytes(4, "big")
        for kind, body in (*before, (b"IDAT", data), (b"IEND", b""))
    )


def _chunks(image: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The parts of a PNG (PNG 1.2, section 3.2): the kind of each with its content."""
    place = len(SIGNATURE)
    while place < len(image):
        length = int.from_bytes(image[place : place + 4], "big")
        yield image[place + 4 : place + 8], image[place + 8 : place + 8 + length]
        place += 12 + length
