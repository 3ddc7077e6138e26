"""YAML by the 1.2 core schema as plain data that knows where each part of it stands."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import yaml

from config.problems import Problem, short
from config.rules import Place
from config.tree import Items, Keys, describe, scalar

DEEPEST = 50  # levels; the deepest meaningful setting stands at about ten
LARGEST = 400_000  # nodes after aliases are written out

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


class Unreadable(Exception):  # noqa: N818 -- it never leaves this folder; it carries the one problem of a file
    """The file is not the YAML that is read here."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


def read(content: bytes, file: str) -> Keys:
    """The mapping that a YAML file holds; Unreadable, with the place, for anything else.

    Only `true` and `false` are booleans, `null` and `~` (or nothing) are None, numbers are WholeNumber or
    DecimalNumber; everything else, dates and `1:30` among it, is text. Keys are always text as written. An alias
    stands for the very node of its anchor, with the anchor's places.
    """
    text = _decode(content, file)
    reader = _Reader(file)
    try:
        root = reader.document(text)
    except yaml.YAMLError as error:
        raise Unreadable(_syntax(error, text, file)) from None
    if not isinstance(root, Keys):
        found = "is empty" if root is None else f"holds {describe(root)}"
        raise Unreadable(
            Problem(Place(file, 1, 1), f"the file {found}; expected keys with values, such as `version: 1`")
        )
    return root


class _Reader:
    """Builds the tree from libyaml's events, so that depth and size are bounded before anything is built."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.anchors: dict[str, tuple[Any, int, Place]] = {}
        self.size = 0

    def document(self, text: str) -> Any:
        events = iter(yaml.parse(text, Loader=yaml.CSafeLoader))
        root: Any = None
        documents = 0
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise self.fault(event, "a second document begins here; expected one document a file")
                root, _ = self.node(next(events), events, 0)
        return root

    def node(self, event: Any, events: Iterator[Any], depth: int) -> tuple[Any, Place]:
        place = self.place(event)
        self.size += 1
        if self.size > LARGEST:
            raise self.fault(event, f"the file holds more than {LARGEST} values, aliases written out; shorten it")
        if depth > DEEPEST:
            raise self.fault(event, f"this is nested more than {DEEPEST} levels deep; expected fewer")
        if isinstance(event, yaml.AliasEvent):
            if event.anchor not in self.anchors:
                raise self.fault(
                    event, "no anchor of this alias stands before it; expected `&name` on an earlier value"
                )
            value, size, place = self.anchors[event.anchor]
            self.size += size
            if self.size > LARGEST:
                raise self.fault(event, f"aliases would write out more than {LARGEST} values; use fewer")
            return value, place
        if event.tag not in {None, "tag:yaml.org,2002:str"}:
            raise self.fault(event, "a tag (`!…`) stands here; expected a plain value without one")
        before = self.size
        if isinstance(event, yaml.ScalarEvent):
            value = self.scalar(event)
        elif isinstance(event, yaml.SequenceStartEvent):
            value = self.items(place, events, depth)
        else:
            value = self.keys(place, events, depth)
        if event.anchor is not None:
            self.anchors[event.anchor] = value, self.size - before, place
        return value, place

    def items(self, place: Place, events: Iterator[Any], depth: int) -> Items:
        found = Items(place)
        while not isinstance(event := next(events), yaml.SequenceEndEvent):
            found.put(*self.node(event, events, depth + 1))
        return found

    def keys(self, place: Place, events: Iterator[Any], depth: int) -> Keys:
        found = Keys(place)
        while not isinstance(event := next(events), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                raise self.fault(event, "a key that is no plain word stands here; expected a name before the colon")
            self.scalar(event)
            key, key_place = str(event.value), self.place(event)
            value, value_place = self.node(next(events), events, depth + 1)
            if key in found:
                line = found.key_places[key].line
                raise self.fault(
                    event, f"duplicate key `{short(key)}`; it stands already in line {line}; keep one of them"
                )
            found.put(key, value, key_place, value_place)
        return found

    def scalar(self, event: yaml.ScalarEvent) -> Any:
        text: str = event.value
        if _CONTROL.search(text):
            raise self.fault(event, "this value holds a control character; expected plain text")
        if not event.implicit[0]:
            return text
        try:
            return scalar(text)
        except ValueError:
            raise self.fault(event, "this number has too many digits; expected an ordinary number") from None

    def place(self, event: Any) -> Place:
        return Place(self.file, event.start_mark.line + 1, event.start_mark.column + 1)

    def fault(self, event: Any, sentence: str) -> Unreadable:
        return Unreadable(Problem(self.place(event), sentence))


def _decode(content: bytes, file: str) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8", errors="replace")
        raise Unreadable(
            Problem(_after(before, file), "this byte is not UTF-8; save the file in the encoding UTF-8")
        ) from None
    if odd := re.search("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", text):
        raise Unreadable(
            Problem(_after(text[: odd.start()], file), "a control character stands here; expected plain text")
        )
    return text


def _after(text: str, file: str) -> Place:
    """The place right behind a text."""
    lines = re.split("\r\n|\r|\n", text)
    return Place(file, len(lines), len(lines[-1]) + 1)


def _offset(text: str, mark: Any) -> int:
    rows = re.split("(?<=\n)|(?<=\r)(?!\n)", text)
    return sum(map(len, rows[: mark.line])) + int(mark.column)


def _syntax(error: yaml.YAMLError, text: str, file: str) -> Problem:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    if mark is None:
        return Problem(Place(file, 1, 1), "this is not YAML; check quotes, brackets and indentation")
    opened = getattr(error, "context_mark", None)
    if opened is not None and not text[_offset(text, mark) :].strip():
        mark = opened  # what is not closed before the end is found where it was opened
    place = Place(file, mark.line + 1, mark.column + 1)
    rows: Sequence[str] = re.split("\r\n|\r|\n", text)
    row = rows[mark.line] if mark.line < len(rows) else ""
    if "\t" in row[: len(row) - len(row.lstrip())]:
        where = Place(file, mark.line + 1, row.index("\t") + 1)
        return Problem(where, "a tab stands here; YAML is indented with spaces")
    context = getattr(error, "context", None)
    reason = str(getattr(error, "problem", "") or "it does not parse")
    reason = "an alias without its anchor" if "undefined alias" in reason else reason
    return Problem(
        place,
        f"this is not YAML: {reason}{f' {context}' if context else ''}; check quotes, brackets and indentation here",
    )
