"""Which rules no test protects: each is left out, and loosened, and some test should notice."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from config.rules import Conditions, MappingRules, Rule
from domain.strategy import Strategy
from domain.work import ItemRef, WorkItem
from mapping.check import examined, run_tests
from mapping.values import FIELD


@dataclass(frozen=True, slots=True)
class Mutant:
    """A mapping with one rule changed; `without` is the condition that was left out (None: the rule itself)."""

    rule: Rule
    without: str | None
    rules: MappingRules

    def sentence(self) -> str:
        what = "it is left out" if self.without is None else f"its condition `{self.without}` is left out"
        return f"{self.rule.place}: rule {self.rule.id}: no test notices when {what}."

    def as_json(self) -> dict[str, Any]:
        return {"rule": self.rule.id, "place": str(self.rule.place), "without": self.without}


def mutants(rules: MappingRules) -> Iterator[Mutant]:
    """Every rule left out, and every rule without one of its conditions (or its dates), in the order of the file."""
    for place, rule in enumerate(rules.rules):
        before, after = rules.rules[:place], rules.rules[place + 1 :]
        yield Mutant(rule, None, replace(rules, rules=(*before, *after)))
        for without, looser in _looser(rule):
            yield Mutant(rule, without, replace(rules, rules=(*before, looser, *after)))


def survivors(
    rules: MappingRules,
    items: Mapping[ItemRef, WorkItem],
    strategy: Strategy,
    tick: Callable[[int, int], None] = lambda _done, _of: None,
) -> tuple[list[Mutant], int]:
    """The mutants that no test notices, and how many there were; `tick` is told how far it is.

    A test that fails already notices nothing. ConfigurationError as in `assign`.
    """
    needed = examined(rules, items)
    passed = [result.passed for result in run_tests(rules, needed, strategy)]
    tried = list(mutants(rules))
    alive = []
    for number, mutant in enumerate(tried, start=1):
        results = run_tests(mutant.rules, needed, strategy)
        if not any(before and not after.passed for before, after in zip(passed, results, strict=True)):
            alive.append(mutant)
        tick(number, len(tried))
    return alive, len(tried)


def _looser(rule: Rule) -> Iterator[tuple[str, Rule]]:
    for told, when in _weakened(rule.when):
        if told == _captured(rule):
            continue  # without the label the capture says nothing, so that this changes nothing
        yield told, replace(rule, when=when)
    if rule.start is not None:
        yield f"from: {rule.start}", replace(rule, start=None)
    if rule.until is not None:
        yield f"until: {rule.until}", replace(rule, until=None)


def _captured(rule: Rule) -> str | None:
    """The condition on labels that a rule repeats, whose only word is what a label holds."""
    said = rule.set
    if said.contributes_to is None or said.value_stream or said.product or said.work_class:
        return None
    (target, _), *others = said.contributes_to
    return target.strip("{}").replace("label:", "label: ", 1) if target.startswith("{") and not others else None


def _weakened(when: Conditions) -> Iterator[tuple[str, Conditions]]:
    """The conditions without one of them, which is told as it is written."""
    for name, wanted in when.items():
        rest = {other: held for other, held in when.items() if other != name}
        if name == FIELD and len(wanted) > 1:
            for field in wanted:
                fewer = {other: held for other, held in wanted.items() if other != field}
                yield f"field: {{{field}: {_written(wanted[field])}}}", {**rest, name: fewer}
        elif name == "all" and len(wanted) > 1:
            for place, each in enumerate(wanted):
                yield _written(each), {**rest, name: [*wanted[:place], *wanted[place + 1 :]]}
        else:
            yield f"{name}: {_written(wanted)}", rest


def _written(held: Any) -> str:
    """A condition as YAML in one line, a list of one as the one."""
    if isinstance(held, Mapping):
        return "{" + ", ".join(f"{name}: {_written(each)}" for name, each in held.items()) + "}"
    if isinstance(held, list | tuple):
        return _written(held[0]) if len(held) == 1 else "[" + ", ".join(_written(each) for each in held) + "]"
    return str(held)
