"""JSON, Markdown and the page, from the outside: bytes of a document."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from email.message import EmailMessage
from html.parser import HTMLParser
from pathlib import Path

import pytest

from reports.document import Document
from reports.formats.as_markdown import escaped, link
from reports.formats.registry import FORMATS
from reports.formats.templating import environment
from reports.report import Report
from tests.reports_formats.sample_rows import item_rows

Sample = Callable[[str], Document]
Rendered = Callable[[str, str], str]
GOLD = Path(__file__).parent / "gold"
VOID = {"meta", "br", "link", "img", "hr", "input"}


@pytest.mark.parametrize("kind", ["html", "json", "md"])
def test_output_is_the_gold(rendered: Rendered, name: str, kind: str) -> None:
    """FILROUGE_UPDATE_GOLD=1 rewrites the gold; what differs is written beside it as *.got.*."""
    hold(name, kind, rendered(name, kind).encode())


def test_a_mail_is_the_gold(mail: Callable[[str], EmailMessage], name: str) -> None:
    """Its headers and its HTML; the text is Markdown's gold, and pixels are the renderer's affair."""
    told = []
    for part in mail(name).walk():
        told += [f"{header}: {value}" for header, value in part.items()]
        if part.get_content_type() == "text/html":
            told += ["", part.get_content()]
    hold(name, "eml.txt", ("\n".join(told) + "\n").replace("\r\n", "\n").encode())


def hold(name: str, kind: str, written: bytes) -> None:
    """Compare what was written with the gold of that name."""
    gold, got = GOLD / f"{name}.{kind}", GOLD / f"{name}.got.{kind}"
    if os.environ.get("FILROUGE_UPDATE_GOLD") == "1":
        GOLD.mkdir(exist_ok=True)
        gold.write_bytes(written)
    if not gold.exists() or gold.read_bytes() != written:
        got.write_bytes(written)
        pytest.fail(f"{got} differs from {gold.name}; if that is meant, run again with FILROUGE_UPDATE_GOLD=1.")
    got.unlink(missing_ok=True)


def test_json_is_the_document_word_for_word(document: Document) -> None:
    written = FORMATS["json"](Report(document))
    assert written == (json.dumps(document, ensure_ascii=False, indent=2) + "\n").encode()
    assert json.loads(written) == document


@pytest.mark.parametrize("kind", sorted(FORMATS))
def test_the_same_report_gives_the_same_bytes(sample: Sample, kind: str) -> None:
    document = sample("drifting_fr")
    before = json.dumps(document)
    first = FORMATS[kind](Report(document, item_rows()))
    FORMATS[kind](Report(sample("on_plan_en")))
    assert FORMATS[kind](Report(document, item_rows())) == first
    assert json.dumps(document) == before, "a format must not change the document"


@pytest.mark.parametrize("kind", ["html", "md"])
def test_nothing_unknown_is_shown_as_a_null(rendered: Rendered, name: str, kind: str) -> None:
    text = re.sub(r"<style>.*?</style>|<svg.*?</svg>|=\"none\"", "", rendered(name, kind), flags=re.S)
    assert not re.search(r"\b(None|null|nan|Undefined)\b", text)
    assert not re.search(r"\{[a-z_]*\}", text)


def test_the_page_loads_the_renderer_only_when_it_is_drawn() -> None:
    code = "import sys, reports.formats.registry; sys.exit('vl_convert' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, cwd=Path(__file__).parents[2]).returncode == 0


class Page(HTMLParser):
    """Checks nesting and collects what a page refers to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.headings: list[int] = []
        self.ids: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        self.ids += [value for key, value in attrs if key == "id" and value]
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open
        assert self.open.pop() == tag


