"""The Jira Query Language as text: from a query to a tree of clauses and an order."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

# Words that Jira keeps for itself: as a value they must be quoted.
_RESERVED_WORDS = """
abort access add after alias all alter and any as asc audit avg before begin between boolean break by byte cascade
cast catch changed char character check checkpoint collate collation column commit connect continue count create
current date decimal declare decrement default defaults define delete delimiter desc difference distinct divide do
double drop during else empty encoding end equals escape exclusive exec execute exists explain false fetch file
field first float for from function go goto grant greater group having identified if immediate in increment index
initial inner inout input insert int integer intersect intersection into is isempty isnull join last left less like
limit lock long max min minus mode modify modulo more multiply next noaudit not notin nowait null number object of
on option or order outer output power previous prior privileges public raise raw remainder rename resource return
returns revoke right row rowid rownum rows select session set share size sqrt start strict string subtract sum
synonym table then to trans transaction trigger true uid union unique update user validate values view was when
whenever where while with
"""
RESERVED = frozenset(_RESERVED_WORDS.split())
_TOKEN = re.compile(
    r"""\s*(?:(?P<quoted>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')"""
    r"""|(?P<sign>!=|!~|<=|>=|&&|\|\||[=~<>(),!])"""
    r"""|(?P<word>[^\s=!<>~(),"'&|]+))""",
    re.DOTALL,
)


class JqlError(Exception):
    """The query cannot be understood; the message is the one for the caller."""


@dataclass(frozen=True, slots=True)
class Literal:
    """A value as it was written."""

    text: str


@dataclass(frozen=True, slots=True)
class Call:
    """A function such as `startOfDay("-1d")`."""

    name: str
    arguments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Clause:
    """`field operator values`; `is` and `is not` (empty) have no values."""

    field: str
    operator: str
    values: tuple[Literal | Call, ...]


@dataclass(frozen=True, slots=True)
class Not:
    inner: Node


@dataclass(frozen=True, slots=True)
class Every:
    """All of them hold (AND)."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Some:
    """At least one of them holds (OR)."""

    parts: tuple[Node, ...]


Node = Clause | Not | Every | Some


@dataclass(frozen=True, slots=True)
class Query:
    """A parsed query: `where` is None when nothing restricts it; `order` is (field, descending)."""

    where: Node | None
    order: tuple[tuple[str, bool], ...]


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str  # quoted, sign, word, end
    text: str

    @property
    def lower(self) -> str:
        return self.text.lower() if self.kind == "word" else ""


def parse(text: str) -> Query:
    """A query from its text.

    Known are = != < <= > >= ~ !~ in, not in, is (not) empty, AND, OR, NOT, parentheses, functions and ORDER BY.
    Anything else raises JqlError.
    """
    return _Parser(_tokens(text)).query()


def _tokens(text: str) -> list[_Token]:
    tokens: list[_Token] = []
    place = 0
    stripped = text.rstrip()
    while place < len(stripped):
        found = _TOKEN.match(stripped, place)
        if found is None:
            raise JqlError(f"Error in the JQL Query: unexpected character at position {place + 1}.")
        kind = str(found.lastgroup)
        value = found[kind]
        if kind == "quoted":
            value = re.sub(r"\\(.)", r"\1", value[1:-1], flags=re.DOTALL)
        tokens.append(_Token(kind, value))
        place = found.end()
    return [*tokens, _Token("end", "")]


class _Parser:
    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._place = 0

    @property
    def _next(self) -> _Token:
        return self._tokens[self._place]

    def _take(self) -> _Token:
        token = self._next
        self._place += 1
        return token

    def _skip(self, *words: str) -> bool:
        token = self._next
        if token.lower in words or (token.kind == "sign" and token.text in words):
            self._place += 1
            return True
        return False

    def _expect(self, word: str) -> None:
        if not self._skip(word):
            raise self._error(f"expecting '{word}'")

    def _error(self, why: str) -> JqlError:
        got = "the end of the query" if self._next.kind == "end" else f"'{self._next.text}'"
        return JqlError(f"Error in the JQL Query: {why} but got {got}.")

    def query(self) -> Query:
        where = None if self._next.kind == "end" or self._next.lower == "order" else self._some()
        order: list[tuple[str, bool]] = []
        if self._skip("order"):
            self._expect("by")
            while True:
                name = self._name()
                descending = self._skip("desc")
                if not descending:
                    self._skip("asc")
                order.append((name, descending))
                if not self._skip(","):
                    break
        if self._next.kind != "end":
            raise self._error("expecting AND, OR or the end")
        return Query(where, tuple(order))

    def _some(self) -> Node:
        return self._joined(self._every, Some, "or", "||")

    def _every(self) -> Node:
        return self._joined(self._single, Every, "and", "&&")

    def _joined(self, part: Callable[[], Node], kind: type[Every] | type[Some], *words: str) -> Node:
        parts = [part()]
        while self._skip(*words):
            parts.append(part())
        return parts[0] if len(parts) == 1 else kind(tuple(parts))

    def _single(self) -> Node:
        if self._skip("not", "!"):
            return Not(self._single())
        if self._skip("("):
            inner = self._some()
            self._expect(")")
            return inner
        return self._clause()

    def _name(self) -> str:
        token = self._next
        if token.kind not in ("word", "quoted") or (token.kind == "word" and token.lower in RESERVED):
            raise self._error("expecting a field")
        return self._take().text

    def _clause(self) -> Clause:
        name = self._name()
        if self._skip("is"):
            negated = self._skip("not")
            if not self._skip("empty", "null"):
                raise self._error("expecting EMPTY")
            return Clause(name, "is not" if negated else "is", ())
        if self._skip("not"):
            self._expect("in")
            return Clause(name, "not in", self._list())
        if self._skip("in"):
            return Clause(name, "in", self._list())
        if self._next.kind == "sign" and self._next.text in ("=", "!=", "<", "<=", ">", ">=", "~", "!~"):
            operator = self._take().text
            if operator in ("=", "!=") and self._skip("empty", "null"):
                return Clause(name, "is" if operator == "=" else "is not", ())
            return Clause(name, operator, (self._value(),))
        raise self._error("expecting an operator")

    def _list(self) -> tuple[Literal | Call, ...]:
        self._expect("(")
        values = [self._value()]
        while self._skip(","):
            values.append(self._value())
        self._expect(")")
        return tuple(values)

    def _value(self) -> Literal | Call:
        token = self._next
        if token.kind not in ("word", "quoted"):
            raise self._error("expecting a value")
        if token.lower in RESERVED:
            raise JqlError(
                f"Error in the JQL Query: '{token.text}' is a reserved JQL word. "
                "You must surround it in quotation marks to use it in a query."
            )
        self._take()
        if token.kind == "word" and self._skip("("):
            arguments: list[str] = []
            while not self._skip(")"):
                arguments.append(self._take().text)
                self._skip(",")
                if self._next.kind == "end":
                    raise self._error("expecting ')'")
            return Call(token.text, tuple(arguments))
        return Literal(token.text)
