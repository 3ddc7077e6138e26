"""Runs, revisions and reports are remembered with their instants."""

from __future__ import annotations

from typing import Any

from domain.findings import Sighting
from store import StoredRevision, StoredRun
from store.open import Store


def finding(subject: str, since: str = "2026-W45") -> Sighting:
    return Sighting(f"f{subject}", "W01", "stale", "warning", subject, f"{subject} stands still.", since)


def test_runs_are_remembered_newest_first(store: Store, board: Any) -> None:
    with store.writing() as unit:
        first = unit.start_run("sync", "shop", board.at(0))
        unit.finish_run(first, board.at(1), "ok", {"new": 3, "warnings": ["é"]})
        second = unit.start_run("sync", "shop", board.at(2))
        unit.finish_run(second, board.at(3), "failed", {})
        third = unit.start_run("sync", "shop", board.at(4))
        other = unit.start_run("report", "weekly", board.at(5))
    with store.reading() as reader:
        assert [run.id for run in reader.runs()] == [other, third, second, first]
        assert [run.id for run in reader.runs("sync", "shop", limit=2)] == [third, second]
        assert reader.runs("sync")[-1] == StoredRun(
            first, "sync", "shop", board.at(0), board.at(1), "ok", {"new": 3, "warnings": ["é"]}
        )
        last = reader.last_run("sync", "shop")
        assert last is not None
        assert (last.id, last.finished_at, last.outcome) == (third, None, None)
        asked = [
            reader.last_run("sync", "shop", outcome="ok"),
            reader.last_run("sync", "shop", until=board.at(3)),
            reader.last_run("sync", "shop", until=board.at(2)),
            reader.last_run("sync", "shop", outcome="ok", until=board.at(0.5)),
            reader.last_run("sync", "platform"),
        ]
    assert [run and run.id for run in asked] == [first, second, first, None, None]


def test_a_revision_is_kept_when_it_is_new(store: Store, board: Any) -> None:
    with store.writing() as unit:
        for hours, digest in ((1, "a"), (2, "a"), (3, "b"), (4, "a")):
            unit.record_revision("mapping", f"text {digest}", digest, board.at(hours))
        unit.record_revision("strategy", "other", "a", board.at(0))
    with store.reading() as reader:
        at = {hours: reader.revision_at("mapping", board.at(hours)) for hours in (0, 1, 2.5, 3, 9)}
        assert reader.revision_at("config", board.at(9)) is None
    assert at == {
        0: StoredRevision("text a", "a", board.at(1), later=True),
        1: StoredRevision("text a", "a", board.at(1), later=False),
        2.5: StoredRevision("text a", "a", board.at(1), later=False),
        3: StoredRevision("text b", "b", board.at(3), later=False),
        9: StoredRevision("text a", "a", board.at(4), later=False),
    }


def test_a_revision_is_found_by_its_digest(store: Store, board: Any) -> None:
    with store.writing() as unit:
        for hours, digest in ((1, "a"), (3, "b"), (4, "a")):
            unit.record_revision("mapping", f"text {digest}", digest, board.at(hours))
    with store.reading() as reader:
        at = {hours: reader.revision_of("mapping", "a", board.at(hours)) for hours in (0, 3, 4)}
        assert reader.revision_of("mapping", "c", board.at(9)) is None
        assert reader.revision_of("config", "a", board.at(9)) is None
    assert at == {
        0: StoredRevision("text a", "a", board.at(1), later=True),
        3: StoredRevision("text a", "a", board.at(1), later=False),
        4: StoredRevision("text a", "a", board.at(4), later=False),
    }


def test_a_report_that_says_something_else_is_kept_beside_the_first(store: Store, board: Any) -> None:
    first, second = [finding("A"), finding("B")], [finding("C")]
    for document, findings in ((b"one", first), (b"one", first), (b"two", second), (b"two", second)):
        with store.writing() as unit:
            unit.save_report("weekly", "2026-W45", board.at(0), board.at(24), document, findings)
    with store.reading() as reader:
        kept = reader.reports("weekly", "2026-W45")
        assert [reader.document(report.number) for report in kept] == [b"one", b"two"]
        assert [reader.sightings(report.number) for report in kept] == [first, second]
        assert [report.as_of for report in kept] == [board.at(24), board.at(24)]
        assert reader.reports("weekly", "2026-W46") == []
        assert reader.earlier_report("weekly", before=board.at(1), as_of=board.at(99)) == kept[1]
        assert reader.newest_report("weekly", begun=board.at(0), until=board.at(0)) == kept[1]


def test_sightings_are_those_of_the_nearest_earlier_window(store: Store, board: Any) -> None:
    def save(window: float, as_of: float, *subjects: str, report: str = "weekly") -> None:
        with store.writing() as unit:
            unit.save_report(
                report, "label", board.at(window), board.at(as_of), b"{}", [finding(name) for name in subjects]
            )

    def seen(before: float, as_of: float) -> list[str] | None:
        with store.reading() as reader:
            found = reader.earlier_report("weekly", before=board.at(before), as_of=board.at(as_of))
            return None if found is None else [one.subject for one in reader.sightings(found.number)]

    save(0, 10, "z", "a")
    save(20, 25, "early")
    save(20, 30)
    save(20, 50, "late")
    save(40, 45, "own")
    save(30, 35, "other", report="monthly")
    assert seen(0, 99) is None
    save(-20, 98, "computed again later")
    assert seen(20, 99) == ["z", "a"]
    assert seen(40, 99) == ["late"]
    assert seen(40, 45) == []
    assert seen(40, 26) == ["early"]
    assert seen(40, 24) == ["z", "a"]


def test_what_is_kept_for_ever_keeps_its_first_text(store: Store) -> None:
    for proposal in ("first", "second"):
        with store.writing() as unit:
            assert unit.keepsake("salt", proposal) == "first"
