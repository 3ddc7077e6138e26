"""Commands on the mapping: explain."""

from __future__ import annotations

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
    """Add `map explain`."""
    command(app, "explain")(explain)


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
            item = find(reader, house.workspace, key, source)
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


def find(reader: Reader, workspace: Workspace, key: str, source: str | None) -> WorkItem:
    """The one present item with a key; ConfigurationError where there is none, or several."""
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
