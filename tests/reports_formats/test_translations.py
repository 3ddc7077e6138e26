"""No message is left in English, and French is set as French is."""

from __future__ import annotations

import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po
from jinja2 import Environment

REPORTS = Path(__file__).parents[2] / "reports"
TEMPLATES = REPORTS / "formats" / "templates"
KEYWORDS = {"text": None, "count": (1, 2)}
OPTIONS = {"trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}
Id = str | tuple[str, ...]


def used() -> Iterator[tuple[Id, str]]:
    """Every message that code or templates under reports/ ask for, with its file."""
    for path in sorted(REPORTS.rglob("*")):
        if path.suffix not in (".py", ".j2"):
            continue
        method = "python" if path.suffix == ".py" else "jinja2"
        for _, message, _, _ in extract_from_file(method, path, keywords=KEYWORDS, options=OPTIONS):
            yield message, str(path.relative_to(REPORTS))


def catalogue() -> dict[Id, Message]:
    """The merged French catalogues, by message id."""
    merged: dict[Id, Message] = {}
    for path in sorted(REPORTS.glob("locale/fr/*.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale="fr", abort_invalid=True):
                if message.id:
                    merged[message.id if isinstance(message.id, str) else tuple(message.id)] = message
    return merged


def forms(message: Message) -> list[str]:
    """A message's translation: one text, or one for each plural form."""
    return [message.string] if isinstance(message.string, str) else list(message.string or ())


FRENCH = catalogue()
TRANSLATED = [
    (one, other)
    for key, message in FRENCH.items()
    for one, other in zip(
        [key] if isinstance(key, str) else key,
        forms(message),
        strict=True,
    )
]


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_every_message_is_translated() -> None:
    missing = {(message, file) for message, file in used() if message not in FRENCH}
    assert not missing


def test_messages_are_found_in_code_and_in_templates() -> None:
    found = dict(used())
    assert found["On plan"].endswith("vocabulary.py")
    assert found["What to look at"].endswith(".j2")
    assert ("{n} more finding", "{n} more findings") in found


@pytest.mark.parametrize("template", sorted(path.name for path in TEMPLATES.glob("*.j2")))
def test_no_template_has_words_of_its_own(template: str) -> None:
    """Outside expressions a page has tags alone, Markdown signs, and Typst code whose texts stand in quotes."""
    source = (TEMPLATES / template).read_text(encoding="utf-8")
    lexed = Environment(autoescape=True, trim_blocks=True).lex(source)
    plain = "".join(str(text) for _, kind, text in lexed if kind == "data")
    if template.endswith(".typ.j2"):
        assert all(re.match(r"[#}) ]", line) for line in plain.splitlines() if line), "text beside the code"
        assert "[" not in plain, "text in a content block"
        fonts = {"Liberation Sans", "Libertinus Serif"}
        assert all(re.fullmatch(r"#?[\w-]+|[ ·]*", one) or one in fonts for one in re.findall(r'"([^"]*)"', plain))
    else:
        assert not re.findall(r"[^\W\d_]{2,}", re.sub(r"<[^>]*>|&\w+;", "", plain))


def test_no_translation_is_empty_or_unsure() -> None:
    for key, message in FRENCH.items():
        texts = forms(message)
        assert all(text.strip() for text in texts), key
        assert not message.fuzzy, key
        assert len(texts) == (1 if isinstance(key, str) else 2), key


def test_a_translation_keeps_the_places_of_its_message() -> None:
    changed = [(english, french) for english, french in TRANSLATED if fields(english) | {"n"} != fields(french) | {"n"}]
    assert not changed


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (r"[ \w][;!?%]", "a narrow no-break space belongs before ; ! ? %"),
        (r"[ \w]:(?!\w)", "a no-break space belongs before a colon"),
        (r"«[^\u00a0\u202f]|[^\u00a0\u202f]»", "guillemets have no-break spaces inside"),
        (r"['\"“”]", "an apostrophe is ’ and quotes are guillemets"),
    ],
)
def test_french_has_its_own_spaces_quotes_and_apostrophes(wrong: str, why: str) -> None:
    assert not [french for _, french in TRANSLATED if re.search(wrong, french)], why


def test_every_finding_has_a_french_name() -> None:
    from reports.rules.registry import RULES

    missing = [rule.name for rule in RULES if rule.name not in FRENCH]
    assert RULES
    assert not missing
