"""The report's data, from which every format is made.

The JSON format is this, word for word. Figures are fractions rounded half-even to 6 decimals; instants are UTC text
ending in `Z`; what cannot be known is None.
"""

from __future__ import annotations

from typing import Literal, TypedDict

Verdict = Literal["on_plan", "drifting", "off_plan", "no_signal", "not_enough_data"]


# `from` is a reserved word, hence the functional form.
Span = TypedDict("Span", {"from": str, "to": str})
WindowSpan = TypedDict("WindowSpan", {"from": str, "to": str, "label": str, "in_progress": bool})


class ItemsDigest(TypedDict):
    """Of the items of one source with their history: all of them, and each of 256 heaps by four hexadecimal digits.

    An item belongs to the heap of the last byte of its id's CRC-32, so that a changed heap leads to few items.
    """

    digest: str
    heaps: str


class EarlierReport(TypedDict):
    """The report that findings are new, known or resolved against, with the digest of what it found."""

    window: str
    as_of: str
    findings: str


class InputsData(TypedDict):
    """What the report read, as digests, so that a changed input can be named; `strategy` is without readings."""

    items: dict[str, ItemsDigest]
    strategy: str
    readings: str
    commands: str
    comments: str
    sources: str  # how well each source had been read
    words: str  # what items that are not among these have, and ever had, of the kinds of words that rules miss
    earlier: EarlierReport | None


class ManifestData(TypedDict):
    """Digests are `sha256:…`; `document` is that of the whole document without this one line."""

    data_as_of: dict[str, str | None]
    strategy: str
    mapping: str
    config: str
    later: list[str]  # revisions first seen after as_of, used because there is no earlier one
    inputs: InputsData | None  # None where facts were made up and nothing was read
    document: str


class Delivered(TypedDict):
    items: int
    effort: float
    clusters: int
    imputed: float | None
    left_out: float | None


class WeekDrift(TypedDict):
    index: float | None
    unaligned: float | None
    misplaced: float | None
    expected: float | None
    by_chance: float | None
    significant: bool | None


class HorizonDrift(WeekDrift):
    least_visible: float | None
    outside_band: float | None
    verdict: Verdict
    agreement: Literal["robust", "depends_on_measure"] | None


class Drift(TypedDict):
    week: WeekDrift
    horizon: HorizonDrift


class AllocationRow(TypedDict):
    """`planned`, `gap`, `low`, `high` (interval of the gap), `chance` are None without a plan or without delivery."""

    target: str
    title: str
    kind: Literal["objective", "budget", "unaligned"]
    planned: float | None
    delivered: float | None
    gap: float | None
    low: float | None
    high: float | None
    band: list[float] | None  # [low, high] of the delivered share
    chance: float | None
    week: float | None  # delivered share in the window
    items: int


class Unaligned(TypedDict):
    share: float | None
    items: int
    reasons: dict[str, int]


class TrendPoint(TypedDict):
    window: str
    index: float | None
    expected: float | None
    z: float
    line: float | None


class FlowPoint(TypedDict):
    """Effort delivered in one window on one target; windows without delivery have no row but stand in `trend`."""

    window: str
    target: str
    effort: float


class EvidenceItem(TypedDict):
    source: str
    key: str
    title: str
    url: str


class FindingData(TypedDict):
    """`evidence` are keys, at most 50; `evidence_items` are the same in the same order with what a link needs.

    `what_to_do` and `questions` are in the report's language. `since` is the label of the first window of its run.
    """

    code: str
    name: str
    severity: Literal["info", "warning", "error"]
    subject: str
    subject_title: str
    message: str
    what_to_do: str
    questions: list[str]
    evidence: list[str]
    evidence_items: list[EvidenceItem]
    evidence_count: int
    status: Literal["new", "known"]
    since: str
    fingerprint: str


class ResolvedData(TypedDict):
    code: str
    name: str
    severity: str
    subject: str
    message: str  # what the earlier report said
    since: str
    fingerprint: str


class AcknowledgedData(TypedDict):
    """`by` is left out of every format for people: a report names nobody."""

    code: str
    name: str
    subject: str
    message: str
    why: str
    until: str
    fingerprint: str


class ReplyData(TypedDict):
    """What a team said of a work item in its ticket within the horizon: `targets` are empty where it serves none."""

    item: EvidenceItem
    on: str
    targets: dict[str, float]
    reason: str | None


class CommentsData(TypedDict):
    """Numbers of tickets that had a comment in 13 weeks up to as_of (domain.effect)."""

    tickets: int
    asked: int
    mapped: int
    ignored: int
    waiting: int
    muted: int
    removed: int
    edited: int


class KeyResultData(TypedDict):
    id: str
    title: str
    objective: str
    progress: float | None
    raw: float | None
    expected: float | None
    lag: float | None
    effort: float | None
    cell: str
    read_on: str | None


class VelocityData(TypedDict):
    items: float | None  # a week
    effort: float | None


class FlowTimeData(TypedDict):
    """Days from the first entry into `doing` to delivery; `before` is the 85th percentile of the 13 weeks before."""

    items: int
    median: float | None
    p85: float | None
    before: float | None


class ValueStreamData(TypedDict):
    """`id` is None in the last row, for the work that belongs to no value stream; without such work there is none."""

    id: str | None
    title: str
    velocity: VelocityData
    flow_time: FlowTimeData
    load: int  # items under way at the end of the window
    work_classes: dict[str, float]  # shares of the stream's effort
    efficiency: float | None
    delivered: float | None  # share of all effort of the horizon
    capacity: float | None  # share of the people of all value streams


class QualityNote(TypedDict):
    """One kind sentence about what the figures rest on, in the report's language."""

    code: str
    message: str


class Document(TypedDict):
    schema: int
    method: int
    organisation: str
    language: Literal["fr", "en"]
    timezone: str
    window: WindowSpan
    horizon: Span
    as_of: str
    manifest: ManifestData
    measure: str
    delivered: Delivered
    drift: Drift
    previous: HorizonDrift | None  # the horizon's drift one window earlier, from the same data: the week's news
    allocation: list[AllocationRow]
    unaligned: Unaligned
    trend: list[TrendPoint]  # 13 windows, oldest first
    sustained_since: str | None  # window in which the trend rose above its line and stayed
    weekly: list[FlowPoint]  # effort by target over the same 13 windows
    key_results: list[KeyResultData]
    value_streams: list[ValueStreamData]  # over the horizon
    small_value_streams: int  # those of so few people that they are not shown apart
    by_source: dict[str, dict[str, float]]  # source or team to target to delivered share
    by_team: dict[str, dict[str, float]]
    findings: list[FindingData]  # worst first: severity, then code, then subject
    resolved: list[ResolvedData]
    acknowledged: list[AcknowledgedData]
    replies: list[ReplyData]  # oldest first
    comments: CommentsData | None
    decisions: list[dict[str, object]]
    data_quality: list[QualityNote]
