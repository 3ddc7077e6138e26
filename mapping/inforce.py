"""Rules with dates: a rule speaks of work that was done, or is seen, on one of its days."""

from __future__ import annotations

from datetime import date

from config.rules import Rule, Seen
from domain.calendar import local_day
from domain.work import WorkItem
from mapping.match import Predicate
from mapping.trial import Trial


def dated(rule: Rule) -> bool:
    """Whether a rule holds on some days only."""
    return rule.start is not None or rule.until is not None


def in_force(rule: Rule, seen: Seen | None) -> Predicate:
    """The test whether a dated rule speaks of an item at all."""
    assert seen is not None, "rules with dates are taken as seen at an instant"

    return lambda item, _: _holds_on(rule, day_of(item, seen))


def current(rule: Rule, seen: Seen | None) -> bool:
    """Whether a rule speaks of work that is not done yet: it has begun, and is not over."""
    return seen is None or _holds_on(rule, local_day(seen.at, seen.zone))


def outlasts(rule: Rule, other: Rule) -> bool:
    """Whether a rule holds on every day of another one."""
    begins = rule.start is None or (other.start is not None and rule.start <= other.start)
    return begins and (rule.until is None or (other.until is not None and other.until <= rule.until))


def day_of(item: WorkItem, seen: Seen) -> date:
    """The day by which an item is judged: on which it was done, else on which it is seen, in the organisation's zone.

    So what was delivered keeps the target of its time when a rule begins or ends.
    """
    return local_day(item.done_at or seen.at, seen.zone)


def trials(rule: Rule, item: WorkItem, seen: Seen | None) -> tuple[Trial, ...]:
    """How a rule's dates fared on an item, as conditions `from` and `until`."""
    if seen is None or not dated(rule):
        return ()
    day = day_of(item, seen)
    tried = []
    if rule.start is not None:
        tried.append(Trial("from", rule.start <= day, (rule.start.isoformat(),), (day.isoformat(),)))
    if rule.until is not None:
        tried.append(Trial("until", day <= rule.until, (rule.until.isoformat(),), (day.isoformat(),)))
    return tuple(tried)


def _holds_on(rule: Rule, day: date) -> bool:
    return (rule.start is None or rule.start <= day) and (rule.until is None or day <= rule.until)
