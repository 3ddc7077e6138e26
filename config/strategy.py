"""`strategy.yaml` as typed values, and as the strategy that figures are computed from."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema

from config.model import Model
from config.scalars import Day, Number, Text, Version, Whole, wrong
from config.tree import stands
from domain import strategy as domain
from domain.strategy import KpiKind

BEGINNING = date.min  # a weight without a date holds from here


class CycleEntry(Model):
    id: Text = Field(description="The cycle's name, such as 2026-Q4; objectives refer to it.")
    start: Day = Field(alias="from", description="Its first day.")
    end: Day = Field(alias="to", description="Its last day, included.")


class DatedWeight(Model):
    start: Day = Field(alias="from", description="The day from which this weight holds.")
    weight: Number = Field(ge=0, description="The weight from then on; only proportions count.")


class DatedReading(Model):
    on: Day = Field(description="The day.")
    value: Number = Field(description="The value on that day.")


def _as_weights(value: Any) -> Any:
    """A number holds from the beginning; a list has dates."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return [{"from": BEGINNING, "weight": value}]
    if isinstance(value, list | tuple) and value:
        return value
    raise wrong(f"{stands(value)}; expected a number or a list such as [{{from: 2026-10-01, weight: 40}}]")


_WEIGHT_SCHEMA: dict[str, Any] = {
    "anyOf": [
        {"type": "number", "minimum": 0},
        {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["from", "weight"],
                "properties": {
                    "from": {
                        "type": "string",
                        "format": "date",
                        "description": "The day from which this weight holds.",
                    },
                    "weight": {"type": "number", "minimum": 0, "description": "The weight from then on."},
                },
            },
        },
    ]
}
Weights = Annotated[tuple[DatedWeight, ...], BeforeValidator(_as_weights), WithJsonSchema(_WEIGHT_SCHEMA)]
Pair = Annotated[tuple[Number, ...], Field(min_length=2, max_length=2)]


class KpiEntry(Model):
    unit: Text = Field(default="", description="The unit of its values, such as % or days.")
    kind: KpiKind = Field(description="increase, decrease, or maintain (which takes a band).")
    baseline: Number | None = Field(default=None, description="The value at the start.")
    target: Number | None = Field(default=None, description="The value to reach.")
    band: Pair | None = Field(default=None, description="[lowest, highest] value that is still right, for maintain.")
    trajectory: tuple[DatedReading, ...] = Field(
        default=(), description="The expected course as [{on, value}], linear between points."
    )


class KeyResultEntry(Model):
    id: Text = Field(description="The key result's short name, such as KR1.1.")
    title: Text = Field(description="What is to become true.")
    kpi: KpiEntry | None = Field(default=None, description="The figure that shows it.")
    readings: tuple[DatedReading, ...] = Field(default=(), description="Values read so far, as [{on, value}].")
    readings_from: Text | None = Field(
        default=None,
        description="CSV with the columns on and value: a file, from the workspace's folder, or an https address.",
    )


class ObjectiveEntry(Model):
    id: Text = Field(description="The objective's short name, such as O1; tags refer to it.")
    title: Text = Field(description="The objective in one line.")
    cycle: Text = Field(description="The id of its cycle.")
    owner: Text | None = Field(default=None, description="A role, not a person.")
    weight: Weights | None = Field(
        default=None, description="How much of the effort it should get: a number or a dated list."
    )
    range: Pair | None = Field(
        default=None, description="[lowest, highest] weight; without a weight its middle counts."
    )
    rank: Whole | None = Field(
        default=None, ge=1, description="1 is the most important; all objectives of a cycle or none."
    )
    key_results: tuple[KeyResultEntry, ...] = Field(default=(), description="What shows that the objective is reached.")


class BudgetEntry(Model):
    id: Text = Field(description="The budget's short name, such as run; tags refer to it.")
    title: Text = Field(description="What the effort is for.")
    weight: Weights | None = Field(
        default=None, description="How much of the effort it may get: a number or a dated list."
    )
    range: Pair | None = Field(
        default=None, description="[lowest, highest] weight; without a weight its middle counts."
    )


