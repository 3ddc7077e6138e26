"""Azure DevOps' Swagger files, with each known difference between files and wire and its reason."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from demo.trackers.http import Exchange
from tests.specs.openapi import Document, Operation, load, query_faults, template_pattern

FILES = ("ado-wit-7.1.json", "ado-work-7.1.json", "ado-core-7.1.json")

ANY: dict[str, Any] = {}
# Definition, property, schema on the wire, and why.
INSTEAD: tuple[tuple[str, str, dict[str, Any], str], ...] = (
    (
        "StreamedBatch",
        "values",
        {"type": "array", "items": {"type": "object"}},
        "the file's type is a generic parameter that became `string`; the official examples have objects",
    ),
    (
        "WorkItem",
        "fields",
        {"type": "object", "additionalProperties": ANY},
        "the file types every value as an object and means any value: the examples have texts and numbers",
    ),
    ("WorkItemFieldUpdate", "newValue", ANY, "typed as an object, meaning any value"),
    ("WorkItemFieldUpdate", "oldValue", ANY, "typed as an object, meaning any value"),
    ("Link", "attributes", {"type": "object", "additionalProperties": ANY}, "typed as objects, meaning any value"),
    (
        "WorkItemClassificationNode",
        "attributes",
        {"type": "object", "additionalProperties": {"type": ["string", "null"]}},
        "typed as objects; the examples have dates",
    ),
    ("JsonPatchOperation", "value", ANY, "typed as an object, meaning any value"),
    (
        "WorkItemStateTransition",
        "actions",
        {"type": ["array", "null"], "items": {"type": "string"}},
        "null in the official example",
    ),
)
# Resources of the location service, which has no file here: what the package needs before it finds the others.
WITHOUT_FILE = ("/_apis", "/_apis/resourceareas", "/_apis/connectiondata")
# Operations whose answer is an object with `value` although the file says `array` are all but those with an own form.
ERROR = {"type": "object", "required": ["message", "typeKey", "errorCode"]}
VERSION = re.compile(r"[1-7]\.\d(-preview(\.\d+)?)?")


class AzureDevOpsFile:
    """Checks exchanges with an organisation; paths are those below the organisation."""

    def __init__(self, folder: Path) -> None:
        contents: dict[str, Any] = {"definitions": {}, "parameters": {}}
        operations: list[Operation] = []
        for name in FILES:
            one = load(folder / name)
            contents["definitions"] |= one["definitions"]
            contents["parameters"] |= one["parameters"]
            operations += _operations(one)
        for definition, prop, schema, _ in INSTEAD:
            contents["definitions"][definition]["properties"][prop] = schema
        # An array by its `allOf`, and an object by its own `type`: no value could be both.
        del contents["definitions"]["JsonPatchDocument"]["type"]
        self._document = Document(contents, operations)

    def check(self, exchange: Exchange) -> list[str]:
        """The faults of an exchange, each with method and path in front."""
        path = exchange.path.lower().rstrip("/")
        if path in WITHOUT_FILE:
            return []
        operation = self._document.find(exchange.method, path, exchange.query)
        if operation is None:
            return [f"{exchange.method} {exchange.path}: not described"]
        faults = query_faults(operation, exchange.query, self._document.faults)
        faults += self._version(exchange) + self._body(operation, exchange)
        if exchange.status and not exchange.fault:
            faults += self._answer(operation, exchange)
        return [f"{exchange.method} {exchange.path}: {fault}" for fault in faults]

    def _version(self, exchange: Exchange) -> list[str]:
        """The file asks for the version in the query; the server takes it in the Accept header as well."""
        accept = re.search(r"api-version=([^;,\s]+)", exchange.request_headers.get("accept", ""))
        version = exchange.query.get("api-version", [accept[1] if accept else ""])[0]
        return [] if VERSION.fullmatch(version) else [f"api-version {version!r} is missing or odd"]

    def _body(self, operation: Operation, exchange: Exchange) -> list[str]:
        if operation.body is None:
            return ["sends a body where none is described"] if exchange.request_body else []
        if not exchange.request_body:
            return ["sends no body"]
        body = json.loads(exchange.request_body)
        if isinstance(body, dict) and isinstance(body.get("errorPolicy"), str):
            body["errorPolicy"] = body["errorPolicy"].lower()  # enumerations are read whatever their case
        if isinstance(body, dict) and isinstance(body.get("$expand"), str):
            body["$expand"] = body["$expand"].lower()
        return [f"request body: {fault}" for fault in self._document.faults(operation.body, body)]

    def _answer(self, operation: Operation, exchange: Exchange) -> list[str]:
        if exchange.status == 203:  # what a bad token gets everywhere, which no file says
            return [] if exchange.response_headers["Content-Type"].startswith("text/html") else ["203 without a page"]
        if exchange.status == 204 and exchange.method == "DELETE":  # the files say 200, the examples 204
            return ["204 with a body"] if exchange.response_body else []
        body = json.loads(exchange.response_body or b"null")
        if 400 <= exchange.status < 500:  # the files describe success alone
            return [f"answer {exchange.status}: {fault}" for fault in self._document.faults(ERROR, body)]
        if str(exchange.status) not in operation.answers:
            return [f"status {exchange.status} is not described"]
        schema = operation.answers[str(exchange.status)]
        return [] if schema is None else self._success(schema, body)

    def _success(self, schema: Mapping[str, Any], body: Any) -> list[str]:
        if schema.get("type") == "array":  # an envelope on the wire; errorPolicy omit puts nulls among the entries
            if not isinstance(body, dict) or set(body) != {"count", "value"} or body["count"] != len(body["value"]):
                return ["a list must come as {count, value} with the right count"]
            body = [entry for entry in body["value"] if entry is not None]
        return [f"answer: {fault}" for fault in self._document.faults(schema, body)]


def _operations(contents: Mapping[str, Any]) -> Iterator[Operation]:
    # Variants that differ in their query alone stand apart, with the query in the path.
    for template, methods in [*contents["paths"].items(), *contents.get("x-ms-paths", {}).items()]:
        path = template.partition("?")[0].removeprefix("/{organization}").lower()
        for method, one in methods.items():
            parameters = [_resolved(contents, entry) for entry in one.get("parameters", ())]
            query = {entry["name"]: entry for entry in parameters if entry["in"] == "query"}
            required = {name for name, entry in query.items() if entry.get("required")} - {"api-version"}
            body = next((entry["schema"] for entry in parameters if entry["in"] == "body"), None)
            optional = [
                entry["name"].lower()
                for entry in parameters
                if entry["in"] == "path" and (entry.get("x-ms-required") is False or entry["name"] == "team")
            ]
            for variant in _without(path, optional):
                yield Operation(
                    method=method.upper(),
                    template=variant,
                    pattern=template_pattern(variant),
                    query={name: _plain(entry) for name, entry in query.items()} | {"api-version": {"type": "string"}},
                    required=frozenset(required),
                    body=body,
                    answers={status: answer.get("schema") for status, answer in one["responses"].items()},
                )


def _without(path: str, optional: list[str]) -> set[str]:
    """The path and its variants without optional segments: of the organisation, without a team, of a root node."""
    found = {path}
    for name in ("path", "team", "project"):
        if name in optional:
            found |= {one.replace(f"/{{{name}}}", "", 1) for one in found if name != "project" or "{team}" not in one}
    return found


def _resolved(contents: Mapping[str, Any], entry: Mapping[str, Any]) -> Mapping[str, Any]:
    named = entry.get("$ref", "")
    found: Mapping[str, Any] = contents["parameters"][named.rpartition("/")[2]] if named else entry
    return found


def _plain(entry: Mapping[str, Any]) -> dict[str, Any]:
    """A parameter's own type as a schema; enumerations are read whatever their case, so they are left out."""
    return {name: entry[name] for name in ("type", "items", "minimum", "maximum") if name in entry}
