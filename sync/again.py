"""What a report rested on, found again by its manifest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from config.revisions import settings_from_revision
from config.workspace import Revision, Workspace
from domain.calendar import parse_instant, parse_week
from domain.work import ItemRef
from reports.document import Document, EarlierReport, ItemsDigest
from store.kept import RevisionKind, StoredReport, StoredRevision
from store.queries import Reader
from sync.inputs import changed_heaps, findings_digest, heap_of
from sync.reporting import SERIES, Basis, Subject

KINDS: tuple[RevisionKind, ...] = ("strategy", "mapping", "config")


@dataclass(frozen=True)
class Then:
    """Everything that the facts of a report are read with; the workspace has the settings of then."""

    workspace: Workspace
    subject: Subject
    basis: Basis


def again(
    said: Document,
    workspace: Workspace,
    known: Mapping[RevisionKind, StoredRevision],
    earlier: StoredReport | None,
) -> Then:
    """The same report's window, instant, settings and revisions; ValueError when the settings cannot be read."""
    config = known["config"]
    then = replace(
        workspace,
        settings=settings_from_revision(config.text),
        config_revision=Revision(config.text, config.digest),
    )
    reached = {source: parse_instant(at) if at else None for source, at in said["manifest"]["data_as_of"].items()}
    subject = Subject(parse_week(said["window"]["label"], then.zone), parse_instant(said["as_of"]))
    return Then(then, subject, Basis(known["strategy"], known["mapping"], earlier, reached))


def earlier_again(named: EarlierReport | None, reader: Reader) -> StoredReport | None:
    """The report that findings were known from; None when there was none, or none like it is kept any more."""
    if named is None:
        return None
    at = parse_instant(named["as_of"])
    for report in reader.reports(SERIES, named["window"]):
        if report.as_of == at and findings_digest(reader.sightings(report.number)) == named["findings"]:
            return report
    return None


def suspects(
    reader: Reader, source: str, before: ItemsDigest | None, after: ItemsDigest | None, as_of: datetime
) -> list[tuple[ItemRef, str]]:
    """The items of a source that may differ between two digests, with their keys: those kept anew since, if any was."""
    if before == after:
        return []
    heaps = changed_heaps(before["heaps"] if before else "", after["heaps"] if after else "")
    found = [
        ((ItemRef(source, item), key), anew)
        for item, key, anew in reader.written_since(source, as_of)
        if heap_of(item) in heaps
    ]
    return [one for one, anew in found if anew] or [one for one, _ in found]