class ValueStreamEntry(Model):
    id: Text = Field(description="The value stream's short name; tags refer to it.")
    title: Text = Field(description="The value stream in one line.")
    products: tuple[Text, ...] = Field(default=(), description="Ids of its products.")
    capacity: Number | None = Field(default=None, gt=0, description="People.")


class ProductEntry(Model):
    id: Text = Field(description="The product's short name; tags refer to it.")
    title: Text = Field(description="The product's name.")
    serves: tuple[Text, ...] = Field(default=(), description="Ids of the objectives that it serves.")


class TeamEntry(Model):
    id: Text = Field(description="The team's name as the tracker writes it.")
    capacity: Number | None = Field(default=None, gt=0, description="People.")


class StrategyFile(Model):
    version: Version = Field(description="The version of this file's form: 1.")
    cycles: tuple[CycleEntry, ...] = Field(default=(), description="Planning periods.")
    objectives: tuple[ObjectiveEntry, ...] = Field(default=(), description="What the organisation wants.")
    budgets: tuple[BudgetEntry, ...] = Field(
        default=(), description="Effort that is meant to serve no objective: run, debt, compliance."
    )
    value_streams: tuple[ValueStreamEntry, ...] = Field(default=(), description="Ways from a need to its fulfilment.")
    products: tuple[ProductEntry, ...] = Field(default=(), description="What is built.")
    teams: tuple[TeamEntry, ...] = Field(default=(), description="Who builds it, with capacities where known.")


def to_strategy(file: StrategyFile) -> domain.Strategy:
    """The strategy that a checked file states; files in `readings_from` have been read into `readings` before."""
    return domain.Strategy(
        cycles=tuple(domain.Cycle(cycle.id, cycle.start, cycle.end) for cycle in file.cycles),
        objectives=tuple(_objective(entry) for entry in file.objectives),
        budgets=tuple(domain.Budget(entry.id, entry.title, _priority(entry, None)) for entry in file.budgets),
        value_streams=tuple(
            domain.ValueStream(entry.id, entry.title, entry.products, entry.capacity) for entry in file.value_streams
        ),
        products=tuple(domain.Product(entry.id, entry.title, entry.serves) for entry in file.products),
        teams=tuple(domain.Team(entry.id, entry.capacity) for entry in file.teams),
    )


def _objective(entry: ObjectiveEntry) -> domain.Objective:
    return domain.Objective(
        id=entry.id,
        title=entry.title,
        cycle=entry.cycle,
        owner=entry.owner,
        priority=_priority(entry, entry.rank),
        key_results=tuple(
            domain.KeyResult(
                id=result.id,
                title=result.title,
                objective=entry.id,
                kpi=_kpi(result.kpi) if result.kpi else None,
                readings=_dated(result.readings),
                readings_from=result.readings_from,
            )
            for result in entry.key_results
        ),
    )


def _priority(entry: ObjectiveEntry | BudgetEntry, rank: int | None) -> domain.Priority:
    weights = sorted(entry.weight or (), key=lambda weight: weight.start)
    return domain.Priority(
        weights=tuple(domain.DatedValue(weight.start, weight.weight) for weight in weights),
        range=(entry.range[0], entry.range[1]) if entry.range else None,
        rank=rank,
    )


def _kpi(entry: KpiEntry) -> domain.Kpi:
    return domain.Kpi(
        unit=entry.unit,
        kind=entry.kind,
        baseline=entry.baseline,
        target=entry.target,
        band=(entry.band[0], entry.band[1]) if entry.band else None,
        trajectory=_dated(tuple(sorted(entry.trajectory, key=lambda point: point.on))),
    )


def _dated(entries: tuple[DatedReading, ...]) -> tuple[domain.DatedValue, ...]:
    return tuple(domain.DatedValue(entry.on, entry.value) for entry in entries)
