"""Commands on the workspace itself: init, check, schema."""

from __future__ import annotations

import json
import os
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.command import Exit, Here, command, count
from domain.errors import ConfigurationError, FilrougeError

if TYPE_CHECKING:  # heavy, and needed for annotations alone
    from config.settings import Source
    from config.workspace import Workspace
    from sync.readings import Asked


def register(app: typer.Typer) -> None:
    """Add `init`, `check` and `schema`."""
    command(app, "init")(init)
    command(app, "check")(check)
    command(app, "schema")(schema)


def init(
    here: Here,
    folder: Annotated[Path | None, typer.Argument(metavar="[DIR]", help="Where to write it (default: here).")] = None,
    organisation: Annotated[str, typer.Option(help="The organisation's name.")] = "Acme",
    language: Annotated[str, typer.Option(help="Language of reports and comments: en or fr.")] = "en",
) -> int:
    """Write a commented, working workspace."""
    from config.init import write_workspace
    from sync.clock import SystemClock

    where = folder or here.folder
    today = SystemClock().now().date()
    written = write_workspace(where, organisation=organisation, language=language, today=today)
    if here.as_json:
        here.data([str(path) for path in written])
    for path in written:
        here.say(f"wrote {path}")
    place = "" if where == Path() else f" -w {where}"
    here.say(f"\nNext: filrouge check{place}, filrouge sync{place}, filrouge report{place}")
    return Exit.DONE


def check(
    here: Here,
    online: Annotated[
        bool,
        typer.Option(
            "--online", help="Also sign in to each source, say what it may see, and ask the addresses of readings."
        ),
    ] = False,
) -> int:
    """Validate the workspace; every fault with its file, line and column."""
    from config.ahead import ahead
    from config.load import load
    from reports.rules.registry import BY_CODE
    from store.address import reach

    workspace = load(here.folder, os.environ, secrets=online)
    settings, strategy, mapping = workspace.settings, workspace.strategy, workspace.mapping
    key_results = sum(len(objective.key_results) for objective in strategy.objectives)
    here.say(
        f"{settings.organisation}: {count(len(settings.sources), 'source')}, "
        f"{count(len(strategy.objectives), 'objective')} with {count(key_results, 'key result')}, "
        f"{count(len(strategy.budgets), 'budget')}, {count(len(mapping.rules), 'rule')}, "
        f"{count(len(mapping.pins), 'pin')}. No faults."
    )
    here.say(reach(workspace.store_url))
    notes = [*workspace.notes, *ahead(settings, BY_CODE)]
    for note in notes:
        here.say(note, style="yellow")
    answers, asked = _asked(here, workspace) if online else ([], [])
    if here.as_json:
        here.data({"valid": True, "notes": notes, "sources": answers, "readings": [one.as_json() for one in asked]})
    refused = [answer for answer in answers if answer["problem"]]
    if answers and len(refused) == len(answers):
        return Exit.SHUT_OUT
    see = any(answer["problem"] or answer["missing"] for answer in answers) or any(one.error for one in asked)
    return Exit.SEE if see else Exit.DONE


def _asked(here: Here, workspace: Workspace) -> tuple[list[dict[str, object]], list[Asked]]:
    from sync.trust import trusting

    with trusting(workspace):
        answers = [_sign_in(here, workspace, source) for source in workspace.settings.sources]
        return answers, _ask(here, workspace)


def _ask(here: Here, workspace: Workspace) -> list[Asked]:
    """Ask the addresses of key results, keep nothing, and say what stands there."""
    from sync.readings import ask
    from sync.wiring import fetch_for

    asked = [one for _, one, _ in ask(workspace.strategy, partial(fetch_for, workspace))]
    for one in asked:
        here.say(one.sentence(), style="red" if one.error else "")
    return asked


def _sign_in(here: Here, workspace: Workspace, source: Source) -> dict[str, object]:
    from sync.clock import SystemClock
    from sync.wiring import connect

    answer: dict[str, object] = {"source": source.id, "problem": None, "visible": [], "missing": [], "notes": []}
    try:
        with closing(connect(workspace, source, SystemClock())) as tracker:
            access = tracker.access()
    except FilrougeError as error:
        here.say(f"{source.id}: {error}", style="red")
        return answer | {"problem": str(error)}
    missing = [project for project in access.wanted if project not in access.visible]
    here.say(
        f"{source.id}: signed in as {access.account}; sees {len(access.wanted) - len(missing)} of "
        f"{len(access.wanted)} projects" + (f", not {', '.join(missing)}." if missing else ".")
    )
    for note in access.notes:
        here.say(f"  {note}")
    return answer | {"visible": list(access.visible), "missing": missing, "notes": list(access.notes)}


def schema(
    here: Here,
    name: Annotated[str | None, typer.Argument(metavar="[filrouge|strategy|mapping]", help="Which file.")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Write the schemas into this folder.")] = None,
) -> int:
    """Print or write the JSON Schemas of the three files, for editors."""
    from config.schema import schemas

    known = schemas()
    if name is not None and name not in known:
        raise ConfigurationError(f"There is no schema {name!r}; expected one of {', '.join(known)}.")
    chosen = {key: value for key, value in known.items() if name in (None, key)}
    if out is None:
        here.data(chosen[name] if name else chosen)
        return Exit.DONE
    out.mkdir(parents=True, exist_ok=True)
    for key, value in chosen.items():
        path = out / f"{key}.schema.json"
        path.write_text(json.dumps(value, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        here.say(f"wrote {path}")
    return Exit.DONE
