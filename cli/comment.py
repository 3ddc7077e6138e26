"""Commands on comments in tickets: plan, post, withdraw."""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Sequence
from difflib import unified_diff
from threading import Event
from typing import TYPE_CHECKING, Annotated

import typer

from cli.command import Exit, Here, command
from domain.errors import ConfigurationError, CredentialsError, UnavailableError

if TYPE_CHECKING:  # heavy, and needed for annotations alone
    from domain.work import WorkItem
    from sync.intent import Intent
    from sync.marks import MarkIntent
    from sync.wiring import House
    from sync.writer import OutboxRun

MARK = "mark"  # what is done to a ticket that gets or loses labels, tags or a property
_MARKUP = re.compile(r"([\\`*_\[\]<>|~&])")  # what Markdown would take for its own within a cell


def register(app: typer.Typer) -> None:
    """Add `comment plan`, `comment post` and `comment withdraw`."""
    command(app, "plan")(plan)
    command(app, "post")(post)
    command(app, "withdraw")(withdraw)


def plan(
    here: Here,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print it as Markdown, for a pull request.")] = False,
) -> int:
    """Say what would be written into which ticket, why, and what holds it back; nothing is sent."""
    from sync.wiring import open_house

    if markdown and here.as_json:
        raise ConfigurationError("--markdown and --json are two forms of the same; choose one.")
    with open_house(here.folder, secrets=False) as house:
        _tell_plan(here, *_planned(house, muted=True), markdown=markdown)
        if not house.workspace.settings.comments.enabled:
            here.say("comments.enabled is false in filrouge.yaml: none of this is written.", style="yellow")
    return Exit.DONE


def post(
    here: Here,
    yes: Annotated[bool, typer.Option("--yes", help="Agree to the first comments or marks in a project.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be written now, and send nothing.")
    ] = False,
) -> int:
    """Write what is planned into the tickets: one comment each, edited in place when its text changes, and marks."""
    from sync.drafts import drafts
    from sync.outbox import new_token, require_approved, require_enabled
    from sync.outbox import post as write
    from sync.wiring import open_house

    with open_house(here.folder, secrets=not dry_run) as house:
        require_enabled(house.workspace)
        if dry_run:
            intents, marks = _planned(house, approved=yes)
            now = [one for one in intents if one.writes], [one for one in marks if one.writes]
            _tell_plan(here, *now, markdown=False)
            here.say("Nothing was sent: this was a dry run.")
            return Exit.DONE
        texts = list(drafts(house.workspace, house.store, house.clock))
        if not yes:
            require_approved(house.workspace, house.store, texts, house.clock.now())
        runs = write(
            house.workspace,
            house.store,
            texts,
            house.connect,
            clock=house.clock,
            token=new_token,
            approved=yes,
            stop=Event(),
        )
    return _tell(here, runs, "Nothing to write: every ticket says what it should, or is held back.")


def withdraw(
    here: Here,
    project: Annotated[str | None, typer.Option(help="Only in this project.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Remove them; without it they are only counted.")] = False,
) -> int:
    """Remove every comment of ours that no person has changed, and every mark of ours."""
    from sync.outbox import new_token, require_enabled, withdrawable
    from sync.outbox import withdraw as take_back
    from sync.wiring import open_house

    with open_house(here.folder, secrets=yes) as house:
        require_enabled(house.workspace)
        if not yes:
            counted = Counter(item.project for item in withdrawable(house.store, project))
            told = ", ".join(f"{name} ({count:,})" for name, count in sorted(counted.items())) or "none"
            raise ConfigurationError(
                f"Tickets whose comment or marks of ours would be removed: {told}. To do so, add --yes."
            )
        runs = take_back(
            house.workspace,
            house.store,
            house.connect,
            clock=house.clock,
            token=new_token,
            project=project,
            stop=Event(),
        )
    return _tell(here, runs, "Nothing to remove: no comment and no mark of ours stands there.")


def _planned(house: House, *, approved: bool = False, muted: bool = False) -> tuple[list[Intent], list[MarkIntent]]:
    from sync.drafts import drafts
    from sync.intent import plan as planned
    from sync.marks import plan_marks

    given, now = list(drafts(house.workspace, house.store, house.clock)), house.clock.now()
    intents = planned(house.workspace, house.store, now, given, approved=approved, muted=muted)
    marks = plan_marks(house.workspace, house.store, now, given, approved=approved)
    return intents, [one for one in marks if one.told]


