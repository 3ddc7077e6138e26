"""Commands that report: report, explain."""

from __future__ import annotations

import sys
from dataclasses import asdict
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from cli import send
from cli.command import Exit, Here, command, command_of_group
from domain.calendar import parse_instant
from domain.errors import ConfigurationError
from domain.findings import Severity


class Format(StrEnum):
    HTML = "html"
    MD = "md"
    JSON = "json"
    EMAIL = "email"
    PDF = "pdf"
    CSV = "csv"
    XLSX = "xlsx"


def register(app: typer.Typer) -> None:
    """Add what `report` does by itself, and its commands."""
    command_of_group(app)(report)
    send.register(app)
    command(app, "verify")(verify)
    command(app, "compare")(compare)
    command(app, "calibrate")(calibrate)


def register_explain(app: typer.Typer) -> None:
    """Add `explain`."""
    command(app, "explain")(explain)


def report(
    here: Here,
    week: Annotated[
        str | None, typer.Option(metavar="2026-W47", help="The ISO week (default: the last that is over).")
    ] = None,
    as_of: Annotated[
        str | None, typer.Option("--as-of", metavar="INSTANT", help="See nothing later than this instant, or `now`.")
    ] = None,
    format_: Annotated[
        list[Format] | None,
        typer.Option(
            "--format",
            help="html, md and json (the default), email, pdf, csv, xlsx; one without --out goes to standard output.",
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Write here (default: reports/ in the workspace).")
    ] = None,
    fail_on: Annotated[
        Severity | None, typer.Option("--fail-on", help="Exit code 1 when a finding is at least this severe.")
    ] = None,
) -> int:
    """Write the drift report of a week."""
    from reports.delivery.folder import deliver, report_name
    from reports.formats.registry import FORMATS, USUAL, ending
    from reports.words import headline
    from sync.reporting import make_report, subject_of
    from sync.wiring import open_house

    with open_house(here.folder, secrets=False) as house:
        now = house.clock.now()
        subject = subject_of(house.workspace, week=week, as_of=_instant(as_of, now), now=now)
        made = make_report(house.workspace, house.store, house.clock, subject)
    document = made.document
    formats = [chosen.value for chosen in format_ or []]
    if here.as_json and not formats:
        formats = ["json"]
    for line in headline(document):
        here.say(line)
    if len(formats) == 1 and out is None:
        sys.stdout.buffer.write(FORMATS[formats[0]](made))
    else:
        stem = report_name("drift", subject.window.label)
        contents = {f"{stem}.{ending(name)}": FORMATS[name](made) for name in formats or USUAL}
        folder = out or here.folder / "reports"
        for path in deliver(folder, contents):
            here.say(f"wrote {path}")
    for kind in document["manifest"]["later"]:
        here.say(
            f"The {kind} was first recorded after {document['as_of']}; the earliest one known is used.", style="dim"
        )
    worst = max((Severity(finding["severity"]).rank for finding in document["findings"]), default=-1)
    return Exit.SEE if fail_on is not None and worst >= fail_on.rank else Exit.DONE


def verify(
    here: Here,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A report that was written with --format json.")],
) -> int:
    """Make a JSON report again from what it rests on; exit code 1 names what is not as it was."""
    from sync.verify import verify as changes_of
    from sync.wiring import open_house

    written = _bytes(file)
    with open_house(here.folder, secrets=False) as house:
        changes = changes_of(written, house.workspace, house.store)
    if here.as_json:
        here.data({"identical": not changes, "changed": [asdict(change) for change in changes]})
    for change in changes:
        here.say(f"{change.input}: {change.sentence}")
    here.say(f"{file.name} {'is not what its inputs give now' if changes else 'is identical, byte for byte'}.")
    return Exit.SEE if changes else Exit.DONE


def compare(
    here: Here,
    files: Annotated[
        list[Path] | None, typer.Argument(metavar="[A B]", help="Two reports that were written with --format json.")
    ] = None,
    lenses: Annotated[
        str | None,
        typer.Option(
            metavar="2026-W47",
            help="Instead of files, a past week: as reported, as known then, and as known now.",
        ),
    ] = None,
    markdown: Annotated[bool, typer.Option("--markdown", help="As Markdown, for a wiki or a chat.")] = False,
) -> int:
    """Say what two reports say differently, and which items make the difference."""
    from rich.markdown import Markdown

    from reports.formats.as_differences import render
    from sync.compare import compare_files, lenses_of
    from sync.wiring import open_house

    if len(files or ()) != (2 if lenses is None else 0):
        raise ConfigurationError("Name two JSON reports to compare, or a past week with --lenses.")
    written = {str(file): _bytes(file) for file in files or ()}
    if files and len(written) != len(files):
        raise ConfigurationError(f"{files[0]} is the same file as {files[1]}; expected two reports.")
    with open_house(here.folder, secrets=False) as house:
        if lenses is None:
            found = compare_files(written, house.workspace, house.store)
        else:
            found = lenses_of(house.workspace, house.store, house.clock, lenses)
    if here.as_json:
        here.data(found)
    elif markdown or not here.out.is_terminal:
        sys.stdout.write(render(found))
    else:
        here.out.print(Markdown(render(found)))
    return Exit.DONE


def calibrate(
    here: Here,
    runs: Annotated[
        int | None,
        typer.Option(
            min=1, metavar="N", help="Quarters to simulate; more of them take longer and say it more exactly."
        ),
    ] = None,
) -> int:
    """Say how often reports would be wrong by chance, and how small a shift they would see, with work such as yours."""
    from cli.progress import counting
    from reports.calibration import RUNS, calibration
    from sync.reporting import last_facts
    from sync.wiring import open_house

    with open_house(here.folder, secrets=False) as house:
        facts = last_facts(house.workspace, house.store, house.clock)
        with counting(here.people, house.clock, "simulated", quiet=here.as_json) as tick:
            found = calibration(facts, runs or RUNS, tick)
    if here.as_json:
        here.data(found)
    else:
        from cli.calibration import show

        show(here.out, found)
    return Exit.DONE


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise ConfigurationError(f"{file} cannot be read ({error.strerror}); expected a JSON report.") from None


def _instant(text: str | None, now: datetime) -> datetime | None:
    if text is None:
        return None
    if text == "now":
        return now
    try:
        return parse_instant(text)
    except ValueError:
        raise ConfigurationError(
            f"--as-of {text!r} is no instant; expected something like 2026-11-24T00:00:00Z, or now."
        ) from None


def explain(
    here: Here,
    code: Annotated[str, typer.Argument(metavar="CODE", help="A finding's code, such as A02.")],
) -> int:
    """Print the manual page of a finding."""
    from rich.markdown import Markdown

    from reports.rules.manual import manual
    from reports.rules.registry import BY_CODE

    if code.upper() not in BY_CODE:
        raise ConfigurationError(f"There is no finding {code!r}; expected one of {', '.join(BY_CODE)}.")
    page = manual(code.upper())
    if here.as_json:
        here.data({"code": code.upper(), "manual": page})
    elif here.out.is_terminal:
        here.out.print(Markdown(page))
    else:
        here.out.print(page, markup=False)
    return Exit.DONE
