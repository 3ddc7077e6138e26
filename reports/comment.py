"""The one comment of a ticket, in at most 120 words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from domain.lines import COMMAND
from domain.message import Block, Message, Piece
from reports.answer import answer, code, example_map, example_not_aligned
from reports.language import Language
from reports.phrase import Pieces, filled, joined, short
from reports.ticket import Candidate, Goal, Reached, Reason, Reference, Standing, Ticket

MUTE = "filrouge-mute"  # whoever puts this label on a ticket hears no more of Filrouge there
MOST_WORDS = 120
MOST_GOALS, MOST_BASES = 3, 2
LONG = ("help", "why")  # answers that leave room for what the ticket serves and why, and nothing else
TITLE_WORDS, CANDIDATE_WORDS, WHY_WORDS, MET_WORDS = 7, 5, 10, 5


def is_muted(labels: Iterable[str]) -> bool:
    """Whether one of a ticket's labels says so, ignoring case."""
    return any(label.casefold() == MUTE for label in labels)


def comment(ticket: Ticket, say: Language) -> Message:
    """What the ticket serves or might serve, why, how that goal stands, and how to correct it.

    No person is named, and nothing stands in it that `ticket` does not hold.
    """
    blocks = [*_serves(ticket, say)]
    asked = ticket.answer
    if asked is None or asked.kind not in LONG:
        # Whoever asked is answered first: of several candidates only the likeliest has room beside it.
        candidates = ticket.candidates if asked is None else ticket.candidates[:1]
        blocks += _candidates(candidates, ticket.marks, say)
    if ticket.reason is not None:
        blocks.append(Block(_reason(ticket.reason, say)))
    if asked is not None:
        blocks += answer(asked, ticket.goals, say)
    stands = [
        *([_standing(ticket.standing, say)] if ticket.standing else []),
        *([_reached(ticket.reached, say)] if ticket.reached else []),
    ]
    if stands and asked is None:
        blocks.append(Block((Piece(" ".join(stands)),)))
    if asked is None or asked.kind not in LONG:
        blocks.append(Block((*_correction(ticket, say), Piece(" "), *_muting(ticket, say))))
    return Message(tuple(blocks))


def _serves(ticket: Ticket, say: Language) -> Iterator[Block]:
    if len(ticket.serves) == 1:
        goal, _ = ticket.serves[0]
        yield Block(_whole(goal, say))
    elif ticket.serves:
        yield Block((Piece(say.text("This work serves several goals:")),))
        for goal, share in ticket.serves[:MOST_GOALS]:
            yield Block((Piece(say.percent(share) + " "), *_named(goal)), "point")
        more = len(ticket.serves) - MOST_GOALS
        if more > 0:
            yield Block((Piece(say.count("{n} more goal", "{n} more goals", more)),), "point")
    if ticket.unknown:
        ids = joined([Piece(short(one, 1), code=True) for one in ticket.unknown[:MOST_GOALS]])
        yield Block(filled(say.text("It is tagged {ids}, which the strategy does not have."), ids=ids))
    if not ticket.serves:
        yield Block((Piece(_unserved(ticket, say), strong=True),))


def _whole(goal: Goal, say: Language) -> Pieces:
    """The sentence for work that serves one goal."""
    if goal.kind == "budget":
        return filled(
            say.text("This work is done for the budget {budget}, which serves no objective."), budget=_named(goal)
        )
    if goal.kind == "objective":
        return filled(say.text("This work serves the objective {goal}."), goal=_named(goal))
    above = Goal(goal.objective or "", goal.objective_title or "", "objective")
    return filled(
        say.text("This work serves the objective {objective} through its key result {key_result}."),
        objective=_named(above),
        key_result=_named(goal),
    )


def _unserved(ticket: Ticket, say: Language) -> str:
    match ticket.unserved:
        case "declared":
            return say.text("This work is declared as serving no goal of the strategy.")
        case "conflict":
            if ticket.marks == "tag":
                return say.text("This work counts for no goal: its tags name several at once.")
            return say.text("This work counts for no goal: its labels name several at once.")
        case _:
            return say.text("This work serves no goal of the strategy yet.")


def _candidates(candidates: Sequence[Candidate], marks: str, say: Language) -> Iterator[Block]:
    if not candidates:
        return
    yield Block((Piece(say.text("What related work serves:")),))
    words = {
        "children": say.text("below it"),
        "parent": say.text("its parent"),
        "siblings": say.text("same parent"),
        "component": say.text("same component"),
        "area": say.text("same area"),
        "label": say.text("same tag") if marks == "tag" else say.text("same label"),
    }
    for candidate in candidates[:MOST_GOALS]:
        bases = ", ".join(words[basis] for basis in candidate.bases[:MOST_BASES])
        counted = say.count("{n} item ({bases})", "{n} items ({bases})", candidate.items, bases=bases)
        yield Block(
            filled(say.text("{goal}: {counted}"), goal=_named(candidate.goal, CANDIDATE_WORDS), counted=counted),
            "point",
        )


def _reason(reason: Reason, say: Language) -> Pieces:
    if not reason.inherited:
        return filled(say.text("Why: {reason}."), reason=_said_by(reason, say))
    if reason.origin is None:
        return filled(say.text("Why: inherited from above: {reason}."), reason=_said_by(reason, say))
    return filled(
        say.text("Why: inherited from {key}: {reason}."), key=(_linked(reason.origin),), reason=_said_by(reason, say)
    )


