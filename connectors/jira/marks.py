"""Marks of ours on Jira's issues: labels, added and removed one by one, and a property."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from connectors.jira.client import Client
from connectors.jira.options import Options
from connectors.jira.site import Site, sign_in
from connectors.port import Labels
from domain.errors import ItemError, UnavailableError
from domain.work import WorkItem

PROPERTY = "filrouge"  # of an issue


class JiraMarks:
    """The issues of one site, by their ids: a move changes nothing."""

    def __init__(self, options: Options, client: Client) -> None:
        self._options, self._client = options, client

    def labels(self, item: WorkItem) -> Labels:
        answer = self._client.get(
            f"issue/{item.id}",
            self._site.version,
            what=f"the labels of {item.key}",
            query={"fields": "labels"},
            absent=ItemError,
        )
        body = answer.json()
        fields = body.get("fields") if isinstance(body, dict) else None
        if not isinstance(fields, dict):
            raise UnavailableError(
                f"Source {self._options.source}: the answer about the labels of {item.key} makes no sense."
            )
        return Labels([str(label) for label in fields.get("labels") or ()])

    def change_labels(self, item: WorkItem, seen: Labels, add: Sequence[str], remove: Sequence[str]) -> bool:  # noqa: ARG002 # Jira takes single labels, so that nothing of what others do can be lost
        site, what, path = self._site, f"our labels on {item.key}", f"issue/{item.id}"
        edits = [{"add": label} for label in add] + [{"remove": label} for label in remove]
        body = {"update": {"labels": edits}}
        answer = None
        if site.cloud:
            # Without a notification: some accounts may not ask for that, and then edit as everybody does.
            silent = {"notifyUsers": "false"}
            answer = self._client.write("PUT", path, site.version, body, what=what, query=silent, accept=(403,))
        if answer is None or answer.status == 403:
            self._client.write("PUT", path, site.version, body, what=what)
        return True

    def set_property(self, item: WorkItem, value: Mapping[str, Any] | None) -> None:
        path, what = f"issue/{item.id}/properties/{PROPERTY}", f"our property of {item.key}"
        if value is None:
            self._client.write("DELETE", path, self._site.version, what=what, accept=(404,))
        else:
            self._client.write("PUT", path, self._site.version, value, what=what)

    @cached_property
    def _site(self) -> Site:
        return sign_in(self._client, self._options)
