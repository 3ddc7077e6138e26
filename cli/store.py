"""Commands on the store itself: upgrade, check, export, import."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.command import Exit, Here, command, count
from domain.errors import ConfigurationError

if TYPE_CHECKING:  # heavy, and needed for annotations alone
    from store.open import Store

WORDS = {"work_item": "items", "transition": "history entries", "report": "reports", "run": "runs"}


def register(app: typer.Typer) -> None:
    """Add `store upgrade`, `store check`, `store export` and `store import`."""
    command(app, "upgrade")(upgrade)
    command(app, "check")(check)
    command(app, "export")(export)
    command(app, "import")(import_)


def upgrade(here: Here) -> int:
    """Bring the store's tables up to this version of Filrouge; every other command does so by itself."""
    from store.tables import SCHEMA

    with _opened(here, create=False) as store:
        was = store.found
        address = store.address
    if here.as_json:
        here.data({"store": address, "from": was, "to": SCHEMA})
    here.say(f"{address} is at schema {SCHEMA}" + (", as it was." if was == SCHEMA else f"; it was at {was}."))
    return Exit.DONE


def check(here: Here) -> int:
    """Look whether the store is whole; one line for each fault."""
    from store.tables import SCHEMA

    with _opened(here, create=False, migrate=False) as store, store.reading() as reader:
        faults = list(reader.faults())
        counts = reader.plain_counts() if store.found == SCHEMA else {}
        address = store.address
    if here.as_json:
        here.data({"store": address, "faults": faults, "rows": counts})
    for fault in faults:
        here.say(fault, style="red")
    here.say(f"{address}: {_told(counts)}{count(len(faults), 'fault', none='no')}.")
    return Exit.SEE if faults else Exit.DONE


def export(
    here: Here,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to write it, such as filrouge.jsonl.gz.")],
) -> int:
    """Write the whole store into one compressed file of JSON Lines, as a backup or to move it."""
    from store.archive import export_store

    with _opened(here, create=False) as store:
        rows = export_store(store, file)
        address = store.address
    if here.as_json:
        here.data({"store": address, "file": str(file), "rows": rows})
    here.say(f"wrote {file}: {_told(rows)}all of {address}.")
    return Exit.DONE


def import_(
    here: Here,
    file: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="What `store export` has written.", show_default=False)
    ] = None,
    origin: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="ADDRESS",
            help="Another store, as in `store:`, in place of a file. A password as '${VARIABLE}'.",
        ),
    ] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Lose what the store holds now.")] = False,
) -> int:
    """Load everything of an exported file, or of another store, into the workspace's store, which has to be empty.

    To move from SQLite to PostgreSQL: give `store:` the new address, then `filrouge store import --from
    sqlite:///filrouge.db`. All of it is loaded or nothing, and the other store stays as it is.
    """
    from store.archive import import_store
    from store.transfer import copy_store

    if (file is None) == (origin is None):
        raise ConfigurationError("Say what to import: either a FILE, or --from the ADDRESS of another store.")
    with _opened(here, create=True) as store:
        if file is not None:
            came, rows = str(file), import_store(store, file, replace=replace)
        else:
            with _opened(here, create=False, address=origin) as other:
                came, rows = other.address, copy_store(other, store, replace=replace)
        address = store.address
    if here.as_json:
        here.data({"store": address, "from": came, "rows": rows})
    here.say(f"{address} holds all of {came}: {_told(rows)}{sum(rows.values()):,} rows.")
    return Exit.DONE


@contextmanager
def _opened(here: Here, *, create: bool, migrate: bool = True, address: str | None = None) -> Iterator[Store]:
    """The workspace's store, or the one at an address, which may name variables and is relative to the workspace."""
    from config.load import load
    from config.store_address import check_address, resolve_address
    from store.open import open_store

    workspace = load(here.folder, os.environ, secrets=False)
    if address is not None:
        try:
            check_address(resolved := resolve_address(address, os.environ))
        except ValueError as error:
            raise ConfigurationError(f"--from: {error}.") from None
        workspace = dataclasses.replace(workspace, settings=workspace.settings.model_copy(update={"store": resolved}))
    with closing(open_store(workspace.store_url, create=create, migrate=migrate)) as store:
        yield store


def _told(rows: Mapping[str, int]) -> str:
    return "".join(f"{rows[table]:,} {word}, " for table, word in WORDS.items() if table in rows)
