"""The conditions of a rule as a tree of typed nodes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from config.rules import Conditions
from mapping.values import FIELD, NAMES


class ConditionError(ValueError):
    """A condition that makes no sense; the message says what and what was expected."""


class Relation(StrEnum):
    PARENT = "parent"
    ANCESTOR = "ancestor"


@dataclass(frozen=True, slots=True)
class Has:
    """Some text of the item matches some pattern; `field` is the field's name where `name` is `field`."""

    name: str
    patterns: tuple[str, ...]
    field: str | None = None


@dataclass(frozen=True, slots=True)
class AllOf:
    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not:
    part: Node


@dataclass(frozen=True, slots=True)
class Related:
    """The parent, or some ancestor, is in the store and meets the conditions."""

    relation: Relation
    part: Node


Node = Has | AllOf | AnyOf | Not | Related

EXPECTED = ", ".join((*NAMES, FIELD, "any", "all", "not", *Relation))


def read(when: Conditions) -> AllOf:
    """The typed tree of the conditions as written; ConditionError for what is none of them."""
    return AllOf(tuple(node for name, written in when.items() for node in _nodes(name, written)))


def parts_of(node: Node) -> tuple[Node, ...]:
    """The nodes right below a node."""
    match node:
        case Has():
            return ()
        case AllOf() | AnyOf():
            return node.parts
        case Not() | Related():
            return (node.part,)


def walk(node: Node) -> Iterator[Node]:
    """The node and everything below it."""
    yield node
    for part in parts_of(node):
        yield from walk(part)


def _nodes(name: str, written: Any) -> Iterator[Node]:
    if name in NAMES:
        yield Has(name, _patterns(name, written))
    elif name == FIELD:
        for field, patterns in _tree(name, written).items():
            yield Has(FIELD, _patterns(f"{name}: {field}", patterns), field)
    elif name == "all":
        yield AllOf(tuple(read(tree) for tree in _trees(name, written)))
    elif name == "any":
        yield AnyOf(tuple(read(tree) for tree in _trees(name, written)))
    elif name == "not":
        yield Not(read(_tree(name, written)))
    elif name in (Relation.PARENT, Relation.ANCESTOR):
        yield Related(Relation(name), read(_tree(name, written)))
    else:
        raise ConditionError(f"unknown condition {name}; expected one of {EXPECTED}")


def _patterns(name: str, written: Any) -> tuple[str, ...]:
    patterns = written if isinstance(written, list | tuple) else (written,)
    if not all(isinstance(pattern, str | int | float) and not isinstance(pattern, bool) for pattern in patterns):
        raise ConditionError(f"{name} holds something that is no text; expected a pattern or a list of patterns")
    return tuple(str(pattern) for pattern in patterns)


def _tree(name: str, written: Any) -> Conditions:
    if not isinstance(written, dict):
        raise ConditionError(f"{name} holds {written!r}; expected conditions, such as {name}: {{type: Epic}}")
    return written


def _trees(name: str, written: Any) -> list[Conditions]:
    if not isinstance(written, list | tuple):
        raise ConditionError(f"{name} holds {written!r}; expected a list of conditions")
    return [_tree(name, tree) for tree in written]
