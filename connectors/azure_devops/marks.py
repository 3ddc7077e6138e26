"""Marks of ours on work items: tags, of which the tracker takes only all at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.azure_devops.client import Client
from connectors.azure_devops.options import Options
from connectors.port import Labels
from domain.errors import ItemError, UnavailableError
from domain.work import WorkItem

TAGS = "System.Tags"  # `a; b`
CHANGED = (409, 412)  # what a revision that is no longer the last one gets


class AzureDevOpsMarks:
    """The work items of one organisation or collection, by their ids: a move changes nothing."""

    def __init__(self, options: Options, client: Client) -> None:
        self._options, self._client = options, client

    def labels(self, item: WorkItem) -> Labels:
        body = self._client.work_item(item.id, TAGS, f"the tags of {item.key}").json()
        if not isinstance(body, dict) or "rev" not in body:
            raise UnavailableError(
                f"Source {self._options.source}: the answer about the tags of {item.key} makes no sense."
            )
        tags = str((body.get("fields") or {}).get(TAGS) or "")
        return Labels([tag.strip() for tag in tags.split(";") if tag.strip()], str(body["rev"]))

    def change_labels(self, item: WorkItem, seen: Labels, add: Sequence[str], remove: Sequence[str]) -> bool:
        """The revision is tested in the same request, so that a tag that somebody set meanwhile is never lost."""
        gone = {label.casefold() for label in remove}
        tags = [tag for tag in seen.names if tag.casefold() not in gone]
        patch = [
            {"op": "test", "path": "/rev", "value": int(seen.stamp or 0)},
            {"op": "replace", "path": f"/fields/{TAGS}", "value": "; ".join((*tags, *add))},
        ]
        answer = self._client.patch_work_item(item.id, patch, f"our tags on {item.key}", accept=CHANGED)
        return answer.status not in CHANGED

    def set_property(self, item: WorkItem, value: Mapping[str, Any] | None) -> None:
        del value
        raise ItemError(f"Source {self._options.source}: {item.key} can have no property; only Jira's issues can.")
