"""What the outbox would write, decided from the store alone: when hours are quiet, and whom a text may reach."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.settings import Comments
from domain.work import State, WorkItem
from sync.allowed import forbidden
from sync.intent import digest_of, quiet_until
from tests.sync.conftest import record

PARIS = ZoneInfo("Europe/Paris")
ZONES = ("Europe/Paris", "Asia/Kolkata", "America/St_Johns", "Pacific/Apia", "UTC")
NIGHT = Comments(enabled=True, quiet_hours="19:00-08:00")
minutes = st.integers(0, 24 * 60 - 1)


def words(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


@given(
    start=minutes,
    length=st.integers(1, 24 * 60 - 1),
    zone=st.sampled_from(ZONES),
    passed=st.integers(0, 2 * 365 * 24 * 60),
)
def test_hours_are_quiet_by_the_clock_on_the_wall(start: int, length: int, zone: str, passed: int) -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=passed)
    quiet = {(start + here) % (24 * 60) for here in range(length)}
    settings = Comments(quiet_hours=f"{words(start)}-{words((start + length) % (24 * 60))}")
    local = at.astimezone(ZoneInfo(zone))
    assert (quiet_until(settings, ZoneInfo(zone), at) is not None) == (local.hour * 60 + local.minute in quiet)


@pytest.mark.parametrize(
    ("at", "quiet"),
    [
        ("2026-11-25T17:59:59Z", False),  # 18:59:59
        ("2026-11-25T18:00:00Z", True),
        ("2026-11-25T23:30:00Z", True),  # past midnight
        ("2026-11-26T06:59:59Z", True),
        ("2026-11-26T07:00:00Z", False),
        ("2026-10-25T00:30:00Z", True),  # 02:30 for the first time, as clocks go back
        ("2026-10-25T01:30:00Z", True),  # 02:30 again
        ("2026-10-25T06:00:00Z", True),  # 07:00 in winter, 08:00 the day before
        ("2026-10-25T07:00:00Z", False),
        ("2026-03-29T05:59:59Z", True),  # 07:59:59 on the day on which clocks go forward
        ("2026-03-29T06:00:00Z", False),
    ],
)
def test_a_night_in_which_clocks_change_is_as_quiet_as_any_other(at: str, quiet: bool) -> None:
    said = quiet_until(NIGHT, PARIS, datetime.fromisoformat(at))
    assert said == ("quiet hours until 08:00" if quiet else None)


def test_without_quiet_hours_no_hour_is_quiet() -> None:
    assert quiet_until(Comments(), PARIS, datetime(2026, 11, 25, 2, tzinfo=UTC)) is None


def epic(**values: object) -> WorkItem:
    return replace(record("shop", 1).item, **{"level": 1, **values})  # type: ignore[arg-type] # names give the kinds


@pytest.mark.parametrize(
    ("item", "why"),
    [
        (epic(), None),
        (epic(state=State.DOING, project="Shop"), None),
        (epic(level=2), None),
        (epic(level=5), None),
        (epic(level=0), "level"),
        (epic(state=State.DONE), "done"),
        (epic(state=State.DROPPED), "dropped"),
        (epic(deleted=datetime(2026, 11, 1, tzinfo=UTC)), "deleted"),
        (epic(labels=("a", "Filrouge-Mute")), "muted"),
        (epic(project="PAY"), "not among comments.projects"),
    ],
)
def test_whom_a_comment_may_reach(item: WorkItem, why: str | None) -> None:
    said = forbidden(item, Comments(enabled=True, projects=("SHOP",)))
    assert (said is None) if why is None else why in (said or "")


@given(st.text(), st.text())
def test_two_texts_that_look_different_have_different_digests(one: str, other: str) -> None:
    assert (digest_of(one) == digest_of(other)) == (one == other)
