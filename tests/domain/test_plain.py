"""Foreign text stays text, foreign addresses stay addresses."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.plain import isolated, plain, web_address


@settings(derandomize=True, max_examples=200, deadline=None)
@given(st.text(st.characters(exclude_categories=())))
def test_plain_text_is_one_printable_line(text: str) -> None:
    clean = plain(text)
    assert not {unicodedata.category(mark) for mark in clean} & {"Cc", "Cs", "Zl", "Zp"}
    assert plain(clean) == clean
    clean.encode()


def test_letters_of_every_script_and_pictures_are_kept() -> None:
    assert plain("  Été \t 家 שלום 👩‍🚀\n") == "Été 家 שלום 👩‍🚀"


def test_overrides_are_dropped_and_right_to_left_text_is_isolated() -> None:
    assert isolated("a\u202eb") == "ab"
    assert isolated("שלום") == "\u2068שלום\u2069"


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "", "//x", "http://[", "https:x"]
)
def test_only_addresses_of_the_web_are_links(url: str) -> None:
    assert web_address(url) is None


def test_what_could_end_an_attribute_is_encoded() -> None:
    address = web_address("https://acme.example/a b\"<'é>?q=%20&x=[1]")
    assert address == "https://acme.example/a%20b%22%3C%27%C3%A9%3E?q=%20&x=[1]"
