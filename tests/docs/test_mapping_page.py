"""The guided page on the mapping does what it says, from an empty file to the last command."""

from __future__ import annotations

from pathlib import Path

from tests.docs.runner import clean_environment, run_page

PAGE = Path(__file__).parents[2] / "docs" / "mapping.md"
SOMEBODY = {"GIT_AUTHOR_NAME": "A reader", "GIT_AUTHOR_EMAIL": "reader@acme.example"}


def test_the_page_leads_from_an_empty_mapping_to_ninety_percent(tmp_path: Path) -> None:
    committer = {name.replace("AUTHOR", "COMMITTER"): value for name, value in SOMEBODY.items()}
    done = run_page(PAGE, tmp_path, clean_environment(tmp_path) | SOMEBODY | committer)
    assert [one.code for one in done if "--fail-under 90" in one.command] == [0, 0]
