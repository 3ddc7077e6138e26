"""Why a ticket is tagged as it is, in words that may stand in it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date

from config.rules import Pin
from config.settings import Source
from domain.plain import web_address
from domain.tags import Dimension
from domain.work import ItemRef, WorkItem
from mapping.authority import Authority, Court, Decision
from mapping.patterns import any_test
from mapping.trial import Trial, try_out, unwrapped
from mapping.values import PATHS
from reports.ticket import Reason, Reference
from sync.confidential import Discretion

Hurdle = tuple[str, str]  # a rule, and a condition of it that is not met

SILENT = ("source",)  # true of everything in the tracker that the reader looks at
UNSPOKEN = ("summary", "field")  # whose values may hold anything, a person's name too


Said = tuple[date, str | None]  # the day of a command, and the reason that it gives


def reason(
    ticket: WorkItem,
    decision: Decision,
    court: Court,
    discretion: Discretion,
    tracker: Source,
    said: Callable[[ItemRef], Said],
) -> Reason:
    """Who decided what a ticket contributes to; what may not be said in it is left out.

    `said` tells of the command in a ticket that has one. No name of a person stands in it: who pinned or said so is not
    told, and neither is a pin's reason that names them.
    """
    inherited = decision.origin != ticket.ref
    origin = court.items[decision.origin]
    shown = inherited and discretion.may_show(origin, ticket)
    reference = named(origin, ticket, tracker) if shown else None
    if decision.by == Authority.TICKET:
        on, why = said(decision.origin)
        told = why if why and (shown or not inherited) and discretion.may_say(why, ticket) else None
        return Reason("ticket", why=told, on=on, inherited=inherited, origin=reference)
    if decision.by == Authority.PIN and decision.authority is not Authority.RULE:
        pin = _pin(decision.origin, court)
        told = pin.why if _names_nobody(pin) and discretion.may_say(pin.why, ticket) else None
        return Reason("pin", why=told or None, on=pin.on, inherited=inherited, origin=reference)
    rule = decision.by if discretion.may_say(decision.by, ticket) else None
    met = () if inherited and not shown else tuple(_met(decision, court))
    return Reason(
        "rule",
        rule=rule,
        met=tuple(one for one in met if discretion.may_say(one, ticket)),
        inherited=inherited,
        origin=reference,
    )


def passed_over(ticket: WorkItem, decision: Decision | None, court: Court, discretion: Discretion) -> list[Hurdle]:
    """The rules before the one that decided (all, where none did on the ticket itself) that do not reach it.

    Each with a condition that the ticket does not meet; what may not be said in it is left out.
    """
    found: list[Hurdle] = []
    for compiled in court.program.rules:
        if decision is not None and decision.origin == ticket.ref and decision.by == compiled.rule.id:
            break
        tried = try_out(compiled.when, ticket, court.tree)
        if tried.holds or compiled.rule.set.contributes_to is None:
            continue
        failed = next(trial for trial in unwrapped(tried) if not trial.holds)
        secret = failed.condition.split(":")[0] in UNSPOKEN or not failed.patterns
        condition = failed.condition if secret else f"{failed.condition}: {' | '.join(failed.patterns)}"
        if discretion.may_say(compiled.rule.id, ticket) and discretion.may_say(condition, ticket):
            found.append((compiled.rule.id, condition))
    return found


def named(item: WorkItem, ticket: WorkItem, tracker: Source) -> Reference:
    """An item as its tracker writes it, linked where it is one of the ticket's own tracker."""
    key = f"#{item.key}" if tracker.kind == "azure_devops" and item.source == ticket.source else item.key
    return Reference(key, web_address(item.url) if item.source == ticket.source else None)


def _pin(origin: ItemRef, court: Court) -> Pin:
    return court.pins[origin].words[Dimension.CONTRIBUTES_TO][1]


def _names_nobody(pin: Pin) -> bool:
    names = {word for word in re.findall(r"\w+", pin.by.casefold()) if len(word) > 1}
    return not names & set(re.findall(r"\w+", pin.why.casefold()))


def _met(decision: Decision, court: Court) -> Iterator[str]:
    """The rule's positive conditions on the item itself, each with the value that met it."""
    rule = next(compiled for compiled in court.program.rules if compiled.rule.id == decision.by)
    tried = try_out(rule.when, court.items[decision.origin], court.tree)
    for trial in unwrapped(tried):
        yield from _words(trial)


def _words(trial: Trial) -> Iterator[str]:
    name = trial.condition.split(":")[0]
    if not trial.holds or name in SILENT:
        return
    if name in ("all", "any"):
        for part in trial.parts:
            yield from _words(part)
    elif name in UNSPOKEN:
        yield trial.condition
    elif not trial.parts and trial.values:
        meets = any_test(trial.patterns, path=name in PATHS)
        met = next((value for value in trial.values if meets(value)), None)
        if met is not None:
            yield f"{name}: {met}"
