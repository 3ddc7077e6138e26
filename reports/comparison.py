"""What two or three reports say differently, and which items make the difference: the data of `report compare`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TypedDict

from domain.calendar import instant_text
from domain.work import ItemRef
from reports.changes import ItemChange, Part, Side, Without, item_changes
from reports.document import Document, FindingData, Verdict
from reports.facts import Facts
from reports.rounding import rounded

Revision = Literal["strategy", "mapping", "config"]
REVISIONS: tuple[Revision, ...] = ("strategy", "mapping", "config")


class ViewData(TypedDict):
    """One of the reports that are compared; `name` is a file's, or says from where a past week is seen."""

    name: str
    window: str
    as_of: str
    verdict: Verdict
    index: float | None
    expected: float | None
    unaligned: float | None
    items: int


class ShareData(TypedDict):
    """A target whose planned or delivered share of the horizon differs in some of the reports, one value for each."""

    target: str
    title: str
    planned: list[float | None]
    delivered: list[float | None]


class FindingChange(TypedDict):
    code: str
    name: str
    subject: str
    subject_title: str
    change: Literal["appeared", "gone", "severity"]
    severity: list[str]  # before and after, where it is a change of severity; else the one it has
    message: str


class PartData(TypedDict):
    effort: float
    targets: dict[str, float]
    delivered: str | None


class ItemData(TypedDict):
    """`moved` is the effort that came, went or serves another target; `on` the local day of the edit that did it."""

    source: str
    key: str
    title: str
    url: str
    what: str
    why: list[str]
    on: str | None
    moved: float
    before: PartData | None
    after: PartData | None


class LateData(TypedDict):
    """An item that may have been read, or changed, only after a report was made, and its part in the next one."""

    source: str
    key: str
    part: PartData | None


class StepData(TypedDict):
    """From one report to the next; `revisions` are those that are not the same."""

    revisions: list[Revision]
    late: list[LateData]
    findings: list[FindingChange]
    items: list[ItemData]


class ComparisonData(TypedDict):
    language: str
    timezone: str
    views: list[ViewData]
    shares: list[ShareData]  # the largest difference of delivered shares first
    steps: list[StepData]  # one less than views


@dataclass(frozen=True)
class View:
    """A report as it was written, with the facts that its manifest gives today.

    `late` are, with their keys, the items that it may not have seen as they stood at its instant: they came later.
    """

    name: str
    document: Document
    facts: Facts
    late: Sequence[tuple[ItemRef, str]] = ()


def comparison(views: Sequence[View], without: Sequence[Without], language: str) -> ComparisonData:
    """Hold each report against the next; `without` tells for each step what the items would be tagged otherwise."""
    sides = [Side(view.facts) for view in views]
    found: ComparisonData = {
        "language": language,
        "timezone": views[-1].document["timezone"],
        "views": [_view(view) for view in views],
        "shares": _shares([view.document for view in views]),
        "steps": [
            _step(views[number], views[number + 1], sides[number], sides[number + 1], causes)
            for number, causes in enumerate(without)
        ],
    }
    result: ComparisonData = rounded(found)
    return result


def _view(view: View) -> ViewData:
    document = view.document
    horizon = document["drift"]["horizon"]
    return {
        "name": view.name,
        "window": document["window"]["label"],
        "as_of": document["as_of"],
        "verdict": horizon["verdict"],
        "index": horizon["index"],
        "expected": horizon["expected"],
        "unaligned": document["unaligned"]["share"],
        "items": document["delivered"]["items"],
    }


def _shares(documents: Sequence[Document]) -> list[ShareData]:
    rows = [{row["target"]: row for row in document["allocation"]} for document in documents]
    found: list[ShareData] = []
    for target in sorted({target for there in rows for target in there}):
        # A target without a row has no plan and nothing delivered.
        planned = [there[target]["planned"] if target in there else 0.0 for there in rows]
        delivered = [there[target]["delivered"] if target in there else 0.0 for there in rows]
        if len(set(planned)) > 1 or len(set(delivered)) > 1:
            title = next(there[target]["title"] for there in reversed(rows) if target in there)
            found.append({"target": target, "title": title, "planned": planned, "delivered": delivered})
    return sorted(found, key=lambda row: (-_spread(row["delivered"]), -_spread(row["planned"]), row["target"]))


def _spread(values: Iterable[float | None]) -> float:
    known = [value for value in values if value is not None]
    return max(known) - min(known) if known else 0.0


def _step(before: View, after: View, one: Side, other: Side, without: Without) -> StepData:
    manifests = before.document["manifest"], after.document["manifest"]
    return {
        "revisions": [kind for kind in REVISIONS if manifests[0][kind] != manifests[1][kind]],
        "late": [{"source": ref.source, "key": key, "part": _part(other.parts.get(ref))} for ref, key in before.late],
        "findings": list(finding_changes(before.document, after.document)),
        "items": [_item(change, one, other) for change in item_changes(one, other, without)],
    }


def finding_changes(before: Document, after: Document) -> Iterator[FindingChange]:
    """The findings that only one of the two has, or that weigh otherwise, in the order of code and subject."""
    one, other = ({finding["fingerprint"]: finding for finding in each["findings"]} for each in (before, after))
    both = sorted({**one, **other}.values(), key=lambda finding: (finding["code"], finding["subject"]))
    for finding in both:
        was, now = one.get(finding["fingerprint"]), other.get(finding["fingerprint"])
        if was is None or now is None:
            yield _finding(finding, "gone" if now is None else "appeared", [finding["severity"]])
        elif was["severity"] != now["severity"]:
            yield _finding(now, "severity", [was["severity"], now["severity"]])


def _finding(
    finding: FindingData, change: Literal["appeared", "gone", "severity"], severity: list[str]
) -> FindingChange:
    return {
        "code": finding["code"],
        "name": finding["name"],
        "subject": finding["subject"],
        "subject_title": finding["subject_title"],
        "change": change,
        "severity": severity,
        "message": finding["message"],
    }


def _item(change: ItemChange, one: Side, other: Side) -> ItemData:
    item = (one if change.after is None else other).facts.items[change.ref]
    return {
        "source": item.source,
        "key": item.key,
        "title": item.title,
        "url": item.url,
        "what": change.what,
        "why": list(change.why),
        "on": None if change.on is None else change.on.isoformat(),
        "moved": change.moved,
        "before": _part(change.before),
        "after": _part(change.after),
    }


def _part(part: Part | None) -> PartData | None:
    if part is None:
        return None
    delivered = None if part.delivered is None else instant_text(part.delivered)
    return {"effort": part.amount, "targets": dict(part.shares), "delivered": delivered}
