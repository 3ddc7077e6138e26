"""The work items behind a report as CSV, for a program or a spreadsheet."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime

from domain.calendar import instant_text
from domain.plain import plain
from reports.formats.tables import Cell, items
from reports.report import Report

# A cell that begins so is a formula to a spreadsheet, and a formula in a title could send data away.
FORMULA = ("=", "+", "-", "@")


def render(report: Report) -> bytes:
    """UTF-8 with commas (RFC 4180), a head line with the columns' ids; the same report gives the same bytes.

    Instants are UTC and end in `Z`, shares are fractions, an unknown value is empty. A text that a spreadsheet would
    take for a formula has an apostrophe before it.
    """
    table = items(report)
    written = io.StringIO(newline="")
    lines = csv.writer(written)
    lines.writerow([_guarded(column.id) for column in table.columns])
    lines.writerows([_told(cell) for cell in row] for row in table.rows)
    return written.getvalue().encode()


def _told(cell: Cell) -> str:
    match cell:
        case None:
            return ""
        case bool():
            return "true" if cell else "false"
        case datetime():
            return instant_text(cell)
        case date():
            return cell.isoformat()
        case int() | float():
            return f"{cell:.6f}".rstrip("0").rstrip(".")
        case _:
            return _guarded(cell)


def _guarded(text: str) -> str:
    clean = plain(text)
    return f"'{clean}" if clean.startswith(FORMULA) else clean
