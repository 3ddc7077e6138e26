"""Commands on the store itself: upgrade, check, export, import."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.command import Exit, Here, command

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
    here.say(f"{address}: {_told(counts)}{len(faults) or 'no'} fault{'' if len(faults) == 1 else 's'}.")
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
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What `store export` has written.")],
) -> int:
    """Load an exported store into an empty one, of either database."""
    from store.archive import import_store

    with _opened(here, create=True) as store:
        rows = import_store(store, file)
        address = store.address
    if here.as_json:
        here.data({"store": address, "file": str(file), "rows": rows})
    here.say(f"{address} holds all of {file}: {_told(rows)}{sum(rows.values()):,} rows.")
    return Exit.DONE


@contextmanager
def _opened(here: Here, *, create: bool, migrate: bool = True) -> Iterator[Store]:
    from config.load import load
    from store.open import open_store

    workspace = load(here.folder, os.environ, secrets=False)
    with closing(open_store(workspace.store_url, create=create, migrate=migrate)) as store:
        yield store


def _told(rows: Mapping[str, int]) -> str:
    return "".join(f"{rows[table]:,} {word}, " for table, word in WORDS.items() if table in rows)
