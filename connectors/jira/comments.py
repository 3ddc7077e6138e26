"""Comments of ours in Jira's issues, told from all others by a property that is written in the same request."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any

from connectors.jira.client import Client
from connectors.jira.markup import as_adf, as_wiki
from connectors.jira.options import Options
from connectors.jira.roles import Roles
from connectors.jira.site import Site, sign_in
from connectors.jira.spoken import plain
from connectors.jira.values import instant, person
from connectors.port import Remark, Standing
from connectors.spoken import spoken
from connectors.transport import Answer
from domain.errors import ItemError, UnavailableError
from domain.message import Message
from domain.work import WorkItem

PROPERTY = "filrouge"  # of a comment; its value is {marker, digest}
LISTED = 100  # comments a page
PAGES = 200  # of one issue; a site that never ends is not believed


class JiraComments:
    """The issues of one site, by their ids: a move changes nothing."""

    def __init__(self, options: Options, client: Client) -> None:
        self._options, self._client = options, client

    @property
    def requests(self) -> int:
        return self._client.gate.requests

    def post(self, item: WorkItem, message: Message, *, marker: str, digest: str) -> Standing:
        body = self._body(message, marker, digest)
        path = f"issue/{item.id}/comment"
        answer = self._client.write("POST", path, self._site.version, body, what=f"a comment on {item.key}")
        return self._standing(item, _comment(answer, self._options, item), marker, digest)

    def look(self, item: WorkItem) -> Sequence[Standing]:
        found: list[Standing] = []
        for entry in self._listed(item):
            if _account(entry.get("author")) != self._site.account:
                continue
            marks = self._marks(entry)
            if marks is not None:
                found.append(self._standing(item, entry, marks.get("marker"), marks.get("digest")))
        return found

    def read(self, item: WorkItem, comment: str) -> Standing | None:
        path = f"issue/{item.id}/comment/{comment}"
        answer = self._client.get(
            path, self._site.version, what=f"our comment on {item.key}", accept=(404,), absent=ItemError
        )
        if answer.status == 404:
            # The comment alone, or the issue as a whole: only the first is somebody's answer to us.
            self._client.get(
                f"issue/{item.id}",
                self._site.version,
                what=item.key,
                query={"fields": "created"},
                absent=ItemError,
            )
            return None
        return self._standing(item, _comment(answer, self._options, item), None, None)

    def edit(self, item: WorkItem, comment: str, message: Message, *, marker: str, digest: str) -> Standing:
        site = self._site
        what = f"our comment on {item.key}"
        path = f"issue/{item.id}/comment/{comment}"
        body = self._body(message, marker, digest)
        answer = None
        if site.cloud:
            # Without a notification: some accounts may not ask for that (API_FACTS), and then edit as everybody does.
            silent = {"notifyUsers": "false"}
            answer = self._client.write("PUT", path, site.version, body, what=what, query=silent, accept=(403,))
        if answer is None or answer.status == 403:
            answer = self._client.write("PUT", path, site.version, body, what=what)
        return self._standing(item, _comment(answer, self._options, item), marker, digest)

    def remove(self, item: WorkItem, comment: str) -> None:
        path = f"issue/{item.id}/comment/{comment}"
        self._client.write("DELETE", path, self._site.version, what=f"our comment on {item.key}", accept=(404,))

    def remarks(self, item: WorkItem) -> Sequence[Remark]:
        found: list[Remark] = []
        for entry in self._listed(item):
            said = spoken(plain(entry.get("body")))
            # Somebody may have let us in under their own account: ours are those with our property alone.
            ours = _account(entry.get("author")) == self._site.account
            if said is None or (ours and self._marks(entry) is not None):
                continue
            author = entry.get("updateAuthor") or entry.get("author")
            found.append(Remark(str(entry["id"]), _account(author), _names(author), self._changed(item, entry), said))
        return found

    def holds(self, item: WorkItem, author: str, roles: Collection[str]) -> bool:
        """A role is a role of the issue's project here."""
        return self._roles.hold(item.project, author, roles)

    @cached_property
    def _roles(self) -> Roles:
        return Roles(self._options, self._client, self._site)

    @cached_property
    def _site(self) -> Site:
        return sign_in(self._client, self._options)

    def _body(self, message: Message, marker: str, digest: str) -> dict[str, Any]:
        text: Any = as_adf(message) if self._site.cloud else as_wiki(message)
        return {"body": text, "properties": [{"key": PROPERTY, "value": {"marker": marker, "digest": digest}}]}

    def _standing(self, item: WorkItem, entry: Mapping[str, Any], marker: str | None, digest: str | None) -> Standing:
        last = _account(entry.get("updateAuthor") or entry.get("author"))
        stamp = str(entry.get("updated") or entry.get("created") or "")
        at = self._changed(item, entry)
        return Standing(str(entry["id"]), marker, digest, stamp, last == self._site.account, at)

    def _changed(self, item: WorkItem, entry: Mapping[str, Any]) -> datetime:
        """When a comment was written or last edited."""
        try:
            return instant(entry.get("updated") or entry.get("created"))
        except (ValueError, OverflowError):
            raise _senseless(self._options, item) from None

    def _listed(self, item: WorkItem) -> list[Mapping[str, Any]]:
        found: dict[str, Mapping[str, Any]] = {}
        for _ in range(PAGES):
            answer = self._client.get(
                f"issue/{item.id}/comment",
                self._site.version,
                what=f"the comments on {item.key}",
                query={"startAt": len(found), "maxResults": LISTED, "orderBy": "created"},
                absent=ItemError,
            )
            body = answer.json() or {}
            entries = body.get("comments") or ()
            before = len(found)
            found |= {str(entry["id"]): entry for entry in entries}
            if len(found) == before or len(found) >= int(body.get("total") or 0):
                break
        return list(found.values())

    def _marks(self, entry: Mapping[str, Any]) -> Mapping[str, str] | None:
        """The value of our property; None for a comment without it. A list of comments does not tell properties."""
        path = f"comment/{entry['id']}/properties/{PROPERTY}"
        answer = self._client.get(path, self._site.version, what="the mark of a comment", accept=(404,))
        body = answer.json() if answer.status == 200 else None
        value = body.get("value") if isinstance(body, dict) else None
        if not isinstance(value, dict):
            return None
        return {name: text for name, text in value.items() if isinstance(text, str)}


def _comment(answer: Answer, options: Options, item: WorkItem) -> Mapping[str, Any]:
    """The comment that an answer tells; after a write, one that tells none leaves open whether it was done."""
    body = answer.json()
    if not isinstance(body, dict) or "id" not in body:
        raise _senseless(options, item)
    return body


def _senseless(options: Options, item: WorkItem) -> UnavailableError:
    return UnavailableError(f"Source {options.source}: the answer about a comment on {item.key} makes no sense.")


def _account(author: Any) -> str | None:
    """The id of a comment's author, as `sign_in` gives ours; None for a deleted or hidden one.

    The Cloud says `unknown` of one whose record is gone (the file's own words), which is nobody's id.
    """
    if not isinstance(author, dict) or author.get("accountId") == "unknown":
        return None
    return person(author)


def _names(author: Any) -> Sequence[str]:
    """What an author may be called by, the id first; nothing of nobody."""
    account = _account(author)
    if account is None:
        return ()
    return tuple(dict.fromkeys(str(name) for name in (account, author.get("name"), author.get("emailAddress")) if name))
