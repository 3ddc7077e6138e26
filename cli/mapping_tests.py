"""The command on the mapping's own tests: run them, write one, and find what none of them protects."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.command import Exit, Here, command, count
from cli.mapping import find
from domain.errors import ConfigurationError

if TYPE_CHECKING:  # heavy, and needed for annotations alone
    from sync.wiring import House


def register(app: typer.Typer) -> None:
    """Add `map test`."""
    command(app, "test")(check_tests)


def check_tests(
    here: Here,
    mutate: Annotated[
        bool, typer.Option("--mutate", help="Leave out and loosen each rule in turn, and name what no test notices.")
    ] = False,
    from_item: Annotated[
        list[str] | None,
        typer.Option("--from-item", metavar="KEY", help="Print a test for this item as it is mapped now; repeatable."),
    ] = None,
    source: Annotated[str | None, typer.Option(help="With --from-item: the source, where two have that key.")] = None,
    write: Annotated[bool, typer.Option("--write", help="With --from-item: add it to the mapping file.")] = False,
) -> int:
    """Run the `tests:` of mapping.yaml against the store; exit code 1 when one fails."""
    from sync.wiring import open_house

    if not from_item and (write or source):
        raise ConfigurationError("--write and --source go with --from-item KEY.")
    if from_item and mutate:
        raise ConfigurationError("--from-item writes a test and --mutate tries them; use one at a time.")
    with open_house(here.folder, secrets=False) as house:
        if from_item:
            return _from_items(here, house, from_item, source, write)
        return _mutate(here, house) if mutate else _run(here, house)


def _run(here: Here, house: House) -> int:
    from mapping.check import run_tests
    from sync.tagging import present_items

    with house.store.reading() as reader:
        everything = present_items(reader)
    results = run_tests(house.workspace.mapping_at(house.clock.now()), everything, house.workspace.strategy)
    failed = [result for result in results if not result.passed]
    if here.as_json:
        here.data([result.as_json() for result in results])
    for result in failed:
        for message in result.messages:
            here.say(f"{result.place}: {result.subject}: {message}", style="red")
    here.say(f"{len(results) - len(failed)} of {count(len(results), 'mapping test')} passed.")
    return Exit.SEE if failed else Exit.DONE


def _mutate(here: Here, house: House) -> int:
    from cli.progress import counting
    from mapping.mutate import survivors
    from sync.tagging import present_items

    rules = house.workspace.mapping_at(house.clock.now())
    if not rules.rules:
        raise ConfigurationError("The mapping has no rule to leave out.")
    with house.store.reading() as reader:
        everything = present_items(reader)
    with counting(here.people, house.clock, "tried", quiet=here.as_json) as tick:
        alive, tried = survivors(rules, everything, house.workspace.strategy, tick)
    if here.as_json:
        here.data({"tried": tried, "unnoticed": [mutant.as_json() for mutant in alive]})
    for mutant in alive:
        here.say(mutant.sentence(), style="yellow")
    weak = len({mutant.rule.id for mutant in alive})
    here.say(
        f"{len(rules.rules) - weak} of {count(len(rules.rules), 'rule')} are protected by "
        f"{count(len(rules.tests), 'test')}; "
        f"{tried - len(alive)} of {tried} changes were noticed."
    )
    return Exit.SEE if alive else Exit.DONE


def _from_items(here: Here, house: House, keys: list[str], source: str | None, write: bool) -> int:
    from mapping.example import example
    from sync.tagging import present_items

    with house.store.reading() as reader:
        items = [find(reader, house.workspace, key, source) for key in keys]
        everything = present_items(reader)
    rules, mapping = house.workspace.mapping_at(house.clock.now()), house.workspace.settings.mapping
    entries = [example(item.ref, everything, rules, house.workspace.strategy) for item in items]
    if write:
        _add(house.workspace.folder / mapping, entries)
    for item, entry in zip(items, entries, strict=True):
        if write:
            here.say(f"{mapping}: added {entry}")
        else:
            here.out.print(entry, markup=False)
            here.say(f"A test for {item.key}; add it under `tests:` of {mapping}, or use --write.")
    return Exit.DONE


def _add(file: Path, entries: list[str]) -> None:
    from config.append import appended

    text = file.read_text(encoding="utf-8")
    for entry in entries:
        text = appended(text, "tests", entry, file.name)
    file.write_text(text, encoding="utf-8")
