"""YAML is read by the core schema of version 1.2, with places, and no bytes whatever make it fail otherwise."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from config.load import load
from config.locate import walk
from config.positions import Unreadable, read
from config.rules import Place
from domain.errors import ConfigurationError


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("true", True),
        ("False", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("on", "on"),
        ("off", "off"),
        ("yes", "yes"),
        ("No", "No"),
        ("y", "y"),
        ("1:30", "1:30"),
        ("2026-10-01", "2026-10-01"),
        ("2026-10-01T10:00:00Z", "2026-10-01T10:00:00Z"),
        ("12", 12),
        ("-7", -7),
        ("0815", 815),
        ("0o17", 15),
        ("0xff", 255),
        ("1_000", "1_000"),
        ("0b11", "0b11"),
        ("1.50", 1.5),
        (".5", 0.5),
        ("1e3", 1000.0),
        ("1.2.3", "1.2.3"),
        ("-.inf", -math.inf),
        ('"12"', "12"),
        ("'true'", "true"),
        ("!!str 12", "12"),
        ("<<", "<<"),
        ("=", "="),
    ],
)
def test_core_schema(written: str, value: object) -> None:
    found = read(f"key: {written}\n".encode(), "a.yaml")["key"]
    assert found == value
    assert isinstance(found, bool) == isinstance(value, bool)


@pytest.mark.parametrize("written", ["1.50", "0815", "1e3", "0xff", "+3"])
def test_a_number_remembers_how_it_was_written(written: str) -> None:
    assert read(f"key: {written}\n".encode(), "a.yaml")["key"].text == written


def test_keys_are_text_whatever_they_look_like() -> None:
    assert list(read(b"1: a\ntrue: b\n2026-01-01: c\n1.0: d\n", "a.yaml")) == ["1", "true", "2026-01-01", "1.0"]


def test_places_count_characters_from_one() -> None:
    tree = read("\ufeffé: [x, {ü: y}]\nb:\n  - c\n".encode(), "a.yaml")
    assert tree.key_places == {"é": Place("a.yaml", 1, 1), "b": Place("a.yaml", 2, 1)}
    assert tree.places["é"] == Place("a.yaml", 1, 4)
    assert tree["é"].places == [Place("a.yaml", 1, 5), Place("a.yaml", 1, 8)]
    assert tree["é"][1].places == {"ü": Place("a.yaml", 1, 12)}
    assert tree["b"].places == [Place("a.yaml", 3, 5)]


def test_an_alias_is_its_anchor() -> None:
    tree = read(b"a: &one [x]\nb: *one\n", "a.yaml")
    assert tree["b"] == ["x"]
    assert tree.places["b"] == Place("a.yaml", 1, 4)


def test_a_billion_laughs_are_refused_before_they_are_told() -> None:
    rows = ["a0: &a0 [lol]", *(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30))]
    with pytest.raises(Unreadable, match="aliases would write out more than"):
        read("\n".join(rows).encode(), "a.yaml")


PIECES = st.sampled_from(
    [
        *(
            "version: 1\n",
            "sources:\n",
            "  - id: a\n",
            "    kind: jira\n",
            "objectives: 5\n",
            "rules: {}\n",
            "include: ",
        ),
        *("- ", "? ", ": ", "[", "]", "{", "}", "&a ", "*a", "!!map ", "|\n", ">\n", "'", '"', "#", "---\n", "...\n"),
        *("\n", "\t", " ", "%YAML 1.1\n", "<<: ", "\\x00", "~", "0o", ".inf", "9" * 40, "é", "\U0001f9f5", "@", "`"),
    ]
)
BYTES = st.one_of(st.binary(max_size=60), st.lists(PIECES, max_size=25).map(lambda parts: "".join(parts).encode()))


def problems_of(folder: Path) -> tuple[str, ...]:
    """What is wrong with a workspace; none when it loads. Any other exception is the test's failure."""
    try:
        load(folder, {}, secrets=False)
    except ConfigurationError as error:
        return error.problems or ("refused without a reason",)
    return ()


