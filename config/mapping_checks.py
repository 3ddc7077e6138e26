"""What must hold within `mapping.yaml` beyond the kind of each value."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import regex

from config.codes import CODES
from config.ids import duplicates
from config.locate import KeyName, Path
from config.mapping import CAPTURE, Expectation, MappingFile, SetEntry, When
from config.problems import nearest, short, unknown
from config.tree import Keys
from domain.strategy import UNALIGNED
from domain.work import LEVEL_WORDS, State

Fault = tuple[Path, str]
Known = Mapping[str, Sequence[str]]

STATES = tuple(str(state) for state in State)
GIVEN = tuple((info.alias or name) for name, info in When.model_fields.items() if name not in {"any", "all", "not_"})


def check_mapping(file: MappingFile, known: Known, tree: Keys) -> list[Fault]:
    """Every fault, with the path of the value.

    `known` holds the ids of targets, products, value_streams and sources, and those of the file's own rules.
    """
    ids = [(("rules", index, "id"), rule.id) for index, rule in enumerate(file.rules)]
    return [
        *duplicates(ids, "rule", tree),
        *_rules(file, known),
        *_inherit(file),
        *_pins(file, known),
        *_tests(file, known),
        *_acknowledge(file),
    ]


def _rules(file: MappingFile, known: Known) -> Iterator[Fault]:
    for index, rule in enumerate(file.rules):
        here: Path = ("rules", index)
        if rule.id.casefold() in {"pin", "ticket"} or rule.id.casefold().startswith("inherited:"):
            yield (*here, "id"), f"the id `{rule.id}` is reserved for tags that no rule set; expected another id"
        if rule.start is not None and rule.until is not None and rule.start > rule.until:
            yield (
                (*here, "from"),
                f"the rule begins on {rule.start}, after its end on {rule.until}; expected `from` at or before `until`",
            )
        yield from _when(rule.when, (*here, "when"), known)
        yield from _set(rule.set, (*here, "set"), known)


def _inherit(file: MappingFile) -> Iterator[Fault]:
    for index, dimension in enumerate(file.inherit):
        if dimension in file.inherit[:index]:
            yield ("inherit", index), f"`{dimension}` is named twice; expected each dimension once"


def _pins(file: MappingFile, known: Known) -> Iterator[Fault]:
    seen: dict[tuple[str | None, str], int] = {}
    for index, pin in enumerate(file.pins):
        here: Path = ("pins", index)
        if pin.source is not None and pin.source not in known["sources"]:
            yield (*here, "source"), unknown("source", pin.source, known["sources"])
        identity = (pin.source, pin.item.casefold())
        if seen.setdefault(identity, index) != index:
            yield (*here, "item"), f"`{pin.item}` is pinned twice; expected one pin an item"
        yield from _set(pin.set, (*here, "set"), known)


def _tests(file: MappingFile, known: Known) -> Iterator[Fault]:
    for index, test in enumerate(file.tests):
        here: Path = ("tests", index)
        if (test.item is None) == (test.given is None):
            found = "neither is there" if test.item is None else "both are there"
            yield here, f"a test has either `item` or `given`, and {found}; expected exactly one of them"
        if not test.expect.model_fields_set:
            yield (*here, "expect"), "nothing is expected here; expected at least one of the keys of `set`, or `rule`"
        if test.given is not None:
            yield from _given(test.given, (*here, "given"), known)
        yield from _expect(test.expect, (*here, "expect"), known)


def _given(given: Mapping[str, Any], path: Path, known: Known) -> Iterator[Fault]:
    for name, value in given.items():
        if name not in GIVEN:
            yield (*path, KeyName(name)), unknown("field", name, GIVEN)
        elif isinstance(value, dict):
            if name != "field":
                yield from _given(value, (*path, name), known)
        elif name in {"parent", "ancestor", "field"}:
            yield (*path, name), f"`{name}` holds no fields; expected keys with values, such as {{type: Epic}}"
        elif name in _WORDS:
            for each in value if isinstance(value, list) else [value]:
                if fault := _WORDS[name](each, known):
                    yield (*path, name), fault


def _expect(expect: Expectation, path: Path, known: Known) -> Iterator[Fault]:
    if expect.rule is not None and expect.rule not in known["rules"]:
        yield (*path, "rule"), unknown("rule", expect.rule, known["rules"])
    for target in expect.contributes_to or ():
        if CAPTURE.fullmatch(target):
            yield (*path, "contributes_to"), "a capture stands in an expectation; expected the id that it should give"
    yield from _names(expect, path, known)


def _acknowledge(file: MappingFile) -> Iterator[Fault]:
    for index, entry in enumerate(file.acknowledge):
        if entry.finding not in CODES:
            yield ("acknowledge", index, "finding"), unknown("finding", entry.finding, CODES)


def _set(entry: SetEntry, path: Path, known: Known) -> Iterator[Fault]:
    if not entry.model_fields_set:
        yield (
            path,
            "nothing is set here; expected at least one of `contributes_to`, `value_stream`, `product`, `work_class`",
        )
    yield from _names(entry, path, known)


def _names(entry: SetEntry | Expectation, path: Path, known: Known) -> Iterator[Fault]:
    for target in entry.contributes_to or ():
        if target != UNALIGNED and not CAPTURE.fullmatch(target) and target not in known["targets"]:
            sentence = unknown("target", target, [*known["targets"], UNALIGNED])
            yield (*path, "contributes_to", KeyName(target)), sentence
    if entry.value_stream is not None and entry.value_stream not in known["value_streams"]:
        yield (*path, "value_stream"), unknown("value stream", entry.value_stream, known["value_streams"])
    if entry.product is not None and entry.product not in known["products"]:
        yield (*path, "product"), unknown("product", entry.product, known["products"])


def _when(when: When, path: Path, known: Known) -> Iterator[Fault]:
    for name, info in When.model_fields.items():
        value = getattr(when, name)
        here = (*path, info.alias or name)
        if value is None:
            continue
        if isinstance(value, When):
            yield from _when(value, here, known)
        elif isinstance(value, dict):
            for field, patterns in value.items():
                yield from _patterns(name, patterns, (*here, field), known)
        elif name in {"any", "all"}:
            for index, each in enumerate(value):
                yield from _when(each, (*here, index), known)
        else:
            yield from _patterns(name, value, here, known)


def _patterns(name: str, patterns: Sequence[str], path: Path, known: Known) -> Iterator[Fault]:
    for index, pattern in enumerate(patterns):
        if len(pattern) > 1 and pattern.startswith("/") and pattern.endswith("/"):
            fault = _regular_expression(pattern)
        elif name in _WORDS and not set(pattern) & set("*?"):
            fault = _WORDS[name](pattern, known)
        else:
            fault = None
        if fault:
            yield (*path, index), fault


def _regular_expression(pattern: str) -> str | None:
    try:
        regex.compile(pattern[1:-1])
    except regex.error as error:
        where = f" at character {error.pos + 1}" if error.pos is not None else ""
        expected = r"expected one in slashes, such as /(?i)\bupgrade\b/"
        return f"`{short(pattern)}` is no regular expression: {error.msg}{where}; {expected}"
    except (OverflowError, RecursionError, ValueError):
        return f"`{short(pattern)}` is no regular expression that can be compiled; expected a simpler one"
    return None


def _source(word: str, known: Known) -> str | None:
    if word in known["sources"] or word.casefold() in {source.casefold() for source in known["sources"]}:
        return None
    return unknown("source", word, known["sources"])


def _level(word: str, _: Known) -> str | None:
    if word.casefold() in LEVEL_WORDS or word.lstrip("-").isdecimal():
        return None
    return f"unknown level `{short(word)}`; expected {', '.join(LEVEL_WORDS)} or a number{nearest(word, LEVEL_WORDS)}"


def _state(word: str, _: Known) -> str | None:
    return None if word.casefold() in STATES else unknown("state", word, STATES)


_WORDS: Mapping[str, Callable[[str, Known], str | None]] = {"source": _source, "level": _level, "state": _state}
