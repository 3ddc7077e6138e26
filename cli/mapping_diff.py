"""The command `map diff`."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.command import Exit, Here, command
from cli.days import parse_day
from domain.errors import ConfigurationError

if TYPE_CHECKING:  # heavy, and needed for annotations alone
    from config.workspace import Workspace
    from sync.mapping_change import MappingChange, Old


def register(app: typer.Typer) -> None:
    """Add `map diff`."""
    command(app, "diff")(diff)


def diff(
    here: Here,
    against: Annotated[
        str, typer.Option(metavar="REV|DIR", help="A git revision of the workspace, or the folder of another one.")
    ] = "HEAD",
    since: Annotated[
        str | None, typer.Option(metavar="DATE", help="First day of the period (default: the start of the cycle).")
    ] = None,
    until: Annotated[str | None, typer.Option(metavar="DATE", help="Its last day (default: today).")] = None,
    markdown: Annotated[bool, typer.Option("--markdown", help="As Markdown that folds, for a pull request.")] = False,
    fail_if_shift: Annotated[
        float | None,
        typer.Option(
            "--fail-if-shift",
            min=0.1,
            max=100,
            metavar="POINTS",
            help="Exit code 1 when the share of some target moves by at least so many points.",
        ),
    ] = None,
) -> int:
    """Say what a changed mapping does: items that move, shares before and after, findings that appear or go."""
    from cli.mapping_shown import render
    from sync.mapping_change import mapping_change, period_of
    from sync.wiring import open_house

    if markdown and here.as_json:
        raise ConfigurationError("--markdown and --json are two forms of the same; choose one.")
    days = [None if text is None else parse_day(name, text) for name, text in (("--since", since), ("--until", until))]
    with open_house(here.folder, secrets=False) as house, _old(here.folder, against) as old:
        period = period_of(house.workspace, days[0], days[1], house.clock.now())
        found = mapping_change(house.workspace, old, house.store, house.clock, period)
        zone = house.workspace.zone
    if here.as_json:
        here.data(found)
    elif markdown or not here.out.is_terminal:
        sys.stdout.write(render(found, zone, folded=markdown))
    else:
        from rich.markdown import Markdown

        here.out.print(Markdown(render(found, zone, folded=False)))
    return _exit(here, found, fail_if_shift)


def _exit(here: Here, found: MappingChange, limit: float | None) -> Exit:
    if limit is None:
        return Exit.DONE
    far = [row for row in found["shares"] if abs(row["shift"] or 0.0) * 100 >= limit]
    for row in far:
        here.say(f"{row['target']} moves by {(row['shift'] or 0.0) * 100:+.1f} points.", style="red")
    return Exit.SEE if far else Exit.DONE


@contextmanager
def _old(folder: Path, against: str) -> Iterator[Old]:
    """The workspace to compare with: of the folder of that name, else of the git revision.

    ConfigurationError where there is none, and with every fault of one that is not valid.
    """
    from config.past import past
    from sync.mapping_change import Old

    if Path(against).is_dir():
        yield Old(against, _loaded(Path(against), against))
    else:
        with past(folder, against) as then:
            yield Old(then.name, _loaded(then.folder, then.name))


def _loaded(folder: Path, name: str) -> Workspace:
    from config.load import load

    try:
        return load(folder, os.environ, secrets=False)
    except ConfigurationError as error:
        raise ConfigurationError(f"{name} cannot be compared with, since it is not valid:", *error.problems) from None
