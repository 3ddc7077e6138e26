"""The words by which the rules of a mapping name what trackers hold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass
from typing import Any

from config.locate import KeyName, Path
from config.rules import Conditions, MappingRules
from domain.vocabulary import FIELD, KINDS, NODE, Vocabulary
from mapping.conditions import Relation
from mapping.inforce import current
from mapping.patterns import TextTest, any_test, fold, is_exact, is_regex, text_test

BELOW = NODE + "**"  # an area path with everything below it


@dataclass(frozen=True, slots=True)
class Reference:
    """One word, or wildcard, in the conditions of a rule.

    `path` leads to it in the conditions, `beside` are all patterns of the list that it stands in, `scope` the patterns
    of `source` that hold around it.
    """

    rule: str
    path: Path
    kind: str
    pattern: str
    beside: tuple[str, ...]
    scope: tuple[tuple[str, ...], ...] = ()

    @property
    def exact(self) -> str | None:
        """The one word that is meant, be it with everything below it; None for a wildcard."""
        if self.kind == FIELD:
            return self.pattern
        word = self.pattern.removesuffix(BELOW) if self.kind == "area_path" else self.pattern
        return word if word and is_exact(word) else None

    @property
    def test(self) -> TextTest:
        """Whether the reference means a word."""
        if self.kind == FIELD:
            folded = fold(self.pattern)
            return lambda word: fold(word) == folded
        return text_test(self.pattern, path=self.kind == "area_path")

    def sources(self, known: Iterable[str]) -> tuple[str, ...]:
        """Those of the sources whose items it speaks of."""
        tests = [any_test(patterns) for patterns in self.scope]
        return tuple(source for source in sorted(known) if all(test(source) for test in tests))

    def written(self, word: str) -> str:
        """The pattern with another word in the place of its own exact one."""
        return word + self.pattern[len(self.exact or "") :]


def references(rules: MappingRules) -> list[Reference]:
    """Every word that the rules name, in their order, those of `not` among them.

    No regular expressions, and nothing of rules that have not begun or are over.
    """
    standing = [rule for rule in rules.rules if current(rule, rules.seen)]
    return [reference for rule in standing for reference in _of(rule.id, rule.when, (), ())]


def missing(named: Iterable[Reference], sources: Set[str], present: Vocabulary) -> list[Reference]:
    """The references that mean no present word of the sources they speak of; `sources` are those that have items."""
    folded: dict[tuple[str, str], Set[str]] = {at: {fold(word) for word in words} for at, words in present.items()}

    def is_there(reference: Reference, source: str) -> bool:
        at = (source, reference.kind)
        if reference.exact is not None:
            return fold(reference.exact) in folded.get(at, ())
        return any(map(reference.test, present.get(at, ())))

    return [
        reference
        for reference in named
        if (spoken_of := reference.sources(sources)) and not any(is_there(reference, source) for source in spoken_of)
    ]


def _of(rule: str, when: Conditions, path: Path, scope: tuple[tuple[str, ...], ...]) -> Iterator[Reference]:
    if "source" in when:
        scope = (*scope, tuple(_listed(when["source"])))
    for name, written in when.items():
        here = (*path, name)
        if name == FIELD:
            for field in written:
                yield Reference(rule, (*here, KeyName(field)), FIELD, field, tuple(written), scope)
        elif name in KINDS:
            patterns = tuple(_listed(written))
            for index, pattern in enumerate(patterns):
                if not is_regex(pattern):
                    yield Reference(rule, (*here, index), name, pattern, patterns, scope)
        elif name in ("any", "all"):
            for index, tree in enumerate(written):
                yield from _of(rule, tree, (*here, index), scope)
        elif name == "not":
            yield from _of(rule, written, here, scope)
        elif name in tuple(Relation):
            # What stands above an item may be of another source.
            yield from _of(rule, written, here, ())


def _listed(written: Any) -> Iterable[str]:
    return [str(each) for each in written] if isinstance(written, list | tuple) else [str(written)]
