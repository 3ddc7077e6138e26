"""What the admin said, as canonical text with a digest, and read back from it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, SecretStr

from config.mapping import MappingFile, to_rules
from config.references import is_reference
from config.rules import MappingRules
from config.settings import Settings
from config.strategy import StrategyFile, to_strategy
from config.workspace import Revision
from domain.strategy import Strategy


def revision(said: BaseModel, *, exclude: Any = None) -> Revision:
    """Canonical JSON of what was written (not of defaults): sorted keys, no white space, secrets as references.

    `exclude` leaves parts out (as pydantic takes it).
    """
    data = said.model_dump(mode="python", by_alias=True, exclude_unset=True, exclude=exclude)
    text = _canonical(_plain(data))
    return Revision(text, digest_of(text))


def digest_of(text: str) -> str:
    """The digest of a revision's text."""
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def config_revision(said: Settings) -> Revision:
    """The revision of filrouge.yaml, without the store's address: where things are kept changes no figure."""
    return revision(said, exclude={"store"})


def strategy_revision(said: StrategyFile) -> Revision:
    """The revision of a strategy that has the readings of its files in it, so that no file is named there any more."""
    return revision(said)


def without_readings(text: str) -> str:
    """A strategy's revision as canonical text without its readings; ValueError when it is no such text."""
    said = json.loads(text)
    for objective in said.get("objectives", ()):
        for result in objective.get("key_results", ()):
            result.pop("readings", None)
    return _canonical(said)


def settings_from_revision(text: str) -> Settings:
    """The settings that a revision's text states, secrets unresolved; ValueError when it is no such text."""
    return Settings.model_validate(json.loads(text))


def strategy_from_revision(text: str) -> Strategy:
    """The strategy that a revision's text states; ValueError when it is no such text."""
    return to_strategy(StrategyFile.model_validate(json.loads(text)))


def mapping_from_revision(text: str) -> MappingRules:
    """The mapping that a revision's text states; places say `stored revision`. ValueError when it is no such text."""
    return to_rules(MappingFile.model_validate(json.loads(text)))


def _canonical(data: Any) -> str:
    return json.dumps(data, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _plain(value: Any) -> Any:
    if isinstance(value, SecretStr):
        reference = value.get_secret_value()
        return reference if is_reference(reference) else "(written in clear)"
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return str(value)
