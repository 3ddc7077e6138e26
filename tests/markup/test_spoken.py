"""What people type in a comment is read as they see it, whatever their editor made of it; and nothing makes it fail."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.azure_devops import spoken as azure_devops
from connectors.jira import spoken as jira
from connectors.spoken import MOST, spoken

COMMAND = '/filrouge not-aligned "incident"'
NODES = [
    "text",
    "paragraph",
    "hardBreak",
    "mention",
    "emoji",
    "date",
    "codeBlock",
    "blockquote",
    "inlineCard",
    "expand",
]


def text(words: str, *marks: str) -> dict[str, Any]:
    return {"type": "text", "text": words, "marks": [{"type": mark} for mark in marks]}


def node(kind: str, *content: Any, **attributes: Any) -> dict[str, Any]:
    return {"type": kind, "content": list(content), "attrs": attributes}


@pytest.mark.parametrize(
    "content",
    [
        [node("paragraph", text(COMMAND))],
        [node("paragraph", text("/filrouge not-aligned “incident”")), node("paragraph", text("Thanks"))],
        [node("paragraph", text("/filrouge "), text("not-aligned", "strong"), text(' "incident"'))],
        [node("paragraph"), node("paragraph", text(" \u200b"), text(COMMAND), node("hardBreak"), text("Thanks"))],
        [node("paragraph", text(COMMAND, "code"))],
        [node("codeBlock", text(f"{COMMAND}\nThanks"), language="text")],
        [node("bulletList", node("listItem", node("paragraph", text(COMMAND))))],
        [node("panel", node("layoutSection", node("paragraph", text(COMMAND))))],
    ],
)
def test_a_line_in_a_document(content: list[Any]) -> None:
    assert spoken(jira.plain({"type": "doc", "version": 1, "content": content})) == COMMAND


def test_nodes_that_hold_no_text_of_their_own() -> None:
    line = node(
        "paragraph",
        text("/filrouge snooze "),
        node("date", timestamp="1782691200000"),
        text(" "),
        node("emoji", shortName=":smile:", text="😄"),
        node("emoji", shortName=":ours:"),
        text(" with "),
        node("mention", id="a-person", text="@Ada Lovelace"),
        text(" "),
        node("inlineCard", url="https://example.com/x"),
        node("status", text="DONE", color="green"),
    )
    said = spoken(jira.plain(node("doc", line)))
    assert said == "/filrouge snooze 2026-06-29 😄:ours: with @ https://example.com/xDONE"


@pytest.mark.parametrize(
    "body",
    [
        COMMAND,
        f"\r\n\r\n  {COMMAND}\r\nThanks",
        "{{" + COMMAND + "}}",
        "{noformat}\n" + COMMAND + "\n{noformat}",
        "{code:java}" + COMMAND + "{code}",
        "{color:#de350b}" + COMMAND + "{color}",
        COMMAND + " \\\\ Thanks",
        r'/filrouge not\-aligned "incident"',
        '/filrouge&nbsp;not-aligned "incident"',
        f"* {COMMAND}",
        '/filrouge not-aligned "[incident|https://example.com]"',
    ],
)
def test_a_line_of_wiki_text(body: str) -> None:
    assert spoken(jira.plain(body)) == COMMAND


@pytest.mark.parametrize(
    "body",
    [
        f"<div>{COMMAND}</div>",
        f"<div>{COMMAND}<br></div><div>Thanks</div>",
        f"<div>&nbsp;</div><p>\n{COMMAND}</p>",
        "/filrouge&nbsp;<b>not-aligned</b>\n&quot;incident&quot;<br/>Thanks",
        f'<DIV style="font-size:12pt"><span>{COMMAND}</span></DIV>',
        f"<pre><code>{COMMAND}</code></pre>",
        f"<ul><li>{COMMAND}</li></ul>",
    ],
)
def test_a_line_of_html(body: str) -> None:
    assert spoken(azure_devops.plain(body, "html")) == COMMAND
    assert spoken(azure_devops.plain(body, None)) == COMMAND


@pytest.mark.parametrize(
    "body",
    [
        COMMAND,
        f"\n\n{COMMAND}\nThanks",
        f"`{COMMAND}`",
        f"```text\n{COMMAND}\n```",
        f"~~~\n{COMMAND}\n~~~",
        r"/filrouge not\-aligned \"incident\"",
        "/filrouge not-aligned &quot;incident&quot;<br>Thanks",
        f"- {COMMAND}",
    ],
)
def test_a_line_of_markdown(body: str) -> None:
    assert spoken(azure_devops.plain(body, "markdown")) == COMMAND


def test_signs_that_look_like_markup_and_are_none_stay() -> None:
    assert (
        spoken(azure_devops.plain("<p>/filrouge why a &lt; b &amp;lt; 3 < 4</p>", "html"))
        == "/filrouge why a < b &lt; 3 < 4"
    )
    assert spoken(azure_devops.plain(r"/filrouge why \<b\> 2*3", "markdown")) == "/filrouge why <b> 2*3"
    assert spoken(jira.plain("/filrouge why 2*3 a-b [c]")) == "/filrouge why 2*3 a-b [c]"


@pytest.mark.parametrize(
    "said",
    [
        spoken(jira.plain("/filrouge why [~ada]")),
        spoken(azure_devops.plain("/filrouge why @<8A1B2C>", "markdown")),
        spoken(
            azure_devops.plain(
                '<div>/filrouge why <a href="#" data-vss-mention="version:2.0,8a1b2c">@Ada <i>L</i></a></div>', "html"
            )
        ),
    ],
)
def test_a_mention_names_nobody(said: str | None) -> None:
    assert said == "/filrouge why @"


@pytest.mark.parametrize(
    "plain",
    [
        jira.plain(node("doc", node("blockquote", node("paragraph", text(COMMAND))))),
        jira.plain("{quote}" + COMMAND + "{quote}"),
        jira.plain(f"bq. {COMMAND}"),
        jira.plain(f"As I said: {COMMAND}"),
        azure_devops.plain(f"<blockquote><div>{COMMAND}</div></blockquote>", "html"),
        azure_devops.plain(f"> {COMMAND}", "markdown"),
        azure_devops.plain(f"<div>Thanks</div><div>{COMMAND}</div>", "html"),
        "/filrouges why",
        "/filrouge: why",
        "filrouge why",
        "",
    ],
)
def test_what_is_quoted_or_stands_elsewhere_is_no_command(plain: str) -> None:
    assert spoken(plain) is None


def test_the_word_alone_is_one_in_any_case_and_a_long_line_is_cut() -> None:
    assert spoken("/FILROUGE") == "/FILROUGE"
    assert spoken("\u202e\x00/filrouge\twhy\x00 \ud800now\u2028then") == "/filrouge why now"
    said = spoken("/filrouge not-aligned " + "long " * 1000)
    assert said is not None
    assert MOST - 1 <= len(said) <= MOST


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=40) | st.sampled_from(NODES),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["type", "content", "attrs", "text", "timestamp", "shortName", "url", "marks"]), inner
        )
    ),
    max_leaves=20,
)
MARKUP = st.lists(
    st.text(max_size=8)
    | st.sampled_from(
        ["/filrouge", " ", "\n", "<", ">", "</div>", "<!--", "<![x[", "<a data-vss-mention=", "&#", "&#x110000;"]
    )
    | st.sampled_from(
        ["&#" + "9" * 5000 + ";", "{{", "{code:", "\\", "`", "```", "@<", "[~", "[a|", "\ud800", "\u202e"]
    ),
    max_size=30,
).map("".join)


@settings(max_examples=200, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(body=ANYTHING | MARKUP, form=st.sampled_from(["html", "markdown", None, 3]))
def test_nothing_that_a_tracker_tells_makes_it_fail(body: Any, form: Any) -> None:
    for plain in (jira.plain(body), azure_devops.plain(body, form)):
        said = spoken(plain)
        if said is not None:
            assert said.lower().startswith("/filrouge")
            assert len(said) <= MOST
            assert said.isprintable()
            json.dumps(said).encode()
            assert said == spoken(said)


def test_a_document_of_any_depth_and_a_text_of_any_length_are_read() -> None:
    deep: dict[str, Any] = node("paragraph", text(COMMAND))
    for _ in range(50_000):
        deep = node("expand", deep)
    assert spoken(jira.plain(deep)) == COMMAND
    for sign in ("<", "`", "&#", "{{", "[~", "\\", "<a data-vss-mention=", "@<", "- "):
        long = f"{COMMAND}\n" + sign * 16_000
        assert spoken(jira.plain(long)) == COMMAND
        assert spoken(azure_devops.plain(long, "markdown")) == COMMAND
