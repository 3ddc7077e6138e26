"""Messages of any text, and what a reader of each markup sees of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from html import unescape
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from domain.message import Block, Message, Piece
from domain.tidy import shown, tidy

Seen = tuple[list[str], list[str]]  # the text of each block, and every address that something leads to

NASTY = [
    "{code}", "{noformat}", "{color:red}", "*", "**", "_", "__", "`", "```", "~~~", "~", "--", "----", "- a", "+",
    "@name", "@<0e1c3a5e-7777-4c7a-9a55-000000000000>", "[~user]", "[~accountid:5b10]", "[a|http://b]",
    "[a](http://b)", "[a]: b", "![x](http://y)", "!image!", "!image.png|thumbnail!", "|", "||", "\\", "\\\\", "\n",
    "\r\n", "\n\n", "\t", "\x00", "\x1b[31m", "\x7f", "\u2028", "\u202e", "\u2067", "\u200f", "\ud800", "\udfff",
    "\ufffe", "\u00a0", "\u200b", "<script>alert(1)</script>", "<img src=x onerror=y>", "<!--", "-->", "</p>",
    "&lt;", "&#42;", "&", "&amp;", '"', "'", "# h", "#12", "!34", "h1. x", "bq. x", "1. x", "1) x", "    x", "> x",
    "===", ":)", "(/)", ":smile:", "mailto:a@b.c", "javascript:alert(1)", "ftp://x.example", "file:///etc/passwd",
    "https://x.example/a_b_c", "$x$", "^a^", "??a??", "{{x}}", "שלום", "مرحبا", "👩‍🚀", "e\u0301", "Été",
    "end-to-end", "SHOP-12", " ", "a", "1", "12.", "h1.", ".",
]  # fmt: skip
LINKS = [
    "https://tracker.example/browse/SHOP-1", "http://127.0.0.1:1/x y", "javascript:alert(1)", "data:text/html,x", "//x",
    "https://user:word@tracker.example/", "https://x.example/a)b]c|d\"e'f<g>h\\i@j{k}l*m_n~o!p", "https://[::1]/", "",
    "https://x.example/" + "a" * 5_000, "https://x.example/é?q=1&r=2#s",
]  # fmt: skip

texts = st.one_of(
    st.lists(st.sampled_from(NASTY), max_size=6).map("".join),
    st.text(st.characters(exclude_categories=()), max_size=30),
)
pieces = st.builds(
    Piece, text=texts, strong=st.booleans(), code=st.booleans(), link=st.one_of(st.none(), st.sampled_from(LINKS))
)
blocks = st.builds(Block, pieces=st.lists(pieces, max_size=5).map(tuple), kind=st.sampled_from(["paragraph", "point"]))
messages = st.builds(Message, blocks=st.lists(blocks, max_size=5).map(tuple))


def expected(message: Message) -> Seen:
    """What each block of a message says, and the links that may be in it."""
    clean = tidy(message)
    said = ["".join(shown(piece.text) for piece in block.pieces) for block in clean.blocks]
    return said, [piece.link for block in clean.blocks for piece in block.pieces if piece.link]


def seen_in_adf(document: dict[str, Any]) -> Seen:
    """Reads a document; an AssertionError for any node, mark or attribute that ours do not have."""
    said: list[str] = []
    links: list[str] = []

    def paragraph(node: dict[str, Any]) -> None:
        assert set(node) == {"type", "content"}
        assert node["type"] == "paragraph"
        for text in node["content"]:
            assert text["type"] == "text"
            assert set(text) <= {"type", "text", "marks"}
            assert text["text"]
            marks = {mark["type"]: mark for mark in text.get("marks", ())}
            assert set(marks) <= {"strong", "code", "link"}
            assert not {"strong", "code"} <= set(marks), "code goes with no other mark than a link"
            if "link" in marks:
                assert set(marks["link"]) == {"type", "attrs"}
                assert set(marks["link"]["attrs"]) == {"href"}
                links.append(marks["link"]["attrs"]["href"])
        said.append("".join(text["text"] for text in node["content"]))

    assert set(document) == {"type", "version", "content"}
    assert (document["type"], document["version"]) == ("doc", 1)
    for node in document["content"]:
        if node["type"] == "bulletList":
            assert node["content"]
            for item in node["content"]:
                assert item["type"] == "listItem"
                (inside,) = item["content"]
                paragraph(inside)
        else:
            paragraph(node)
    return said, links


class _Html(HTMLParser):
    """Collects texts of blocks and addresses; refuses anything but our own elements, well nested."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.said: list[str] = []
        self.links: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in {"p", "ul", "li", "b", "code", "a"}, tag
        assert [name for name, _ in attrs] == (["href"] if tag == "a" else []), attrs
        assert (tag in {"p", "ul"}) == (not self.open), "blocks stand at the top"
        self.links += [value or "" for _, value in attrs]
        self.open.append(tag)
        if tag in {"p", "li"}:
            self.said.append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        assert {"p", "li"} & set(self.open), "text stands in blocks alone"
        self.said[-1] += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")

    def handle_decl(self, decl: str) -> None:
        raise AssertionError(f"a declaration: {decl}")

    def handle_pi(self, data: str) -> None:
        raise AssertionError(f"an instruction: {data}")


