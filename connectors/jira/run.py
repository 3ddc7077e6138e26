"""What one pull knows once it has signed in, and how it reads single issues and makes pages of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from connectors import jsontext
from connectors.jira.client import Client
from connectors.jira.context import Known
from connectors.jira.convert import record
from connectors.jira.fields import Fields
from connectors.jira.options import Options
from connectors.jira.payload import history, payload
from connectors.jira.site import Site
from connectors.port import Cursor, Held, Page, SetAside
from connectors.transport import Answer, server_says
from domain.errors import ConfigurationError, ItemError, ProtocolError
from domain.work import STORY, Record

ABSENT = (404, 410)
FEW = 20  # stories below which an empty points field says nothing


@dataclass
class Run:
    """`aside` grows while the pull goes on: ids that could not be read, with the reason."""

    client: Client
    options: Options
    site: Site
    fields: Fields
    context: Mapping[str, Any]
    part: str  # the query's part that stays the same from run to run
    held: Held
    anew: bool  # no cursor was given: everything is read, whatever the store holds
    settles: bool = False  # whether an item set aside that is not there any more is let go
    aside: dict[str, str] = field(default_factory=dict)
    absent: set[str] = field(default_factory=set)  # of those asked for one by one: not there, or not for us
    stories: int = 0
    estimated: int = 0
    known: Known = field(init=False)
    _reported: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.known = Known.of(self.context)

    def records(self, issues: Iterable[tuple[Mapping[str, Any], Sequence[Mapping[str, Any]]]]) -> list[Record]:
        """Convert issues with their histories; what cannot be read is set aside."""
        found = []
        for issue, histories in issues:
            document = payload(issue, histories)
            try:
                one = record(document, self.known, jsontext.write(document))
            except ItemError as error:
                self.aside[str(issue.get("id"))] = str(error)
                continue
            self.aside.pop(one.item.id, None)
            if one.item.level == STORY:
                self.stories += 1
                self.estimated += one.item.points is not None
            found.append(one)
        return found

    def again(self, ids: Iterable[str]) -> list[Record]:
        """Records of items that an earlier pull had set aside, as far as they can be read now.

        Once a day (`settles`) those are let go that are not there any more: every run would be partial for ever. The
        census says what became of them, and finds them should they come back.
        """
        records = self.records(pair for one in ids if (pair := self.issue(one)) is not None)
        for one in self.absent if self.settles else ():
            self.aside.pop(one, None)
        return records

    def page(self, records: Sequence[Record], cursor: Cursor, total: int | None, warnings: Sequence[str] = ()) -> Page:
        """One page; what was set aside is reported with the page on which it turned up."""
        aside = [SetAside(one, reason) for one, reason in sorted(self.aside.items()) if one not in self._reported]
        self._reported.update(self.aside)
        return Page(records, cursor, self.context, set_aside=aside, total=total, warnings=warnings)

    def doubts(self, whole: bool) -> list[str]:
        """Sentences for the admin after a scan; `whole`: it read everything, so that shares say something."""
        if not whole or self.stories < FEW:
            return []
        source, ids = self.options.source, ", ".join(self.fields.points)
        if not ids:
            return [f"Source {source}: no field for story points was found; name it under `fields.points`, if any."]
        if not self.estimated:
            return [f"Source {source}: 0 % of {self.stories} stories have points in {ids}; see `fields.points`."]
        return []

    def issue(self, issue_id: str) -> tuple[Mapping[str, Any], list[dict[str, Any]]] | None:
        """One issue with its whole change log, by id; None, and set aside, when it may not be read.

        On Cloud the change log of a single issue is paged, oldest first; on Data Center it comes whole with it.
        """
        path, version = f"issue/{quote(issue_id, safe='')}", self.site.version
        query: dict[str, str | int] = {"fields": ",".join(self.fields.wanted)}
        if not self.site.cloud:
            query["expand"] = "changelog"
        try:
            answer = self.client.get(path, version, what="one issue", query=query, accept=ABSENT, absent=ItemError)
            if answer.status in ABSENT and answer.is_page:
                # A proxy's "not found" tells nothing of the issue.
                self.aside[issue_id] = "a web page came in place of Jira's answer"
                return None
            if answer.status in ABSENT:
                self.absent.add(issue_id)
                self.aside[issue_id] = "it is not there any more, or this account may not see it"
                return None
            issue = answer.json()
            if self.site.cloud:
                return issue, self._change_log(path)
        except ItemError as error:
            self.aside[issue_id] = str(error)
            return None
        return issue, [history(entry) for entry in (issue.get("changelog") or {}).get("histories") or ()]

    def _change_log(self, path: str) -> list[dict[str, Any]]:
        histories: list[dict[str, Any]] = []
        while True:
            query = {"startAt": len(histories), "maxResults": 100}
            body = self.client.get(f"{path}/changelog", 3, what="one change log", query=query, absent=ItemError).json()
            values = body.get("values") or []
            histories += [history(entry) for entry in values]
            if not values or body.get("isLast") or len(histories) >= int(body.get("total") or 0):
                return histories

    def found(self, answer: Answer, *, first: bool = False) -> dict[str, Any]:
        """The body of a search's answer, which has a list of `issues`.

        A rejected `first` request raises ConfigurationError when the admin added a condition of their own, since the
        rest of the query is ours. ProtocolError for anything else.
        """
        source = self.options.source
        if answer.status == 400:
            said = server_says(answer)
            if first and self.options.jql:
                raise ConfigurationError(f"Source {source}: the site rejects `jql`: {said or 'it does not say why.'}")
            raise ProtocolError(f"Source {source}: the site rejects the search: {said or 'it does not say why.'}")
        body = answer.json()
        if not isinstance(body, dict) or not isinstance(body.get("issues"), list):
            raise ProtocolError(f"Source {source}: a search's answer holds no list of issues.")
        return body
