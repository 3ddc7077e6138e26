"""Write the reference pages that come from the code: commands, settings, findings."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import typer.main
from typer.core import TyperGroup, TyperOption

from cli.command import COMMON
from cli.main import app
from config.schema import schemas
from reports.rules.manual import manual_markdown
from reports.rules.registry import RULES
from reports.rules.rule import Rule

HERE = Path(__file__).parent
NOTICE = "<!-- Written by `make docs` from the code; a change here would be overwritten. -->\n\n"


def pages() -> dict[Path, str]:
    """Every generated page, by its path."""
    found = {HERE / "commands.md": _commands(), HERE / "settings.md": _settings()}
    for rule in RULES:
        found[HERE / "rules" / f"{rule.code.lower()}_{rule.name.replace('-', '_')}.md"] = NOTICE + manual_markdown(
            rule.code
        )
    found[HERE / "rules" / "README.md"] = _rules()
    return found


def _file(rule: Rule) -> str:
    return f"{rule.code.lower()}_{rule.name.replace('-', '_')}.md"


def _rules() -> str:
    rows = "".join(f"| [{rule.code}]({_file(rule)}) | {rule.name} | {rule.severity.value} |\n" for rule in RULES)
    return NOTICE + "# Findings\n\n| code | finds | severity |\n|---|---|---|\n" + rows


def _commands() -> str:
    group = typer.main.get_command(app)
    assert isinstance(group, TyperGroup)
    shared = [parameter for parameter in group.commands["status"].params if parameter.name in COMMON]
    parts = [NOTICE, "# Commands\n\nEvery command takes these, besides its own:\n\n", _table(shared)]
    return "".join([*parts, *_command("filrouge", group)])


def _command(path: str, command: Any) -> Iterator[str]:
    if isinstance(command, TyperGroup):
        if command.invoke_without_command and command.callback is not None and path != "filrouge":
            yield from _one(path, command)
        for name, child in command.commands.items():
            yield from _command(f"{path} {name}", child)
        return
    yield from _one(path, command)


def _one(path: str, command: Any) -> Iterator[str]:
    yield f"\n## {path}\n\n{command.help}\n"
    own = [p for p in command.params if p.name not in COMMON and p.name != "help"]
    if own:
        yield "\n" + _table(own)


def _table(parameters: Iterable[Any]) -> str:
    rows = []
    for parameter in parameters:
        if isinstance(parameter, TyperOption):
            value = f" {parameter.metavar}" if parameter.metavar and not parameter.is_flag else ""
            name = ", ".join(parameter.opts) + value
        else:
            name = parameter.metavar or str(parameter.name).upper()
        name = name.replace("|", "\\|")
        rows.append(f"| `{name}` | {parameter.help or ''} |\n")
    return "| | meaning |\n|---|---|\n" + "".join(rows)


def _settings() -> str:
    parts = [NOTICE, "# Settings\n"]
    for name, schema in schemas().items():
        parts.append(f"\n## {name}.yaml\n\n| key | meaning |\n|---|---|\n")
        parts += [f"| `{key}` | {text} |\n" for key, text in _keys(schema, schema, "", frozenset())]
    return "".join(parts)


def _keys(
    schema: Mapping[str, Any], root: Mapping[str, Any], prefix: str, seen: frozenset[str]
) -> Iterator[tuple[str, str]]:
    """Every key of a schema with its description; references are followed once on each path."""
    reference = schema.get("$ref")
    if reference is not None:
        name = reference.rsplit("/", 1)[-1]
        if name not in seen:
            yield from _keys(root["$defs"][name], root, prefix, seen | {name})
        return
    for branch in [*schema.get("allOf", ()), *schema.get("anyOf", ()), *schema.get("oneOf", ())]:
        yield from _keys(branch, root, prefix, seen)
    if "items" in schema and isinstance(schema["items"], Mapping):
        yield from _keys(schema["items"], root, prefix + "[]", seen)
    for key, value in schema.get("properties", {}).items():
        path = f"{prefix}.{key}" if prefix else key
        description = _description(value, root)
        if description:
            yield path, description
        yield from _keys(value, root, path, seen)


def _description(schema: Mapping[str, Any], root: Mapping[str, Any]) -> str:
    text = schema.get("description")
    if text is None and "$ref" in schema:
        text = root["$defs"][schema["$ref"].rsplit("/", 1)[-1]].get("description", "")
    return " ".join(str(text or "").split()).replace("|", "\\|")


def main(arguments: list[str]) -> int:
    """Write the pages, or with `--check` say which are out of date (exit code 1)."""
    wanted = pages()
    if "--check" in arguments:
        stale = [path for path, text in wanted.items() if not path.exists() or path.read_text("utf-8") != text]
        for path in stale:
            print(f"{path.relative_to(HERE.parent)} is out of date; run make docs.")
        return 1 if stale else 0
    for path, text in wanted.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    print(f"{len(wanted)} pages written.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
