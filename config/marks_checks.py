"""What must hold of the marks in `filrouge.yaml`: trackers can hold them, and no mapping rule reads them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator

import regex

from config.locate import Path
from config.mapping import CAPTURE, MappingFile, RuleEntry, When
from config.problems import short
from config.settings import AzureDevOpsSource, JiraSource, Settings
from config.strategy import StrategyFile

Fault = tuple[Path, str]

MARKS: Path = ("comments", "marks")
PARTING = re.compile(r"[\s,;]")  # what parts one label or tag from the next
LONGEST = 255  # characters of a label in Jira; a tag may be longer
LABEL_FIELDS = frozenset({"labels", "tags", "system.tags"})  # labels by the names that trackers give the field


def check_marks(settings: Settings, strategy: StrategyFile | None, mapping: MappingFile | None) -> list[Fault]:
    """Every fault, with the path of the value; a strategy or mapping that cannot be read has nothing to be held to."""
    return [*_nothing(settings), *_property(settings), *_label(settings, strategy, mapping)]


def _nothing(settings: Settings) -> Iterator[Fault]:
    comments = settings.comments
    if not comments.text and comments.marks.label is None and not comments.marks.property:
        yield MARKS, "neither a text nor marks are wanted; expected `label` or `property` here, or `text: true`"


def _property(settings: Settings) -> Iterator[Fault]:
    marks, here = settings.comments.marks, (*MARKS, "property")
    if not marks.property:
        return
    if not any(isinstance(source, JiraSource) for source in settings.sources):
        yield here, "only Jira has properties of issues, and no source is a Jira; expected `label` instead"
    elif marks.label is None:
        wanted = {project.casefold() for project in settings.comments.projects}
        for source in settings.sources:
            if isinstance(source, AzureDevOpsSource) and wanted & {name.casefold() for name in source.projects}:
                yield (
                    here,
                    f"the source `{source.id}` is no Jira and has no properties; expected `label` beside, for its tags",
                )


def _label(settings: Settings, strategy: StrategyFile | None, mapping: MappingFile | None) -> Iterator[Fault]:
    prefix, here = settings.comments.marks.label, (*MARKS, "label")
    if prefix is None:
        return
    if PARTING.search(prefix):
        yield (
            here,
            f"`{short(prefix)}` has a blank, a comma or a semicolon, which no label holds; expected such as fil-",
        )
        return
    objectives, budgets = ((), ()) if strategy is None else (strategy.objectives, strategy.budgets)
    targets = [*(one.id for one in objectives), *(one.id for one in budgets)]
    for target in targets:
        if PARTING.search(target) or len(prefix + target) > LONGEST:
            yield (
                here,
                f"`{short(prefix + target)}` can be no label; expected ids without blanks, `,` and `;`, and short",
            )
            return
    known = {_fold(one) for one in targets} | {_fold(one.id) for each in objectives for one in each.key_results}
    for rule in mapping.rules if mapping is not None else ():
        for pattern, reads in _readers(rule, known):
            label = next((prefix + target for target in targets if reads(prefix + target)), None)
            if label is not None:
                read = f"the rule `{short(rule.id)}` would read our own label `{short(label)}` by its pattern"
                yield here, f"{read} `{short(pattern)}`; expected a prefix that no rule reads"
                return


def _readers(rule: RuleEntry, known: set[str]) -> Iterator[tuple[str, Callable[[str], bool]]]:
    """Each pattern by which a rule reads labels, with whether it reads a given one.

    A template reads a label when what it takes from it is one of the `known` ids.
    """
    for pattern in _patterns(rule.when):
        yield pattern, _test(pattern)
    for target in rule.set.contributes_to or ():
        if found := CAPTURE.fullmatch(target):
            wildcard = _wildcard(found[1].strip())

            def takes(label: str, wildcard: re.Pattern[str] = wildcard) -> bool:
                taken = wildcard.fullmatch(_fold(label))
                return taken is not None and taken[1] in known

            yield target, takes


def _patterns(when: When) -> Iterator[str]:
    """The patterns on labels of a tree of conditions, wherever in it they stand."""
    yield from when.label or ()
    for name, patterns in (when.field or {}).items():
        if name.strip().casefold() in LABEL_FIELDS:
            yield from patterns
    for below in (*(when.any or ()), *(when.all or ()), when.not_, when.parent, when.ancestor):
        if below is not None:
            yield from _patterns(below)


def _test(pattern: str) -> Callable[[str], bool]:
    if len(pattern) > 1 and pattern.startswith("/") and pattern.endswith("/"):
        try:
            search = regex.compile(unicodedata.normalize("NFC", pattern[1:-1])).search
        except (regex.error, OverflowError, RecursionError, ValueError):
            return lambda _: False  # said to be broken where it stands

        def found(label: str) -> bool:
            try:
                return search(label, timeout=0.5) is not None
            except TimeoutError:
                return True

        return found
    wildcard = _wildcard(pattern)
    return lambda label: wildcard.fullmatch(_fold(label)) is not None


def _wildcard(pattern: str) -> re.Pattern[str]:
    """A pattern of the mapping as an expression for the whole of a folded text; each `*` is a group."""
    signs = {"*": "(.*?)", "?": "."}
    written = re.sub(r"\*+", "*", _fold(pattern))
    return re.compile("".join(signs.get(sign) or re.escape(sign) for sign in written), re.DOTALL)


def _fold(text: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())
