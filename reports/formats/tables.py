"""The tables behind a report: what its figures were made of, column by column."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Literal, NamedTuple

from domain.plain import plain
from reports.consequence import ranked
from reports.report import Report
from reports.vocabulary import call, cells, finding_name, kinds, severities, statuses
from reports.words import subject_of, title_of, words_of

Kind = Literal["text", "number", "share", "day", "instant", "yes"]
Cell = str | float | int | bool | date | datetime | None


class Column(NamedTuple):
    """`id` is the column's name for programs and never changes; `head` is what people read."""

    id: str
    head: str
    kind: Kind


class Table(NamedTuple):
    """Rows in the report's order; a cell is None where its value is not known, an instant is UTC."""

    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]


def tables(report: Report) -> tuple[Table, ...]:
    """Work items, allocation, trend, findings, key results and value streams, in the report's language."""
    return (
        items(report),
        _allocation(report),
        _trend(report),
        _findings(report),
        _key_results(report),
        _value_streams(report),
    )


def items(report: Report) -> Table:
    """One row for each work item of the horizon, with its share of each target."""
    words = words_of(report.document)
    targets = [row["target"] for row in report.document["allocation"]]
    columns = (
        Column("source", words.text("Source"), "text"),
        Column("key", words.text("Key"), "text"),
        Column("title", words.text("Title"), "text"),
        Column("type", words.text("Type"), "text"),
        Column("team", words.text("Team"), "text"),
        Column("root", words.text("Moves with"), "text"),
        Column("cluster", words.text("Cluster"), "number"),
        Column("delivered_at", words.text("Delivered on"), "instant"),
        Column("effort", words.text("Effort"), "number"),
        Column("imputed", words.text("Estimate guessed"), "yes"),
        *(Column(f"share:{plain(target)}", plain(title_of(report.document, target)), "share") for target in targets),
        Column("via", words.text("Mapped by"), "text"),
        Column("url", words.text("Address"), "text"),
    )
    rows: list[tuple[Cell, ...]] = [
        (
            *(row.source, row.key, row.title, row.type, row.team, row.root, row.cluster),
            *(row.delivered, row.effort, row.imputed),
            *(row.shares.get(target, 0.0) for target in targets),
            *(row.via, row.url),
        )
        for row in report.rows
    ]
    return Table(words.text("Work items"), columns, rows)


def _allocation(report: Report) -> Table:
    document, words = report.document, words_of(report.document)
    columns = (
        Column("target", words.text("Target"), "text"),
        Column("title", words.text("Title"), "text"),
        Column("kind", words.text("Kind"), "text"),
        Column("planned", words.text("Planned"), "share"),
        Column("delivered", words.text("Delivered"), "share"),
        Column("gap", words.text("Gap"), "share"),
        Column("low", words.text("Gap, lower end"), "share"),
        Column("high", words.text("Gap, upper end"), "share"),
        Column("band_low", words.text("Band from"), "share"),
        Column("band_high", words.text("Band to"), "share"),
        Column("chance", words.text("By chance"), "share"),
        Column("week", words.text("This week"), "share"),
        Column("items", words.text("Items"), "number"),
    )
    rows: list[tuple[Cell, ...]] = [
        (
            *(row["target"], title_of(document, row["target"]), call(kinds(words), row["kind"])),
            *(row["planned"], row["delivered"], row["gap"], row["low"], row["high"]),
            *(row["band"] or (None, None)),
            *(row["chance"], row["week"], row["items"]),
        )
        for row in document["allocation"]
    ]
    return Table(words.text("Planned beside delivered"), columns, rows)


def _trend(report: Report) -> Table:
    words = words_of(report.document)
    columns = (
        Column("window", words.text("Week"), "text"),
        Column("index", words.text("Drift"), "share"),
        Column("expected", words.text("Chance alone"), "share"),
        Column("z", words.text("Trend"), "number"),
        Column("line", words.text("Alarm line"), "number"),
    )
    rows: list[tuple[Cell, ...]] = [
        (point["window"], point["index"], point["expected"], point["z"], point["line"])
        for point in report.document["trend"]
    ]
    return Table(words.text("Trend"), columns, rows)


def _findings(report: Report) -> Table:
    document, words = report.document, words_of(report.document)
    columns = (
        Column("code", words.text("Code"), "text"),
        Column("name", words.text("Finding"), "text"),
        Column("severity", words.text("Severity"), "text"),
        Column("subject", words.text("Subject"), "text"),
        Column("message", words.text("What was found"), "text"),
        Column("what_to_do", words.text("What to do"), "text"),
        Column("status", words.text("Since when"), "text"),
        Column("evidence_count", words.text("Items"), "number"),
        Column("evidence", words.text("Evidence"), "text"),
    )
    rows: list[tuple[Cell, ...]] = [
        (
            *(finding["code"], finding_name(words, finding["name"]), call(severities(words), finding["severity"])),
            *(subject_of(document, finding), finding["message"], finding["what_to_do"]),
            call(statuses(words, words.short_week(finding["since"])), finding["status"]),
            *(finding["evidence_count"], " ".join(finding["evidence"])),
        )
        for finding in ranked(document)
    ]
    return Table(words.text("Findings"), columns, rows)


def _key_results(report: Report) -> Table:
    words = words_of(report.document)
    columns = (
        Column("id", words.text("Key result"), "text"),
        Column("title", words.text("Title"), "text"),
        Column("objective", words.text("Objective"), "text"),
        Column("progress", words.text("Progress"), "share"),
        Column("expected", words.text("Expected"), "share"),
        Column("lag", words.text("Lag"), "share"),
        Column("effort", words.text("Effort of the cycle"), "share"),
        Column("cell", words.text("Where it stands"), "text"),
        Column("read_on", words.text("Read on"), "day"),
    )
    rows: list[tuple[Cell, ...]] = [
        (
            *(row["id"], row["title"], row["objective"], row["progress"], row["expected"], row["lag"], row["effort"]),
            call(cells(words), row["cell"]),
            None if row["read_on"] is None else date.fromisoformat(row["read_on"]),
        )
        for row in report.document["key_results"]
    ]
    return Table(words.text("Key results"), columns, rows)


def _value_streams(report: Report) -> Table:
    words = words_of(report.document)
    columns = (
        Column("id", words.text("Value stream"), "text"),
        Column("title", words.text("Title"), "text"),
        Column("items", words.text("Items a week"), "number"),
        Column("effort", words.text("Effort a week"), "number"),
        Column("median", words.text("Flow time, median"), "number"),
        Column("p85", words.text("85 of 100 within"), "number"),
        Column("before", words.text("Before"), "number"),
        Column("load", words.text("Under way"), "number"),
        Column("efficiency", words.text("Time at work"), "share"),
        Column("delivered", words.text("Share of the work"), "share"),
        Column("capacity", words.text("Share of the people"), "share"),
    )
    rows: list[tuple[Cell, ...]] = [
        (
            *(row["id"], row["title"], row["velocity"]["items"], row["velocity"]["effort"]),
            *(row["flow_time"]["median"], row["flow_time"]["p85"], row["flow_time"]["before"], row["load"]),
            *(row["efficiency"], row["delivered"], row["capacity"]),
        )
        for row in report.document["value_streams"]
    ]
    return Table(words.text("Value streams"), columns, rows)
