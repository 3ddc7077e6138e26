"""Commands that bring data in and show it: sync, items."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from threading import Event
from typing import TYPE_CHECKING, Annotated

import typer

from cli.command import Exit, Here, command, count
from cli.progress import watching
from domain.errors import ConfigurationError, CredentialsError, UnavailableError
from domain.hierarchy import Hierarchy
from domain.tags import NOTHING
from domain.work import LEVEL_WORDS

if TYPE_CHECKING:  # heavy, and needed for annotations alone
    from config.settings import Source
    from store.open import Store
    from sync.pull import SourceRun
    from sync.readings import Asked
    from sync.wiring import House


def register(app: typer.Typer) -> None:
    """Add `sync` and `items`."""
    command(app, "sync")(sync)
    command(app, "items")(items)


def sync(
    here: Here,
    source: Annotated[
        list[str] | None, typer.Argument(metavar="[SOURCE…]", help="Ids of the sources to pull (default: all).")
    ] = None,
    full: Annotated[bool, typer.Option("--full", help="Read everything in scope again, from the beginning.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would come, and keep nothing.")] = False,
    replay: Annotated[
        bool, typer.Option("--replay", help="Convert what is held again, without the network, after a changed setting.")
    ] = False,
    census: Annotated[
        bool, typer.Option("--census", help="Then look for what was deleted, or has moved out of sight, unannounced.")
    ] = False,
    accept_deletions: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PROJECT",
            help="With --census: what is no longer to be seen of this project is really gone, however much it is.",
        ),
    ] = None,
) -> int:
    """Pull what changed in the trackers, read key results' addresses, keep it and map it."""
    from sync.lint import broken_references
    from sync.replay import replay_all
    from sync.run import run
    from sync.tagging import tag
    from sync.wiring import open_house

    if replay and (full or dry_run or census):
        raise ConfigurationError("--replay asks no tracker; use it without --full, --dry-run and --census.")
    if accept_deletions and not census:
        raise ConfigurationError("--accept-deletions speaks of what a census finds; use it together with --census.")
    with open_house(here.folder, secrets=not replay) as house:
        sources = _chosen(house.workspace.settings.sources, source or [])
        _check_projects(house.store, sources, accept_deletions or [])
        with watching(here.people, house.clock, quiet=here.as_json) as watcher:
            stop = Event()
            if replay:
                results = replay_all(sources, house.connect, house.store, clock=house.clock, watcher=watcher, stop=stop)
            else:
                results = run(
                    sources,
                    house.connect,
                    house.store,
                    clock=house.clock,
                    full=full,
                    watcher=watcher,
                    stop=stop,
                    dry=dry_run,
                    counting=lambda _source: census,
                    accept=accept_deletions or (),
                    comments=house.workspace.settings.comments,
                )
        told: dict[str, object] = {"sources": [_tell(here, result) for result in results]}
        asked = [] if source or replay else _readings(here, house, keep=not dry_run)
        if asked:
            told["readings"] = [one.as_json() for one in asked]
        if dry_run:
            here.say("Nothing was kept: this was a dry run.")
        else:
            tagged = tag(house.workspace, house.store, house.clock)
            here.say(f"{tagged.mapped:,} of {len(tagged.assignments):,} items are mapped to the strategy.")
            faults = broken_references(house.workspace, tagged.broken, house.clock.now())
            for fault in faults:
                here.say(str(fault), style="yellow")
            told |= {"items": len(tagged.assignments), "mapped": tagged.mapped}
            told |= {"faults": [fault.as_json() for fault in faults]}
        if here.as_json:
            here.data(told)
    exit_of_sources = _exit_of(results)
    return Exit.SEE if exit_of_sources is Exit.DONE and any(one.error for one in asked) else exit_of_sources


def _readings(here: Here, house: House, *, keep: bool) -> list[Asked]:
    """Ask the addresses of key results and say what stands there."""
    from sync.readings import ask, read_addresses

    if keep:
        asked = read_addresses(house.workspace, house.store, house.clock, house.fetch)
    else:
        asked = [one for _, one, _ in ask(house.workspace.strategy, house.fetch)]
    for one in asked:
        new = f" {one.new:,} are new or changed." if keep and one.error is None else ""
        here.say(one.sentence() + new, style="red" if one.error else "")
    return asked


def _tell(here: Here, result: SourceRun) -> dict[str, object]:
    """Say what a source's run came to; gives back the same as data."""
    here.say(result.sentence(), style="red" if result.problem else "")
    for warning in (*result.warnings, *result.heard.problems):
        here.say(f"  {warning}", style="yellow")
    told = result.summary()
    if result.heard.tickets:
        here.say(
            f"{result.source}: {result.heard.new:,} new commands in {result.heard.tickets:,} tickets that changed."
        )
        told["commands"] = result.heard.new
    if result.census is None:
        return told
    here.say(result.census.sentence(), style="red" if result.census.problem else "")
    for warning in result.census.warnings():
        here.say(f"  {warning}", style="yellow")
    return {**told, "census": result.census.summary()}


