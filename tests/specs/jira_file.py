"""Jira Cloud's OpenAPI file, with each known difference between file and wire and its reason."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from demo.trackers.http import Exchange
from tests.specs.openapi import Document, Operation, load, query_faults, template_pattern

FILE = "jira-cloud-v3.json"

# Schema, property, what the wire may have besides, and why.
WIDER: tuple[tuple[str, str, Any, str], ...] = (
    ("ChangeDetails", "from", {"type": "null"}, "an end of a change that has no value is null on the wire"),
    ("ChangeDetails", "fromString", {"type": "null"}, "an end of a change that has no value is null on the wire"),
    ("ChangeDetails", "to", {"type": "null"}, "an end of a change that has no value is null on the wire"),
    ("ChangeDetails", "toString", {"type": "null"}, "an end of a change that has no value is null on the wire"),
    ("Changelog", "created", {"type": "integer"}, "the official example of the bulk change log gives a bare number"),
)
# Path, status, and why.
MORE_STATUSES: tuple[tuple[str, int, str], ...] = (
    ("/rest/api/3/search", 410, "the file still describes the resource, as being removed; the server has done it"),
    ("/rest/api/3/changelog/bulkfetch", 401, "every resource asks for credentials, the file says so of most"),
    (
        "/rest/api/3/issue/{issueIdOrKey}/changelog",
        401,
        "every resource asks for credentials, the file says so of most",
    ),
)


class JiraFile:
    """Checks exchanges with a Jira Cloud site; of a Data Center the requests alone, since it has no file here."""

    def __init__(self, path: Path) -> None:
        contents = load(path)
        for schema, name, other, _ in WIDER:
            properties = contents["components"]["schemas"][schema]["properties"]
            properties[name] = {"anyOf": [properties[name], other]}
        self._document = Document(contents, list(_operations(contents)))

    def check(self, exchange: Exchange, cloud: bool) -> list[str]:
        """The faults of an exchange, each with method and path in front."""
        # Versions 2 and 3 offer the same collection of operations (the file's own words).
        path = exchange.path.replace("/rest/api/2/", "/rest/api/3/").replace("/rest/api/latest/", "/rest/api/3/")
        operation = self._document.find(exchange.method, path, exchange.query)
        if operation is None:
            return [f"{exchange.method} {exchange.path}: not described"]
        faults = query_faults(operation, exchange.query, self._document.faults)
        faults += self._body(operation, exchange)
        if cloud and exchange.status and not exchange.fault:
            faults += self._answer(operation, exchange)
        return [f"{exchange.method} {exchange.path}: {fault}" for fault in faults]

    def _body(self, operation: Operation, exchange: Exchange) -> list[str]:
        if operation.body is None:
            return ["sends a body where none is described"] if exchange.request_body else []
        if not exchange.request_body:
            return ["sends no body"]
        body = json.loads(exchange.request_body)
        return [f"request body: {fault}" for fault in self._document.faults(operation.body, body)]

    def _answer(self, operation: Operation, exchange: Exchange) -> list[str]:
        status = str(exchange.status)
        if status not in operation.answers:
            if any(exchange.status == more and operation.template == path for path, more, _ in MORE_STATUSES):
                return []
            return [f"status {status} is not described"]
        schema = operation.answers[status]
        if schema is None:
            return []
        body = json.loads(exchange.response_body or b"null")
        return [f"answer {status}: {fault}" for fault in self._document.faults(schema, body)]


def _operations(contents: Mapping[str, Any]) -> Any:
    for template, methods in contents["paths"].items():
        for method, one in methods.items():
            if method not in ("get", "post", "put", "delete", "patch"):
                continue
            parameters = [*methods.get("parameters", ()), *one.get("parameters", ())]
            query = {entry["name"]: entry["schema"] for entry in parameters if entry["in"] == "query"}
            required = {entry["name"] for entry in parameters if entry["in"] == "query" and entry.get("required")}
            yield Operation(
                method=method.upper(),
                template=template,
                pattern=template_pattern(template),
                query=query,
                required=frozenset(required),
                body=_schema(one.get("requestBody", {})),
                answers={status: _schema(answer) for status, answer in one["responses"].items()},
            )


def _schema(one: Mapping[str, Any]) -> Any:
    return one.get("content", {}).get("application/json", {}).get("schema")
