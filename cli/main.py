"""The command `filrouge`."""

from __future__ import annotations

import sys
from importlib.metadata import version
from typing import Annotated

import typer

from cli import (
    comment,
    coverage,
    data,
    demo,
    doctor,
    lint,
    mapping,
    mapping_diff,
    mapping_tests,
    report,
    service,
    store,
    suggest,
    workspace,
)

app = typer.Typer(
    name="filrouge",
    help="The red thread between strategy and delivery: pull, map, measure, report.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    pretty_exceptions_show_locals=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
map_app = typer.Typer(help="Which goal a work item serves, and why.", no_args_is_help=True)
comment_app = typer.Typer(help="The one comment in each ticket: plan, post, withdraw.", no_args_is_help=True)
report_app = typer.Typer()
store_app = typer.Typer(help="What is kept: upgrade, check, and move it.", no_args_is_help=True)

demo.register(app)
workspace.register(app)
data.register(app)
mapping.register(map_app)
mapping_tests.register(map_app)
suggest.register(map_app)
coverage.register(map_app)
mapping_diff.register(map_app)
lint.register(map_app)
app.add_typer(map_app, name="map")
report.register(report_app)
app.add_typer(report_app, name="report")
report.register_explain(app)
comment.register(comment_app)
app.add_typer(comment_app, name="comment")
service.register(app)
doctor.register(app)
store.register(store_app)
app.add_typer(store_app, name="store")


def _version(asked: bool) -> None:
    if asked:
        sys.stdout.write(f"filrouge {version('filrouge')}\n")
        raise typer.Exit


@app.callback()
def _main(
    version_: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    """Filrouge keeps the red thread between strategy and delivery visible."""


def run() -> None:
    """Entry point of the console script."""
    app()