def _said_by(reason: Reason, say: Language) -> Pieces:
    match reason.by:
        case "ticket":
            return _on_a_day(
                reason,
                say,
                say.text("the team said so in the ticket on {day}"),
                say.text("the team said so in the ticket on {day} (“{why}”)"),
            )
        case "pin":
            return _on_a_day(
                reason, say, say.text("decided by hand on {day}"), say.text("decided by hand on {day} (“{why}”)")
            )
        case "rule":
            if reason.rule is None:
                return (Piece(say.text("a rule of the mapping")),)
            rule = (_rule(reason.rule),)
            if not reason.met:
                return filled(say.text("the rule {rule}"), rule=rule)
            met = joined([Piece(short(one, MET_WORDS), code=True) for one in reason.met[:2]])
            return filled(say.text("the rule {rule} ({met})"), rule=rule, met=met)


def _on_a_day(reason: Reason, say: Language, without: str, with_why: str) -> Pieces:
    day = say.day(reason.on) if reason.on else ""
    if reason.why is None:
        return filled(without, day=day)
    return filled(with_why, day=day, why=short(reason.why, WHY_WORDS).rstrip("."))


def _standing(standing: Standing, say: Language) -> str:
    facts = {"goal": short(standing.target, 1), "day": say.day(standing.until)}
    if standing.judgement == "too_little":
        return say.count(
            "{goal}: too little was delivered in the week to {day} to judge.",
            "{goal}: too little was delivered in the {n} weeks to {day} to judge.",
            standing.windows,
            **facts,
        )
    facts["delivered"] = say.percent(standing.delivered)
    if not standing.planned:
        return say.count(
            "{goal} got {delivered} of the work in the week to {day}; none was planned.",
            "{goal} got {delivered} of the work in the {n} weeks to {day}; none was planned.",
            standing.windows,
            **facts,
        )
    words = {
        "as_planned": say.text("as planned"),
        "less": say.text("less than planned"),
        "more": say.text("more than planned"),
        "unclear": say.text("the difference may be chance"),
    }
    return say.count(
        "{goal} got {delivered} of the work in the week to {day} for {planned} planned: {judgement}.",
        "{goal} got {delivered} of the work in the {n} weeks to {day} for {planned} planned: {judgement}.",
        standing.windows,
        planned=say.percent(standing.planned),
        judgement=words[standing.judgement],
        **facts,
    )


def _reached(reached: Reached, say: Language) -> str:
    facts = {"key_result": short(reached.key_result, 1), "day": say.day(reached.read_on)}
    if not reached.banded:
        progress = say.percent(reached.progress)
        return say.text("{key_result} has come {progress} of its way (read on {day}).", progress=progress, **facts)
    if reached.progress:
        return say.text("{key_result} is in its band (read on {day}).", **facts)
    return say.text("{key_result} is out of its band (read on {day}).", **facts)


def _correction(ticket: Ticket, say: Language) -> Pieces:
    spoken = ticket.serves or ticket.unserved == "declared"
    question = say.text("Not right?") if spoken else say.text("Which goal is right?")
    if ticket.goals and not (ticket.reason and ticket.reason.by == "pin"):
        return filled(
            say.text("{question} Answer here with {map} or {not_aligned}; {help} says more."),
            question=question,
            map=example_map(ticket.goals),
            not_aligned=example_not_aligned(say),
            help=code(f"{COMMAND} help"),
        )
    if not ticket.serves and ticket.reason is None:
        ask: Pieces = (Piece(say.text("ask whoever administers Filrouge to add a rule")),)
    elif ticket.reason is not None and ticket.reason.rule is not None:
        ask = filled(
            say.text("ask whoever administers Filrouge to change the rule {rule}"), rule=(_rule(ticket.reason.rule),)
        )
    else:
        ask = (Piece(say.text("ask whoever administers Filrouge to change the mapping")),)
    if ticket.unserved == "conflict":
        return filled(say.text("{question} Keep one of them or {ask}."), question=question, ask=ask)
    if ticket.label is None:
        return filled(say.text("{question} To correct it, {ask}."), question=question, ask=ask)
    label = (Piece(short(ticket.label, 1), code=True),)
    if ticket.instead_of is not None:
        old = (Piece(short(ticket.instead_of, 1), code=True),)
        told = say.text("{question} Put another in the place of {old}, such as {label}, or {ask}.")
        return filled(told, question=question, old=old, label=label, ask=ask)
    if ticket.marks == "tag":
        told = say.text("{question} Add a tag such as {label} or {ask}.")
    else:
        told = say.text("{question} Add a label such as {label} or {ask}.")
    return filled(told, question=question, label=label, ask=ask)


def _muting(ticket: Ticket, say: Language) -> Pieces:
    mute = (Piece(MUTE, code=True),)
    if ticket.marks == "tag":
        return filled(say.text("The tag {mute} stops these comments."), mute=mute)
    return filled(say.text("The label {mute} stops these comments."), mute=mute)


def _named(goal: Goal, words: int = TITLE_WORDS) -> Pieces:
    title = short(goal.title, words)
    if title in ("", goal.id):
        return (Piece(short(goal.id, 1), strong=True),)
    return (Piece(title, strong=True), Piece(f" ({short(goal.id, 1)})"))


def _rule(rule: str) -> Piece:
    return Piece(short(rule, 3), code=True)


def _linked(reference: Reference) -> Piece:
    return Piece(short(reference.key, 1), link=reference.url)
