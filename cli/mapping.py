"""Commands on the mapping: explain, test, lint."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from cli.command import Exit, Here, command
from domain.errors import ConfigurationError

if TYPE_CHECKING:  # heavy, and needed for annotations alone
    from config.workspace import Workspace
    from domain.work import WorkItem
    from store.queries import Reader

STYLES = {"ok": "green", "no": "red", "dim": "dim", "head": "bold", "plain": ""}


def register(app: typer.Typer) -> None:
    """Add `map explain`, `map test` and `map lint`."""
    command(app, "explain")(explain)
    command(app, "test")(test)
    command(app, "lint")(lint)


def explain(
    here: Here,
    key: Annotated[str, typer.Argument(metavar="KEY", help="The work item's key, such as SHOP-7.")],
    source: Annotated[str | None, typer.Option(help="The source, where two have that key.")] = None,
) -> int:
    """Say why a work item is tagged as it is: every rule, every condition, every value."""
    from domain.exchange import pseudonym
    from mapping.explain import explain as explanation_of
    from mapping.heard import tags_said
    from mapping.trace import lines
    from sync.tagging import present_items
    from sync.wiring import open_house

    with open_house(here.folder, secrets=False) as house:
        with house.store.reading() as reader:
            item = _find(reader, house.workspace, key, source)
            everything, lines_said = present_items(reader), reader.lines()
        strategy, salt = house.workspace.strategy, house.salt()
        explanation = explanation_of(
            item.ref,
            everything,
            house.workspace.mapping_at(house.clock.now()),
            strategy,
            tags_said(lines_said, strategy),
            lines_said,
            called=lambda account: pseudonym(account, salt),
        )
    if here.as_json:
        here.data(explanation.as_json())
        return Exit.DONE
    for text, style in lines(explanation):
        here.out.print(text, style=STYLES[style], markup=False)
    return Exit.DONE


def _find(reader: Reader, workspace: Workspace, key: str, source: str | None) -> WorkItem:
    found = [item for item in reader.find(key, source) if item.deleted is None]
    if len(found) == 1:
        return found[0]
    if found:
        sources = ", ".join(sorted({item.source for item in found}))
        raise ConfigurationError(f"{key} stands in several sources ({sources}); choose one with --source.")
    where = f"source {source}" if source else ", ".join(s.id for s in workspace.settings.sources) or "no source"
    raise ConfigurationError(
        f"There is no work item {key} in the store ({where}); is the key right, and has filrouge sync run?"
    )


def test(here: Here) -> int:
    """Run the `tests:` of mapping.yaml against the store; exit code 1 when one fails."""
    from mapping.check import run_tests
    from sync.tagging import present_items
    from sync.wiring import open_house

    with open_house(here.folder, secrets=False) as house:
        with house.store.reading() as reader:
            everything = present_items(reader)
        results = run_tests(house.workspace.mapping_at(house.clock.now()), everything, house.workspace.strategy)
    failed = [result for result in results if not result.passed]
    if here.as_json:
        here.data([result.as_json() for result in results])
    for result in failed:
        for message in result.messages:
            here.say(f"{result.place}: {result.subject}: {message}", style="red")
    here.say(f"{len(results) - len(failed)} of {len(results)} mapping tests passed.")
    return Exit.SEE if failed else Exit.DONE


def lint(
    here: Here,
    fix: Annotated[
        bool, typer.Option("--fix", help="Change words that were renamed in the YAML; all else in it stays as it is.")
    ] = False,
) -> int:
    """Say which rules are dead, shadowed, or name what the trackers no longer have; exit code 1 when one is.

    What words would have to be changed is printed as a diff.
    """
    from sync.lint import lint as lint_of
    from sync.lint import mended, write
    from sync.wiring import open_house

    with open_house(here.folder, secrets=False) as house:
        workspace = house.workspace
        linted = lint_of(workspace, house.store, house.clock)
    faults, files = linted.faults, mended(workspace, linted.faults)
    mendable = {fault for file in files for fault in file.faults}
    patch = "".join(file.diff() for file in files)
    for file in files if fix else ():
        write(workspace, file)
    for fault in faults:
        here.say(str(fault))
    if here.as_json:
        told = [fault.as_json() | {"fixed": fix and fault in mendable} for fault in faults]
        here.data({"faults": told, "patch": patch})
    elif not fix:
        sys.stdout.write(patch)
    if not linted.whole:
        here.say("Dead and shadowed rules cannot be told before every source was read (filrouge sync).")
    here.say(_summed_up(len(workspace.mapping.rules), len(faults), len(mendable), fixed=fix))
    return Exit.SEE if faults and not (fix and len(mendable) == len(faults)) else Exit.DONE


def _summed_up(rules: int, faults: int, mendable: int, *, fixed: bool) -> str:
    told = f"{rules:,} rules, {faults or 'no'} fault{'' if faults == 1 else 's'}"
    if fixed:
        return f"{told}, {mendable} of them fixed." if faults else f"{told}."
    return f"{told}; --fix changes {mendable} of them." if mendable else f"{told}."
