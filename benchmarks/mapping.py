"""Mapping 100,000 items by 300 rules, beside a plain loop of the same conditions written by hand."""

from __future__ import annotations

import fnmatch
import random
import re
import resource
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from config.rules import MappingRules, Place, Rule, Setting  # noqa: E402 - the repository is found first
from domain.strategy import Cycle, Objective, Strategy  # noqa: E402 - as above
from domain.work import ItemRef, State, WorkItem  # noqa: E402 - as above
from mapping.assign import assign  # noqa: E402 - as above

ITEMS, RULES = 100_000, 300
START = datetime(2026, 1, 1, tzinfo=UTC)
LIMIT_SECONDS, LIMIT_RATIO = 10.0, 1.5

Plain = Callable[[WorkItem, WorkItem | None], bool]


def make_items(count: int, rng: random.Random) -> dict[ItemRef, WorkItem]:
    """Epics with stories below them, from two sources, with the spread of values of a large organisation."""
    words = [f"word{number}" for number in range(3000)] + ["upgrade", "Upgrade", "payment", "invoice"]
    items: dict[ItemRef, WorkItem] = {}
    epics: dict[str, list[WorkItem]] = {"shop": [], "platform": []}
    for number in range(count):
        source = rng.choice(("shop", "platform"))
        is_epic = number % 12 == 0
        parent = None if is_epic or not epics[source] or rng.random() < 0.1 else rng.choice(epics[source][-200:])
        item = WorkItem(
            source=source,
            id=str(number),
            key=f"{source.upper()}-{number}",
            url="",
            type="Epic" if is_epic else rng.choice(("Story", "Bug", "Task")),
            level=1 if is_epic else 0,
            title=" ".join(rng.choices(words, k=8)),
            status="Open",
            state=rng.choice(list(State)),
            project=f"P{rng.randrange(40)}",
            created_at=START,
            updated_at=START,
            parent=parent.id if parent else None,
            team=f"Team {rng.randrange(60)}",
            labels=tuple(sorted(f"label-{rng.randrange(400)}" for _ in range(rng.randrange(4)))),
            components=tuple(sorted(f"Component {rng.randrange(300)}" for _ in range(rng.randrange(3)))),
            area_path=f"Platform\\Area {rng.randrange(20)}\\Node {rng.randrange(30)}" if source == "platform" else None,
        )
        items[item.ref] = item
        if is_epic:
            epics[source].append(item)
    return items


def make_rules(count: int, targets: Sequence[str]) -> tuple[MappingRules, list[tuple[Plain, str]]]:
    """The same conditions twice: as rules, and as functions that an engineer would write by hand."""
    rules: list[Rule] = []
    plain: list[tuple[Plain, str]] = []
    for number in range(count):
        when, test = condition(number)
        target = targets[number % len(targets)]
        rules.append(Rule(f"r{number}", when, Setting(((target, 1.0),)), Place("mapping.yaml", number + 1, 1)))
        plain.append((test, target))
    return MappingRules(rules=tuple(rules), inherit=frozenset({"contributes_to"})), plain


