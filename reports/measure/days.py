"""Effort by working days under way, each person's day shared among what they had in hand."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterator
from datetime import date, datetime, timedelta

from domain.calendar import Period, days_of, midnight
from domain.history import value_at
from domain.work import State
from reports.measure.entry import Entry, team_of
from reports.measure.ledger import Ledger, Work

SATURDAY = 5
ALIVE = 30  # days in which something must have happened to an item that is under way
INSTANT = timedelta(microseconds=1)  # the resolution of our instants


def days(ledger: Ledger, period: Period) -> list[Entry]:
    """Work under way in the period, delivered or not (DRIFT 3).

    A local working day of a counted item counts when it was `doing` at some moment of that day inside the period,
    and something happened to it in the 30 days before that day's end. A person's day is 1, shared equally among
    that person's items of the day; an unassigned item takes the mean fraction of its team's assigned items of the
    day, else of its source's, else 1.
    """
    holidays = set(ledger.facts.options.holidays)
    spans = [(work, found) for work in ledger.work if (found := list(doing_spans(work, period)))]
    moments = {work.item.ref: _moments(work) for work, _ in spans}
    entries: list[Entry] = []
    for day in days_of(period, ledger.zone):
        if day.weekday() >= SATURDAY or day in holidays:
            continue
        end = midnight(day + timedelta(days=1), ledger.zone)
        today = Period(midnight(day, ledger.zone), min(end, period.end))
        alive = midnight(day + timedelta(days=1 - ALIVE), ledger.zone)
        in_hand: list[tuple[Work, str | None]] = []
        for work, found in spans:
            last = _last_moment(found, today)
            if last is not None and _happened(moments[work.item.ref], alive, end):
                in_hand.append((work, _assignee(work, last)))
        entries += _share_the_day(in_hand, day)
    return sorted(entries, key=lambda entry: (entry.work.item.ref, entry.day))


def doing_spans(work: Work, period: Period) -> Iterator[Period]:
    """When the item was `doing`, cut to a period; oldest first, none of them empty."""
    state = value_at(work.history, "state", work.item.created_at, work.item.state)
    since = work.item.created_at
    for entry in work.history:
        if entry.field != "state" or entry.at <= work.item.created_at:
            continue
        if state == State.DOING:
            yield from _within(since, entry.at, period)
        state, since = entry.after, entry.at
    if state == State.DOING:
        yield from _within(since, period.end, period)


def _within(start: datetime, end: datetime, period: Period) -> Iterator[Period]:
    start, end = max(start, period.start), min(end, period.end)
    if start < end:
        yield Period(start, end)


def _moments(work: Work) -> list[datetime]:
    return sorted([work.item.created_at, *(entry.at for entry in work.history)])


def _last_moment(spans: list[Period], today: Period) -> datetime | None:
    """The end (excluded) of the item's last `doing` moment of a day."""
    ends = [min(span.end, today.end) for span in spans if span.start < today.end and span.end > today.start]
    return max(ends, default=None)


def _happened(moments: list[datetime], start: datetime, end: datetime) -> bool:
    place = bisect_left(moments, start)
    return place < len(moments) and moments[place] < end


def _assignee(work: Work, end: datetime) -> str | None:
    """Who had the item just before an instant."""
    value = value_at(work.history, "assignee", end - INSTANT, work.item.assignee)
    return value if isinstance(value, str) else None


def _share_the_day(in_hand: list[tuple[Work, str | None]], day: date) -> list[Entry]:
    held = Counter(person for _, person in in_hand if person is not None)
    fractions: dict[Hashable, list[float]] = defaultdict(list)
    for work, person in in_hand:
        if person is not None:
            fractions[team_of(work)].append(1 / held[person])
            fractions[work.item.source].append(1 / held[person])
    entries = []
    for work, person in in_hand:
        if person is not None:
            amount = 1 / held[person]
        else:
            known = fractions.get(team_of(work)) or fractions.get(work.item.source) or [1.0]
            amount = sum(known) / len(known)
        entries.append(Entry(work, day, amount))
    return entries
