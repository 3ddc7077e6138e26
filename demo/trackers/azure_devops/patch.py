"""Changes of one work item by JSON Patch: a test of its revision, and fields."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from demo.trackers.azure_devops import render
from demo.trackers.azure_devops.items import known
from demo.trackers.http import Answer, Refused, Request

if TYPE_CHECKING:
    from demo.trackers.azure_devops.site import AzureDevOpsSite, Item

TAGS = "System.Tags"
MEDIA_TYPE = "application/json-patch+json"
FIELDS = "/fields/"


def update(site: AzureDevOpsSite, request: Request) -> Answer:
    """PATCH workitems/{id}: all operations or none; tags that are added come to those that are there."""
    item = known(site, request.names["id"])
    if not request.headers.get("content-type", "").lower().startswith(MEDIA_TYPE):
        raise Refused(415, f"The request's media type is not supported; expected {MEDIA_TYPE}.")
    fields: dict[str, Any] = {}
    for operation in _operations(request):
        op, path, value = operation.get("op"), str(operation.get("path")), operation.get("value")
        if op == "test" and path.casefold() == "/rev":
            if value != item.rev:
                raise Refused(
                    412, "VS403351: Test Operation for path /rev failed.", "TestPatchOperationFailedException"
                )
        elif op in ("add", "replace", "remove") and path.startswith(FIELDS):
            name = path.removeprefix(FIELDS)
            if name not in site.fields:
                raise Refused(
                    400, f"TF51535: Cannot find field {name}.", "WorkItemTrackingFieldDefinitionNotFoundException"
                )
            fields[name] = _value(item, name, str(op), value)
        else:
            raise Refused(400, f"The operation {op} on {path} is not supported.", "VssPropertyValidationException")
    if any(item.fields.get(name) != value for name, value in fields.items()):
        site.edit(item.id, site.now(), fields)
    return Answer(body=render.work_item(site, item, request.base_url))


def _operations(request: Request) -> list[dict[str, Any]]:
    try:
        document = json.loads(request.body)
    except ValueError:
        document = None
    if not isinstance(document, list) or not all(isinstance(one, dict) for one in document):
        raise Refused(
            400, "You must pass a valid patch document in the body of the request.", "VssPropertyValidationException"
        )
    return document


def _value(item: Item, name: str, op: str, value: Any) -> Any:
    if op == "remove":
        return None
    if name != TAGS:
        return value
    there = f"{item.fields.get(TAGS) or ''};{value}" if op == "add" else str(value)
    tags: dict[str, str] = {}
    for tag in filter(None, map(str.strip, re.split("[;,]", there))):
        tags.setdefault(tag.casefold(), tag)
    return "; ".join(tags.values()) or None
