"""Runs a page of the documentation as its reader would, and holds what each command says against what the page shows.

In a fence ```` ```console ```` a line that begins with `$ ` is a command, `> ` goes on with it, and any other line is
what it says. In what is said `...` stands for any text with the blanks around it, and alone on a line for any lines; a
command without such lines may say anything. A command has to end with 0, unless the one after it is `echo $?`, which
then shows the code. A fence such as ```` ```yaml file=mapping.yaml ```` is written to that file, and one with `append=`
in place of `file=` to its end. Other fences are only read by people, and
a shell's (`sh`, `bash`) may not be on the page, since nobody would run them.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt

from tests import warm

SHELLS = ("sh", "bash", "shell", "zsh", "shell-session")
ASSIGNMENT = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=(.*)", re.DOTALL)
ANY_TEXT = re.compile(r"[^\S\n]*\.\.\.[^\S\n]*")
QUOTED = re.compile(r"'[^']*'")
# `$3` is the last exit code, so that the command may say `$?`; `$2` gets the folder and environment it leaves behind.
SESSION = 'set -o pipefail; (exit "$3"); eval "$1"; code=$?; { pwd; env -0; } >"$2"; exit $code'
PATIENCE = 300.0  # seconds for one command


@dataclass(frozen=True)
class Command:
    """A command of a page, its line there, and the lines that it is to say (None: anything)."""

    line: int
    text: str
    says: tuple[str, ...] | None


@dataclass(frozen=True)
class File:
    """A file that a page shows whole, or what it adds to one that is there."""

    line: int
    path: str
    text: str
    added: bool = False


@dataclass(frozen=True)
class Done:
    """A command as it was run, with what came of it."""

    command: str
    code: int
    out: str
    err: str


def read_page(text: str) -> list[Command | File]:
    """The commands and files of a page in Markdown, in order; ValueError for a fence that nobody would run."""
    found: list[Command | File] = []
    for token in MarkdownIt().parse(text):
        if token.type != "fence" or token.map is None:
            continue
        language, _, rest = token.info.strip().partition(" ")
        line = token.map[0] + 2
        if language in SHELLS:
            raise ValueError(
                f"line {line}: a fence `{language}` is not run; write `console`, with `$ ` before commands"
            )
        if language == "console":
            found += _commands(token.content, line)
        elif rest.startswith(("file=", "append=")):
            how, _, path = rest.partition("=")
            found.append(File(line, path, token.content, added=how == "append"))
    return found


def run_page(
    page: Path, folder: Path, env: Mapping[str, str], *, instead: Mapping[str, str] | None = None
) -> list[Done]:
    """Run a page from a folder, with this environment alone, and give back what was run.

    `instead` says which texts of the page stand for something else here (an address, a folder of the system).
    `filrouge` is the real command. AssertionError with the page, its line and both texts when something else comes.
    """
    cwd, env, code = folder, dict(env), 0
    done: list[Done] = []
    steps = read_page(page.read_text(encoding="utf-8"))
    assert steps, f"{page.name} has no command"
    for number, step in enumerate(steps):
        where = f"{page.name}:{step.line}"
        text = _replaced(step.text, instead or {})
        if isinstance(step, File):
            path = cwd / _replaced(step.path, instead or {})
            assert path.exists() or not step.added, f"{where}: {step.path} is not there to be added to"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(path.read_text(encoding="utf-8") + text if step.added else text, encoding="utf-8")
            continue
        ran, cwd, env = _run(text, cwd, env, code)
        done.append(ran)
        code = ran.code
        after = steps[number + 1] if number + 1 < len(steps) else None
        shown = isinstance(after, Command) and after.text == "echo $?"
        told = f"\n$ {text}\n{ran.out}{ran.err}"
        assert shown or code == 0, f"{where}: it ended with {code}, and the page does not say so:{told}"
        if step.says is not None:
            says = [_replaced(line, instead or {}) for line in step.says]
            expected = "\n".join(says)
            assert _fits(says, ran.out, ran.err), f"{where}: the page shows\n{expected}\nand what came is{told}"
    return done


def _commands(content: str, line: int) -> Iterator[Command]:
    """The commands of one fence; `line` is that of its first line."""
    start, command, says = 0, "", list[str]()
    for number, text in enumerate(content.splitlines(), start=line):
        if text.startswith("$ "):
            if command:
                yield Command(start, command, tuple(says) or None)
            start, command, says = number, text[2:], []
        elif not command:
            raise ValueError(f"line {number}: what is said by no command; expected a line that begins with `$ `")
        elif not says and (text == ">" or text.startswith("> ")):
            command += "\n" + text[2:]
        else:
            says.append(text)
    if command:
        yield Command(start, command, tuple(says) or None)


def _run(text: str, cwd: Path, env: dict[str, str], code: int) -> tuple[Done, Path, dict[str, str]]:
    """Run one command; also the folder and the environment that it leaves to the next."""
    plain = _plain_call(text)
    if plain is not None:
        own, arguments = plain
        result = warm.call(arguments, cwd, env | own, PATIENCE)
        return Done(text, result.returncode, result.stdout, result.stderr), cwd, env
    with tempfile.NamedTemporaryFile() as left:
        result = subprocess.run(
            ["bash", "-c", SESSION, "bash", text, left.name, str(code)],
            cwd=cwd,
            env=env,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=PATIENCE,
            check=False,
        )
        folder, _, variables = Path(left.name).read_text(encoding="utf-8").partition("\n")
    if folder:
        cwd = Path(folder)
        env = dict(one.split("=", 1) for one in variables.split("\0") if "=" in one)
    return Done(text, result.returncode, result.stdout, result.stderr), cwd, env


def _plain_call(text: str) -> tuple[dict[str, str], list[str]] | None:
    """What a call of `filrouge` sets and is given, where no shell is needed to read it (it is quicker without)."""
    if re.search(r'[|&;<>()$`*?~\\\n"]', QUOTED.sub("", text)):
        return None
    words = shlex.split(text, comments=True)
    own: dict[str, str] = {}
    while words and (match := ASSIGNMENT.fullmatch(words[0])):
        own[match[1]] = match[2]
        words = words[1:]
    return (own, words[1:]) if words[:1] == ["filrouge"] else None


def _fits(says: list[str], out: str, err: str) -> bool:
    """Whether what came is what the page shows: a terminal mixes both streams, so either may come first."""
    pattern = ""
    for line in says:
        if line.strip() == "...":
            pattern += r"(?:[^\n]*\n)*?"
        else:
            pattern += r"[^\n]*?".join(map(re.escape, ANY_TEXT.split(line.rstrip()))) + r"[^\S\n]*\n"
    return any(re.fullmatch(pattern, _ended(first) + _ended(then)) for first, then in ((out, err), (err, out)))


def _ended(text: str) -> str:
    return text if not text or text.endswith("\n") else text + "\n"


def _replaced(text: str, instead: Mapping[str, str]) -> str:
    for page, here in instead.items():
        text = text.replace(page, here)
    return text


def clean_environment(home: Path, path: str = "") -> dict[str, str]:
    """An environment with nothing of the caller's but where programs are; folders in `path` come first."""
    # What locale and certificates are here belongs to the machine and may stay.
    kept = {name: os.environ[name] for name in ("LANG", "LC_ALL", "SSL_CERT_FILE", "PYTHONPATH") if name in os.environ}
    programs = os.pathsep.join(filter(None, [path, str(warm.FILROUGE.parent), os.environ.get("PATH", "")]))
    return kept | {"HOME": str(home), "PATH": programs, "NO_COLOR": "1", "COLUMNS": "120"}
