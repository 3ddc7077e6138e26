"""What is wrong with the mapping's rules now, where in the YAML it stands, and how the YAML would be mended."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from difflib import unified_diff
from pathlib import Path
from typing import Any

from config.edits import with_word
from config.locate import place_of
from config.positions import Unreadable, read
from config.rules import Place, Rule
from config.settings import RuleOptions
from config.tree import Keys
from config.workspace import Workspace
from domain.calendar import local_day, week_of
from domain.clock import Clock
from domain.rot import BrokenReference, Rot
from mapping.assign import assign
from mapping.heard import tags_said
from reports.findings import acknowledgement
from reports.language import language
from reports.measure.reach import reach
from reports.rules import m01_dead_rule, m02_shadowed_rule, m03_broken_reference
from reports.rules.rule import Rule as FindingRule
from store.open import Store
from sync.census import last_ended
from sync.rot import rot_at


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with a rule; `change` is the word that is written and the one that was meant."""

    code: str
    name: str
    rule: str
    place: Place
    message: str
    change: tuple[str, str] | None = None

    def __str__(self) -> str:
        return f"{self.place}: {self.code} {self.message}"

    def as_json(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "name": self.name,
            "rule": self.rule,
            "file": self.place.file,
            "line": self.place.line,
            "column": self.place.column,
            "message": self.message,
            "instead": self.change[1] if self.change else None,
        }


@dataclass(frozen=True, slots=True)
class Mended:
    """A file as it stands and with every word changed that can be; `faults` are those that this mends."""

    file: str
    before: str
    after: str
    faults: Sequence[Fault]

    def diff(self) -> str:
        """The change as a unified diff, as `git apply` takes it."""
        before, after = (re.split("(?<=\n)(?!$)", text) for text in (self.before, self.after))
        lines = unified_diff(before, after, f"a/{self.file}", f"b/{self.file}")
        return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


@dataclass(frozen=True, slots=True)
class Linted:
    """Everything that is wrong with the rules, by place; not `whole`: of dead and shadowed rules nobody can tell."""

    faults: Sequence[Fault]
    whole: bool


def lint(workspace: Workspace, store: Store, clock: Clock) -> Linted:
    """What is wrong with the rules by what the store holds now.

    A finding that is turned off, or acknowledged for its rule, is left out as it is in reports. ConfigurationError as
    in `mapping.assign`.
    """
    rot = _rot(workspace, store, clock)
    return Linted(_open(workspace, _faults(workspace, rot), clock.now()), whole=rot.dead is not None)


def broken_references(workspace: Workspace, broken: Sequence[BrokenReference], now: datetime) -> list[Fault]:
    """The faults that broken references are, of those that `lint` would tell."""
    return _open(workspace, _faults(workspace, Rot(None, None, tuple(broken))), now) if broken else []


def mended(workspace: Workspace, faults: Sequence[Fault]) -> list[Mended]:
    """Every file of the mapping in which words can be changed to what was meant, by name."""
    found = []
    for file in sorted({fault.place.file for fault in faults if fault.change}):
        before = after = _text(workspace.folder / file)
        done: list[Fault] = []
        # From the end, so that what was changed does not move what is still to be.
        for fault in sorted(faults, key=lambda one: (one.place.line, one.place.column), reverse=True):
            if fault.place.file != file or fault.change is None:
                continue
            changed = with_word(after, fault.place, *fault.change)
            if changed is not None:
                after = changed
                done.append(fault)
        if done:
            found.append(Mended(file, before, after, done[::-1]))
    return found


def write(workspace: Workspace, file: Mended) -> None:
    """Put the changed text in the place of the old one."""
    path = workspace.folder / file.file
    mark = b"\xef\xbb\xbf" if path.read_bytes().startswith(b"\xef\xbb\xbf") else b""
    path.write_bytes(mark + file.after.encode())


def _open(workspace: Workspace, faults: Iterable[Fault], now: datetime) -> list[Fault]:
    """What is neither turned off nor acknowledged, by place."""
    today, options = local_day(now, workspace.zone), workspace.settings.drift.rules
    found = (
        fault
        for fault in faults
        if not options.get(fault.code, RuleOptions()).off
        and acknowledgement(workspace.mapping.acknowledge, fault.code, fault.rule, today) is None
    )
    return sorted(found, key=lambda fault: (fault.place.file, fault.place.line, fault.place.column, fault.code))


def _rot(workspace: Workspace, store: Store, clock: Clock) -> Rot:
    """What is wrong by now, from what a report of this week would reach."""
    now, strategy = clock.now(), workspace.strategy
    window, rules = week_of(local_day(now, workspace.zone), workspace.zone), workspace.mapping_at(now)
    since = reach(window, now, workspace.settings.drift.horizon, strategy)
    with store.reading() as reader:
        snapshot = reader.snapshot(now, since)
        assignments = assign(snapshot.items, rules, strategy, tags_said(reader.lines(now), strategy))
        whole = all(last_ended(reader, "sync", source.id) for source in workspace.settings.sources)
        return rot_at(reader, snapshot, window, now, since, rules, strategy, assignments, whole=whole)[0]


def _faults(workspace: Workspace, rot: Rot) -> Iterator[Fault]:
    say, rules = language("en"), {rule.id: rule for rule in workspace.mapping.rules}
    for dead in rot.dead or ():
        yield _fault(m01_dead_rule, rules[dead.rule], m01_dead_rule.sentence(say, dead))
    for shadowed in rot.shadowed or ():
        yield _fault(m02_shadowed_rule, rules[shadowed.rule], m02_shadowed_rule.sentence(say, shadowed))
    trees = {file: _tree(workspace.folder, file) for file in {rules[one.rule].place.file for one in rot.broken}}
    for broken in rot.broken:
        rule = rules[broken.rule]
        told = _fault(m03_broken_reference, rule, m03_broken_reference.sentence(say, broken))
        change = (broken.word, broken.instead) if broken.instead else None
        yield replace(told, place=_place(trees[rule.place.file], rule, broken), change=change)


def _fault(finding: FindingRule, rule: Rule, message: str) -> Fault:
    return Fault(finding.code, finding.name, rule.id, rule.place, message)


def _place(tree: Keys | None, rule: Rule, broken: BrokenReference) -> Place:
    """Where the word stands; the rule's own place where the file is not what it was any more."""
    entries = tree.get("rules", ()) if tree is not None else ()
    entry = next((one for one in entries if getattr(one, "place", None) == rule.place), None)
    return rule.place if entry is None else place_of(entry, ("when", *broken.path))


def _tree(folder: Path, file: str) -> Keys | None:
    try:
        return read((folder / file).read_bytes(), file)
    except (OSError, Unreadable):
        return None


def _text(path: Path) -> str:
    return path.read_bytes().decode("utf-8-sig")
