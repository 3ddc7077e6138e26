"""What pydantic finds wrong, as sentences for the person who wrote the file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from config.locate import KeyName, Path, place_of
from config.problems import Problem, choice, nearest, unknown
from config.settings import KINDS
from config.tree import Keys, stands

Fault = Mapping[str, Any]  # as pydantic tells it

_PRIVATE = ("auth", "token", "user", "password", "store", "chat")


def problem_of(model: type[BaseModel], tree: Keys, fault: Fault) -> Problem:
    """A fault of the data as a problem with its place; `model` is what the whole file was checked against."""
    location: Path = tuple(fault["loc"])
    kind = str(fault["type"])
    place = place_of(tree, (*location, "kind") if kind.startswith("union_tag") else location)
    if kind == "extra_forbidden":
        return Problem(
            place_of(tree, (*location[:-1], KeyName(location[-1]))),
            unknown("key", str(location[-1]), keys_of(model, location[:-1])),
        )
    if kind == "missing":
        return Problem(place_of(tree, location[:-1]), _missing(model, location))
    return Problem(place, _sentence(model, location, kind, fault))


def _missing(model: type[BaseModel], location: Path) -> str:
    name = str(location[-1])
    field = _field(model, location)
    meaning = f" ({field.description.rstrip('.')})" if field is not None and field.description else ""
    return f"the key `{name}` is missing; expected it here{meaning}"


# pydantic's bounds: the name under which it tells the bound, and what was expected.
_BOUNDS: Mapping[str, tuple[str, str]] = {
    "greater_than_equal": ("ge", "a number of at least {:g}"),
    "greater_than": ("gt", "a number above {:g}"),
    "less_than_equal": ("le", "a number of at most {:g}"),
    "less_than": ("lt", "a number below {:g}"),
    "too_short": ("min_length", "at least {} in it"),
    "too_long": ("max_length", "at most {} in it"),
}


def _sentence(model: type[BaseModel], location: Path, kind: str, fault: Fault) -> str:
    context = fault.get("ctx", {})
    if kind == "filrouge":
        return str(context["sentence"])
    if kind.startswith("union_tag"):
        return _kind(fault["input"])
    if kind in {"literal_error", "enum"}:
        valid = re.findall(r"'([^']*)'", str(context["expected"]))
        expected = choice(valid) + (nearest(fault["input"], valid) if isinstance(fault["input"], str) else "")
    elif kind in {"model_type", "dict_type"}:
        keys = sorted(keys_of(model, location))
        expected = "keys with values" + (f", {choice(keys)}" if keys else "")
    elif kind in {"tuple_type", "list_type"}:
        expected = "a list"
    elif kind in _BOUNDS:
        name, words = _BOUNDS[kind]
        expected = words.format(context[name])
    else:
        expected = f"something else: {fault['msg']}"
    found = "another value stands here" if set(location) & set(_PRIVATE) else stands(fault["input"])
    return f"{found}; expected {expected}"


def _kind(source: Any) -> str:
    """The sentence for a source of which it cannot be told what it is."""
    if not isinstance(source, dict):
        return f"{stands(source)}; expected the keys of a source, such as `id` and `kind`"
    if "kind" not in source:
        return f"the key `kind` is missing; expected it here as {choice(list(KINDS))}"
    kind = source["kind"]
    return f"{stands(kind)}; expected {choice(list(KINDS))}{nearest(str(kind), KINDS)}"


def keys_of(model: type[BaseModel], location: Path) -> list[str]:
    """The keys that may stand at a location."""
    return [info.alias or name for each in _models_at(model, location) for name, info in each.model_fields.items()]


def _field(model: type[BaseModel], location: Path) -> FieldInfo | None:
    name = location[-1]
    for each in _models_at(model, location[:-1]):
        for field_name, info in each.model_fields.items():
            if (info.alias or field_name) == name:
                return info
    return None


def _models_at(model: type[BaseModel], location: Path) -> list[type[BaseModel]]:
    """The models whose keys may stand at a location: several at a union that nothing has decided yet."""
    here = [model]
    for step in location:
        if isinstance(step, int):
            continue
        below = [
            info.annotation for each in here for name, info in each.model_fields.items() if (info.alias or name) == step
        ]
        if below:
            here = [found for annotation in below for found in _models_in(annotation)]
        elif match := re.fullmatch(r"\((\w+)\)", step):
            chosen = [each for each in here if match[1] in get_args(each.model_fields["kind"].annotation)]
            here = chosen or here
    return here


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [found for part in get_args(annotation) for found in _models_in(part)]
