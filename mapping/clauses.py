"""Conditions as alternatives, each a row of plain or negated conditions that must all hold."""

from __future__ import annotations

from dataclasses import dataclass

from mapping.conditions import AllOf, AnyOf, Node, Not

MOST = 32  # alternatives of one rule; what would make more stays together as one condition


@dataclass(frozen=True, slots=True)
class Literal:
    """A condition, or its contrary."""

    node: Node
    negated: bool = False


Clause = tuple[Literal, ...]


def clauses(node: Node) -> list[Clause]:
    """The alternatives of a tree of conditions, of which one must hold; in the order in which they are written."""
    return _alternatives(node, negated=False)


def _alternatives(node: Node, *, negated: bool) -> list[Clause]:
    match node:
        case Not(part):
            return _alternatives(part, negated=not negated)
        case AllOf(parts) | AnyOf(parts):
            choices = [_alternatives(part, negated=negated) for part in parts]
            if isinstance(node, AllOf) == negated:  # one of them: `any`, or "not all"
                found = [clause for choice in choices for clause in choice]
                return found if len(found) <= MOST else [(Literal(node, negated),)]
            found = [()]
            for part, choice in zip(parts, choices, strict=True):
                few = choice if len(found) * len(choice) <= MOST else [(Literal(part, negated),)]
                found = [(*clause, *more) for clause in found for more in few]
            return found
        case _:
            return [(Literal(node, negated),)]
