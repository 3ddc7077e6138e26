"""Conditions compiled to one fast test of a work item in its hierarchy."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from operator import attrgetter

from config.rules import Place
from domain.errors import ConfigurationError
from domain.hierarchy import Hierarchy
from domain.work import WorkItem
from mapping.conditions import AllOf, AnyOf, ConditionError, Has, Node, Not, Related, Relation, read
from mapping.patterns import PatternError, TextTest, any_test, is_exact
from mapping.regexes import TIME_LIMIT, SlowPatternError
from mapping.values import DISTINCT, ONE_TEXT, PATHS, reader

REMEMBERED = 4096  # verdicts kept of a condition whose test is dear

Predicate = Callable[[WorkItem, Hierarchy], bool]


def conditions_of(rule: str, when: dict[str, object], place: Place) -> AllOf:
    """The typed conditions of a rule; ConfigurationError with the rule's place when they make no sense."""
    try:
        return read(when)
    except ConditionError as error:
        raise ConfigurationError(f"{place}: rule {rule}: {error}.") from None


def compile_node(node: Node) -> Predicate:
    """The test of one node of a tree of conditions.

    PatternError for a broken regular expression. The test raises SlowPatternError when one runs into its time
    limit: whoever knows the rule and the item says so (`too_slow`).
    """
    match node:
        case Has():
            return _has(node)
        case AllOf(parts):
            return _all(tuple(compile_node(part) for part in parts))
        case AnyOf(parts):
            return _any(tuple(compile_node(part) for part in parts))
        case Not(part):
            test = compile_node(part)
            return lambda item, tree: not test(item, tree)
        case Related(relation, part):
            return _related(relation, compile_node(part))


def broken(rule: str, place: Place, error: PatternError) -> ConfigurationError:
    """The error for a pattern that cannot be compiled."""
    return ConfigurationError(f"{place}: rule {rule}: the pattern {error}.")


def too_slow(rule: str, place: Place, item: WorkItem, error: SlowPatternError) -> ConfigurationError:
    """The error for a regular expression that ran into its time limit."""
    return ConfigurationError(
        f"{place}: rule {rule}: the regular expression {error} took longer than {TIME_LIMIT} s on {item.key}; "
        "make it simpler, for instance without one repetition inside another."
    )


def _has(node: Has) -> Predicate:
    test = any_test(node.patterns, path=node.name in PATHS)
    if node.name not in DISTINCT and not all(map(is_exact, node.patterns)):
        test = lru_cache(maxsize=REMEMBERED)(test)
    if node.name in ONE_TEXT:
        return _one_text(attrgetter(ONE_TEXT[node.name]), test)
    texts = reader(node.name, node.field)

    def has(item: WorkItem, _: Hierarchy) -> bool:
        for text in texts(item):  # noqa: SIM110 - any() over a generator takes twice as long here
            if test(text):
                return True
        return False

    return has


def _one_text(read: Callable[[WorkItem], str | None], test: TextTest) -> Predicate:
    def has(item: WorkItem, _: Hierarchy) -> bool:
        text = read(item)
        return test(text) if text else False

    return has


def _all(tests: tuple[Predicate, ...]) -> Predicate:
    match tests:
        case (test,):
            return test
        case (first, second):
            return lambda item, tree: first(item, tree) and second(item, tree)
        case _:
            return lambda item, tree: all(test(item, tree) for test in tests)


def _any(tests: tuple[Predicate, ...]) -> Predicate:
    return lambda item, tree: any(test(item, tree) for test in tests)


def _related(relation: Relation, test: Predicate) -> Predicate:
    if relation is Relation.PARENT:

        def parent_is(item: WorkItem, tree: Hierarchy) -> bool:
            parent = tree.parent(item.ref)
            return parent is not None and test(tree.items[parent], tree)

        return parent_is
    return lambda item, tree: any(test(tree.items[above], tree) for above in tree.ancestors(item.ref))
