"""What the standing comment says to people who wrote a command in the ticket."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from domain.work import WorkItem
from sync.drafts import Draft
from tests.drafts.conftest import NOW, Desk

Make = Callable[..., WorkItem]
ON = "{projects: [SHOP, PAY, LUNE, Platform]}"


@pytest.fixture
def ask(desk: Desk, make_item: Make) -> Callable[..., Draft]:
    """The draft for SHOP-1 after these lines were written in it."""

    def asked(*said: str, allowed: bool = True, pins: str = "[]", at: timedelta = timedelta(0), **item: Any) -> Draft:
        here = desk.with_(comments=ON, pins=pins)
        shop = make_item("SHOP-1", **item)
        here.keep([shop])
        here.hear(shop, *said, allowed=allowed)
        (draft,) = here.drafts(at=NOW + at)
        return draft

    return asked


def test_a_ticket_says_how_to_answer(desk: Desk, make_item: Make) -> None:
    said = desk.with_(comments=ON).says(make_item("SHOP-1", components=("Payments",)))
    assert said.endswith(
        'Not right? Answer here with /filrouge map O2 or /filrouge not-aligned "incident"; /filrouge help says more. '
        "The label filrouge-mute stops these comments."
    )


def test_what_the_team_says_counts_and_is_told_as_its_word(ask: Callable[..., Draft]) -> None:
    draft = ask("/filrouge map kr1.1 60 O2 40", components=("Payments",))
    assert draft.message.plain().startswith(
        "This work serves several goals:\n"
        "- 60% Checkout conversion (KR1.1)\n"
        "- 40% Deliver on the day (O2)\n"
        "Why: the team said so in the ticket on 25 November 2026.\n"
    )
    assert (draft.purpose, draft.asked_at) == ("tells", NOW)


def test_a_reason_for_serving_nothing_is_told(ask: Callable[..., Draft]) -> None:
    draft = ask("/filrouge not-aligned “incident of Sunday”", components=("Payments",))
    assert draft.message.plain().startswith(
        "This work is declared as serving no goal of the strategy.\n"
        "Why: the team said so in the ticket on 25 November 2026 (“incident of Sunday”).\n"
    )
    assert draft.purpose == "tells"


def test_the_newest_word_counts(ask: Callable[..., Draft]) -> None:
    assert (
        "serves the objective Deliver on the day"
        in ask("/filrouge map KR1.1", '/filrouge not-aligned "no"', "/filrouge map O2").message.plain()
    )


def test_a_pin_goes_first_and_the_answer_says_so(ask: Callable[..., Draft]) -> None:
    pin = "[{item: SHOP-1, set: {contributes_to: O2}, by: A. Martin, on: 2026-11-03, why: steering committee}]"
    said = ask("/filrouge map KR1.1", pins=pin).message.plain()
    assert "serves the objective Deliver on the day" in said
    assert "/filrouge map is noted, but a decision made by hand goes first." in said
    assert "Answer here" not in said


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        (
            "/filrouge mpa KR1.1",
            "mpa is no command. Those that are: map, not-aligned, why, snooze, mute, unmute, ",
        ),
        ("/filrouge mpa KR1.1", "Did you mean map?"),
        ("/filrouge map KR1.7", "KR1.7 is no goal of the strategy. Did you mean KR1.2?"),
        ("/filrouge map", "/filrouge map: which goal? For instance /filrouge map"),
        ("/filrouge map KR1.1 60 O2", "/filrouge map: give every goal a part, or none of them, for instance"),
        ("/filrouge not-aligned", '/filrouge not-aligned: why? For instance /filrouge not-aligned "incident".'),
        ("/filrouge snooze", "/filrouge snooze: for how many days or weeks? For instance /filrouge snooze 2w."),
        ("/filrouge help", "An answer in this ticket can begin with:\n- /filrouge map"),
        ("/filrouge", "An answer in this ticket can begin with:\n- /filrouge map"),
    ],
)
def test_what_is_not_understood_gets_a_kind_answer(ask: Callable[..., Draft], said: str, answer: str) -> None:
    draft = ask(said)
    assert answer in draft.message.plain()
    assert draft.asked_at == NOW


def test_who_may_not_is_told_so_and_nothing_changes(ask: Callable[..., Draft]) -> None:
    draft = ask("/filrouge map O2", allowed=False, components=("Payments",))
    assert "serves the objective Make checkout effortless" in draft.message.plain()
    assert "/filrouge map was not followed: who may say so is up to whoever administers" in draft.message.plain()


def test_why_is_answered_by_the_rules_that_were_passed_over(ask: Callable[..., Draft]) -> None:
    said = ask("/filrouge why", labels=("okr-o2",), title="Ann's upgrade").message.plain()
    assert said == (
        "This work serves the objective Deliver on the day (O2).\n"
        "Why: the rule tagged (label: okr-o2).\n"
        "Rules that do not reach it, and a condition that it does not meet:\n"
        "- payments: component: Pay*"
    )


def test_mute_and_snooze_silence_a_ticket_until_they_are_over(ask: Callable[..., Draft]) -> None:
    assert ask("/filrouge mute").silence == "muted by a command in the ticket"
    assert ask("/filrouge mute").asked_at is None
    assert ask("/filrouge mute", "/filrouge unmute").silence is None
    snoozed = "snoozed until 2026-12-09 by a command in the ticket"
    assert ask("/filrouge snooze 2w").silence == snoozed
    assert ask("/filrouge snooze 2w", at=timedelta(days=13)).silence == snoozed
    assert ask("/filrouge snooze 2w", at=timedelta(days=14)).silence is None


def test_a_command_that_no_longer_stands_there_no_longer_counts(desk: Desk, make_item: Make) -> None:
    shop, here = make_item("SHOP-1", components=("Payments",)), desk.with_(comments=ON)
    here.keep([shop])
    here.hear(shop, "/filrouge map O2")
    assert "Deliver on the day" in here.says(shop)
    with here.store.writing() as unit:
        unit.keep_lines(shop.ref, [], NOW, NOW)
    assert "Make checkout effortless" in here.says(shop)
