"""What the templates are given: the document and the sentences made of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from reports.charts import flow
from reports.charts.allocation import remarkable
from reports.charts.trend import above
from reports.consequence import foremost, others
from reports.document import Document, FindingData
from reports.unknowns import unknowns
from reports.vocabulary import (
    call,
    cells,
    finding_name,
    kinds,
    measures,
    reasons,
    revisions,
    severities,
    statuses,
    verdicts,
    work_classes,
)
from reports.words import (
    certainty,
    days_of,
    effect,
    news,
    replied,
    small_streams,
    subject_of,
    trend_sentence,
    verdict,
    words_of,
)

SHOWN = 3  # pieces of evidence before the fold
LISTED = 50  # all that a document has

Day = Callable[[date], str]


def view(document: Document, listed: int = LISTED) -> Mapping[str, object]:
    """Values by name; all text in the document's language, nothing escaped yet.

    Of each finding's evidence at most so many work items are listed, the rest is counted.
    """
    words = words_of(document)
    names = {
        "verdict": call(verdicts(words), document["drift"]["horizon"]["verdict"]),
        "measure": call(measures(words), document["measure"]),
    }
    revision = revisions(words)
    flow_names, weeks = flow.shares(document)
    severity, cell, reason, kind = severities(words), cells(words), reasons(words), kinds(words)
    classes = work_classes(words)

    def shown(finding: FindingData) -> Mapping[str, object]:
        evidence = finding["evidence_items"][:listed]
        return {
            **finding,
            "title": finding_name(words, finding["name"]),
            "about": subject_of(document, finding),
            "word": call(severity, finding["severity"]),
            "when": call(statuses(words, words.short_week(finding["since"])), finding["status"]),
            "first": evidence[:SHOWN],
            "rest": evidence[SHOWN:],
            "hidden": finding["evidence_count"] - len(evidence),
        }

    return {
        "document": document,
        "names": names,
        "week": words.week(document["window"]["label"]),
        "horizon_days": days_of(document, document["horizon"]),
        "verdict": verdict(document),
        "certainty": certainty(document),
        "news": news(document),
        "fresh": [shown(finding) for finding in foremost(document) + others(document) if finding["status"] == "new"],
        "resolved": [
            {**row, "title": finding_name(words, row["name"]), "week": words.week(row["since"])}
            for row in document["resolved"]
        ],
        "foremost": [shown(finding) for finding in foremost(document)],
        "others": [shown(finding) for finding in others(document)],
        "rows": [
            {**row, "remarkable": remarkable(row), "kind_name": call(kind, row["kind"])}
            for row in document["allocation"]
        ],
        "reasons": [
            (call(reason, code), words.number(items))
            for code, items in sorted(document["unaligned"]["reasons"].items(), key=lambda entry: (-entry[1], entry[0]))
        ],
        "key_results": [
            {**row, "cell_name": call(cell, row["cell"]), "read_day": _day(words.day, row["read_on"])}
            for row in document["key_results"]
        ],
        "streams": [
            {
                **row,
                "kinds": [
                    words.text("{kind} {share}", kind=call(classes, name), share=words.percent(share))
                    for name, share in row["work_classes"].items()
                ],
            }
            for row in document["value_streams"]
        ],
        "small_streams": small_streams(document),
        "waits": any(row["efficiency"] is not None for row in document["value_streams"]),
        "trend_sentence": trend_sentence(document),
        "trend_rows": [{**point, "above": above(point)} for point in document["trend"]],
        "flow_names": [flow.named(document, name) for name in flow_names],
        "flow_rows": [
            (words.short_week(week), [words.percent(weeks[week].get(name, 0.0)) for name in flow_names])
            for week in sorted(weeks)
            if weeks[week]
        ],
        "unknowns": unknowns(document),
        "acknowledged": [
            {**row, "title": finding_name(words, row["name"]), "until_day": _day(words.day, row["until"])}
            for row in document["acknowledged"]
        ],
        "replies": [(reply["item"], replied(document, reply)) for reply in document["replies"]],
        "effect": effect(document),
        "sources": sorted(document["manifest"]["data_as_of"].items()),
        "digests": [
            (revision["strategy"], document["manifest"]["strategy"]),
            (revision["mapping"], document["manifest"]["mapping"]),
            (revision["config"], document["manifest"]["config"]),
        ],
        "later": [call(revision, kind) for kind in document["manifest"]["later"]],
    }


def _day(written: Day, text: str | None) -> str | None:
    return None if text is None else written(date.fromisoformat(text[:10]))
