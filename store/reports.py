"""Reports that were made, and what each of them found."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, Select, insert, select

from domain.findings import Sighting
from store.bulk import insert_rows
from store.kept import StoredReport
from store.tables import finding, report

_finding_values = attrgetter(*(field.name for field in fields(Sighting)))


def save(
    connection: Connection,
    report_id: str,
    label: str,
    window_from: datetime,
    as_of: datetime,
    document: bytes,
    findings: Sequence[Sighting],
) -> None:
    """Keep a report and its findings in their order, unless the newest of that window and instant is the same."""
    same = _reports(report_id).where(report.c.window_from == window_from, report.c.as_of == as_of)
    newest = connection.scalar(same.order_by(report.c.number.desc()).limit(1))
    if newest is not None and document_of(connection, newest) == document:
        return
    number = connection.execute(
        insert(report)
        .values(id=report_id, label=label, window_from=window_from, as_of=as_of, document=zlib.compress(document))
        .returning(report.c.number)
    ).scalar_one()
    rows = [(number, sequence, *_finding_values(one)) for sequence, one in enumerate(findings)]
    insert_rows(connection, finding, rows)


def earlier(connection: Connection, report_id: str, before: datetime, as_of: datetime) -> StoredReport | None:
    """The report, by `as_of`, of the nearest window that began before `before`; None when there is none."""
    return _newest(connection, _reports(report_id).where(report.c.window_from < before, report.c.as_of <= as_of))


def newest(connection: Connection, report_id: str, begun: datetime, until: datetime) -> StoredReport | None:
    """The newest report of the newest window that starts from `begun` to `until`, both included; None: none."""
    return _newest(connection, _reports(report_id).where(report.c.window_from.between(begun, until)))


def made(connection: Connection, report_id: str, label: str) -> list[StoredReport]:
    """Every report of a window, in the order in which they were made."""
    query = _reports(report_id).where(report.c.label == label).order_by(report.c.number)
    return [StoredReport(*row) for row in connection.execute(query)]


def document_of(connection: Connection, number: int) -> bytes:
    """The document of a stored report."""
    packed = connection.execute(select(report.c.document).where(report.c.number == number)).scalar_one()
    return zlib.decompress(packed)


def sightings(connection: Connection, number: int) -> list[Sighting]:
    """The findings of a stored report, in their order."""
    table = finding.c
    query = (
        select(table.fingerprint, table.code, table.name, table.severity, table.subject, table.message, table.since)
        .where(table.report == number)
        .order_by(table.sequence)
    )
    return [Sighting(*row) for row in connection.execute(query)]


def _reports(report_id: str) -> Select[Any]:
    return select(report.c.number, report.c.label, report.c.as_of).where(report.c.id == report_id)


def _newest(connection: Connection, query: Select[Any]) -> StoredReport | None:
    """The one of the latest window, of that the one with the latest as_of, and of those the one made last."""
    table = report.c
    row = connection.execute(
        query.order_by(table.window_from.desc(), table.as_of.desc(), table.number.desc()).limit(1)
    ).first()
    return None if row is None else StoredReport(*row)
