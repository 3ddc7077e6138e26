"""A vendor's OpenAPI or Swagger file as something that an HTTP exchange can be held against."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from jsonschema import Draft4Validator
from jsonschema.exceptions import ValidationError
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT4

LONG_LIST = 6  # of longer lists the first and last few entries are looked at, so that large pages stay cheap


@dataclass(frozen=True)
class Operation:
    """One method at one path; schemas are as the file has them, None where it says nothing of a body."""

    method: str
    template: str
    pattern: re.Pattern[str]
    query: Mapping[str, Mapping[str, Any]]
    required: frozenset[str]
    body: Mapping[str, Any] | None
    answers: Mapping[str, Mapping[str, Any] | None]

    @property
    def braces(self) -> int:
        return self.template.count("{")


@dataclass
class Document:
    """A file: its operations, and validators of its schemas."""

    contents: dict[str, Any]
    operations: list[Operation]
    _validators: dict[str, Draft4Validator] = field(default_factory=dict)

    def __post_init__(self) -> None:
        resource: Resource[Any] = Resource.from_contents(self.contents, default_specification=DRAFT4)
        self._registry: Registry[Any] = Registry().with_resource("urn:file", resource)

    def find(self, method: str, path: str, query: Mapping[str, Any]) -> Operation | None:
        """The operation of a method and path: the one that fits the query, else the one of fewest names in braces."""
        found = [one for one in self.operations if one.method == method and one.pattern.fullmatch(path)]
        found.sort(key=lambda one: (bool(query.keys() - one.query.keys() or one.required - query.keys()), one.braces))
        return found[0] if found else None

    def faults(self, schema: Mapping[str, Any], value: Any) -> list[str]:
        """What of a value does not fit a schema; an empty list when all does."""
        key = json.dumps(schema, sort_keys=True)
        if key not in self._validators:
            absolute = json.loads(key.replace('"$ref": "#/', '"$ref": "urn:file#/'))
            self._validators[key] = Draft4Validator(absolute, registry=self._registry)
        errors: list[ValidationError] = sorted(self._validators[key].iter_errors(shortened(value)), key=str)
        return [f"{_place(error)}: {error.message[:300]}" for error in errors]


def _place(error: ValidationError) -> str:
    return "/".join(str(part) for part in error.absolute_path) or "(whole)"


def shortened(value: Any) -> Any:
    """A JSON value with the middle of long lists left out."""
    if isinstance(value, Mapping):
        return {name: shortened(part) for name, part in value.items()}
    if isinstance(value, list):
        kept = value if len(value) <= LONG_LIST else value[: LONG_LIST // 2] + value[-LONG_LIST // 2 :]
        return [shortened(part) for part in kept]
    return value


def load(path: Path) -> dict[str, Any]:
    """A file as JSON; those of Azure DevOps begin with a byte order mark."""
    contents: dict[str, Any] = json.loads(path.read_text(encoding="utf-8-sig"))
    return contents


def template_pattern(template: str) -> re.Pattern[str]:
    """A path template as a pattern: each name in braces is one segment, but `{path}` any number of them."""
    whole = re.escape(template.rstrip("/")).replace(r"\{", "{").replace(r"\}", "}")
    return re.compile(re.sub(r"\{[^}]+\}", "[^/]+", whole.replace("{path}", ".+")) + "/?")


def query_faults(
    operation: Operation, query: Mapping[str, Sequence[str]], check: Callable[..., list[str]]
) -> list[str]:
    """Parameters that the file does not know, lacks, or types otherwise."""
    faults = [f"query parameter {name} is not described" for name in query if name not in operation.query]
    faults += [f"query parameter {name} is missing" for name in sorted(operation.required) if name not in query]
    for name, values in query.items():
        schema = operation.query.get(name)
        if schema is None:
            continue
        listed = schema.get("type") == "array"
        words = [part for value in values for part in value.split(",")] if listed else list(values)
        inner = dict(schema.get("items", {})) if listed else dict(schema)
        for word in words:
            faults += [f"query parameter {name}: {one}" for one in check(inner, typed(unquote(word), inner))]
    return faults


def typed(text: str, schema: Mapping[str, Any]) -> Any:
    """A query parameter's text as the type that the file gives it, or the text when it is none of that type.

    Servers read words of an enumeration whatever their case, and the package `jira` sends `True` for `true`.
    """
    kind = schema.get("type")
    if kind in ("integer", "number") and re.fullmatch(r"-?\d+", text):
        return int(text)
    if kind == "boolean" and text.lower() in ("true", "false"):
        return text.lower() == "true"
    return text.lower() if text.lower() in schema.get("enum", ()) else text
