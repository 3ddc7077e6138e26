"""Settings from `FILROUGE_…` variables, laid over those of `filrouge.yaml`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from config.codes import CODES
from config.positions import Unreadable, read
from config.problems import Problem, nearest, unknown
from config.references import VARIABLE, FromEnvironment
from config.rules import Place
from config.settings import Settings
from config.tree import Items, Keys, scalar

PREFIX = "FILROUGE_"
_TEXTS = {"token", "user", "store"}  # what may be secret is text, whatever it looks like


def overridden(tree: Keys, environ: Mapping[str, str]) -> tuple[Keys, list[Problem]]:
    """The settings' data with every override in place, and what is wrong with the overrides.

    `FILROUGE_DRIFT__HORIZON=8` sets `drift.horizon`; the parts of a name are compared without regard to case; an
    element of a list goes by its number from 0 or by its `id` (`FILROUGE_SOURCES__SHOP__URL`, other signs than letters
    and digits written `_`). A value is a number, `true`, `false`, a list or keys in YAML's `[…]` and `{…}`, else text.
    A variable that a `${…}` of the file names is no override. A variable whose first part is no setting is reported
    when it is near one, and otherwise somebody else's.
    """
    referred = set(_referred(tree))
    problems: list[Problem] = []
    for name in sorted(environ):
        if not name.startswith(PREFIX) or name in referred:
            continue
        place = Place(name, 0, 0)
        steps = name[len(PREFIX) :].split("__")
        if steps[0].lower() not in Settings.model_fields:
            if nearest(steps[0].lower(), Settings.model_fields):
                problems.append(Problem(place, unknown("setting", steps[0].lower(), Settings.model_fields)))
            continue
        try:
            tree = _laid_over(tree, steps, _value(name, environ[name], steps[-1].lower()), place)
        except LookupError as error:
            problems.append(Problem(place, str(error.args[0])))
        except Unreadable as error:
            problems.append(Problem(place, f"this value does not parse: {error.problem.sentence}"))
    return tree, problems


def _value(name: str, text: str, key: str) -> Any:
    if key not in _TEXTS and text.lstrip().startswith(("[", "{")):
        return read(f"value: {text}".encode("utf-8", errors="replace"), name)["value"]
    try:
        value = text if key in _TEXTS else scalar(text)
    except ValueError:
        value = text
    if isinstance(value, str):
        value = FromEnvironment(value)
        value.variable = name
    return value


def _laid_over(tree: Any, steps: list[str], value: Any, place: Place) -> Any:
    """A copy of the data with the value at those steps; LookupError with one sentence for no such element."""
    if not steps:
        return value
    if isinstance(tree, Items):
        index = _element(tree, steps[0])
        items = Items(tree.place)
        for number, each in enumerate(tree):
            chosen = number == index
            last = chosen and len(steps) == 1
            items.put(
                _laid_over(each, steps[1:], value, place) if chosen else each, place if last else tree.places[number]
            )
        return items
    keys = Keys(tree.place if isinstance(tree, Keys) else place)
    if isinstance(tree, Keys):
        for name, each in tree.items():
            keys.put(name, each, tree.key_places[name], tree.places[name])
    name = _key(keys, steps[0])
    below = _laid_over(keys.get(name), steps[1:], value, place)
    inside = len(steps) > 1 and name in keys
    keys.put(name, below, keys.key_places[name] if inside else place, keys.places[name] if inside else place)
    return keys


def _key(keys: Keys, step: str) -> str:
    """The key that a part of a variable's name means: one that stands there, a finding's code, or the part itself."""
    return next((name for name in keys if _same(name, step)), step if step in CODES else step.lower())


def _element(items: Items, step: str) -> int:
    if step.isdigit() and int(step) < len(items):
        return int(step)
    for index, each in enumerate(items):
        if isinstance(each, dict) and _same(str(each.get("id", "")), step):
            return index
    ids = [str(each["id"]) for each in items if isinstance(each, dict) and "id" in each]
    raise LookupError(unknown("element of a list", step.lower(), ids))


def _same(name: str, step: str) -> bool:
    return re.sub(r"[^a-z0-9]", "_", name.casefold()) == step.casefold()


def _referred(tree: Any) -> Iterator[str]:
    """The variables that the file itself names."""
    if isinstance(tree, dict):
        for each in tree.values():
            yield from _referred(each)
    elif isinstance(tree, list):
        for each in tree:
            yield from _referred(each)
    elif isinstance(tree, str):
        yield from VARIABLE.findall(tree)
