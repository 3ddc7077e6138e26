"""A worked case, written compactly in YAML, as the facts of a report and as what its document should hold."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from config.rules import Acknowledgement, Place
from config.settings import Drift
from domain.calendar import parse_week
from domain.findings import Sighting, fingerprint
from domain.history import as_of as stood_at
from domain.rot import BrokenReference, DeadRule, Rot, ShadowedRule
from domain.strategy import (
    Budget,
    Cycle,
    DatedValue,
    KeyResult,
    Kpi,
    KpiKind,
    Objective,
    Priority,
    Strategy,
    Team,
    ValueStream,
)
from domain.tags import Assignment
from domain.work import ItemRef, State, Transition, WorkItem
from reports.facts import Facts, Manifest, OutOfSight, Retagging, SourceHealth

Yaml = Mapping[str, Any]
NAMED = {"allocation": "target", "trend": "window", "key_results": "id", "value_streams": "id"}
DEFAULT_CYCLES = {"2026-Q4": [date(2026, 10, 1), date(2026, 12, 31)]}


def facts_from(case: Yaml) -> Facts:
    """The facts of a case.

    Instants without an offset are local to `zone`. `done`, `doing`, `dropped` and `todo` of an item are instants of
    its history; `to` is the target it serves, or shares by target.
    """
    zone = ZoneInfo(case.get("zone", "Europe/Paris"))
    window = parse_week(case.get("week", "2026-W47"), zone)
    seen = _instant(case["as_of"], zone) if "as_of" in case else window.period.end + timedelta(hours=24)
    items: dict[ItemRef, WorkItem] = {}
    history: dict[ItemRef, tuple[Transition, ...]] = {}
    assignments: dict[ItemRef, Assignment] = {}
    for spec in _copies(case.get("items", [])):
        item, entries = _item(spec, zone)
        then = stood_at(item, entries, seen)
        if then is None:
            continue
        items[item.ref] = then
        history[item.ref] = tuple(entry for entry in entries if entry.at <= seen)
        assignments[item.ref] = _assignment(spec)
    return Facts(
        organisation="Acme",
        language=case.get("language", "en"),
        window=window,
        as_of=seen,
        items=items,
        history=history,
        assignments=assignments,
        strategy=_strategy(case.get("strategy", {})),
        options=Drift.model_validate(case.get("options", {})),
        manifest=Manifest("sha256:s", "sha256:m", "sha256:c", later=case.get("later", [])),
        sources=[
            SourceHealth(
                source["id"],
                synced_at=_instant(source["synced"], zone) if source.get("synced") else None,
                data_as_of=_instant(source["synced"], zone) if source.get("synced") else None,
                period=source.get("period"),
                problems=source.get("problems", []),
                unread=source.get("unread", 0),
                vanished=[OutOfSight(**one) for one in source.get("vanished", [])],
            )
            for source in case.get("sources", [])
        ],
        earlier=None
        if case.get("earlier") is None
        else [
            Sighting(
                fingerprint(known["code"], known["subject"]),
                known["code"],
                known.get("name", "name"),
                known.get("severity", "warning"),
                known["subject"],
                known.get("message", "as it was"),
                known["since"],
            )
            for known in case["earlier"]
        ],
        acknowledgements=[
            Acknowledgement(
                ack["finding"], ack["subject"], ack.get("why", "agreed"), "A. Martin", ack["until"], Place("m", 1, 1)
            )
            for ack in case.get("acknowledge", [])
        ],
        retaggings=None
        if case.get("retagged") is None
        else [
            Retagging(
                ItemRef("shop", f"id-{one['key']}"), _instant(one["at"], zone), _shares(one["from"]), _shares(one["to"])
            )
            for one in case["retagged"]
        ],
        rot=_rot(case["rot"]) if "rot" in case else None,
    )


def _rot(case: Yaml) -> Rot:
    """`dead` and `shadowed` are None where the case does not name them."""

    def refs(one: Yaml, name: str) -> tuple[ItemRef, ...]:
        return tuple(ItemRef("shop", f"id-{key}") for key in one.get(name, []))

    return Rot(
        None if "dead" not in case else tuple(DeadRule(one["rule"], refs(one, "before")) for one in case["dead"]),
        None
        if "shadowed" not in case
        else tuple(
            ShadowedRule(one["rule"], tuple(one["by"]), one["certain"], refs(one, "items")) for one in case["shadowed"]
        ),
        tuple(
            BrokenReference(
                one["rule"],
                (),
                one["kind"],
                one["word"],
                tuple(one["sources"]),
                one.get("seen", False),
                one.get("instead"),
                refs(one, "items"),
            )
            for one in case.get("broken", [])
        ),
    )


def differences(document: Mapping[str, Any], expected: Yaml) -> list[str]:
    """Where a document is not what a case expects; only what the case names is compared.

    Lists of rows are named by target, window or id, and a list stands for these names in their order; a figure may be
    written as a fraction, `"1/3"`.
    """
    found: list[str] = []
    for name, value in expected.items():
        if name == "rows":
            actual: Any = [row["target"] for row in document["allocation"]]
        elif name == "finds":
            actual = [f"{finding['code']} {finding['subject']}" for finding in document["findings"]]
        elif name == "teams":
            actual = list(document["by_team"])
        elif name in ("quality", "not_quality"):
            codes = [note["code"] for note in document["data_quality"]]
            found += [f"quality: {code} not in {codes}" for code in value if name == "quality" and code not in codes]
            found += [f"quality: {code} in {codes}" for code in value if name == "not_quality" and code in codes]
            continue
        elif name in NAMED and isinstance(value, list):
            actual = [row[NAMED[name]] for row in document[name]]
        else:
            actual = _by_name(name, document[name])
        _compare(name, actual, value, found)
    return found


def _by_name(name: str, value: Any) -> Any:
    if name in NAMED:
        return {row[NAMED[name]]: row for row in value}
    if name == "weekly":
        weeks: dict[str, dict[str, float]] = {}
        for row in value:
            weeks.setdefault(row["window"], {})[row["target"]] = row["effort"]
        return weeks
    return value


def _compare(path: str, actual: Any, expected: Any, found: list[str]) -> None:
    if isinstance(expected, Mapping):
        for key, value in expected.items():
            if not isinstance(actual, Mapping) or key not in actual:
                found.append(f"{path}.{key}: missing in {actual!r}")
            else:
                _compare(f"{path}.{key}", actual[key], value, found)
        return
    if isinstance(expected, list):
        if not isinstance(actual, list) or len(actual) != len(expected):
            found.append(f"{path}: {actual!r}, expected {expected!r}")
            return
        for place, value in enumerate(expected):
            _compare(f"{path}[{place}]", actual[place], value, found)
        return
    wanted = _number(expected)
    if wanted is not None:
        if actual is None or isinstance(actual, str) or abs(actual - wanted) > 6e-7:
            found.append(f"{path}: {actual!r}, expected {expected!r}")
    elif actual != expected:
        found.append(f"{path}: {actual!r}, expected {expected!r}")


def _number(value: Any) -> float | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return float(value)
    if isinstance(value, str):
        try:
            return float(Fraction(value))
        except ValueError:
            return None
    return None


def _instant(value: Any, zone: ZoneInfo) -> datetime:
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    if not isinstance(moment, datetime):
        moment = datetime.combine(moment, datetime.min.time())
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    return moment.astimezone(UTC)


def _copies(specs: list[Yaml]) -> list[dict[str, Any]]:
    """Each item of `{key: A, copies: 3}` as A-1, A-2, A-3; a parent named `{n}` is copied along."""
    found = []
    for spec in specs:
        if "copies" not in spec:
            found.append(dict(spec))
            continue
        for n in range(1, spec["copies"] + 1):
            one = {name: value for name, value in spec.items() if name != "copies"}
            one["key"] = f"{spec['key']}-{n}"
            if "parent" in one:
                one["parent"] = str(one["parent"]).replace("{n}", str(n))
            found.append(one)
    return found


def _item(spec: Yaml, zone: ZoneInfo) -> tuple[WorkItem, list[Transition]]:
    created = _instant(spec.get("created", "2025-06-01T09:00"), zone)
    moves = sorted((_instant(spec[state], zone), State(state)) for state in State if spec.get(state) is not None)
    state = State(spec.get("state", "todo"))
    entries: list[Transition] = []
    for at, after in moves:
        entries.append(Transition(at, "state", state, after))
        state = after
    for at, field, before, after in spec.get("history", []):
        entries.append(Transition(_instant(at, zone), field, before, after))
    entries.sort(key=lambda entry: entry.at)
    for entry in entries:
        if entry.field == "state":
            state = State(str(entry.after))
    source = spec.get("source", "shop")
    done_at = spec.get("done_at")
    item = WorkItem(
        source=source,
        id=f"id-{spec['key']}",
        key=str(spec["key"]),
        url=f"https://{source}.example/{spec['key']}",
        type=spec.get("type", "Story"),
        level=spec.get("level", 0),
        title=spec.get("title", f"Title of {spec['key']}"),
        status=state.value,
        state=state,
        project="P",
        created_at=created,
        updated_at=created,
        points=spec.get("points"),
        parent=f"id-{spec['parent']}" if spec.get("parent") else None,
        parent_key=spec.get("parent"),
        team=spec.get("team"),
        assignee=spec.get("assignee"),
        deleted=_instant(spec["deleted"], zone) if spec.get("deleted") else None,
        started_at=_instant(spec["started_at"], zone) if spec.get("started_at") else None,
        done_at=_instant(done_at, zone) if done_at else None,
    )
    return item, entries


def _assignment(spec: Yaml) -> Assignment:
    return Assignment(
        shares=_shares(spec.get("to")),
        value_stream=spec.get("stream"),
        work_class=spec.get("class"),
        via={"contributes_to": spec["via"]} if "via" in spec else {},
        conflict=spec.get("conflict", False),
        unknown=tuple(spec.get("unknown", ())),
    )


def _shares(to: Any) -> dict[str, float]:
    """Shares from a target, from shares by target, or from nothing."""
    shares = {} if to is None else to if isinstance(to, dict) else {to: 1.0}
    return {target: float(share) for target, share in shares.items()}


def _strategy(spec: Yaml) -> Strategy:
    cycles = spec.get("cycles", DEFAULT_CYCLES)
    first = next(iter(cycles))
    objectives = []
    for name, value in spec.get("objectives", {}).items():
        whole = value if isinstance(value, dict) else {"weight": value}
        objectives.append(
            Objective(
                name,
                whole.get("title", f"Objective {name}"),
                whole.get("cycle", first),
                priority=_priority(value),
                key_results=tuple(_key_result(kr, name, body) for kr, body in whole.get("key_results", {}).items()),
            )
        )
    return Strategy(
        cycles=tuple(Cycle(name, start, end) for name, (start, end) in cycles.items()),
        objectives=tuple(objectives),
        budgets=tuple(Budget(n, f"Budget {n}", _priority(v)) for n, v in spec.get("budgets", {}).items()),
        value_streams=tuple(
            ValueStream(name, f"Stream {name}", capacity=capacity)
            for name, capacity in spec.get("value_streams", {}).items()
        ),
        teams=tuple(Team(name, capacity) for name, capacity in spec.get("teams", {}).items()),
    )


def _priority(value: Any) -> Priority:
    whole = value if isinstance(value, dict) else {"weight": value}
    if "range" in whole:
        low, high = whole["range"]
        return Priority(range=(low, high))
    if "rank" in whole:
        return Priority(rank=whole["rank"])
    weight = whole.get("weight")
    if weight is None:
        return Priority()
    if isinstance(weight, list):
        return Priority(weights=tuple(DatedValue(on, float(held)) for on, held in weight))
    return Priority(weights=(DatedValue(date.min, float(weight)),))


def _key_result(name: str, objective: str, body: Yaml) -> KeyResult:
    kpi = body.get("kpi")
    return KeyResult(
        name,
        f"Key result {name}",
        objective,
        kpi=None
        if kpi is None
        else Kpi(
            "%",
            KpiKind(kpi.get("kind", "increase")),
            baseline=kpi.get("baseline"),
            target=kpi.get("target"),
            band=tuple(kpi["band"]) if "band" in kpi else None,
            trajectory=tuple(DatedValue(on, value) for on, value in kpi.get("trajectory", [])),
        ),
        readings=tuple(DatedValue(on, value) for on, value in body.get("readings", [])),
    )
