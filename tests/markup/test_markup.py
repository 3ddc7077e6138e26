"""Whatever a text holds, each tracker shows it as that text and nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.azure_devops.markup import as_html, as_markdown
from connectors.jira.markup import as_adf, as_wiki
from domain.message import Block, Message, Piece

Seen = tuple[list[str], list[str]]
Readers = dict[str, Callable[[Any], Seen]]
RENDERERS: list[Callable[[Message], Any]] = [as_adf, as_wiki, as_markdown, as_html]
LIMIT = 32_767

each = pytest.mark.parametrize("render", RENDERERS, ids=lambda render: render.__name__)


def size(rendered: Any) -> int:
    """Characters as Jira counts them: in UTF-16."""
    text = rendered if isinstance(rendered, str) else json.dumps(rendered, ensure_ascii=False)
    return len(text.encode("utf-16-le")) // 2


@each
def test_any_text_is_shown_and_never_obeyed(
    render: Callable[[Message], Any],
    readers: Readers,
    expectation: Callable[[Message], Seen],
    any_message: st.SearchStrategy[Message],
) -> None:
    @settings(derandomize=True, max_examples=200, deadline=None)
    @given(any_message)
    def check(message: Message) -> None:
        rendered = render(message)
        said, links = readers[render.__name__](rendered)
        assert (said, links) == expectation(message)
        assert {urlsplit(link).scheme for link in links} <= {"http", "https"}
        assert size(rendered) <= LIMIT

    check()


@each
def test_every_sign_is_shown_wherever_it_stands(
    render: Callable[[Message], Any],
    readers: Readers,
    expectation: Callable[[Message], Seen],
    nasty: Sequence[str],
) -> None:
    for text in nasty:
        for strong, code in ((False, False), (True, False), (False, True)):
            here = Piece(text, strong=strong, code=code)
            message = Message(
                (
                    Block((here, Piece(" and so on"))),
                    Block((here,), "point"),
                    Block((Piece("a"), here, Piece("b"), here, Piece(" c"))),
                )
            )
            assert readers[render.__name__](render(message)) == expectation(message), text


@each
def test_an_address_longer_than_a_comment_is_no_link(render: Callable[[Message], Any], readers: Readers) -> None:
    message = Message((Block((Piece("here", link="https://x.example/" + "a" * 40_000),)),))
    assert readers[render.__name__](render(message)) == (["here"], [])


@each
def test_a_message_that_is_too_long_ends_in_an_ellipsis(
    render: Callable[[Message], Any], readers: Readers, nasty: Sequence[str]
) -> None:
    marks = "".join(mark for mark in nasty if "\n" not in mark)
    for text in ("x" * 40_000, "*" * 40_000, "👩‍🚀" * 14_000, "mot " * 10_000, (marks * 300)[:40_000], "שלום" * 10_000):
        message = Message(
            (Block((Piece("First. "), Piece(text, strong=True), Piece(" Last."))), Block((Piece("End."),)))
        )
        rendered = render(message)
        said, _ = readers[render.__name__](rendered)
        assert size(rendered) <= LIMIT
        assert size(rendered) > LIMIT / 2, "not more is cut than must be"
        assert len(said) == 1
        assert said[0].startswith("First. ")
        assert said[0].rstrip("\u2069").endswith("…")


@each
def test_forty_thousand_short_points_are_cut_between_points(render: Callable[[Message], Any], readers: Readers) -> None:
    message = Message(
        tuple(Block((Piece("one"), Piece("two", link="https://x.example/")), "point") for _ in range(9_000))
    )
    said, links = readers[render.__name__](render(message))
    assert said[-1].endswith("…")
    assert set(said[:-1]) == {"onetwo"}
    assert set(links) == {"https://x.example/"}


@each
def test_nothing_to_say_is_said_as_nothing(render: Callable[[Message], Any], readers: Readers) -> None:
    for message in (Message(()), Message((Block(()), Block((Piece(" "), Piece("\x00")))))):
        assert readers[render.__name__](render(message)) == ([], [])


def test_each_markup_has_its_own_look() -> None:
    message = Message(
        (
            Block(
                (Piece("Serves "), Piece("A & B", strong=True), Piece(", rule "), Piece("pay-*", code=True), Piece("."))
            ),
            Block((Piece("SHOP-1", link="https://x.example/browse/SHOP-1"), Piece(" by @ann")), "point"),
        )
    )
    assert as_wiki(message) == (
        "Serves {*}A &#38; B{*}, rule {{pay&#45;&#42;}}.\n\n* [SHOP-1|https://x.example/browse/SHOP-1] by &#64;ann"
    )
    assert as_markdown(message) == (
        "Serves **A &#38; B**, rule `pay-*`.\n\n- [SHOP-1](https://x.example/browse/SHOP-1) by &#64;ann"
    )
    assert as_html(message) == (
        "<p>Serves <b>A &amp; B</b>, rule <code>pay-*</code>.</p>"
        '<ul><li><a href="https://x.example/browse/SHOP-1">SHOP-1</a> by &#64;ann</li></ul>'
    )
    assert as_adf(message)["content"][0]["content"][1] == {
        "type": "text",
        "text": "A & B",
        "marks": [{"type": "strong"}],
    }
    assert as_adf(message)["content"][1]["content"][0]["content"][0]["content"][0]["marks"] == [
        {"type": "link", "attrs": {"href": "https://x.example/browse/SHOP-1"}}
    ]
