"""A workspace's folder read into one valid Workspace, or every fault of its files at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from config.delivery_checks import check_delivery
from config.ids import EveryName, entries, ids_of
from config.include import with_included
from config.locate import Path as Location
from config.locate import place_of, value_at
from config.mapping import MappingFile, to_rules
from config.mapping_checks import check_mapping
from config.marks_checks import check_marks
from config.overrides import overridden
from config.positions import Unreadable, read
from config.problems import Problem, lines, nearest
from config.readings import with_readings
from config.references import FromEnvironment
from config.revisions import config_revision, mapping_from_revision, revision, strategy_from_revision, strategy_revision
from config.rules import Place
from config.secrets import with_secrets
from config.settings import Settings
from config.settings_checks import check_settings
from config.store_address import check_address, check_clear, resolve_address
from config.strategy import StrategyFile, to_strategy
from config.strategy_checks import check_strategy
from config.strategy_notes import strategy_notes
from config.tree import Keys
from config.validation import Checked, validate
from config.workspace import Workspace
from domain.errors import ConfigurationError

__all__ = ["load", "mapping_from_revision", "strategy_from_revision"]  # a workspace of now, and of then

SETTINGS = "filrouge.yaml"
_COMPLETE = {"version": 1, "organisation": "?", "timezone": "UTC", "sources": []}

Known = dict[str, Sequence[str]]


def load(folder: Path, environ: Mapping[str, str], *, secrets: bool = True) -> Workspace:
    """The workspace in a folder, with `FILROUGE_…` overrides and secrets from `environ`.

    With `secrets=False` references to secrets are kept as they are written, for commands that sign in nowhere; the
    store's address is always resolved. Raises ConfigurationError with every problem of all files, one line each.
    """
    problems: list[Problem] = []
    tree = _read(folder, SETTINGS, Place(SETTINGS, 1, 1), "; `filrouge init` writes a workspace", problems)
    if tree is None and not (folder / SETTINGS).exists():
        raise ConfigurationError(*lines(problems))
    settings: Settings | None = None
    known: Known = {"sources": EveryName()}
    if tree is not None:
        tree, faults = overridden(tree, environ)
        known["sources"] = ids_of(tree, "sources")
        checked = validate(Settings, tree, _COMPLETE)
        problems += [*faults, *checked.problems]
        settings, tree = checked.value, checked.tree
        if settings is not None:
            faulty = [*check_settings(settings, known["sources"], tree), *check_delivery(settings, tree)]
            problems += _located(tree, faulty)

    names = settings or Settings(version=1, organisation="?", timezone="UTC", sources=())
    notes: list[Problem] = []
    strategy = _strategy(folder, names.strategy, _named(tree, "strategy", names.strategy), known, problems, notes)
    mapping = _mapping(folder, names.mapping, _named(tree, "mapping", names.mapping), known, problems)

    if settings is not None and tree is not None:
        problems += _located(tree, check_marks(settings, strategy, mapping.value if mapping is not None else None))
        said = settings
        settings = _with_store(settings, tree, environ, problems)
        if secrets:
            settings, faults = with_secrets(settings, tree, folder, environ)
            problems += faults
        if not problems and strategy is not None and mapping is not None and mapping.value is not None:
            return Workspace(
                folder=folder,
                settings=settings,
                strategy=to_strategy(strategy),
                mapping=to_rules(mapping.value, mapping.tree),
                config_revision=config_revision(said),
                strategy_revision=strategy_revision(strategy),
                mapping_revision=revision(mapping.value),
                notes=tuple(lines(notes)),
            )
    raise ConfigurationError(*lines(problems, (SETTINGS, names.strategy, names.mapping)))


def _strategy(
    folder: Path, name: str, named: Place, known: Known, problems: list[Problem], notes: list[Problem]
) -> StrategyFile | None:
    tree = _read(folder, name, named, "; expected the strategy there", problems)
    if tree is None:
        known |= dict.fromkeys(("targets", "products", "value_streams"), EveryName())
        return None
    results = [name for objective in entries(tree, "objectives") for name in ids_of(objective, "key_results")]
    known["targets"] = [*ids_of(tree, "objectives"), *results, *ids_of(tree, "budgets")]
    for kind in ("products", "value_streams", "cycles"):
        known[kind] = ids_of(tree, kind)
    checked = validate(StrategyFile, tree, {"version": 1})
    problems += checked.problems
    if checked.value is None:
        return None
    wrong = _located(checked.tree, check_strategy(checked.value, known, checked.tree))
    problems += wrong
    if not wrong and not checked.problems:
        notes += _located(checked.tree, strategy_notes(checked.value))
    strategy, faults = with_readings(checked.value, checked.tree, folder)
    problems += faults
    return strategy


def _mapping(
    folder: Path, name: str, named: Place, known: Known, problems: list[Problem]
) -> Checked[MappingFile] | None:
    tree = _read(folder, name, named, "; expected the mapping there", problems)
    if tree is None:
        return None
    tree, faults = with_included(tree, folder, folder / name)
    checked = validate(MappingFile, tree, {"version": 1})
    problems += [*faults, *checked.problems]
    if checked.value is not None:
        known["rules"] = ids_of(tree, "rules")
        problems += _located(checked.tree, check_mapping(checked.value, known, checked.tree))
    return checked


def _read(folder: Path, name: str, named: Place, expected: str, problems: list[Problem]) -> Keys | None:
    try:
        return read((folder / name).read_bytes(), name)
    except FileNotFoundError:
        near = nearest(name, [path.name for path in folder.glob("*.yaml")]) if named.file == SETTINGS else ""
        problems.append(Problem(named, f"there is no file `{name}` in the workspace{expected}{near}"))
    except (OSError, ValueError):
        problems.append(Problem(named, f"the file `{name}` cannot be read{expected}"))
    except Unreadable as error:
        problems.append(error.problem)
    return None


def _named(tree: Keys | None, key: str, name: str) -> Place:
    """Where a file is named: in the settings, or, where they are silent, nowhere but by its usual name."""
    return place_of(tree, (key,)) if tree is not None and key in tree else Place(name, 1, 1)


def _located(tree: Keys, faults: Iterable[tuple[Location, str]]) -> list[Problem]:
    """The faults as problems, save those that may only follow from a key that was taken out for its own fault."""
    return [
        Problem(place_of(tree, path), sentence)
        for path, sentence in faults
        if not getattr(value_at(tree, path), "reduced", False)
    ]


def _with_store(settings: Settings, tree: Keys, environ: Mapping[str, str], problems: list[Problem]) -> Settings:
    """The settings with the store's address itself; one that comes from a variable is taken as it is."""
    address = settings.store
    try:
        if not isinstance(tree.get("store"), FromEnvironment):
            check_clear(address)
            address = resolve_address(address, environ)
        check_address(address)
    except ValueError as error:
        problems.append(Problem(place_of(tree, ("store",)), str(error)))
        return settings
    return settings.model_copy(update={"store": address})
