"""The Work Item Query Language, as far as lists of ids need it."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from demo.trackers.azure_devops import render, values
from demo.trackers.azure_devops.about import project_of
from demo.trackers.http import Answer, Refused, Request

if TYPE_CHECKING:
    from demo.trackers.azure_devops.site import AzureDevOpsSite, Item

Test = Callable[["Item"], bool]
_TOKEN = re.compile(
    r"\s*(?:\[(?P<field>[^\]]+)\]|'(?P<text>(?:[^']|'')*)'|(?P<sign><>|<=|>=|[=<>(),+-])|(?P<word>[@\w.]+))"
)
_COMPARE = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_DATES = ("System.ChangedDate", "System.CreatedDate", "Microsoft.VSTS.Common.StateChangeDate")
_SYNTAX = "WorkItemTrackingQueryException"


def query(site: AzureDevOpsSite, request: Request) -> Answer:
    """POST wiql: the ids that a flat query finds, deleted items never; too many are refused (VS402337)."""
    text = str(request.json().get("query", ""))
    project = project_of(site, request).name if "project" in request.names else None
    columns, test, order = _Parser(site, text, project, request.flag("timePrecision")).statement()
    found = [item for item in site.items.values() if test(item) and site.find(item.id) is not None]
    top = request.number("$top", 0) or len(found)
    if min(top, len(found)) > site.wiql_limit:
        raise Refused(
            400,
            f"VS402337: The number of work items returned exceeds the size limit of {site.wiql_limit}. "
            "Change the query to return fewer items.",
            "WorkItemTrackingQueryResultSizeLimitExceededException",
        )
    for field, descending in reversed(order):
        found.sort(key=_sorting(site, field), reverse=descending)
    found = found[:top]
    return Answer(
        body={
            "queryType": "flat",
            "queryResultType": "workItem",
            "asOf": values.instant(site.now()),
            "columns": [_column(site, name, request) for name in columns],
            "workItems": [{"id": item.id, "url": render.item_url(request.base_url, item.id)} for item in found],
        }
    )


def _column(site: AzureDevOpsSite, name: str, request: Request) -> dict[str, str]:
    known = site.fields[name]
    return {"referenceName": name, "name": known["name"], "url": f"{request.base_url}/_apis/wit/fields/{name}"}


def _value(site: AzureDevOpsSite, item: Item, field: str) -> Any:
    if field == "System.Id":
        return item.id
    if field == "System.Rev":
        return item.rev
    if field == "System.Parent":
        return site.parents.get(item.id)
    return item.fields.get(field)


def _sorting(site: AzureDevOpsSite, field: str) -> Callable[[Item], tuple[int, Any]]:
    def key(item: Item) -> tuple[int, Any]:
        value = _value(site, item, field)
        if value is None:
            return 0, 0
        return (1, value) if isinstance(value, int | float) else (2, str(value).casefold())

    return key


class _Parser:
    def __init__(self, site: AzureDevOpsSite, text: str, project: str | None, precise: bool) -> None:
        self._site, self._project, self._precise = site, project, precise
        self._tokens: list[tuple[str, str]] = []
        place = 0
        while text[place:].strip():
            found = _TOKEN.match(text, place)
            if found is None:
                raise self._wrong(text[place:].strip()[:20])
            kind = str(found.lastgroup)
            self._tokens.append((kind, found[kind].replace("''", "'")))
            place = found.end()
        self._tokens.append(("end", ""))

    def statement(self) -> tuple[list[str], Test, list[tuple[str, bool]]]:
        self._expect("select")
        columns = [self._field()]
        while self._skip(","):
            columns.append(self._field())
        self._expect("from")
        self._expect("workitems")
        test: Test = self._some() if self._skip("where") else lambda _: True
        order: list[tuple[str, bool]] = []
        if self._skip("order"):
            self._expect("by")
            while True:
                name = self._field()
                descending = self._skip("desc")
                if not descending:
                    self._skip("asc")
                order.append((name, descending))
                if not self._skip(","):
                    break
        if self._tokens[0][0] != "end":
            raise self._wrong(self._tokens[0][1])
        return columns, test, order

    def _some(self) -> Test:
        tests = [self._every()]
        while self._skip("or"):
            tests.append(self._every())
        return lambda item: any(test(item) for test in tests)

    def _every(self) -> Test:
        tests = [self._single()]
        while self._skip("and"):
            tests.append(self._single())
        return lambda item: all(test(item) for test in tests)

    def _single(self) -> Test:
        if self._skip("not"):
            inner = self._single()
            return lambda item: not inner(item)
        if self._skip("("):
            inner = self._some()
            self._expect(")")
            return inner
        field = self._field()
        read = self._reader(field)
        negated = self._skip("not")
        if self._skip("under"):
            root = str(self._literal(field))
            return lambda item: values.under(str(_value(self._site, item, field)), root) != negated
        if self._skip("in"):
            self._expect("(")
            wanted = [self._literal(field)]
            while self._skip(","):
                wanted.append(self._literal(field))
            self._expect(")")
            return lambda item: (read(item) in wanted) != negated
        if self._skip("contains"):
            part = str(self._literal(field))
            return lambda item: (part in str(read(item) or "")) != negated
        kind, sign = self._tokens.pop(0)
        if kind != "sign" or sign not in _COMPARE:
            raise self._wrong(sign)
        return self._comparison(field, sign)

    def _comparison(self, field: str, sign: str) -> Test:
        compare, wanted, read = _COMPARE[sign], self._literal(field), self._reader(field)

        def test(item: Item) -> bool:
            have = read(item)
            if have is None or (isinstance(have, str) != isinstance(wanted, str)):
                return sign == "<>"
            return bool(compare(have, wanted))

        return test

    def _reader(self, field: str) -> Callable[[Item], Any]:
        """What an item holds in a field, in the form in which it is compared."""
        if field == "System.Id":
            return operator.attrgetter("id")
        site, is_person, is_date = self._site, field in self._site.people_fields, field in _DATES

        def read(item: Item) -> Any:
            value = _value(site, item, field)
            if is_person and value is not None:
                return values.person_text(value).casefold()
            if is_date and value is not None:
                when = values.read(str(value))
                return when if self._precise else when.replace(hour=0, minute=0, second=0, microsecond=0)
            return value.casefold() if isinstance(value, str) else value

        return read

    def _literal(self, field: str) -> Any:
        kind, text = self._tokens.pop(0)
        if field in _DATES:
            return self._date(kind, text)
        if kind == "word" and text.lower() == "@project":
            if self._project is None:
                raise Refused(400, "TF51005: @project needs a project in the address.", _SYNTAX)
            return self._project.casefold()
        if kind == "word" and re.fullmatch(r"\d+", text):
            return int(text)
        if kind == "text":
            return int(text) if self._site.fields[field]["type"] == "integer" and text.isdecimal() else text.casefold()
        raise self._wrong(text)

    def _date(self, kind: str, text: str) -> datetime:
        if kind == "word" and text.lower() in ("@today", "@startofday"):
            today = self._site.now().replace(hour=0, minute=0, second=0, microsecond=0)
            for sign, factor in (("-", -1), ("+", 1)):
                if self._skip(sign):
                    return today + factor * timedelta(days=int(self._tokens.pop(0)[1]))
            return today
        try:
            when = values.read(text)
        except ValueError:
            raise Refused(400, f"TF51006: The value {text!r} is no date.", _SYNTAX) from None
        if not self._precise and (when.hour or when.minute or when.second or "T" in text):
            message = (
                "You cannot supply a time with the date when running a query using date precision. "
                f"The error is caused by <<{text}>>."
            )
            raise Refused(400, message, _SYNTAX)
        return when

    def _field(self) -> str:
        kind, text = self._tokens.pop(0)
        if kind not in ("field", "word"):
            raise self._wrong(text)
        for name, one in self._site.fields.items():
            if text.casefold() in (name.casefold(), str(one["name"]).casefold()):
                return name
        raise Refused(
            400,
            f"TF51005: The query references a field that does not exist. The error is caused by <<{text}>>.",
            _SYNTAX,
        )

    def _skip(self, word: str) -> bool:
        kind, text = self._tokens[0]
        if kind in ("word", "sign") and text.lower() == word:
            self._tokens.pop(0)
            return True
        return False

    def _expect(self, word: str) -> None:
        if not self._skip(word):
            raise self._wrong(self._tokens[0][1])

    @staticmethod
    def _wrong(near: str) -> Refused:
        return Refused(400, f"TF51006: The query statement is wrong near <<{near}>>.", _SYNTAX)
