"""The report as a mail ready to be sent: the page in one column, its text beside it, its pictures within it."""

from __future__ import annotations

from collections.abc import Mapping
from email.message import EmailMessage
from email.policy import SMTP

from css_inline import CSSInliner
from markupsafe import Markup

from reports.document import Document
from reports.formats import as_markdown
from reports.formats.pictures import Image, images
from reports.formats.templating import environment
from reports.formats.view import SHOWN, view
from reports.words import subject_line

# Mail programs drop style sheets, so styles stand at each element; only what asks for a dark screen stays in the head.
INLINER = CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)


def render(document: Document) -> bytes:
    """An `.eml` file (RFC 5322) without sender, recipients and date, which belong to whoever sends it.

    `multipart/alternative` of the Markdown text and, in `multipart/related`, of the HTML with its PNG pictures by
    content id. The same document gives the same bytes, since boundaries and ids are fixed.
    """
    drawn = images(document)
    message = EmailMessage(policy=SMTP)
    message["Subject"] = subject_line(document)
    message["X-Unsent"] = "1"  # mail programs open it as a draft
    message.set_content(as_markdown.render(document).decode(), cte="quoted-printable")
    message.add_alternative(page(document, drawn), subtype="html", cte="quoted-printable")
    _, html = message.iter_parts()
    assert isinstance(html, EmailMessage)
    for name, image in drawn.items():
        html.add_related(
            image.content, "image", "png", cid=f"<{_content_id(name)}>", disposition="inline", filename=f"{name}.png"
        )
    message["Content-Language"] = document["language"]
    for level, part in enumerate(part for part in message.walk() if part.is_multipart()):
        # No line of base64 or quoted-printable can begin so.
        part.set_boundary(f"=_filrouge_{level}")
    return message.as_bytes()


def page(document: Document, drawn: Mapping[str, Image]) -> str:
    """The HTML of the mail, styles inlined; it refers to nothing but its own pictures and tickets' addresses."""
    template = environment(document).get_template("mail.html.j2")
    figures = {name: _figure(name, drawn.get(name)) for name in ("scale", "allocation", "cells", "trend", "flow")}
    return INLINER.inline(template.render(view(document, listed=SHOWN), pictures=figures))


def _figure(name: str, image: Image | None) -> Markup | None:
    if image is None:
        return None
    return Markup('<img src="cid:{}" width="{}" alt="{}">\n').format(_content_id(name), image.width, image.alternative)


def _content_id(name: str) -> str:
    return f"{name}@filrouge"
