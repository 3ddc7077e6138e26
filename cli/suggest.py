"""The command that guesses what the items serve that nothing reaches, and writes proposals for a person to accept."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.command import Exit, Here, command
from domain.errors import ConfigurationError

if TYPE_CHECKING:  # heavy, and needed for annotations alone
    from mapping.suggest.proposals import Entries
    from mapping.suggest.suggest import Suggestions


class Form(StrEnum):
    """What a proposal becomes."""

    PINS = "pins"
    RULE = "rule"


def register(app: typer.Typer) -> None:
    """Add `map suggest`."""
    command(app, "suggest")(suggest)


def suggest(
    here: Here,
    precision: Annotated[
        int, typer.Option(min=50, max=99, metavar="PERCENT", help="Of a hundred suggestions so many should be right.")
    ] = 90,
    limit: Annotated[
        int, typer.Option(min=1, metavar="N", help="At most so many suggestions or rules, the surest or widest first.")
    ] = 50,
    write: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write proposals into a new file, to be included once accepted.")
    ] = None,
    form: Annotated[
        Form | None, typer.Option("--as", metavar="pins|rule", help="With --write: what to propose (default: pins).")
    ] = None,
) -> int:
    """Suggest what items serve that no rule, pin or ticket reaches, as far as the past says that it can be trusted."""
    from cli.progress import counting
    from domain.hierarchy import Hierarchy
    from mapping.heard import tags_said
    from mapping.suggest import proposals
    from mapping.suggest.material import material
    from mapping.suggest.suggest import suggest as suggestions_of
    from sync.tagging import present_items, unmarked
    from sync.wiring import open_house

    if form is not None and write is None:
        raise ConfigurationError(
            "--as says what --write writes; use them together, such as --write pins.yaml --as pins."
        )
    if write is not None and write.exists():
        raise ConfigurationError(f"{write} is there already and is not overwritten; name a new file.")
    with open_house(here.folder, secrets=False) as house:
        workspace = house.workspace
        with house.store.reading() as reader:
            everything, lines = present_items(reader), reader.lines()
        items = unmarked(everything, workspace.settings.comments.marks.label)
        mapping, strategy = workspace.mapping_at(house.clock.now()), workspace.strategy
        said = tags_said(lines, strategy)
        known = material(items, mapping, strategy, said)
        with counting(here.people, house.clock, "parts of the past", quiet=here.as_json) as told:
            outcome = suggestions_of(known, Hierarchy(items), precision / 100, told)
        listed = replace(outcome, found=outcome.found[:limit])
        entries: Entries = {}
        if write is not None and form is Form.RULE:
            entries = proposals.rules(outcome.found, known, items, mapping, strategy, said, precision / 100, limit)
        elif write is not None:
            entries = proposals.pins(listed.found, house.clock.now().astimezone(workspace.zone).date())
    if here.as_json:
        here.data(listed.as_json())
    else:
        _show(here, listed)
    _tell(here, outcome, len(listed.found))
    if write is not None:
        _write(here, write, entries)
    return Exit.DONE


def _show(here: Here, outcome: Suggestions) -> None:
    from rich.table import Table
    from rich.text import Text

    from domain.plain import plain
    from mapping.trace import said_text

    if not outcome.found:
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("key", "title", "contributes to", "sure", "why"):
        table.add_column(heading, overflow="fold")
    for one in outcome.found:
        why = ", ".join(map(str, one.why))
        cells = (one.item.key, one.item.title, said_text(dict(one.target)), f"{one.sure:.0%}", why)
        table.add_row(*(Text(plain(cell)) for cell in cells))
    here.out.print(table)


def _tell(here: Here, outcome: Suggestions, listed: int) -> None:
    here.say(
        f"Learnt from {outcome.examples:,} items ({outcome.groups:,} epics and single items) whose target is decided, "
        "without what decided it."
    )
    measured = outcome.measured
    if measured.precision is not None:
        here.say(
            f"Promised {outcome.promised:.0%}, measured {measured.precision:.0%} on the last {measured.items:,} items, "
            f"which nothing else used: {measured.right:,} of {measured.guessed:,} guesses were right, and those that "
            "were about as sure as today's weigh most."
        )
    if outcome.abstains:
        here.say(f"No suggestions: {outcome.abstains}.", style="yellow")
    elif not outcome.open:
        here.say("No suggestions: there is no item that no rule, pin or ticket reaches.")
    else:
        here.say(
            f"Covers {outcome.covered / outcome.open:.0%} of the {outcome.open:,} items that no rule, pin or ticket "
            f"reaches: {len(outcome.found):,} suggestions, {listed:,} listed."
        )


def _write(here: Here, path: Path, entries: Entries) -> None:
    import yaml

    if not any(entries.values()):
        here.say(f"There is nothing to propose in this form; {path} was not written.", style="yellow")
        return
    text = HEADER + yaml.safe_dump({"version": 1, **entries}, sort_keys=False, allow_unicode=True, width=1000)
    try:
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except OSError as error:
        raise ConfigurationError(
            f"{path} cannot be written ({error.strerror}); name a new file in a folder that is there."
        ) from None
    counts = " and ".join(f"{len(listed):,} {name}" for name, listed in entries.items())
    here.say(f"wrote {counts} to {path}; nothing counts before mapping.yaml includes it (include: [{path.name}]).")


HEADER = """\
# Proposals of `filrouge map suggest`. Read them, delete what is wrong, put your name in place of `by`. To accept them,
# name this file under `include:` in mapping.yaml; then run `filrouge check` and `filrouge map test`.
"""
