"""Whether a rule's conditions can only hold where those of rules above it do: a proof from the conditions alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mapping.clauses import MOST, Clause, Literal
from mapping.conditions import AllOf, AnyOf, Has, Node, Not, Related, Relation
from mapping.patterns import fold, is_exact, is_regex, text_test, wildcard_test
from mapping.values import PATHS


def covered(clause: Clause, by: Iterable[Clause]) -> bool:
    """Whether an alternative can hold only where one of the others does. False where that is not proved."""
    return any(all(any(_literal(mine, other) for mine in clause) for other in one) for one in by)


def single_patterns(clause: Clause) -> Sequence[Clause]:
    """An alternative as several, with one pattern each where it lists them: each may be covered by another rule."""
    found: list[Clause] = [()]
    for literal in clause:
        node = literal.node
        few = [literal]
        if isinstance(node, Has) and not literal.negated and len(found) * len(node.patterns) <= MOST:
            few = [Literal(Has(node.name, (pattern,), node.field)) for pattern in node.patterns]
        found = [(*one, more) for one in found for more in few]
    return found


def _literal(mine: Literal, other: Literal) -> bool:
    """Whether one condition (or its contrary) implies another."""
    if mine.negated != other.negated:
        return False
    return _node(other.node, mine.node) if mine.negated else _node(mine.node, other.node)


def _node(one: Node, other: Node) -> bool:
    """Whether whatever meets a condition meets the other."""
    implied = one == other
    match one, other:
        case Has(), Has():
            implied = implied or _has(one, other)
        case Related(), Related():
            # A parent is an ancestor, and not the other way round.
            implied = other.relation in (one.relation, Relation.ANCESTOR) and _node(one.part, other.part)
        case _, AllOf(parts):
            implied = all(_node(one, part) for part in parts)
        case _, AnyOf(parts) if any(_node(one, part) for part in parts):
            implied = True
        case AnyOf(parts), _:
            implied = all(_node(part, other) for part in parts)
        case AllOf(parts), _:
            implied = any(_node(part, other) for part in parts)
        case Not(part), Not(others):
            implied = _node(others, part)
    return implied


def _has(one: Has, other: Has) -> bool:
    """Whether every text that one condition looks for is one that the other looks for in the same place."""
    same = one.name == other.name and fold(one.field or "") == fold(other.field or "")
    path = one.name in PATHS
    return same and all(any(_wider(wide, than, path=path) for wide in other.patterns) for than in one.patterns)


def _wider(pattern: str, than: str, *, path: bool) -> bool:
    """Whether a pattern surely matches every text that the other one matches."""
    if fold(pattern) == fold(than):
        return not (is_regex(pattern) or is_regex(than)) or pattern == than
    if is_regex(pattern) or is_regex(than):
        return False
    if is_exact(than):
        return text_test(pattern, path=path)(than)
    if is_exact(pattern):
        return False
    if path:
        node, inner = fold(pattern).removesuffix("\\**"), fold(than).removesuffix("\\**")
        below = is_exact(node) and is_exact(inner) and fold(pattern) != node
        return below and (inner == node or inner.startswith(node + "\\"))
    # A `*` of the narrower one, read as a letter, can only be taken by a `*` of the wider: which then takes whatever
    # it stands for. A `?` of the wider could take it as well, and must not.
    return "?" not in pattern and wildcard_test(pattern)[1](fold(than))
