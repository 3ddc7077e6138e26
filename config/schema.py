"""JSON Schemas of the three files, for editors that complete and check as one types."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from config.mapping import MappingFile, Overlay
from config.settings import Settings
from config.strategy import StrategyFile

DIALECT = "http://json-schema.org/draft-07/schema#"
FILES: Mapping[str, tuple[type[BaseModel], str]] = {
    "filrouge": (Settings, "filrouge.yaml: what is read, how drift is measured, where reports go."),
    "strategy": (StrategyFile, "strategy.yaml: cycles, objectives, key results, budgets, value streams."),
    "mapping": (MappingFile, "mapping.yaml: which goal a work item serves."),
    "overlay": (Overlay, "A mapping file that mapping.yaml includes."),
}


def schemas() -> dict[str, dict[str, Any]]:
    """The schema of each file by its name: `filrouge`, `strategy`, `mapping`, and `overlay` for included mappings.

    They say what an editor can know: keys with what they mean, kinds of values, closed sets. What depends on other
    values (ids, dates in order) only `filrouge check` says.
    """
    return {name: _schema(model, title) for name, (model, title) in FILES.items()}


def _schema(model: type[BaseModel], title: str) -> dict[str, Any]:
    tidy: dict[str, Any] = _tidied(model.model_json_schema(by_alias=True, mode="validation"))
    return {"$schema": DIALECT, **tidy, "title": title}


def _tidied(node: Any, *, keys: bool = False) -> Any:
    """Without generated titles, and with every reference alone, since this dialect ignores what stands beside one.

    `keys` says that the node's own keys are names (of properties, of definitions) and not words of the dialect. An
    absent value is not `null` in these files, so the null that stands for "optional" goes, save where it is meant.
    """
    if isinstance(node, list):
        return [_tidied(each) for each in node]
    if not isinstance(node, dict):
        return node
    if keys:
        return {name: _tidied(each) for name, each in node.items()}
    found = {
        word: _tidied(value, keys=word in {"properties", "$defs"})
        for word, value in node.items()
        if word not in {"title", "discriminator"} and not (word == "default" and value is None)
    }
    options = [option for option in found.get("anyOf", []) if option != {"type": "null"}]
    if "anyOf" in found and not found.pop("nullable", False):
        found["anyOf"] = options
        if len(options) == 1:
            del found["anyOf"]
            found = {**options[0], **found}
    if "$ref" in found and len(found) > 1:
        found = {"allOf": [{"$ref": found.pop("$ref")}], **found}
    return found
