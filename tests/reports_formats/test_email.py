"""The report as a mail: its parts, its pictures, nothing fetched, the same bytes each time."""

from __future__ import annotations

import email
import re
from collections.abc import Callable
from email.message import EmailMessage
from email.policy import SMTP
from html.parser import HTMLParser

import pytest

from reports.document import Document
from reports.formats.registry import FORMATS, ending
from reports.report import Report
from reports.words import subject_line

Sample = Callable[[str], Document]
Mail = Callable[[str], EmailMessage]
GMAIL = 102_400  # bytes of HTML beyond which a well-known mailbox cuts a mail off


def parts(message: EmailMessage) -> dict[str, list[EmailMessage]]:
    """The parts of a mail by their type."""
    found: dict[str, list[EmailMessage]] = {}
    for part in message.walk():
        assert isinstance(part, EmailMessage)
        found.setdefault(part.get_content_type(), []).append(part)
    return found


def read(raw: bytes) -> EmailMessage:
    message = email.message_from_bytes(raw, policy=SMTP)
    assert isinstance(message, EmailMessage)
    return message


class Elements(HTMLParser):
    """Collects every element with its attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def html_of(message: EmailMessage) -> str:
    return str(parts(message)["text/html"][0].get_content())


def test_text_and_page_are_alternatives_and_pictures_belong_to_the_page(mail: Mail, name: str) -> None:
    message = mail(name)
    assert message.get_content_type() == "multipart/alternative"
    text, related = message.iter_parts()
    assert text.get_content_type() == "text/plain"
    page, *pictures = related.iter_parts()
    assert related.get_content_type() == "multipart/related"
    assert page.get_content_type() == "text/html"
    assert {picture.get_content_type() for picture in pictures} == {"image/png"}
    shown = re.findall(r'src="cid:([^"]+)"', page.get_content())
    assert {f"<{one}>" for one in shown} == {str(picture["Content-ID"]) for picture in pictures}
    assert len(shown) == len(pictures)
    for picture in pictures:
        assert picture.get_content().startswith(b"\x89PNG")


def test_the_text_is_the_markdown(mail: Mail, rendered: Callable[[str, str], str]) -> None:
    text = parts(mail("drifting_fr"))["text/plain"][0].get_content()
    assert text.replace("\r\n", "\n") == rendered("drifting_fr", "md")


def test_the_mail_asks_for_nothing_and_has_its_styles_at_its_elements(mail: Mail, name: str) -> None:
    html = html_of(mail(name))
    seen = Elements()
    seen.feed(html)
    assert not {tag for tag, _ in seen.found} & {"script", "link", "iframe", "object", "svg", "base", "form"}
    for tag, attributes in seen.found:
        assert not any(key.startswith("on") for key in attributes), attributes
        assert (attributes.get("src") or "cid:").startswith("cid:")
        assert (attributes.get("href") or "https://").startswith("https://")
        assert "url(" not in (attributes.get("style") or "")
        if tag in {"h1", "h2", "p", "th", "img"}:
            assert attributes.get("style"), tag
        if tag == "img":
            assert len(attributes["alt"] or "") > 20
    sheets = re.findall(r"<style>(.*?)</style>", html, flags=re.S)
    assert len(sheets) == 1
    assert re.fullmatch(r"\s*@media \(prefers-color-scheme: dark\) \{.*\}\s*", sheets[0], flags=re.S)
    assert len(html.encode()) < GMAIL


def test_many_work_items_do_not_make_a_mail_long(sample: Sample) -> None:
    document = sample("hostile_en")
    document["findings"] = [{**document["findings"][0], "subject": f"O{place}"} for place in range(5)]
    html = html_of(read(FORMATS["email"](Report(document))))
    assert html.count("57 further work items are not listed.") == 5
    assert len(html.encode()) < GMAIL


def test_the_same_document_gives_the_same_mail_without_date_or_people(sample: Sample) -> None:
    first, second = (FORMATS["email"](Report(sample("drifting_fr"))) for _ in range(2))
    assert first == second
    assert re.findall(rb'boundary="([^"]+)"', first) == [b"=_filrouge_0", b"=_filrouge_1"]
    message = read(first)
    assert not [header for header in ("Date", "From", "To", "Message-ID") if message[header]]
    assert message["Content-Language"] == "fr"
    assert ending("email") == "eml"


@pytest.mark.parametrize(
    ("name", "subject"),
    [
        ("drifting_fr", "Acme, S47\u00a0: dérive (dérive 28\u202f%, hasard seul 17\u202f%)"),
        ("no_signal_en", "Acme, W47: no signal (drift 21%, chance alone 24%)"),
        ("no_strategy_en", "Acme, W47: not enough data"),
    ],
)
def test_the_subject_is_the_verdict_in_short(mail: Mail, sample: Sample, name: str, subject: str) -> None:
    assert mail(name)["Subject"] == subject == subject_line(sample(name))


def test_a_hostile_name_adds_no_header(sample: Sample) -> None:
    document = sample("no_strategy_en")
    document["organisation"] = "Acme\r\nBcc: somebody@example.org\r\n\r\n<b>"
    message = read(FORMATS["email"](Report(document)))
    assert message["Bcc"] is None
    assert message["Subject"] == "Acme Bcc: somebody@example.org <b>, W47: not enough data"


def test_a_report_without_pictures_is_a_mail_too(sample: Sample) -> None:
    document = sample("nothing_delivered_fr")
    document["allocation"] = []
    message = read(FORMATS["email"](Report(document)))
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
