"""Numbers, dates and plurals as each language writes them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.language import language, monday_of

FR, EN = language("fr"), language("en")
NARROW, MINUS = "\u202f", "\u2212"


def test_percentages_have_the_space_of_their_language() -> None:
    assert FR.percent(0.314) == f"31{NARROW}%"
    assert EN.percent(0.314) == "31%"
    assert FR.percent(0.3144, 1) == f"31,4{NARROW}%"
    assert EN.percent(-0.05) == f"{MINUS}5%"


def test_a_share_that_rounds_to_nothing_has_no_sign() -> None:
    assert FR.percent(-0.001) == f"0{NARROW}%"
    assert EN.number(-0.4) == "0"
    assert EN.signed(-0.001) == EN.signed(0.0) == "0"


def test_numbers_group_and_divide_as_the_language_does() -> None:
    assert FR.number(12345.678, 1) == f"12{NARROW}345,7"
    assert EN.number(12345.678, 1) == "12,345.7"
    assert EN.number(-2.5, 1) == f"{MINUS}2.5"


def test_gaps_show_their_sign() -> None:
    assert FR.signed(-0.178) == f"{MINUS}18"
    assert FR.signed(0.12) == "+12"


@pytest.mark.parametrize(
    ("label", "french", "english"),
    [
        ("2026-W47", "semaine 47 (16–22 novembre 2026)", "week 47 (16–22 November 2026)"),
        ("2026-W44", "semaine 44 (26 octobre – 1er novembre 2026)", "week 44 (26 October – 1 November 2026)"),
        ("2026-W53", "semaine 53 (28 décembre 2026 – 3 janvier 2027)", "week 53 (28 December 2026 – 3 January 2027)"),
        ("2026-W01", "semaine 1 (29 décembre 2025 – 4 janvier 2026)", "week 1 (29 December 2025 – 4 January 2026)"),
    ],
)
def test_weeks_are_those_of_iso_8601(label: str, french: str, english: str) -> None:
    assert FR.week(label) == french
    assert EN.week(label) == english
    assert FR.short_week(label) == "S" + label[-2:]


@settings(derandomize=True, max_examples=60, deadline=None)
@given(st.dates(date(1990, 1, 1), date(2090, 1, 1)))
def test_every_day_lies_in_the_week_that_its_label_names(day: date) -> None:
    year, week, _ = day.isocalendar()
    monday = monday_of(f"{year}-W{week:02d}")
    assert timedelta() <= day - monday < timedelta(days=7)


def test_the_first_of_a_month_is_an_ordinal_in_french_alone() -> None:
    assert FR.day(date(2026, 11, 1)) == "1er novembre 2026"
    assert FR.day(date(2026, 11, 11)) == "11 novembre 2026"
    assert EN.day(date(2026, 11, 1)) == "1 November 2026"
    assert FR.span(date(2026, 6, 1), date(2026, 6, 7)) == "1er–7 juin 2026"
    assert FR.span(date(2026, 6, 1), date(2026, 6, 1)) == "1er juin 2026"


def test_instants_are_told_in_the_zone_of_the_organisation() -> None:
    instant = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)
    assert FR.instant(instant, ZoneInfo("Europe/Paris")) == "23 novembre 2026 à 00:30"
    assert EN.instant(instant, ZoneInfo("UTC")) == "22 November 2026, 23:30"


def test_nought_is_singular_in_french_and_plural_in_english() -> None:
    forms = ("{n} more finding", "{n} more findings")
    assert [FR.count(*forms, n) for n in (0, 1, 2)] == ["0 autre constat", "1 autre constat", "2 autres constats"]
    assert [EN.count(*forms, n) for n in (0, 1, 2)] == ["0 more findings", "1 more finding", "2 more findings"]


def test_lists_are_joined_in_words() -> None:
    assert FR.joined(["a", "b", "c"]) == "a, b et c"
    assert EN.joined(["a", "b"]) == "a and b"


def test_a_value_with_braces_is_left_alone() -> None:
    assert EN.text("{title} ({share})", title="{share.__class__}", share="3%") == "{share.__class__} (3%)"


def test_an_unknown_language_or_week_is_refused_in_one_sentence() -> None:
    with pytest.raises(ValueError, match="no language 'de'"):
        language("de")
    with pytest.raises(ValueError, match="not an ISO week"):
        monday_of("W47")