def condition(number: int) -> tuple[dict[str, object], Plain]:  # noqa: PLR0911 - a table of ten forms
    """The condition of one rule in both forms; ten forms take turns."""
    project, team, label = f"p{number % 40}", f"team {number % 60}", f"label-{number}"
    component, area, node = f"component {number % 300}", f"platform\\area {number % 20}", f"node {number % 30}"
    match number % 10:
        case 0:
            return {
                "source": ["shop"],
                "component": [component],
            }, lambda item, _: item.source == "shop" and any(each.lower() == component for each in item.components)
        case 1:
            return {"label": [label]}, lambda item, _: any(each.lower() == label for each in item.labels)
        case 2:
            return (
                {"source": ["platform"], "area_path": [rf"{area}\{node}\**"]},
                lambda item, _: (
                    item.source == "platform"
                    and item.area_path is not None
                    and (
                        item.area_path.lower() == rf"{area}\{node}"
                        or item.area_path.lower().startswith(rf"{area}\{node}" + "\\")
                    )
                ),
            )
        case 3:
            return (
                {"project": [project], "type": ["Bug"], "team": [team]},
                lambda item, _: (
                    item.project.lower() == project and item.type == "Bug" and (item.team or "").lower() == team
                ),
            )
        case 4:
            wildcard = re.compile(fnmatch.translate(f"*word{number}5*word1*"))
            return {"summary": [f"*word{number}5*word1*"]}, lambda item, _: bool(wildcard.match(item.title.lower()))
        case 5:
            searched = re.compile(rf"(?i)\bword{number}\b")
            return {
                "project": [project],
                "summary": [rf"/(?i)\bword{number}\b/"],
            }, lambda item, _: item.project.lower() == project and bool(searched.search(item.title))
        case 6:
            wildcard = re.compile(fnmatch.translate(f"label-{number}*"))
            return (
                {"label": [f"label-{number}*"], "not": {"team": [team]}},
                lambda item, _: (
                    any(wildcard.match(each.lower()) for each in item.labels) and (item.team or "").lower() != team
                ),
            )
        case 7:
            return (
                {"parent": {"project": [project], "label": [label]}},
                lambda _, parent: (
                    parent is not None
                    and parent.project.lower() == project
                    and any(each.lower() == label for each in parent.labels)
                ),
            )
        case 8:
            return {"any": [{"type": ["Bug"], "label": [label]}, {"component": [component], "team": [team]}]}, (
                lambda item, _: (
                    (item.type == "Bug" and any(each.lower() == label for each in item.labels))
                    or (
                        any(each.lower() == component for each in item.components) and (item.team or "").lower() == team
                    )
                )
            )
        case _:
            return {
                "level": ["epic"],
                "team": [team],
                "project": [project],
            }, lambda item, _: item.level == 1 and (item.team or "").lower() == team and item.project.lower() == project


def by_hand(items: dict[ItemRef, WorkItem], plain: list[tuple[Plain, str]]) -> dict[ItemRef, str | None]:
    """The plain loop: the first condition that holds, else what the parent has."""
    own: dict[ItemRef, str | None] = {}
    parents = {ref: items.get(ItemRef(ref.source, item.parent)) if item.parent else None for ref, item in items.items()}
    for ref, item in items.items():
        parent = parents[ref]
        own[ref] = next((target for test, target in plain if test(item, parent)), None)
    tagged: dict[ItemRef, str | None] = {}
    for ref, parent in parents.items():
        tagged[ref] = own[ref] if own[ref] is not None or parent is None else own[parent.ref]
    return tagged


def main() -> None:
    rng = random.Random(0)
    items = make_items(ITEMS, rng)
    targets = [f"O{number}" for number in range(8)]
    cycle = Cycle("2026", date(2026, 1, 1), date(2026, 12, 31))
    strategy = Strategy(cycles=(cycle,), objectives=tuple(Objective(target, target, cycle.id) for target in targets))
    rules, plain = make_rules(RULES, targets)

    start = time.process_time()
    assigned = assign(items, rules, strategy)
    fast = time.process_time() - start
    start = time.process_time()
    expected = by_hand(items, plain)
    slow = time.process_time() - start

    different = sum(1 for ref, target in expected.items() if next(iter(assigned[ref].shares), None) != target)
    mapped = sum(1 for tags in assigned.values() if tags.shares)
    print(f"{len(items):,} items, {len(rules.rules)} rules, {mapped:,} mapped, {different} differ from the plain loop")
    print(f"mapping {fast:6.2f} s   plain loop {slow:6.2f} s   ratio {fast / slow:.2f} (at most {LIMIT_RATIO})")
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")
    if different or fast > LIMIT_SECONDS or fast > LIMIT_RATIO * slow:
        raise SystemExit(f"Expected no difference, at most {LIMIT_SECONDS} s and at most {LIMIT_RATIO} times the loop.")


if __name__ == "__main__":
    main()