def test_the_page_is_well_formed_and_asks_for_nothing(rendered: Rendered, name: str) -> None:
    text = rendered(name, "html")
    page = Page(text)
    assert page.open == []
    assert len(page.ids) == len(set(page.ids))
    tags = {tag for tag, _ in page.seen}
    assert not tags & {"script", "link", "img", "iframe", "object", "embed", "base", "form", "use", "image"}
    for tag, attributes in page.seen:
        assert not any(key.startswith("on") for key in attributes), attributes
        assert "src" not in attributes
        href = attributes.get("href")
        assert href is None or (tag == "a" and href.startswith("https://"))
    assert not re.search(r"@import|url\((?!#)", text)


def test_the_page_has_one_title_and_headings_in_order(rendered: Rendered, name: str) -> None:
    page = Page(rendered(name, "html"))
    assert page.headings.count(1) == 1
    assert all(after <= before + 1 for before, after in zip(page.headings, page.headings[1:], strict=False))
    assert page.seen[0] == ("html", {"lang": name[-2:]})
    for tag, attributes in page.seen:
        if tag == "section":
            assert attributes["aria-labelledby"] in page.ids
        if tag == "th":
            assert attributes.get("scope") in ("col", "row")


def test_a_hostile_title_stays_text(rendered: Rendered) -> None:
    text = rendered("hostile_en", "html")
    assert "<script" not in text
    assert "javascript:alert(3)" not in text
    assert 'onclick="' not in text
    assert "\u202e" not in text
    assert "\u0007" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert '<a href="https://acme.example/%22%29%20onclick=%22alert%284%29%3Cb%3E%7C">X-111</a>' in text


def test_markdown_has_no_html_and_whole_tables(rendered: Rendered, name: str) -> None:
    text = rendered(name, "md")
    assert not re.search(r"<[a-zA-Z/!]", text)
    width = None
    for line in text.splitlines():
        if not line.startswith("|"):
            width = None
            continue
        cells = len(re.findall(r"(?<!\\)\|", line))
        assert width in (None, cells), line
        width = cells


def test_markdown_escapes_what_it_would_take_for_its_own() -> None:
    assert escaped("a|b `c` *d* [e](f) <g> # h\ni") == "a\\|b \\`c\\` \\*d\\* \\[e\\](f) &lt;g&gt; \\# h i"
    assert link("K-1", "https://a.example/x(1)|") == "[K-1](https://a.example/x%281%29%7C)"
    assert link("K-1", "javascript:x") == "K-1"


def test_nobody_is_named(sample: Sample) -> None:
    document = sample("nothing_delivered_fr")
    document["acknowledged"] = sample("drifting_fr")["acknowledged"]
    document["acknowledged"][0]["by"] = "A. Martin"  # type: ignore[typeddict-unknown-key]  # as an older version wrote it
    for kind in ("html", "md"):
        assert "Martin" not in FORMATS[kind](Report(document)).decode()


def test_at_most_five_findings_stand_in_full_and_none_is_lost(rendered: Rendered, sample: Sample) -> None:
    document = sample("drifting_fr")
    text = rendered("drifting_fr", "html")
    assert text.count("<article") == 5
    for finding in document["findings"]:
        assert finding["message"].split("(")[0][:40] in text
    markdown = rendered("drifting_fr", "md")
    assert markdown.count("**Que faire**") == 5


def test_evidence_beyond_the_first_three_is_folded_and_the_rest_counted(rendered: Rendered) -> None:
    text = rendered("hostile_en", "html")
    assert "57 more work items" in text
    assert "10 further work items are not listed." in text


def test_the_page_shows_the_whole_digest_to_who_asks(rendered: Rendered) -> None:
    text = rendered("drifting_fr", "html")
    assert f'<code title="sha256:{"5a1e" * 16}">5a1e5a1e5a1e</code>' in text


def test_a_template_that_asks_for_an_unknown_name_fails(sample: Sample) -> None:
    from jinja2 import UndefinedError

    with pytest.raises(UndefinedError):
        environment(sample("drifting_fr")).from_string("{{ no_such_name }}").render()


def test_a_small_chance_is_never_written_as_nought(sample: Sample) -> None:
    document = sample("no_signal_en")
    document["allocation"][0]["chance"] = 0.0005
    assert "| under 1% |" in FORMATS["md"](Report(document)).decode()
