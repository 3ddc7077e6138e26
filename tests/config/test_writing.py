"""What is written as YAML reads as what was meant, and nothing else in the file moves."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.append import appended
from config.flow import flow
from config.positions import read
from domain.errors import ConfigurationError

TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["C"]), min_size=1, max_size=12)
WORDS = st.one_of(
    TEXT, st.sampled_from(["no", "1:30", "null", "~", "007", "1e3", "a: b", "- x", "#x", "*a", "'", '"', "{a}"])
)
VALUES = st.recursive(
    st.one_of(WORDS, st.integers(-5, 10**9), st.floats(-1e6, 1e6).map(lambda n: round(n, 6)), st.none(), st.booleans()),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(WORDS, inner, max_size=3)),
    max_leaves=8,
)


@given(VALUES)
def test_a_value_in_one_line_reads_as_itself(value: Any) -> None:
    line = flow({"here": value})
    assert "\n" not in line
    assert read(line.encode(), "x.yaml") == {"here": value}


MANY = """\
version: 1
rules: []   # none yet
tests:
    # the first
    - {item: A, expect: {rule: null}}
    - given: {type: Epic}
      expect:
        rule: null
    # the last remark

# and then
inherit: [contributes_to]
"""


def test_an_entry_comes_after_the_last_and_nothing_else_moves() -> None:
    made = appended(MANY, "tests", "- {item: B, expect: {rule: null}}", "mapping.yaml")
    new = "    - {item: B, expect: {rule: null}}\n"
    assert made.replace(new, "") == MANY
    assert made.index("        rule: null\n" + new + "    # the last remark") > 0


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("version: 1\n", "version: 1\n\ntests:\n  - {item: B}\n"),
        ("version: 1\ntests: []\nrules: []\n", "version: 1\ntests:\n  - {item: B}\nrules: []\n"),
        ("tests:\n- {item: A}", "tests:\n- {item: A}\n- {item: B}\n"),
    ],
)
def test_a_list_that_is_not_there_is_begun(text: str, made: str) -> None:
    assert appended(text, "tests", "- {item: B}", "mapping.yaml") == made


@pytest.mark.parametrize("text", ["tests: [{item: A}]\n", "tests: 5\n"])
def test_a_list_in_one_line_is_left_to_the_admin(text: str) -> None:
    with pytest.raises(ConfigurationError, match=r"mapping\.yaml: `tests` is written in one line"):
        appended(text, "tests", "- {item: B}", "mapping.yaml")
