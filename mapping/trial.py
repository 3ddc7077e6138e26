"""How each condition of a rule fared on one item: the pattern, the value it met, the verdict."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from domain.hierarchy import Hierarchy
from domain.work import WorkItem
from mapping.conditions import AllOf, AnyOf, Has, Node, Not, Related, Relation
from mapping.patterns import any_test
from mapping.regexes import TIME_LIMIT, SlowPatternError
from mapping.values import PATHS, reader


@dataclass(frozen=True, slots=True)
class Trial:
    """One condition and its verdict.

    `condition` is its name as in YAML (`field: NAME` for a field). `patterns` and `values` are filled where it looks
    at values, `parts` where it holds other conditions. `on` is the key of the item it was tried on, where that is
    the parent or an ancestor (None: there is none in the store).
    """

    condition: str
    holds: bool
    patterns: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    on: str | None = None
    parts: tuple[Trial, ...] = ()
    note: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Only what is filled, apart from the verdict."""
        told: dict[str, Any] = {"condition": self.condition, "holds": self.holds}
        if not self.parts and self.condition not in COMBINED:
            told |= {"patterns": list(self.patterns), "values": list(self.values)}
        if self.condition in tuple(Relation):
            told["on"] = self.on
        if self.note:
            told["note"] = self.note
        if self.parts:
            told["parts"] = [part.as_json() for part in self.parts]
        return told


COMBINED = frozenset({"all", "any", "not", *Relation})


def try_out(node: Node, item: WorkItem, tree: Hierarchy) -> Trial:
    """Try a node of a tree of conditions, and every condition below it, without stopping at the first failure.

    A regular expression that runs into its time limit does not hold, and its note says so: mapping itself would not
    have tried it where another condition had failed before.
    """
    match node:
        case Has(name, patterns, field):
            values = tuple(str(text) for text in reader(name, field)(item))
            condition = f"{name}: {field}" if field is not None else name
            try:
                holds = any(map(any_test(patterns, path=name in PATHS), values))
            except SlowPatternError:
                return Trial(condition, False, patterns, values, note=f"took longer than {TIME_LIMIT} s")
            return Trial(condition, holds, patterns, values)
        case AllOf(parts):
            tried = tuple(try_out(part, item, tree) for part in parts)
            # One condition needs no "all" around it.
            return tried[0] if len(tried) == 1 else Trial("all", all(part.holds for part in tried), parts=tried)
        case AnyOf(parts):
            tried = tuple(try_out(part, item, tree) for part in parts)
            return Trial("any", any(part.holds for part in tried), parts=tried)
        case Not(part):
            inner = try_out(part, item, tree)
            return Trial("not", not inner.holds, parts=unwrapped(inner))
        case Related(relation, part):
            return _related(relation, part, item, tree)


def _related(relation: Relation, part: Node, item: WorkItem, tree: Hierarchy) -> Trial:
    """The parent; or the nearest ancestor that meets the conditions, and where none does, the nearest of all."""
    above = list(tree.ancestors(item.ref))
    if relation is Relation.PARENT:
        del above[1:]
    tried = [(tree.items[ref].key, try_out(part, tree.items[ref], tree)) for ref in above]
    if not tried:
        return Trial(relation, holds=False)
    key, shown = next((pair for pair in tried if pair[1].holds), tried[0])
    return Trial(relation, shown.holds, on=key, parts=unwrapped(shown))


def unwrapped(whole: Trial) -> tuple[Trial, ...]:
    """The conditions of a tree, without the `all` around them that nobody wrote."""
    return whole.parts if whole.condition == "all" else (whole,)
