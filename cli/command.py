"""What every command shares: common options, exit codes, and errors as one clear sentence."""

from __future__ import annotations

import functools
import inspect
import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from cli.logs import LogFormat, configure
from domain.errors import ConfigurationError, CredentialsError, FilrougeError, StoreError, UnavailableError


class Exit(IntEnum):
    """Exit codes (INTERFACE, Commands)."""

    DONE = 0
    SEE = 1  # done, and there is something to see
    WRONG = 2  # wrong use or wrong configuration
    SHUT_OUT = 3  # no source could be reached or let us in
    NO_STORE = 4
    INTERRUPTED = 130


@dataclass(frozen=True)
class Here:
    """Where and how a command was called; people read `say`, programs read `data`."""

    folder: Path
    as_json: bool
    verbosity: int
    debug: bool

    @cached_property
    def people(self) -> Console:
        """Standard error, for people."""
        return Console(stderr=True, highlight=False, soft_wrap=True)

    @cached_property
    def out(self) -> Console:
        """Standard output, for what was asked for."""
        return Console(highlight=False, soft_wrap=True)

    def say(self, text: str, style: str = "") -> None:
        """One line for people; square brackets in it are text, not style."""
        self.people.print(text, style=style, markup=False)

    def data(self, value: object) -> None:
        """A value as JSON on standard output."""
        json.dump(value, sys.stdout, ensure_ascii=False, indent=2)
        sys.stdout.write("\n")


COMMON = {
    "workspace": Annotated[
        Path, typer.Option("--workspace", "-w", metavar="DIR", help="The workspace's folder.", show_default="here")
    ],
    "as_json": Annotated[bool, typer.Option("--json", help="Print data as JSON on standard output.")],
    "verbose": Annotated[int, typer.Option("--verbose", "-v", count=True, help="More log; twice for everything.")],
    "log_format": Annotated[LogFormat, typer.Option("--log-format", help="Form of the log on standard error.")],
    "debug": Annotated[bool, typer.Option("--debug", help="Show the traceback of an unexpected error.")],
}
DEFAULTS: dict[str, Any] = {
    "workspace": Path(),
    "as_json": False,
    "verbose": 0,
    "log_format": "auto",
    "debug": False,
}


def command(
    app: typer.Typer, name: str, *, quiet: int = 0
) -> Callable[[Callable[..., int | None]], Callable[..., None]]:
    """Register a function as a command of `app`.

    The function takes a `Here` first and its own options after it, and returns an exit code (None is 0). The
    common options are added to its own; `quiet` is the verbosity it starts from.
    """

    def register(function: Callable[..., int | None]) -> Callable[..., None]:
        wrapper = _wrapped(function, quiet)
        app.command(name)(wrapper)
        return wrapper

    return register


def command_of_group(app: typer.Typer) -> Callable[[Callable[..., int | None]], None]:
    """Register a function as what the group `app` does when none of its commands is named; as in `command`.

    Its options in front of the name of another command are wrong use: they would be of no effect.
    """

    def register(function: Callable[..., int | None]) -> None:
        wrapper = _wrapped(function, 0)

        @functools.wraps(wrapper)
        def callback(context: typer.Context, **given: Any) -> None:
            if context.invoked_subcommand is None:
                wrapper(**given)
            stray = next((p for p in context.command.params if _was_given(context, p.name)), None)
            if stray is not None:
                after = f"put it after `{context.invoked_subcommand}`, if it is an option of that command."
                raise typer.BadParameter(after, param_hint=" / ".join(stray.opts))

        context = inspect.Parameter("context", inspect.Parameter.KEYWORD_ONLY, annotation=typer.Context)
        parameters = [context, *inspect.signature(wrapper).parameters.values()]
        callback.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined] # typer reads it
        callback.__annotations__ = {p.name: p.annotation for p in parameters}
        app.callback(invoke_without_command=True)(callback)

    return register


def _was_given(context: typer.Context, name: str | None) -> bool:
    source = context.get_parameter_source(name) if name else None
    return source is not None and source.name == "COMMANDLINE"


def _wrapped(function: Callable[..., int | None], quiet: int) -> Callable[..., None]:
    """A function of `Here` and its own options as one of all options, which leaves with the exit code."""
    own = inspect.signature(function, eval_str=True)
    parameters = [parameter for parameter in own.parameters.values() if parameter.name != "here"]
    shared = [
        inspect.Parameter(key, inspect.Parameter.KEYWORD_ONLY, default=DEFAULTS[key], annotation=annotation)
        for key, annotation in COMMON.items()
    ]

    @functools.wraps(function)
    def wrapper(**given: Any) -> None:
        folder, as_json, verbose, log_format, debug = (given.pop(key) for key in COMMON)
        from cli.memory import tune
        from sync.traces import one_run, start

        configure(quiet + verbose, log_format)
        tune()
        start(os.environ)
        here = Here(folder, as_json, verbose, debug)
        with one_run():
            code = outcome(here, lambda: function(here, **given))
        raise typer.Exit(code)

    wrapper.__signature__ = inspect.Signature(  # type: ignore[attr-defined] # typer reads the options from it
        [*(p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in parameters), *shared]
    )
    wrapper.__annotations__ = {p.name: p.annotation for p in [*parameters, *shared]}
    return wrapper


def count(number: int, noun: str, *, none: str = "0") -> str:
    """A number with what it counts: `1 rule`, `1,472 items`, and `none` in place of 0."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}" if number else f"{none} {noun}s"


# What an error of ours means for the caller, the first that fits.
EXITS: tuple[tuple[type[FilrougeError], Exit], ...] = (
    (ConfigurationError, Exit.WRONG),
    (CredentialsError, Exit.SHUT_OUT),
    (UnavailableError, Exit.SHUT_OUT),
    (StoreError, Exit.NO_STORE),
    (FilrougeError, Exit.SEE),
)


def outcome(here: Here, act: Callable[[], int | None]) -> int:
    """Run a command and turn what happened into an exit code; no traceback unless asked for."""
    try:
        return int(act() or Exit.DONE)
    except FilrougeError as error:
        here.say(str(error))
        return next(exit_code for kind, exit_code in EXITS if isinstance(error, kind))
    except KeyboardInterrupt:
        here.say("Stopped. Nothing is lost: the next run goes on from here.")
        return Exit.INTERRUPTED
    except BrokenPipeError:
        # The reader of our output (`| head`) has left, which is its right; nothing more may be written to it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.DONE
    except Exception as error:
        if here.debug:
            raise
        here.say(
            f"Something unexpected went wrong ({type(error).__name__}: {error}). "
            "This is a fault of Filrouge; please report it with the output of the same command with --debug."
        )
        return Exit.SEE