@settings(max_examples=60, deadline=None, derandomize=True)
@given(content=BYTES)
def test_any_bytes_are_keys_or_one_problem(content: bytes) -> None:
    try:
        read(content, "a.yaml")
    except Unreadable as error:
        problem = error.problem
    else:
        return
    assert problem.place.line >= 1
    assert problem.place.column >= 1
    assert "\n" not in problem.sentence


@st.composite
def damaged(draw: st.DrawFn, folder: Path) -> tuple[str, bytes]:
    """One file of a sound workspace with a few pieces cut out or put in."""
    name = draw(st.sampled_from(["filrouge.yaml", "strategy.yaml", "mapping.yaml", "teams/forest.yaml"]))
    content = (folder / name).read_bytes()
    for _ in range(draw(st.integers(0, 4))):
        start = draw(st.integers(0, len(content)))
        end = draw(st.integers(start, min(len(content), start + 12)))
        content = content[:start] + draw(BYTES) + content[end:]
    return name, content


@settings(max_examples=60, deadline=None, derandomize=True)
@given(data=st.data())
def test_whatever_stands_in_a_file_is_loaded_or_refused(whole: Path, data: st.DataObject) -> None:
    name, content = data.draw(damaged(whole))
    with TemporaryDirectory() as folder:
        for path in whole.rglob("*.*"):
            copy = Path(folder) / path.relative_to(whole)
            copy.parent.mkdir(exist_ok=True)
            copy.write_bytes(path.read_bytes())
        (Path(folder) / name).write_bytes(content)
        assert all("\n" not in problem and ": " in problem for problem in problems_of(Path(folder)))


VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-5, 10**30), st.floats(), st.text(max_size=8)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=6), inner, max_size=3)),
    max_leaves=8,
)
NAMES = {
    "filrouge.yaml": ["organisation", "timezone", "sources", "drift", "reports", "comments", "store", "mapping"],
    "strategy.yaml": ["cycles", "objectives", "budgets", "value_streams", "products", "teams"],
    "mapping.yaml": ["include", "rules", "inherit", "pins", "tests", "acknowledge"],
}


@settings(max_examples=60, deadline=None, derandomize=True)
@given(data=st.data())
def test_any_value_under_any_key_is_loaded_or_refused(small: Mapping[str, str], data: st.DataObject) -> None:
    with TemporaryDirectory() as folder:
        for name, text in small.items():
            tree = yaml.safe_load(text)
            if data.draw(st.booleans()):
                tree[data.draw(st.sampled_from(NAMES[name]))] = data.draw(VALUES)
            (Path(folder) / name).write_text(yaml.safe_dump(tree, allow_unicode=True), encoding="utf-8")
        assert all("\n" not in problem and ": " in problem for problem in problems_of(Path(folder)))


def test_deeply_nested_faults_are_found_at_once(write: Callable[..., Path]) -> None:
    """Each level could be read in two ways; trying all of them would take for ever."""
    levels = 40
    when = "{not: " * levels + "{label: {x: 1}}" + "}" * levels
    mapping = f"version: 1\nrules:\n  - {{id: a, when: {when}, set: {{contributes_to: O1}}}}\n"
    found = problems_of(write(mapping=mapping))
    assert len(found) == 1
    assert found[0].startswith(f"mapping.yaml:3:{mapping.splitlines()[2].index('{x: 1}') + 1}: ")


def test_a_word_of_pydantic_that_equals_a_key_is_told_from_it() -> None:
    tree = read(b"a: {jira: {url: 1}, url: 2}\n", "a.yaml")
    assert walk(tree, ("a", "jira", "url")) == ("a", "jira", "url")
    assert walk(tree, ("a", "jira", "auth")) == ("a", "jira")
    assert walk(tree, ("a", "(jira)", "url")) == ("a", "url")
    assert walk(tree, ("a", "files", "url", "x")) == ("a", "url")
