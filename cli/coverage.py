"""The command `map coverage`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cli.command import Exit, Here, command
from cli.days import parse_day
from domain.calendar import midnight
from domain.errors import ConfigurationError

if TYPE_CHECKING:  # heavy, and needed for annotations alone
    from reports.coverage import CoverageData, Mapped

MEASURES = {"items": "delivered items", "points": "delivered points, scaled by team", "days": "days under way"}


def register(app: typer.Typer) -> None:
    """Add `map coverage`."""
    command(app, "coverage")(coverage)


def coverage(
    here: Here,
    since: Annotated[
        str | None,
        typer.Option(
            metavar="DATE", help="Only what is open, or was delivered from this day on (default: everything)."
        ),
    ] = None,
    fail_under: Annotated[
        float | None,
        typer.Option(min=0, max=100, metavar="PERCENT", help="Exit code 1 when fewer of the counted items are mapped."),
    ] = None,
) -> int:
    """Say how much of the counted items and of their effort is mapped, and why the rest is not."""
    from sync.coverage import coverage_of
    from sync.wiring import open_house

    with open_house(here.folder, secrets=False) as house:
        now, start = house.clock.now(), None
        if since is not None:
            start = midnight(parse_day("--since", since), house.workspace.zone)
            if start >= now:
                raise ConfigurationError(f"--since {since} is not past; expected a day on which work was done.")
        with house.store.reading() as reader:
            found = coverage_of(house.workspace, reader, now, start)
    if here.as_json:
        here.data(found)
    else:
        _show(here, found, since)
    if fail_under is None:
        return Exit.DONE
    whole = found["whole"]
    if whole["items"] and whole["mapped"] * 100 >= fail_under * whole["items"]:
        return Exit.DONE
    told = f"{_percent(whole['share'])} of the items are mapped" if whole["items"] else "No item is counted"
    here.say(f"{told}; expected at least {fail_under:g}%.", style="red")
    return Exit.SEE


def _show(here: Here, found: CoverageData, since: str | None) -> None:
    from rich.table import Table
    from rich.text import Text

    over = "every counted item in the store" if since is None else f"counted items open now or delivered since {since}"
    here.out.print(f"Over {over}; effort is that of {MEASURES[found['measure']]}.", markup=False)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading, justify in (("", "left"), ("items", "right"), ("mapped", "right"), ("effort mapped", "right")):
        table.add_column(heading, justify="right" if justify == "right" else "left", no_wrap=True)
    for name, part in _rows(found):
        table.add_row(Text(name), f"{part['items']:,}", _percent(part["share"]), _percent(part["effort_share"]))
    here.out.print(table)
    if found["small_teams"]:
        here.out.print(f"{found['small_teams']} teams of too few people are not shown apart.", style="dim")
    unmapped = found["whole"]["items"] - found["whole"]["mapped"]
    here.out.print(f"\nUnmapped: {unmapped:,} items", style="bold", markup=False)
    for reason in found["reasons"]:
        told = f"  {reason['reason']}: {reason['items']:,} items, effort {reason['effort']:,.4g}"
        here.out.print(f"{told}  ({', '.join(reason['examples'])})", markup=False)
    if found["reasons"]:
        here.say("`filrouge map explain KEY` says of each why nothing maps it.")


def _rows(found: CoverageData) -> list[tuple[str, Mapped]]:
    return [("all", found["whole"]), *((f"{part['by']} {part['name']}", part) for part in found["parts"])]


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share:.1%}"
