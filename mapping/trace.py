"""An explanation as lines for a terminal, each with the style in which to print it."""

from __future__ import annotations

from collections.abc import Iterator

from domain.calendar import instant_text
from mapping.authority import Authority
from mapping.explain import DimensionTrace, Explanation, LineTrace, PinTrace, RuleTrace, Said
from mapping.trial import Trial
from mapping.whynot import Answer, Attempt, Failure, WhyNot

MOST_OTHERS = 3  # further rules that are told of
Line = tuple[str, str]  # the text without any markup; "ok", "no", "dim", "head" or "plain"


def lines(explanation: Explanation) -> Iterator[Line]:
    """What `filrouge map explain` prints: tags, who decided them, pins, what was said in tickets, rules in order."""
    yield f"{explanation.key}  {explanation.title}", "head"
    if explanation.ancestors:
        yield f"below {' < '.join(explanation.ancestors)}", "dim"
    for decided in explanation.decisions:
        yield from _decision(decided)
    if explanation.tags.conflict:
        yield "  its tags name several targets, so that it counts as unaligned (conflicting_tags)", "no"
    for target in explanation.tags.unknown:
        yield f"  {target} is not in the strategy, so that this share counts as unaligned (unknown_target)", "no"
    if explanation.pins:
        yield "Pins", "head"
        for pin in explanation.pins:
            yield from _pin(pin)
    if explanation.lines:
        yield "Said in tickets", "head"
        for line in explanation.lines:
            yield from _line(line)
    yield "Rules", "head"
    for rule in explanation.rules:
        yield from _rule(rule)
    if not explanation.rules:
        yield "  there are none", "dim"


def why_not_lines(why: WhyNot) -> Iterator[Line]:
    """What `filrouge map why-not` prints: what decides now, and what the nearest rule lacks."""
    yield f"{why.key}  {why.title}", "head"
    yield from _decision(why.decided)
    if why.answer is Answer.HAS:
        yield f"It serves {why.target}.", "ok"
        return
    if why.nearest is None:
        yield f"No rule gives {why.target}, and none reads it from a label.", "no"
    else:
        yield from _nearest(why, why.nearest)
    for other in why.others[:MOST_OTHERS]:
        yield _other(other, why.key), "dim"
    more = len(why.others) - MOST_OTHERS
    if more > 0:
        yield f"  and {more} more", "dim"


def _nearest(why: WhyNot, near: Attempt) -> Iterator[Line]:
    rule = f"Rule {near.rule} gives {near.gives}" + ("" if near.on == why.key else f", inherited from {near.on},")
    if not near.failures:
        yield f"{rule} and matches, but {_decider(why.decided)} decides before it.  ({near.place})", "no"
    else:
        yield f"{rule} and comes nearest: {_fails(near)}.  ({near.place})", "head"
        for failure in near.failures:
            yield from _failure(failure)
        if why.outranked:
            yield f"  Even if it matched, {_decider(why.decided)} would decide before it.", "no"


def said_text(said: Said) -> str:
    """A word in one dimension for people: `KR1.1 60 %, KR2.1 40 %`, or the id alone where it has everything."""
    if isinstance(said, str):
        return said
    if len(said) == 1:
        return next(iter(said))
    return ", ".join(f"{target} {share * 100:.4g} %" for target, share in said.items())


def _decision(decided: DimensionTrace) -> Iterator[Line]:
    name = decided.dimension.value
    if decided.authority is None or decided.value is None:
        yield f"  {name}: nothing spoke", "dim"
        return
    origin = decided.path[-1]
    source = {
        Authority.PIN: "its pin",
        Authority.PIN_ABOVE: f"the pin of {origin}, which beats the rules below it",
        Authority.TICKET: "a command in the ticket",
        Authority.RULE: f"rule {decided.by}",
        Authority.INHERITED: f"inherited from {origin}, which has it by {_by(decided.by)}",
    }[decided.authority]
    place = f" ({decided.place})" if decided.place else ""
    yield f"  {name}: {said_text(decided.value)}  by {source}{place}".replace("by inherited", "inherited"), "ok"


def _failure(failure: Failure) -> Iterator[Line]:
    if failure.within:
        yield f"  in {', '.join(failure.within)}:", "plain"
    yield from _condition(failure.trial, 4)
    if failure.near is not None:
        met, meant = failure.near
        yield f"      `{met}` is close to `{meant}`: a slip in the ticket, or in the rule?", "plain"


def _other(attempt: Attempt, key: str) -> str:
    on = "" if attempt.on == key else f" on {attempt.on}"
    fails = _fails(attempt) if attempt.failures else "matches"
    return f"  rule {attempt.rule} gives {attempt.gives}: {fails}{on}  ({attempt.place})"


def _fails(attempt: Attempt) -> str:
    if attempt.conditions == 1:
        return "its condition does not hold"
    verb = "does not hold" if len(attempt.failures) == 1 else "do not hold"
    return f"{len(attempt.failures)} of its {attempt.conditions} conditions {verb}"


def _decider(decided: DimensionTrace) -> str:
    on = f" of {decided.path[-1]}" if len(decided.path) > 1 else ""
    return _by(decided.by).replace("its pin", "the pin") + on


def _by(name: str | None) -> str:
    return {"pin": "its pin", "ticket": "a command in the ticket"}.get(name or "", f"rule {name}")


def _pin(pin: PinTrace) -> Iterator[Line]:
    verdict = f"used for {', '.join(pin.used)}" if pin.used else "not used"
    sets = "; ".join(f"{name}: {said_text(said)}" for name, said in pin.sets.items())
    yield f"  {pin.key}  {sets}  {verdict}  ({pin.place})", "ok" if pin.used else "dim"
    yield f"    {pin.by}, {pin.on}: {pin.why}" + ("" if pin.cascade else " (does not beat rules below it)"), "dim"


def _line(line: LineTrace) -> Iterator[Line]:
    verdict = f"decides {', '.join(line.used)}" if line.used else "not used" if line.sets else "sets nothing"
    yield f"  {line.key}  {line.said}  {verdict}", "ok" if line.used else "dim"
    yield f"    {line.by or 'somebody'}, {instant_text(line.at)}" + (f": {line.problem}" if line.problem else ""), "dim"


def _rule(rule: RuleTrace) -> Iterator[Line]:
    if not rule.matched:
        verdict, style = "does not match", "no"
    elif rule.used:
        verdict, style = f"decides {', '.join(rule.used)}", "ok"
    elif rule.silent:
        verdict, style = f"matches, and says nothing: {rule.silent}", "dim"
    else:
        verdict, style = "matches, but something of higher authority or an earlier rule has spoken", "dim"
    yield f"  {rule.id}: {verdict}  ({rule.place})", style
    for condition in rule.conditions:
        yield from _condition(condition, 4)


def _condition(tried: Trial, indent: int) -> Iterator[Line]:
    margin, sign = " " * indent, "+" if tried.holds else "-"
    style = "ok" if tried.holds else "no"
    if tried.condition in ("parent", "ancestor"):
        on = tried.on or "there is none in the store"
        yield f"{margin}{sign} {tried.condition} ({on})", style
    elif tried.condition in ("all", "any", "not"):
        yield f"{margin}{sign} {tried.condition}", style
    else:
        patterns = " | ".join(tried.patterns)
        values = ", ".join(tried.values) if tried.values else "the item has none"
        note = f" ({tried.note})" if tried.note else ""
        yield f"{margin}{sign} {tried.condition}: {patterns}  <- {values}{note}", style
    for part in tried.parts:
        yield from _condition(part, indent + 2)
