"""What is valid in `strategy.yaml` and yet seldom meant: said by `check`, and never in the way."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import combinations

from config.locate import Path
from config.strategy import BudgetEntry, CycleEntry, KeyResultEntry, ObjectiveEntry, StrategyFile

Note = tuple[Path, str]
DAY = timedelta(days=1)


def strategy_notes(file: StrategyFile) -> list[Note]:
    """Every note on a strategy without faults, with the path of the value."""
    return [*_cycles(file), *_objectives(file), *_key_results(file), *_weights(file), *_products(file)]


def _cycles(file: StrategyFile) -> Iterator[Note]:
    """Cycles that overlap in part, and days between cycles. One within another (a pilot in a year) is meant."""
    places = {cycle.id: ("cycles", index, "from") for index, cycle in enumerate(file.cycles)}
    in_order = sorted(file.cycles, key=lambda cycle: (cycle.start, cycle.end))
    for one, other in combinations(in_order, 2):
        if one.start < other.start <= one.end < other.end:
            yield (
                places[other.id],
                f"`{other.id}` begins before `{one.id}` ends on {one.end}; the objectives of both count on those days",
            )
    covered: CycleEntry | None = None
    for cycle in in_order:
        if covered is not None and cycle.start > covered.end + DAY:
            yield (
                places[cycle.id],
                f"no cycle covers {covered.end + DAY} to {cycle.start - DAY}, and work delivered then serves no plan",
            )
        covered = cycle if covered is None or cycle.end > covered.end else covered


def _objectives(file: StrategyFile) -> Iterator[Note]:
    for index, objective in enumerate(file.objectives):
        here = ("objectives", index, "id")
        if objective.owner is None:
            yield (
                here,
                f"`{objective.id}` has no owner; add the role that answers for it, such as owner: Head of Commerce",
            )
        if not objective.key_results:
            yield here, f"`{objective.id}` has no key result, so that nobody will see whether it is reached"


def _key_results(file: StrategyFile) -> Iterator[Note]:
    for index, objective in enumerate(file.objectives):
        cycle = next(cycle for cycle in file.cycles if cycle.id == objective.cycle)
        for number, result in enumerate(objective.key_results):
            here = ("objectives", index, "key_results", number)
            yield from _key_result(result, here, cycle)


def _key_result(result: KeyResultEntry, here: Path, cycle: CycleEntry) -> Iterator[Note]:
    if result.kpi is None:
        yield (*here, "id"), f"`{result.id}` has no `kpi`, so that its progress cannot be told"
    elif not result.readings and result.readings_from is None:
        yield (*here, "id"), f"`{result.id}` has no reading yet; add `readings` or `readings_from`"
    days: set[date] = set()
    for place, reading in enumerate(result.readings):
        if reading.on in days:
            yield (*here, "readings", place, "on"), f"two readings stand on {reading.on}; the later one counts"
        days.add(reading.on)
    if result.kpi is not None:
        for place, point in enumerate(result.kpi.trajectory):
            if not cycle.start <= point.on <= cycle.end:
                yield (
                    (*here, "kpi", "trajectory", place, "on"),
                    f"{point.on} is not in the cycle `{cycle.id}` ({cycle.start} to {cycle.end})",
                )


def _weights(file: StrategyFile) -> Iterator[Note]:
    entries: list[tuple[Path, ObjectiveEntry | BudgetEntry]] = [
        *((("objectives", index), objective) for index, objective in enumerate(file.objectives)),
        *((("budgets", index), budget) for index, budget in enumerate(file.budgets)),
    ]
    for here, entry in entries:
        ranked = isinstance(entry, ObjectiveEntry) and entry.rank is not None
        if entry.weight is None and entry.range is None and not ranked:
            yield (
                (*here, "id"),
                f"`{entry.id}` has neither weight nor range nor rank, so that no effort is planned for it",
            )
        if entry.range is not None:
            low, high = entry.range
            for number, weight in enumerate(entry.weight or ()):
                if not entry.range[0] <= weight.weight <= entry.range[1]:
                    place = (*here, "weight") if len(entry.weight or ()) == 1 else (*here, "weight", number, "weight")
                    yield (
                        place,
                        f"the weight {weight.weight:g} lies outside the range [{low:g}, {high:g}] beside it",
                    )


def _products(file: StrategyFile) -> Iterator[Note]:
    held = {name for stream in file.value_streams for name in stream.products}
    for index, entry in enumerate(file.products):
        if not entry.serves:
            yield ("products", index, "id"), f"`{entry.id}` serves no objective; add `serves`, or ask what it is for"
        if file.value_streams and entry.id not in held:
            yield ("products", index, "id"), f"`{entry.id}` belongs to no value stream"
