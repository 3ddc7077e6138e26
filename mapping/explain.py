"""Why an item is tagged as it is: who decided each dimension, and how every rule fared."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from config.rules import MappingRules, Place, Setting
from domain.calendar import instant_text
from domain.strategy import Strategy
from domain.tags import Assignment, Dimension
from domain.work import ItemRef, WorkItem
from mapping.assign import NO_COMMANDS, assignment
from mapping.authority import NO_PIN, Authority, Court, Decision, via
from mapping.commands import Command, Misunderstood
from mapping.contribution import Contribution
from mapping.heard import NO_LINES, Lines, Meaning, hear, meaning_of
from mapping.inforce import trials
from mapping.program import CompiledRule
from mapping.sayings import Word, sayings
from mapping.trial import Trial, try_out, unwrapped

Said = Mapping[str, float] | str  # shares for contributes_to, else an id


@dataclass(frozen=True, slots=True)
class DimensionTrace:
    """Who decided one dimension: `authority` is None where nothing spoke.

    `by` and `place` name what set the word, `path` the keys from the item up to the one it was set on.
    """

    dimension: Dimension
    value: Said | None = None
    via: str | None = None
    authority: Authority | None = None
    by: str | None = None
    place: Place | None = None
    path: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RuleTrace:
    """One rule on the item: did it match, in which dimensions did it speak, and where was it the one that counted.

    `silent` says why a rule that matched has nothing to say of `contributes_to` although it sets it.
    """

    id: str
    place: Place
    matched: bool
    conditions: tuple[Trial, ...]
    spoke: Mapping[str, Said]
    used: tuple[str, ...]
    silent: str | None = None


@dataclass(frozen=True, slots=True)
class PinTrace:
    """A pin on the item or on an ancestor: what it sets there, and where it decided."""

    key: str
    place: Place
    by: str
    on: str
    why: str
    cascade: bool
    sets: Mapping[str, Said]
    used: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LineTrace:
    """What somebody wrote to Filrouge in the item's ticket or in an ancestor's; `by` is a pseudonym.

    `sets` is what it says that the item serves (empty: nothing), `problem` why it says nothing although it might.
    """

    key: str
    said: str
    by: str | None
    at: datetime
    sets: Mapping[str, Said]
    used: tuple[str, ...]
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """`ancestors` are keys, nearest first; `rules` are in the order of the file, pins and lines from the item upwards.

    Lines of one ticket are in the order in which they were written.
    """

    source: str
    key: str
    title: str
    tags: Assignment
    decisions: tuple[DimensionTrace, ...]
    pins: tuple[PinTrace, ...]
    lines: tuple[LineTrace, ...]
    rules: tuple[RuleTrace, ...]
    ancestors: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """The explanation as JSON: places as `file:line:column`, tags as in `items --json`."""
        return {
            "source": self.source,
            "key": self.key,
            "title": self.title,
            "tags": {
                "contributes_to": dict(self.tags.shares),
                "value_stream": self.tags.value_stream,
                "product": self.tags.product,
                "work_class": self.tags.work_class,
            },
            "via": dict(self.tags.via),
            "conflict": self.tags.conflict,
            "unknown": list(self.tags.unknown),
            "ancestors": list(self.ancestors),
            "decisions": [
                {
                    "dimension": decided.dimension.value,
                    "value": _plain(decided.value),
                    "via": decided.via,
                    "authority": decided.authority.value if decided.authority else None,
                    "by": decided.by,
                    "place": str(decided.place) if decided.place else None,
                    "path": list(decided.path),
                }
                for decided in self.decisions
            ],
            "pins": [
                {
                    "key": pin.key,
                    "place": str(pin.place),
                    "by": pin.by,
                    "on": pin.on,
                    "why": pin.why,
                    "cascade": pin.cascade,
                    "sets": {name: _plain(said) for name, said in pin.sets.items()},
                    "used": list(pin.used),
                }
                for pin in self.pins
            ],
            "commands": [
                {
                    "key": line.key,
                    "said": line.said,
                    "by": line.by,
                    "at": instant_text(line.at),
                    "sets": {name: _plain(said) for name, said in line.sets.items()},
                    "used": list(line.used),
                    "problem": line.problem,
                }
                for line in self.lines
            ],
            "rules": [
                {
                    "id": rule.id,
                    "place": str(rule.place),
                    "matched": rule.matched,
                    "conditions": [condition.as_json() for condition in rule.conditions],
                    "spoke": {name: _plain(said) for name, said in rule.spoke.items()},
                    "used": list(rule.used),
                    "silent": rule.silent,
                }
                for rule in self.rules
            ],
        }


def explain(
    ref: ItemRef,
    items: Mapping[ItemRef, WorkItem],
    rules: MappingRules,
    strategy: Strategy,
    commands: Mapping[ItemRef, Setting] = NO_COMMANDS,
    lines: Lines = NO_LINES,
    called: Callable[[str], str] = str,
) -> Explanation:
    """Why one of the items is tagged as it is; `assign` with the same arguments gives it these tags.

    `lines` are all that stand in tickets, also those that became no command; `called` gives an account's pseudonym.
    ConfigurationError as in `assign`; KeyError when the item is not there.
    """
    item = items[ref]
    court = Court(items, rules, strategy, commands)
    decisions = court.decide(ref)
    return Explanation(
        source=item.source,
        key=item.key,
        title=item.title,
        tags=assignment(decisions, items),
        decisions=tuple(_dimension(dimension, decisions.get(dimension), ref, court) for dimension in Dimension),
        pins=tuple(_pins(ref, court, decisions)),
        lines=tuple(_lines(ref, court, decisions, lines, called)),
        rules=tuple(_rule(rule, item, court, decisions) for rule in court.program.rules),
        ancestors=tuple(items[above].key for above in court.tree.ancestors(ref)),
    )


def _dimension(dimension: Dimension, decision: Decision | None, ref: ItemRef, court: Court) -> DimensionTrace:
    if decision is None:
        return DimensionTrace(dimension)
    path = [ref]
    if decision.origin != ref:
        for above in court.tree.ancestors(ref):
            path.append(above)
            if above == decision.origin:
                break
    return DimensionTrace(
        dimension=dimension,
        value=_said(decision.word),
        via=via(decision, court.items),
        authority=decision.authority,
        by=decision.by,
        place=decision.place,
        path=tuple(court.items[step].key for step in path),
    )


def _pins(ref: ItemRef, court: Court, decisions: Mapping[Dimension, Decision]) -> list[PinTrace]:
    found: list[PinTrace] = []
    for here in (ref, *court.tree.ancestors(ref)):
        words = court.pins.get(here, NO_PIN).words
        pins = {id(pin): pin for _, pin in words.values()}.values()
        counted = {
            name for name, decision in decisions.items() if decision.origin == here and decision.by == Authority.PIN
        }
        found.extend(
            PinTrace(
                key=court.items[here].key,
                place=pin.place,
                by=pin.by,
                on=pin.on.isoformat(),
                why=pin.why,
                cascade=pin.cascade,
                sets={name.value: _said(word) for name, (word, setter) in words.items() if setter is pin},
                used=tuple(name.value for name, (_, setter) in words.items() if setter is pin and name in counted),
            )
            for pin in pins
        )
    return found


def _lines(
    ref: ItemRef,
    court: Court,
    decisions: Mapping[Dimension, Decision],
    lines: Lines,
    called: Callable[[str], str],
) -> Iterator[LineTrace]:
    for here in (ref, *court.tree.ancestors(ref)):
        there = lines.get(here, ())
        heard = hear(there, court.targets)
        tag = heard.tag[0] if heard and heard.tag else None
        for line in there:
            meaning = meaning_of(line, court.targets)
            setting = meaning.setting if isinstance(meaning, Command) else None
            sets = {} if setting is None else sayings(setting, court.targets).of(court.items[here])
            yield LineTrace(
                key=court.items[here].key,
                said=line.said,
                by=None if line.author is None else called(line.author),
                at=line.at,
                sets={name.value: _said(word) for name, word in dict(sets).items()},
                used=tuple(
                    name.value
                    for name, decision in decisions.items()
                    if line is tag and decision.origin == here and decision.by == Authority.TICKET
                ),
                problem=_problem(meaning) or ("a later line says otherwise" if sets and line is not tag else None),
            )


def _problem(meaning: Meaning) -> str | None:
    match meaning:
        case None:
            return "comments.commands does not let this account say so"
        case Misunderstood(trouble, word, near):
            said = f" `{word}`" if word else ""
            return f"not understood: {trouble}{said}" + (f"; did you mean `{near}`?" if near else "")
        case _:
            return None


def _rule(compiled: CompiledRule, item: WorkItem, court: Court, decisions: Mapping[Dimension, Decision]) -> RuleTrace:
    rule = compiled.rule
    tried = try_out(compiled.when, item, court.tree)
    dates = trials(rule, item, court.seen)
    matched = tried.holds and all(date.holds for date in dates)
    said = dict(compiled.says.of(item)) if matched else {}
    silent = None
    if matched and Dimension.CONTRIBUTES_TO in compiled.says.dimensions - set(said):
        targets = ", ".join(target for target, _ in rule.set.contributes_to or ())
        silent = f"{targets} names no target that the strategy knows"
    return RuleTrace(
        id=rule.id,
        place=rule.place,
        matched=matched,
        conditions=(*dates, *unwrapped(tried)),
        spoke={dimension.value: _said(word) for dimension, word in said.items()},
        used=tuple(
            dimension.value
            for dimension in said
            if (decision := decisions.get(dimension)) is not None
            and decision.authority is Authority.RULE
            and decision.by == rule.id
        ),
        silent=silent,
    )


def _said(word: Word) -> Said:
    return dict(word.shares) if isinstance(word, Contribution) else word


def _plain(said: Said | None) -> Any:
    return dict(said) if isinstance(said, Mapping) else said
