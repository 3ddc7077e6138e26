"""Which findings matter most to whoever decides."""

from __future__ import annotations

from collections import Counter

from reports.document import Document, FindingData

SEVERITIES = ("error", "warning", "info")
# What makes the figures themselves unsure comes first, then where effort is missing, where it goes instead,
# what serves nothing; signs of untidy work come last. The verdict's own finding repeats the page's first
# sentence, hence its late place among the A.
FAMILIES = ("S01", "M05", "A02", "A06", "A05", "A01", "A03", "A04", "V", "S", "D", "M", "W", "F")
MOST = 5


def ranked(document: Document) -> list[FindingData]:
    """All findings, in order of consequence.

    Errors before warnings before information. Within a severity the first finding of each code comes before
    the second of any, so that ten epics with one fault do not hide the rest; then by kind of finding, by the
    size of the gap of its target, by the number of work items behind it, by code and subject.
    """
    gaps = {row["target"]: abs(row["gap"] or 0.0) for row in document["allocation"]}

    def weight(finding: FindingData) -> tuple[int, float, int, str, str]:
        return (
            _family(finding["code"]),
            -gaps.get(finding["subject"], 0.0),
            -finding["evidence_count"],
            finding["code"],
            finding["subject"],
        )

    seen: Counter[tuple[str, str]] = Counter()
    places: list[tuple[int, int, tuple[int, float, int, str, str], FindingData]] = []
    for finding in sorted(document["findings"], key=weight):
        group = (finding["severity"], finding["code"])
        places.append((SEVERITIES.index(finding["severity"]), seen[group], weight(finding), finding))
        seen[group] += 1
    return [finding for *_, finding in sorted(places, key=lambda place: place[:3])]


def foremost(document: Document) -> list[FindingData]:
    """The findings that a page shows in full: at most five."""
    return ranked(document)[:MOST]


def others(document: Document) -> list[FindingData]:
    """The findings beyond those."""
    return ranked(document)[MOST:]


def _family(code: str) -> int:
    return next((place for place, prefix in enumerate(FAMILIES) if code.startswith(prefix)), len(FAMILIES))
