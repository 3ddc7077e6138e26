"""The tables behind a report as one workbook for a spreadsheet."""

from __future__ import annotations

import io
from datetime import date, datetime
from zoneinfo import ZoneInfo

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from domain.calendar import parse_instant
from domain.plain import plain
from reports.formats.tables import Cell, Kind, Table, tables
from reports.report import Report
from reports.words import words_of

FORMATS: dict[Kind, str] = {
    "number": "#,##0.##",
    "share": "0.0%",
    "day": "yyyy-mm-dd",
    "instant": "yyyy-mm-dd hh:mm",
}
WIDTHS: dict[Kind, int] = {"number": 10, "share": 12, "day": 12, "instant": 17, "yes": 12, "text": 18}
ROOMY = {"title": 44, "message": 70, "what_to_do": 50, "url": 40, "subject": 34, "evidence": 40}
LONGEST = 32_767  # characters that a cell may hold


def render(report: Report) -> bytes:
    """A sheet a table, the head fixed and filtered; no text is ever a formula or a link.

    Instants are in the organisation's zone. The same report gives the same bytes: the workbook is dated as_of.
    """
    document = report.document
    zone = ZoneInfo(document["timezone"])
    written = io.BytesIO()
    with Workbook(written, {"in_memory": True}) as book:
        book.set_properties(
            {
                "title": words_of(document).text("Drift report") + f" {document['window']['label']}",
                "company": plain(document["organisation"]),
                "created": parse_instant(document["as_of"]).replace(tzinfo=None),
            }
        )
        head = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
        formats = {kind: book.add_format({"num_format": pattern}) for kind, pattern in FORMATS.items()}
        for table in tables(report):
            _fill(book.add_worksheet(table.title), table, head, formats, zone)
    return written.getvalue()


def _fill(sheet: Worksheet, table: Table, head: Format, formats: dict[Kind, Format], zone: ZoneInfo) -> None:
    for place, column in enumerate(table.columns):
        name = f"{column.head} ({zone.key})" if column.kind == "instant" else column.head
        sheet.write_string(0, place, name[:LONGEST], head)
        sheet.set_column(place, place, ROOMY.get(column.id, WIDTHS[column.kind]), formats.get(column.kind))
        for line, row in enumerate(table.rows, start=1):
            _write(sheet, line, place, row[place], zone)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(1, len(table.rows)), len(table.columns) - 1)


def _write(sheet: Worksheet, line: int, place: int, cell: Cell, zone: ZoneInfo) -> None:
    match cell:
        case None:
            return
        case bool():
            sheet.write_boolean(line, place, cell)
        case datetime():
            sheet.write_datetime(line, place, cell.astimezone(zone).replace(tzinfo=None))
        case date():
            sheet.write_datetime(line, place, cell)
        case int() | float():
            sheet.write_number(line, place, cell)
        case _:
            sheet.write_string(line, place, plain(cell)[:LONGEST])
