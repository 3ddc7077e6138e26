"""What the standing comment says to somebody who wrote a command in the ticket."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from domain.lines import COMMAND, VERBS
from domain.message import Block, Piece
from reports.language import Language
from reports.phrase import Pieces, filled, joined, short
from reports.ticket import Answer

MOST_TRIED = 3


def answer(given: Answer, goals: Sequence[str], say: Language) -> Iterator[Block]:
    """Blocks that answer a command, in at most 60 words; `goals` are one or two for examples. No person is named."""
    said, word = code(short(given.said, 2) or COMMAND), code(short(given.word, 3))
    match given.kind:
        case "forbidden":
            told = say.text("{said} was not followed: who may say so is up to whoever administers Filrouge.")
            yield Block(filled(told, said=said))
        case "overruled":
            yield Block(filled(say.text("{said} is noted, but a decision made by hand goes first."), said=said))
        case "no such command":
            names = joined([Piece(verb, code=True) for verb in VERBS])
            told = say.text("{word} is no command. Those that are: {names}.")
            yield Block((*filled(told, word=word, names=names), *_meant(given.near, say)))
        case "no such goal":
            told = say.text("{word} is no goal of the strategy.")
            yield Block((*filled(told, word=word), *_meant(given.near, say)))
        case "no goal":
            told = say.text("{said}: which goal? For instance {example}.")
            yield Block(filled(told, said=said, example=example_map(goals)))
        case "parts":
            told = say.text("{said}: give every goal a part, or none of them, for instance {example}.")
            yield Block(filled(told, said=said, example=_example_parts(goals)))
        case "no reason":
            told = say.text("{said}: why? For instance {example}.")
            yield Block(filled(told, said=said, example=example_not_aligned(say)))
        case "no span":
            told = say.text("{said}: for how many days or weeks? For instance {example}.")
            yield Block(filled(told, said=said, example=code(f"{COMMAND} snooze 2w")))
        case "help":
            yield from _help(goals, say)
        case "why":
            yield from _why(given, say)


def example_map(goals: Sequence[str]) -> Pieces:
    """A command that names a goal, such as one of these."""
    return code(f"{COMMAND} map {short(goals[0], 1) if goals else 'O1'}")


def _example_parts(goals: Sequence[str]) -> Pieces:
    first, second = (*(short(goal, 1) for goal in goals[:2]), "O1", "O2")[:2]
    return code(f"{COMMAND} map {first} 60 {second} 40")


def example_not_aligned(say: Language) -> Pieces:
    return code(f'{COMMAND} not-aligned "{say.text("incident")}"')


def code(text: str) -> Pieces:
    return (Piece(text, code=True),)


def _meant(near: str | None, say: Language) -> Pieces:
    if near is None:
        return ()
    return (Piece(" "), *filled(say.text("Did you mean {near}?"), near=code(short(near, 1))))


def _help(goals: Sequence[str], say: Language) -> Iterator[Block]:
    yield Block((Piece(say.text("An answer in this ticket can begin with:")),))
    told = (
        (example_map(goals), say.text("it serves this goal")),
        (_example_parts(goals), say.text("several goals, in these parts")),
        (example_not_aligned(say), say.text("it serves none")),
        (code(f"{COMMAND} why"), say.text("how the mapping came to this")),
        (code(f"{COMMAND} snooze 2w"), say.text("quiet for two weeks")),
        (code(f"{COMMAND} mute"), say.text("quiet until {unmute}", unmute=f"{COMMAND} unmute")),
    )
    for command, meaning in told:
        yield Block(filled(say.text("{command}: {meaning}"), command=command, meaning=meaning), "point")


def _why(given: Answer, say: Language) -> Iterator[Block]:
    if not given.tried:
        yield Block((Piece(say.text("No rule was passed over.")),))
        return
    yield Block((Piece(say.text("Rules that do not reach it, and a condition that it does not meet:")),))
    for rule, condition in given.tried[:MOST_TRIED]:
        told = say.text("{rule}: {condition}")
        yield Block(filled(told, rule=code(short(rule, 3)), condition=code(short(condition, 5))), "point")