def _tell_plan(here: Here, intents: Sequence[Intent], marks: Sequence[MarkIntent], *, markdown: bool) -> None:
    if here.as_json:
        here.data([*map(_as_json, intents), *map(_marks_as_json, marks)])
    elif markdown:
        sys.stdout.write(_as_markdown(intents, marks))
    else:
        _print_table(here, intents, marks)
    counted = Counter(one.action for one in intents if one.held is None)
    held = sum(1 for one in intents if one.held is not None and one.action in ("new", "edit"))
    ready = sum(1 for one in marks if one.writes)
    marked = f" Marks: {ready:,} tickets to change, {len(marks) - ready:,} held back." if marks else ""
    here.say(
        f"{counted['new']:,} new, {counted['edit']:,} to edit, {held:,} held back, {counted['none']:,} unchanged, "
        f"{sum(1 for one in intents if one.action == 'left alone'):,} left alone.{marked}"
    )


def _as_json(one: Intent) -> dict[str, object]:
    return {
        **_ticket(one.item),
        "action": one.action,
        "why": one.why,
        "held": one.held,
        "before": one.before,
        "after": one.body if one.message is not None else None,
    }


def _marks_as_json(one: MarkIntent) -> dict[str, object]:
    return {**_ticket(one.item), "action": MARK, "held": one.held, "set": list(one.add), "remove": list(one.remove)}


def _ticket(item: WorkItem) -> dict[str, object]:
    return {"source": item.source, "id": item.id, "key": item.key, "url": item.url, "project": item.project}


def _rows(intents: Sequence[Intent], marks: Sequence[MarkIntent]) -> list[tuple[WorkItem, str, str, str | None]]:
    """What the table tells: the ticket, what is done there, why or what, and what holds it back."""
    comments = [(one.item, one.action, one.why, one.held) for one in intents]
    return [*comments, *((one.item, MARK, one.told, one.held) for one in marks)]


def _print_table(here: Here, intents: Sequence[Intent], marks: Sequence[MarkIntent]) -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("key", "action", "why", "held back by"):
        table.add_column(heading, overflow="fold", no_wrap=heading == "key")
    shown = [one for one in intents if one.action != "none" or one.held is not None]
    for item, action, why, held in _rows(shown, marks):
        table.add_row(*(Text(word) for word in (item.key, action, why, held or "-")))
    if table.row_count:
        here.out.print(table)
    for one in shown:
        lines = _difference(one)
        if lines:
            here.out.print(f"\n{one.item.key}", markup=False)
        for line in lines:
            style = {"+": "green", "-": "red"}.get(line[0], "dim")
            here.out.print(line, style=style, markup=False)


def _difference(one: Intent) -> list[str]:
    """The lines of an edit as a diff without its head; empty for anything else."""
    if one.action != "edit" or one.before is None:
        return []
    return list(unified_diff(one.before.splitlines(), one.body.splitlines(), lineterm="", n=1))[3:]


def _as_markdown(intents: Sequence[Intent], marks: Sequence[MarkIntent]) -> str:
    shown = [one for one in intents if one.action != "none" or one.held is not None]
    rows = [
        f"| [{_plain(item.key)}](<{item.url}>) | {action} | {_plain(why)} | {_plain(held or '')} |"
        for item, action, why, held in _rows(shown, marks)
    ]
    parts = ["| ticket | action | why | held back by |", "|---|---|---|---|", *rows]
    for one in shown:
        lines = _difference(one) or (one.body.splitlines() if one.action == "new" else [])
        if lines:
            # A fence longer than any run of backticks within cannot be closed by the text.
            fence = "`" * (3 + max((len(run) for line in lines for run in re.findall("`+", line)), default=0))
            parts += [
                "",
                f"**{_plain(one.item.key)}**",
                f"{fence}{'diff' if one.action == 'edit' else ''}",
                *lines,
                fence,
            ]
    return "\n".join(parts) + "\n"


def _plain(text: str) -> str:
    return _MARKUP.sub(r"\\\1", " ".join(text.split()))


def _tell(here: Here, runs: Sequence[OutboxRun], nothing: str) -> int:
    if not runs:
        here.say(nothing)
    for run in runs:
        here.say(run.sentence(), style="red" if run.problems else "")
        for problem in run.problems:
            here.say(f"  {problem}", style="yellow")
    if here.as_json:
        here.data([run.summary() for run in runs])
    if runs and all(isinstance(run.error, CredentialsError | UnavailableError) for run in runs):
        return Exit.SHUT_OUT
    if runs and all(isinstance(run.error, ConfigurationError) for run in runs):
        return Exit.WRONG
    return Exit.SEE if any(run.outcome != "ok" for run in runs) else Exit.DONE
