"""The suite holds every line of what breaks in comparable connectors, and says where one cannot apply."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.contract.harness import HandClock, Make
from tests.contract.world import HARNESSES

# Each line of the list (API_FACTS, "What breaks in comparable connectors, and must not here") and its tests.
LINES: dict[str, tuple[str, ...]] = {
    "Time zones +03 and -08 lose nothing": ("test_time_zones_lose_nothing",),
    "an issue updated during every sync is collected": (
        "test_an_issue_that_is_updated_during_every_sync_is_collected",
    ),
    "an issue visible ten minutes late is collected": ("test_an_issue_that_is_visible_ten_minutes_late_is_collected",),
    "deletes found, un-deletes too": ("test_deletes_are_found_and_undeletes_too",),
    "losing sight of 60 % deletes nothing": ("test_losing_sight_of_most_items_deletes_nothing",),
    "a move keeps one row and its comment": ("test_a_move_keeps_one_row_and_its_comment",),
    "pages of 37, 100, 1 and 0-with-token are all read": ("test_pages_of_every_size_are_read",),
    "a repeated token stops within two requests": ("test_a_repeated_token_stops_within_two_requests",),
    "250 history entries on one issue all arrive": ("test_250_history_entries_on_one_issue_all_arrive",),
    "status from the field wins over history": ("test_the_status_of_the_field_wins_over_history",),
    "clearing labels, parent, points clears the row": ("test_clearing_labels_parent_and_points_clears_the_row",),
    "an unknown project is a configuration error, not zero": ("test_an_unknown_project_is_a_configuration_error",),
    "one item's 403/404 is set aside and counted, the run goes on": (
        "test_one_items_403_or_404_is_set_aside_and_the_run_goes_on",
    ),
    "eight workers and one 429: one pause, at most one more request each": (
        "test_eight_workers_and_one_429_make_one_pause",
        "test_after_one_429_a_whole_pull_makes_one_pause",
    ),
    "n issues with history cost at most ceil(n/100) + ceil(n/1000) requests and a handful": (
        "test_requests_grow_with_pages_and_never_with_items",
    ),
    "a connection dropped after POST leaves exactly one comment (look before a second POST)": (
        "test_a_lost_answer_is_looked_for_before_anything_is_posted_again",
    ),
    "`kill -9` anywhere, restart, same result": ("test_a_hundred_kills_leave_the_store_of_an_undisturbed_run",),
    "45,000 WIQL ids are all found": ("test_45_000_ids_of_wiql_are_all_found",),
    "the 203 page is an authentication error": ("test_the_203_page_is_an_authentication_error",),
    "re-parenting is seen on the next run": ("test_a_re_parenting_is_seen_on_the_next_run",),
}
HERE = Path(__file__).parent


def names_of_the_suite() -> set[str]:
    """The names of all tests beside this one, of those of crashes, and of the census of each tracker."""
    names = set()
    elsewhere = [*(HERE.parent / "crash").glob("test_*.py"), HERE.parent / "sync" / "test_census_of_trackers.py"]
    for path in [*HERE.glob("test_*.py"), *elsewhere]:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        names |= {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    return names


def test_every_line_of_the_list_has_its_tests(shared: Path) -> None:
    page = (shared / "design" / "API_FACTS.md").read_text(encoding="utf-8")
    _, _, rest = page.partition("## What breaks in comparable connectors, and must not here\n")
    assert rest, "the page has the section"
    section = " ".join(rest.partition("\n## ")[0].split()).removeprefix("Each line is a test. ")
    assert {line.strip(" .") for line in section.split(" · ")} == set(LINES)


def test_the_tests_of_the_lines_are_there() -> None:
    assert {test for tests in LINES.values() for test in tests} <= names_of_the_suite()


@pytest.mark.parametrize("tracker", list(HARNESSES))
def test_what_cannot_apply_is_named_with_its_reason(tracker: str) -> None:
    excused = HARNESSES[tracker](HandClock(), Make()).excused
    assert set(excused) <= names_of_the_suite()
    assert all(len(reason) > 20 for reason in excused.values())
    assert len(excused) < 5, "a tracker to which most of the suite does not apply is not held by it"