def seen_in_html(text: str) -> Seen:
    """Reads HTML; an AssertionError for any element or attribute that ours does not have."""
    assert "@" not in text, "a sign of a mention"
    parser = _Html()
    parser.feed(text)
    parser.close()
    assert not parser.open
    return parser.said, parser.links


MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


def seen_in_markdown(text: str) -> Seen:
    """Reads Markdown; an AssertionError for any construct that ours does not have."""
    assert "@" not in text, "a sign of a mention"
    said: list[str] = []
    links: list[str] = []
    allowed = {"paragraph", "bullet_list", "list_item"}
    for token in MARKDOWN.parse(text):
        if token.type != "inline":
            assert token.type.removesuffix("_open").removesuffix("_close") in allowed, token.type
            continue
        said.append("")
        for child in token.children or ():
            if child.type in {"text", "code_inline"}:
                said[-1] += child.content
            elif child.type == "link_open":
                links.append(str(child.attrs["href"]))
            else:
                assert child.type in {"link_close", "strong_open", "strong_close"}, child.type
    return said, links


_OURS = re.compile(r"\{\*\}|\{\{|\}\}(?!\})|\[(?=[^\[\]|]*\|[^\[\]|]*\])|\|([^\[\]|]*)\]|&#\d+;")


def seen_in_wiki(text: str) -> Seen:
    """Reads wiki text; an AssertionError for a special character that is no part of our own markup."""
    said: list[str] = []
    links: list[str] = []
    for written in re.split(r"\n+", text) if text else []:
        line = written.removeprefix("* ")
        links += [found[1] for found in _OURS.finditer(line) if found[1] is not None]
        left = _OURS.sub("", line)
        assert not re.search(r"[\\{}\[\]()*_?+^~!|#@&<>]", left), left
        assert not re.search(r"(?<![\w])-(?=\S)", re.sub(_OURS, " ", line)), line
        assert not re.match(r"(h[1-6]|bq)\.", line), line
        assert "://" not in left, "an address that Jira would find by itself"
        said.append(unescape(re.sub(r"\{\*\}|\{\{|\}\}(?!\})|\[(?=[^\[\]|]*\|)|\|[^\[\]|]*\]", "", line)))
    return said, links


@pytest.fixture(scope="session")
def readers() -> dict[str, Callable[[Any], Seen]]:
    """What a reader of each markup sees, by the name of its renderer."""
    return {
        "as_adf": seen_in_adf,
        "as_wiki": seen_in_wiki,
        "as_markdown": seen_in_markdown,
        "as_html": seen_in_html,
    }


@pytest.fixture(scope="session")
def expectation() -> Callable[[Message], Seen]:
    """What a message's reader should see."""
    return expected


@pytest.fixture(scope="session")
def any_message() -> st.SearchStrategy[Message]:
    """Messages of any text."""
    return messages


@pytest.fixture(scope="session")
def nasty() -> Sequence[str]:
    """Texts that are markup somewhere, or worse."""
    return NASTY
