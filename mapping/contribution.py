"""What a setting's `contributes_to` says of an item: shares of targets, with what labels name filled in."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from domain.strategy import UNALIGNED, Strategy
from domain.work import WorkItem
from mapping.patterns import PatternError, capture, fold
from mapping.values import NAMES, reader

TEMPLATE = re.compile(r"\{\s*([a-z_]+)\s*:\s*(.+?)\s*\}")


@dataclass(frozen=True, slots=True)
class Contribution:
    """Shares by id as tagged, which sum to 1; see domain.tags.Assignment for conflict and unknown."""

    shares: Mapping[str, float]
    conflict: bool = False
    unknown: tuple[str, ...] = ()


CONFLICT = Contribution({UNALIGNED: 1.0}, conflict=True)


class Targets:
    """The ids that work may contribute to, by one revision of the strategy."""

    def __init__(self, strategy: Strategy) -> None:
        self._objective_of = strategy.target_of()
        self._known = {fold(target): target for target in self._objective_of}

    @property
    def ids(self) -> Sequence[str]:
        """Every id, in the order of the strategy."""
        return list(self._objective_of)

    def find(self, text: str) -> str | None:
        """The id that a text names, ignoring case; None when there is no such target."""
        return self._known.get(fold(text))

    def finest(self, ids: Iterable[str]) -> set[str]:
        """The ids less each objective that stands beside one of its own key results."""
        named = set(ids)
        return named - {self._objective_of[target] for target in named if self._objective_of[target] != target}


Speaker = Callable[[WorkItem], Contribution | None]


def speaker(parts: tuple[tuple[str, float], ...], targets: Targets) -> Speaker:
    """Compile `contributes_to` to what it says of an item; None: it does not speak.

    Parts are divided by their sum. A template `{label:okr-*}` stands for the id that a label of the item names:
    no known id and nothing speaks; several that are not an objective and one of its key results, and the item is
    unaligned for conflicting tags. An id that the strategy does not have is kept, and listed as unknown.
    PatternError when the parts sum to nothing, or a template makes no sense.
    """
    total = math.fsum(part for _, part in parts)
    if not total > 0 or any(part < 0 for _, part in parts):
        raise PatternError(f"{dict(parts)} in contributes_to has no sum above 0; expected parts such as 60 and 40")
    named = [(_named(target, targets), part / total) for target, part in parts if part > 0]
    if all(isinstance(target, str) for target, _ in named):
        fixed = _contribution([(target, share) for target, share in named if isinstance(target, str)], targets)
        return lambda _: fixed

    def speak(item: WorkItem) -> Contribution | None:
        shares: list[tuple[str, float]] = []
        for target, share in named:
            ids = (target,) if isinstance(target, str) else target(item)
            if len(ids) > 1:
                return CONFLICT
            if not ids:
                return None
            shares.append((next(iter(ids)), share))
        return _contribution(shares, targets)

    return speak


def is_template(target: str) -> bool:
    """Whether a target stands for what the item's own texts name."""
    return TEMPLATE.fullmatch(target) is not None


def _named(target: str, targets: Targets) -> str | Callable[[WorkItem], tuple[str, ...]]:
    """The id itself in the strategy's spelling, or the function that finds the ids which an item names."""
    found = TEMPLATE.fullmatch(target)
    if found is None:
        return targets.find(target) or target
    name, pattern = found.groups()
    if name not in NAMES:
        raise PatternError(f"{target} reads {name}; expected one of {', '.join(NAMES)}")
    texts, taken = reader(name), capture(pattern)

    def ids(item: WorkItem) -> tuple[str, ...]:
        captured = (taken(text) for text in texts(item))
        known = {known for text in captured if text is not None and (known := targets.find(text)) is not None}
        return tuple(targets.finest(known)) if known else ()

    return ids


def _contribution(shares: list[tuple[str, float]], targets: Targets) -> Contribution:
    summed: dict[str, float] = {}
    for target, share in shares:
        summed[target] = summed.get(target, 0.0) + share
    return Contribution(summed, unknown=tuple(target for target in summed if targets.find(target) is None))
