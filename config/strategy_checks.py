"""What must hold within `strategy.yaml` beyond the kind of each value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import product

from config.ids import duplicates
from config.locate import Path
from config.problems import unknown
from config.strategy import BudgetEntry, CycleEntry, DatedWeight, KpiEntry, ObjectiveEntry, StrategyFile
from config.tree import Keys
from domain.strategy import UNALIGNED, KpiKind

Fault = tuple[Path, str]
Known = Mapping[str, Sequence[str]]
KINDS = ("cycles", "value_streams", "products", "teams")  # each kind has its own ids; targets share theirs


def check_strategy(file: StrategyFile, known: Known, tree: Keys) -> list[Fault]:
    """Every fault, with the path of the value; `known` holds ids per kind, those of faulty entries among them."""
    return [
        *duplicates(target_ids(file), "id", tree),
        *(
            fault
            for kind in KINDS
            for fault in duplicates(_ids(file, kind), kind.replace("_", " ").removesuffix("s"), tree)
        ),
        *_cycles(file),
        *_references(file, known),
        *_reserved(file),
        *(fault for path, entry in _targets(file) for fault in _priority(entry, path)),
        *_kpis(file),
        *_ranks(file),
    ]


def _ids(file: StrategyFile, kind: str) -> Iterator[tuple[Path, str]]:
    for index, entry in enumerate(getattr(file, kind)):
        yield (kind, index, "id"), entry.id


def _targets(file: StrategyFile) -> Iterator[tuple[Path, ObjectiveEntry | BudgetEntry]]:
    for index, objective in enumerate(file.objectives):
        yield ("objectives", index), objective
    for index, budget in enumerate(file.budgets):
        yield ("budgets", index), budget


def target_ids(file: StrategyFile) -> Iterator[tuple[Path, str]]:
    """Every id that work may contribute to, with its path."""
    for index, objective in enumerate(file.objectives):
        yield ("objectives", index, "id"), objective.id
        for number, result in enumerate(objective.key_results):
            yield ("objectives", index, "key_results", number, "id"), result.id
    for index, budget in enumerate(file.budgets):
        yield ("budgets", index, "id"), budget.id


def _reserved(file: StrategyFile) -> Iterator[Fault]:
    for path, name in target_ids(file):
        if name.casefold() == UNALIGNED:
            yield path, f"the id `{name}` is reserved for work that serves nothing; expected another id"
        elif "{" in name or "}" in name:
            yield path, f"the id `{name}` has a brace; expected an id without `{{` and `}}`"


def _cycles(file: StrategyFile) -> Iterator[Fault]:
    for index, cycle in enumerate(file.cycles):
        if cycle.start > cycle.end:
            yield (
                ("cycles", index, "from"),
                f"the cycle begins on {cycle.start}, after its end on {cycle.end}; expected `from` at or before `to`",
            )


def _references(file: StrategyFile, known: Known) -> Iterator[Fault]:
    for index, objective in enumerate(file.objectives):
        if objective.cycle not in known["cycles"]:
            yield ("objectives", index, "cycle"), unknown("cycle", objective.cycle, known["cycles"])
    for index, stream in enumerate(file.value_streams):
        for number, name in enumerate(stream.products):
            if name not in known["products"]:
                yield ("value_streams", index, "products", number), unknown("product", name, known["products"])
    for index, entry in enumerate(file.products):
        for number, target in enumerate(entry.serves):
            if target not in known["targets"]:
                yield ("products", index, "serves", number), unknown("target", target, known["targets"])


def _priority(entry: ObjectiveEntry | BudgetEntry, path: Path) -> Iterator[Fault]:
    days: set[date] = set()
    for index, weight in enumerate(entry.weight or ()):
        if weight.start in days:
            yield (*path, "weight", index, "from"), f"two weights hold from {weight.start}; expected one a day"
        days.add(weight.start)
    if entry.range is not None:
        yield from _ordered(entry.range, (*path, "range"), "range")
        if min(entry.range) < 0:
            yield (*path, "range"), "a range of weights goes below 0; expected numbers of at least 0"
    if isinstance(entry, ObjectiveEntry) and entry.rank is not None:
        for name, other in (("weight", entry.weight), ("range", entry.range)):
            if other is not None:
                yield (
                    (*path, name),
                    f"`{name}` stands beside `rank`; expected one of them, since ranks share what budgets leave",
                )


def _ordered(pair: Sequence[float], path: Path, what: str) -> Iterator[Fault]:
    if pair[0] > pair[1]:
        yield path, f"the {what} runs backwards ({pair[0]:g} to {pair[1]:g}); expected [lowest, highest]"


def _kpis(file: StrategyFile) -> Iterator[Fault]:
    for index, objective in enumerate(file.objectives):
        for number, result in enumerate(objective.key_results):
            if result.kpi is not None:
                yield from _kpi(result.kpi, ("objectives", index, "key_results", number, "kpi"))


def _kpi(kpi: KpiEntry, path: Path) -> Iterator[Fault]:
    days: set[date] = set()
    for index, point in enumerate(kpi.trajectory):
        if point.on in days:
            yield (*path, "trajectory", index, "on"), f"two points stand on {point.on}; expected one a day"
        days.add(point.on)
    yield from _band(kpi, path) if kpi.kind is KpiKind.MAINTAIN else _course(kpi, path)


def _band(kpi: KpiEntry, path: Path) -> Iterator[Fault]:
    if kpi.band is None:
        yield path, "the key `band` is missing; the kind maintain needs it; expected such as band: [95, 100]"
    else:
        yield from _ordered(kpi.band, (*path, "band"), "band")
    for name, value in (("baseline", kpi.baseline), ("target", kpi.target)):
        if value is not None:
            yield (*path, name), f"the kind maintain takes no `{name}`; expected only `band`"


def _course(kpi: KpiEntry, path: Path) -> Iterator[Fault]:
    if kpi.band is not None:
        yield (*path, "band"), f"the kind {kpi.kind} takes no `band`; expected `baseline` and `target`"
    for name, value in (("baseline", kpi.baseline), ("target", kpi.target)):
        if value is None:
            yield path, f"the key `{name}` is missing; the kind {kpi.kind} needs it; expected a number"
    if kpi.baseline is None or kpi.target is None:
        return
    if kpi.baseline == kpi.target:
        yield (
            (*path, "target"),
            f"the target equals the baseline ({kpi.target:g}); expected a value to move to, or the kind maintain",
        )
    elif (kpi.target > kpi.baseline) != (kpi.kind is KpiKind.INCREASE):
        other = KpiKind.DECREASE if kpi.kind is KpiKind.INCREASE else KpiKind.INCREASE
        yield (
            (*path, "kind"),
            (
                f"the kind is {kpi.kind}, but the target {kpi.target:g} lies the other way from {kpi.baseline:g}; "
                f"expected `{other}`"
            ),
        )


def _ranks(file: StrategyFile) -> Iterator[Fault]:
    """Ranks stand alone: all objectives of a cycle or none, no weights on the same day, budgets below 100."""
    ranked = {objective.cycle for objective in file.objectives if objective.rank is not None}
    weighted = {objective.cycle for objective in file.objectives if objective.weight or objective.range} - ranked
    for index, objective in enumerate(file.objectives):
        if objective.cycle in ranked and objective.rank is None:
            has = "a weight" if objective.weight else "a range" if objective.range else "no rank"
            yield (
                ("objectives", index),
                (
                    f"`{objective.id}` has {has} where others of the cycle {objective.cycle} have ranks; "
                    "expected ranks for all or none"
                ),
            )
    for one, (index, other) in product(file.cycles, enumerate(file.cycles)):
        if one.id in ranked and other.id in weighted and _overlap(one, other):
            yield (
                ("cycles", index, "id"),
                (
                    f"on {max(one.start, other.start)} weights (cycle {other.id}) stand beside ranks (cycle {one.id}); "
                    "expected one kind a day"
                ),
            )
    for cycle in file.cycles:
        if cycle.id in ranked:
            yield from _budgets(file, cycle)


def _overlap(one: CycleEntry, other: CycleEntry) -> bool:
    return max(one.start, other.start) <= min(one.end, other.end)


def _budgets(file: StrategyFile, cycle: CycleEntry) -> Iterator[Fault]:
    days = {cycle.start} | {weight.start for budget in file.budgets for weight in budget.weight or ()}
    for day in sorted(day for day in days if cycle.start <= day <= cycle.end):
        total = sum(_weight_on(budget, day) for budget in file.budgets)
        if total >= 100:
            yield (
                ("budgets",),
                (
                    f"budgets sum to {total:g} on {day}, where objectives are ranked (cycle {cycle.id}); "
                    "expected less than 100"
                ),
            )
            return


def _weight_on(budget: BudgetEntry, day: date) -> float:
    held: list[DatedWeight] = sorted(
        (weight for weight in budget.weight or () if weight.start <= day), key=lambda weight: weight.start
    )
    if budget.weight is None and budget.range is not None:
        return sum(budget.range) / 2
    return held[-1].weight if held else 0.0
