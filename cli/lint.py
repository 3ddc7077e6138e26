"""The command on what has become of the mapping's rules: dead, shadowed, or naming what is gone."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from cli.command import Exit, Here, command, count


def register(app: typer.Typer) -> None:
    """Add `map lint`."""
    command(app, "lint")(lint)


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
    told = f"{count(rules, 'rule')}, {count(faults, 'fault', none='no')}"
    if fixed:
        return f"{told}, {mendable} of them fixed." if faults else f"{told}."
    return f"{told}; --fix changes {mendable} of them." if mendable else f"{told}."
