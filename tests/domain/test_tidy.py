"""A message before any markup: clean, merged, and cut at the end of a word."""

from __future__ import annotations

import pytest

from domain.message import Block, Message, Piece
from domain.tidy import cut, tidy


def only(*pieces: Piece) -> list[Piece]:
    """The pieces of a block once it is tidy."""
    (block,) = tidy(Message((Block(pieces),))).blocks
    return list(block.pieces)


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://x.example/browse/SHOP-1", "https://x.example/browse/SHOP-1"),
        ("http://127.0.0.1:8080/a?b=c&d=%20#e", "http://127.0.0.1:8080/a?b=c&d=%20#e"),
        ("https://x.example/a)b]c|d*e", "https://x.example/a%29b%5Dc%7Cd%2Ae"),
        ("https://x.example/@ann", "https://x.example/%40ann"),
        ("https://user:word@x.example/", None),
        ("https://[::1]/", None),
        ("javascript:alert(1)", None),
        ("ftp://x.example/", None),
        ("https://x.example/" + "a" * 3_000, None),
        ("", None),
    ],
)
def test_only_plain_addresses_of_the_web_lead_anywhere(url: str, kept: str | None) -> None:
    assert only(Piece("here", link=url)) == [Piece("here", link=kept)]


def test_white_stands_outside_of_what_has_a_look() -> None:
    found = only(
        Piece(" Serves\n"), Piece(" A \u00a0", strong=True), Piece("  "), Piece("b\x00", code=True), Piece("\t.")
    )
    assert found == [Piece("Serves "), Piece("A", strong=True), Piece(" \u00a0 "), Piece("b", code=True), Piece(" .")]


def test_pieces_of_one_look_are_one_and_code_is_not_strong() -> None:
    assert only(Piece("a", code=True, strong=True), Piece("", strong=True), Piece("b", code=True)) == [
        Piece("ab", code=True)
    ]


def test_blocks_without_text_are_left_out() -> None:
    assert tidy(Message((Block((Piece("\u202e \n"),), "point"), Block(())))) == Message(())


@pytest.mark.parametrize(
    ("text", "length", "said"),
    [
        ("one two three", 9, "one two…"),
        ("one two three", 13, "one two three"),
        ("x" * 50, 45, "x" * 45 + "…"),
        ("one " + "x" * 60, 50, "one " + "x" * 46 + "…"),
        ("ab👩‍🚀", 4, "ab👩…"),
        ("one", 0, "…"),
    ],
)
def test_a_cut_ends_with_a_word_where_one_is_near(text: str, length: int, said: str) -> None:
    assert cut(Message((Block((Piece(text),)),)), length).plain() == said


def test_a_cut_leaves_out_what_follows() -> None:
    message = Message((Block((Piece("one"), Piece("two", strong=True), Piece("three"))), Block((Piece("four"),))))
    assert cut(message, 4).plain() == "onet…"
    assert cut(message, 3).plain() == "one…"
