"""Readings of key results from CSV files, beside those in `strategy.yaml`."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from pydantic_core import PydanticCustomError

from config.locate import place_of
from config.problems import Problem, short
from config.rules import Place
from config.scalars import as_day, as_number
from config.strategy import DatedReading, KeyResultEntry, ObjectiveEntry, StrategyFile
from config.tree import Keys, scalar


def with_readings(file: StrategyFile, tree: Keys, folder: Path) -> tuple[StrategyFile, list[Problem]]:
    """The strategy with the readings of every `readings_from` after its own, and what is wrong with those files."""
    problems: list[Problem] = []
    objectives: list[ObjectiveEntry] = []
    for index, objective in enumerate(file.objectives):
        results: list[KeyResultEntry] = []
        for number, result in enumerate(objective.key_results):
            if result.readings_from is None:
                results.append(result)
                continue
            place = place_of(tree, ("objectives", index, "key_results", number, "readings_from"))
            read, faults = _read(result.readings_from, place, folder)
            problems += faults
            results.append(result.model_copy(update={"readings": (*result.readings, *read)}))
        changed = {"key_results": tuple(results)} if results else {}
        objectives.append(objective.model_copy(update=changed))
    return file.model_copy(update={"objectives": tuple(objectives)} if objectives else {}), problems


def _read(name: str, place: Place, folder: Path) -> tuple[list[DatedReading], list[Problem]]:
    if "://" in name:
        return [], [Problem(place, "an address stands here; this version reads only files: expected a CSV file's path")]
    try:
        text = (folder / name).read_text(encoding="utf-8-sig")
    except (OSError, ValueError):
        sentence = (
            f"the file `{short(name)}` cannot be read; expected a CSV file in UTF-8, its path taken from the workspace"
        )
        return [], [Problem(place, sentence)]
    # A semicolon separates where the comma is the decimal sign.
    separator = ";" if ";" in text.partition("\n")[0] else ","
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    header: list[str] | None = None
    readings: list[DatedReading] = []
    problems: list[Problem] = []
    try:
        for row in rows:
            cells = [cell.strip() for cell in row]
            here = Place(name, rows.line_num, 1)
            if not any(cells):
                continue
            if header is None:
                header = [cell.casefold() for cell in cells]
                if "on" not in header or "value" not in header:
                    return [], [
                        Problem(here, "the first line is no heading of readings; expected the columns `on` and `value`")
                    ]
                continue
            if len(cells) != len(header):
                problems.append(
                    Problem(here, f"{len(cells)} cells stand here; expected {len(header)}, as in the heading")
                )
                continue
            day, value = cells[header.index("on")], cells[header.index("value")]
            number = scalar(value.replace(",", ".") if separator == ";" else value)
            try:
                readings.append(DatedReading(on=as_day(day), value=as_number(number)))
            except PydanticCustomError as error:
                problems.append(Problem(here, error.message()))
    except csv.Error as error:
        problems.append(
            Problem(Place(name, rows.line_num or 1, 1), f"this line is no CSV ({error}); expected `on{separator}value`")
        )
    if header is None:
        problems.append(Problem(Place(name, 1, 1), "the file is empty; expected the columns `on` and `value`"))
    return readings, problems
