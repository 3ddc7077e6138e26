"""Comments of ours on work items, told from all others by their author and by a tag at the end of their text."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any

from connectors.azure_devops.client import Client
from connectors.azure_devops.markup import as_html, as_markdown
from connectors.azure_devops.options import Options
from connectors.azure_devops.spoken import plain
from connectors.azure_devops.teams import Teams
from connectors.azure_devops.values import instant_or_none
from connectors.gate import Gate
from connectors.port import Remark, Standing
from connectors.spoken import spoken
from connectors.transport import Answer
from domain.errors import UnavailableError
from domain.message import Message
from domain.work import WorkItem

LISTED = 200  # comments a page
PAGES = 100  # of one item; a server that never ends is not believed
# The end of a text of ours: comments have no properties, and what is hidden in a text is taken out (API_FACTS).
TAG = re.compile(r"filrouge:([0-9a-f]+)(?:`|<[^<>]*>|&nbsp;|\s)*$")


class AzureDevOpsComments:
    """The work items of one organisation or collection; a comment is asked for in its item's present project."""

    def __init__(self, options: Options, client: Client, gate: Gate) -> None:
        self._options, self._client, self._gate = options, client, gate
        self._teams = Teams(options, client)

    @property
    def requests(self) -> int:
        return self._gate.requests

    def post(self, item: WorkItem, message: Message, *, marker: str, digest: str) -> Standing:  # noqa: ARG002 # no place
        answer = self._client.comments(
            "POST",
            _route(item),
            f"a comment on {item.key}",
            query=self._format,
            body={"text": self._text(message, marker)},
        )
        return self._standing(item, _comment(answer, self._options, item))

    def look(self, item: WorkItem) -> Sequence[Standing]:
        ours = [one for one in self._listed(item) if self._is_ours(one)]
        return [self._standing(item, one) for one in ours]

    def read(self, item: WorkItem, comment: str) -> Standing | None:
        what = f"our comment on {item.key}"
        answer = self._client.comments("GET", {**_route(item), "commentId": comment}, what, accept=(404,))
        if answer.status == 404:
            # The comment alone, or the item as a whole: only the first is somebody's answer to us.
            self._client.comments("GET", _route(item), f"the comments on {item.key}", query={"$top": "1"})
            return None
        entry = _comment(answer, self._options, item)
        return None if entry.get("isDeleted") else self._standing(item, entry)

    def edit(self, item: WorkItem, comment: str, message: Message, *, marker: str, digest: str) -> Standing:  # noqa: ARG002 # no place
        answer = self._client.comments(
            "PATCH",
            {**_route(item), "commentId": comment},
            f"our comment on {item.key}",
            query=self._format,
            body={"text": self._text(message, marker)},
        )
        return self._standing(item, _comment(answer, self._options, item))

    def remove(self, item: WorkItem, comment: str) -> None:
        what = f"our comment on {item.key}"
        self._client.comments("DELETE", {**_route(item), "commentId": comment}, what, accept=(404,))

    def remarks(self, item: WorkItem) -> Sequence[Remark]:
        found: list[Remark] = []
        for entry in self._listed(item):
            said = spoken(plain(entry.get("text"), entry.get("format")))
            # Somebody may have let us in under their own account: ours are those with our tag alone.
            if said is not None and not self._is_ours(entry):
                names = _names(entry.get("modifiedBy") or entry.get("createdBy"))
                author = next(iter(names), None)
                found.append(Remark(_id(entry), author, names, self._changed(item, entry), said))
        return found

    def holds(self, item: WorkItem, author: str, roles: Collection[str]) -> bool:
        """A role is a team of the item's project here."""
        return self._teams.hold(item.project, author, roles)

    def _listed(self, item: WorkItem) -> list[Mapping[str, Any]]:
        found: dict[str, Mapping[str, Any]] = {}
        token = None
        for _ in range(PAGES):
            query = {"$top": str(LISTED), "order": "asc"} | ({"continuationToken": token} if token else {})
            answer = self._client.comments("GET", _route(item), f"the comments on {item.key}", query=query)
            body = answer.json() or {}
            entries = {_id(entry): entry for entry in body.get("comments") or ()}
            token = body.get("continuationToken")
            if token is None or not entries.keys() - found.keys():
                found |= entries
                break
            found |= entries
        return [one for one in found.values() if not one.get("isDeleted")]

    @cached_property
    def _account(self) -> str:
        return self._client.identity().casefold()

    @cached_property
    def _format(self) -> Mapping[str, str]:
        return {"format": "markdown"} if self._client.takes_markdown() else {}

    def _text(self, message: Message, marker: str) -> str:
        if self._format:
            return f"{as_markdown(message).rstrip()}\n\n`filrouge:{marker}`"
        return f"{as_html(message)}<p><code>filrouge:{marker}</code></p>"

    def _is_us(self, person: Any) -> bool:
        return isinstance(person, dict) and bool(self._account) and str(person.get("id")).casefold() == self._account

    def _is_ours(self, entry: Mapping[str, Any]) -> bool:
        return self._is_us(entry.get("createdBy")) and _marker(entry) is not None

    def _standing(self, item: WorkItem, entry: Mapping[str, Any]) -> Standing:
        last = entry.get("modifiedBy") or entry.get("createdBy")
        stamp = str(entry.get("version") or 1)
        return Standing(_id(entry), _marker(entry), None, stamp, self._is_us(last), self._changed(item, entry))

    def _changed(self, item: WorkItem, entry: Mapping[str, Any]) -> datetime:
        """When a comment was written or last edited."""
        at = instant_or_none(entry.get("modifiedDate")) or instant_or_none(entry.get("createdDate"))
        if at is None:
            raise _senseless(self._options, item)
        return at


def _route(item: WorkItem) -> dict[str, str]:
    return {"project": item.project, "workItemId": item.id}


def _marker(entry: Mapping[str, Any]) -> str | None:
    found = TAG.search(str(entry.get("text") or ""))
    return found[1] if found else None


def _id(entry: Mapping[str, Any]) -> str:
    """The comment's id: `id` by the description, `commentId` in Microsoft's own examples."""
    return str(entry["id"] if "id" in entry else entry["commentId"])


def _comment(answer: Answer, options: Options, item: WorkItem) -> Mapping[str, Any]:
    """The comment that an answer tells; after a write, one that tells none leaves open whether it was done."""
    body = answer.json()
    if not isinstance(body, dict) or not {"id", "commentId"} & body.keys():
        raise _senseless(options, item)
    return body


def _senseless(options: Options, item: WorkItem) -> UnavailableError:
    return UnavailableError(f"Source {options.source}: the answer about a comment on {item.key} makes no sense.")


def _names(person: Any) -> Sequence[str]:
    """What an author may be called by, the id first: an identity's id and its sign-in name; nothing of nobody."""
    if not isinstance(person, dict):
        return ()
    return tuple(dict.fromkeys(str(person[name]) for name in ("id", "uniqueName") if person.get(name)))
