"""The comment's text: short, in two languages, and in each markup as it is kept here."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.azure_devops.markup import as_html, as_markdown
from connectors.jira.markup import as_adf, as_wiki
from domain.message import Message
from reports.comment import MOST_WORDS, comment
from reports.language import language
from reports.ticket import Answer, Candidate, Goal, Reached, Reason, Reference, Standing, Ticket
from tests.markup.sample_tickets import SAMPLES

GOLD = Path(__file__).parent / "gold"
KINDS: dict[str, Callable[[Message], str]] = {
    "adf.json": lambda message: json.dumps(as_adf(message), ensure_ascii=False, indent=1) + "\n",
    "wiki": lambda message: as_wiki(message) + "\n",
    "md": lambda message: as_markdown(message) + "\n",
    "html": lambda message: as_html(message) + "\n",
}

KINDS_OF_ANSWER: list[Any] = [
    "forbidden", "overruled", "help", "why", "no such command", "no goal", "no such goal", "parts", "no reason",
    "no span",
]  # fmt: skip
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=60) | st.text("ab ", max_size=400)
goals = st.builds(
    Goal, texts, texts, st.sampled_from(["objective", "key_result", "budget"]), objective=texts, objective_title=texts
)
days = st.dates(date(2020, 1, 1), date(2030, 12, 31))
shares = st.floats(0, 1)
answers = st.none() | st.builds(
    Answer,
    st.sampled_from(KINDS_OF_ANSWER),
    said=texts,
    word=texts,
    near=st.none() | texts,
    tried=st.lists(st.tuples(texts, texts), max_size=5),
)
tickets: st.SearchStrategy[Ticket] = st.builds(
    Ticket,
    serves=st.lists(st.tuples(goals, shares), max_size=5),
    unserved=st.sampled_from(["declared", "conflict", "unknown", "nothing", None]),
    unknown=st.lists(texts, max_size=4),
    reason=st.none()
    | st.builds(
        Reason,
        st.sampled_from(["rule", "pin", "ticket"]),
        rule=st.none() | texts,
        met=st.lists(texts, max_size=4),
        why=st.none() | texts,
        on=days,
        inherited=st.booleans(),
        origin=st.none() | st.builds(Reference, texts, st.none()),
    ),
    candidates=st.just(()),
    standing=st.none()
    | st.builds(
        Standing,
        texts,
        st.integers(1, 52),
        days,
        shares,
        shares,
        st.sampled_from(["as_planned", "less", "more", "unclear", "too_little"]),
    ),
    reached=st.none() | st.builds(Reached, texts, days, shares, banded=st.booleans()),
    label=st.none() | texts,
    instead_of=st.none() | texts,
    marks=st.sampled_from(["label", "tag"]),
    goals=st.lists(texts, max_size=2),
    answer=answers,
)
# Work that serves nothing has candidates, and nothing stands that it could speak of.
seekers: st.SearchStrategy[Ticket] = st.builds(
    Ticket,
    unserved=st.sampled_from(["conflict", "unknown", "nothing"]),
    unknown=st.lists(texts, max_size=4),
    reason=st.none() | st.builds(Reason, st.just("rule"), rule=texts, met=st.lists(texts, max_size=4)),
    candidates=st.lists(
        st.builds(
            Candidate,
            goals,
            st.integers(1, 10_000),
            st.lists(st.sampled_from(["children", "parent", "siblings", "component", "area", "label"]), unique=True),
        ),
        max_size=3,
    ),
    label=st.none() | texts,
    marks=st.sampled_from(["label", "tag"]),
    goals=st.lists(texts, max_size=2),
    answer=answers,
)


def words(message: Message) -> int:
    """How many words a reader counts: signs that stand alone, as French has them, are none."""
    return sum(any(mark.isalnum() for mark in word) for word in message.plain().split())


@pytest.mark.parametrize("code", ["en", "fr"])
def test_no_comment_has_more_than_120_words(code: str) -> None:
    @settings(derandomize=True, max_examples=300, deadline=None)
    @given(tickets | seekers)
    def check(ticket: Ticket) -> None:
        assert words(comment(ticket, language(code))) <= MOST_WORDS

    check()


@pytest.mark.parametrize("code", ["en", "fr"])
def test_the_longest_of_everything_has_at_most_120_words(code: str) -> None:
    long = "mot " * 40
    goal = Goal(long, long, "key_result", long, long)
    for serves in ([(goal, 1.0)], [(goal, 0.25)] * 4):
        for reason in (
            Reason("rule", rule=long, met=[long] * 3, inherited=True, origin=Reference(long, None)),
            Reason("pin", why=long, on=date(2026, 11, 3), inherited=True, origin=Reference(long, None)),
        ):
            standing = Standing(long, 4, date(2026, 11, 22), 0.2, 0.3, "unclear")
            reached = Reached(long, date(2026, 11, 17), 0.5)
            ticket = Ticket(serves, reason=reason, standing=standing, reached=reached, label=long, instead_of=long)
            assert words(comment(ticket, language(code))) <= MOST_WORDS
            for kind in KINDS_OF_ANSWER:
                asked = Answer(kind, said=long, word=long, near=long, tried=[(long, long)] * 5)
                answered = replace(ticket, goals=[long, long], answer=asked)
                assert words(comment(answered, language(code))) <= MOST_WORDS, kind
    found = [Candidate(goal, 12_345, ["children", "parent", "siblings"])] * 3
    ticket = Ticket(unserved="unknown", unknown=[long] * 5, reason=reason, candidates=found, label=long)
    assert words(comment(ticket, language(code))) <= MOST_WORDS
    for kind in KINDS_OF_ANSWER:
        asked = Answer(kind, said=long, word=long, near=long, tried=[(long, long)] * 5)
        assert words(comment(replace(ticket, goals=[long] * 2, answer=asked), language(code))) <= MOST_WORDS, kind


@pytest.mark.parametrize("name", sorted(SAMPLES))
@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_comment_is_the_gold(name: str, kind: str) -> None:
    """FILROUGE_UPDATE_GOLD=1 rewrites the gold; what differs is written beside it as *.got.*."""
    ticket, code = SAMPLES[name]
    gold, got = GOLD / f"{name}.{kind}", GOLD / f"{name}.got.{kind}"
    written = KINDS[kind](comment(ticket, language(code))).encode()
    if os.environ.get("FILROUGE_UPDATE_GOLD") == "1":
        GOLD.mkdir(exist_ok=True)
        gold.write_bytes(written)
    if not gold.exists() or gold.read_bytes() != written:
        got.write_bytes(written)
        pytest.fail(f"{got} differs from {gold.name}; if that is meant, run again with FILROUGE_UPDATE_GOLD=1.")
    got.unlink(missing_ok=True)


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_every_markup_says_the_same(
    name: str, readers: dict[str, Callable[[Any], tuple[list[str], list[str]]]]
) -> None:
    ticket, code = SAMPLES[name]
    message = comment(ticket, language(code))
    said = message.plain().replace("\n- ", "\n").split("\n")
    for render in (as_adf, as_wiki, as_markdown, as_html):
        assert readers[render.__name__](render(message))[0] == said


def test_what_is_not_known_is_not_spoken_of() -> None:
    goal = Goal("O1", "O1", "objective")
    said = comment(Ticket(serves=[(goal, 1.0)], reason=Reason("rule")), language("en")).plain()
    assert said == (
        "This work serves the objective O1.\n"
        "Why: a rule of the mapping.\n"
        "Not right? To correct it, ask whoever administers Filrouge to change the mapping. "
        "The label filrouge-mute stops these comments."
    )