def _exit_of(results: Sequence[SourceRun]) -> Exit:
    failed = [result for result in results if result.errors]
    errors = [error for result in failed for error in result.errors]
    if not failed:
        counts = [result.census for result in results if result.census]
        see = any(result.taken for result in results) or any(one.taken or one.vanished for one in counts)
        return Exit.SEE if see else Exit.DONE
    if len(failed) < len(results):
        return Exit.SEE
    if all(isinstance(error, ConfigurationError) for error in errors):
        return Exit.WRONG
    if any(isinstance(error, CredentialsError | UnavailableError) for error in errors):
        return Exit.SHUT_OUT
    return Exit.SEE


def _chosen(sources: Sequence[Source], wanted: Sequence[str]) -> list[Source]:
    known = {source.id: source for source in sources}
    unknown = [name for name in wanted if name not in known]
    if unknown:
        raise ConfigurationError(f"There is no source {unknown[0]!r}; expected one of {', '.join(known)}.")
    return [known[name] for name in wanted] or list(sources)


def _check_projects(store: Store, sources: Sequence[Source], accepted: Sequence[str]) -> None:
    if not accepted:
        return
    with store.reading() as reader:
        known = {project for source in sources for _, project, _ in reader.roll(source.id)}
    folded = {project.casefold() for project in known}
    for project in accepted:
        if project.casefold() not in folded:
            expected = ", ".join(sorted(known)) or "nothing, since nothing is stored of these sources"
            raise ConfigurationError(f"--accept-deletions {project!r}: no such project is stored; expected {expected}.")


def items(
    here: Here,
    source: Annotated[str | None, typer.Option(help="Only of this source.")] = None,
    project: Annotated[str | None, typer.Option(help="Only of this project.")] = None,
    level: Annotated[
        str | None, typer.Option(help="Only of this level: initiative, epic, story, subtask or a number.")
    ] = None,
    unmapped: Annotated[bool, typer.Option("--unmapped", help="Only those that serve no target.")] = False,
    history: Annotated[bool, typer.Option("--history", help="With --json: every change of every field.")] = False,
) -> int:
    """List work items with their tags, by the mapping as it is written now."""
    from rich.table import Table

    from domain.exchange import item_to_json
    from sync.tagging import tags_of
    from sync.wiring import open_house

    wanted = _level(level)
    if history and not here.as_json:
        raise ConfigurationError("--history is for programs; use it together with --json.")
    with open_house(here.folder, secrets=False) as house, house.store.reading() as reader:
        everything = {item.ref: item for item in reader.items(deleted=True)}
        tree = Hierarchy(everything)
        present = {ref: item for ref, item in everything.items() if item.deleted is None}
        tags = tags_of(house.workspace, reader, present, house.clock.now())
        chosen = [
            item
            for ref, item in everything.items()
            if source in (None, item.source)
            and project in (None, item.project)
            and wanted in (None, item.level)
            and not (unmapped and tags.get(ref, NOTHING).mapped)
            and (item.deleted is None or here.as_json)
        ]
        if here.as_json:
            keys = {ref: item.key for ref, item in everything.items()}
            changes = dict(reader.histories([item.ref for item in chosen])) if history else None
            salt = house.salt()
            for item in chosen:
                parent = tree.parent(item.ref)
                row = item_to_json(
                    item,
                    salt=salt,
                    history=None if changes is None else changes.get(item.ref, ()),
                    assignment=tags.get(item.ref, NOTHING),
                    parent_key=keys[parent] if parent else None,
                    parent_keys=keys,
                )
                sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n")
            return Exit.DONE
        table = Table(box=None, pad_edge=False, header_style="bold")
        for heading in ("key", "type", "state", "title", "contributes to", "value stream", "via"):
            table.add_column(heading, overflow="ellipsis", no_wrap=heading != "title")
        for item in chosen:
            tag = tags.get(item.ref, NOTHING)
            serves = ", ".join(
                target if share == 1 else f"{target} {share:.0%}" for target, share in sorted(tag.shares.items())
            )
            via = tag.via.get("contributes_to") or ""
            table.add_row(
                item.key, item.type, item.state.value, item.title, serves or "-", tag.value_stream or "-", via or "-"
            )
        here.out.print(table)
    here.say(f"{count(len(chosen), 'item')}.")
    return Exit.DONE


def _level(text: str | None) -> int | None:
    if text is None:
        return None
    if text.casefold() in LEVEL_WORDS:
        return LEVEL_WORDS[text.casefold()]
    try:
        return int(text)
    except ValueError:
        raise ConfigurationError(
            f"--level {text!r} is no level; expected initiative, epic, story, subtask or a number."
        ) from None
