"""Nobody has read a key result of the running cycle for a while.

What it finds
    A key result whose last reading is older than 14 days, or that has never been read, in a cycle that holds the
    window's last day. It is a warning once half of the cycle is over.

Why it matters
    A key result is the only thing that says whether the work is worth it. Without a reading, effort is all there is to
    look at, and effort always looks like progress.

What to do
    Read the figure today and add it to the strategy file; where that takes more than some minutes, have a machine write
    it into a file that `readings_from` names.

Ask the team
    - Where does this figure come from, and what would make it cheap to read every week?
    - If it cannot be read before the cycle ends, what could we read instead?
"""

from __future__ import annotations

from collections.abc import Iterable

from domain.calendar import local_day
from domain.findings import Finding, Severity
from reports.measure.outcome import Outcome
from reports.rules.rule import Options, Sight
from reports.rules.speech import current_outcomes, cycle_share, days_words, named

code = "S04"
name = "stale-key-result"
severity = Severity.INFO
options: Options = {"days": 14}
HALF = 0.5


def check(sight: Sight) -> Iterable[Finding] | None:
    """One finding for each key result without a recent reading; None where the running cycles have none."""
    current = current_outcomes(sight)
    if not current:
        return None
    return [finding for outcome in current if (finding := _finding(sight, outcome)) is not None]


def _finding(sight: Sight, outcome: Outcome) -> Finding | None:
    say, frame = sight.say, sight.figures.frame
    over = cycle_share(sight, outcome)
    grave = Severity.WARNING if over > HALF else severity
    read_on = outcome.progress.read_on
    if read_on is None:
        message = say.text(
            "{key_result} has no reading yet; {over} of its cycle is over.",
            key_result=named(sight, outcome.id),
            over=say.percent(over),
        )
        return Finding(code, name, grave, outcome.id, message)
    age = (local_day(frame.until, frame.zone) - read_on).days
    if age <= sight.options["days"]:
        return None
    message = say.text(
        "{key_result} was last read on {day}, {days} ago; {over} of its cycle is over.",
        key_result=named(sight, outcome.id),
        day=say.day(read_on),
        days=days_words(sight, age),
        over=say.percent(over),
    )
    return Finding(code, name, grave, outcome.id, message)
