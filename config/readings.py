"""Readings of key results from CSV, beside those in `strategy.yaml`: files at once, addresses when they are asked."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from pydantic_core import PydanticCustomError

from config.locate import place_of
from config.problems import Problem, short
from config.rules import Place
from config.scalars import as_day, as_number
from config.strategy import DatedReading, KeyResultEntry, ObjectiveEntry, StrategyFile
from config.tree import Keys, scalar


def with_readings(file: StrategyFile, tree: Keys, folder: Path) -> tuple[StrategyFile, list[Problem]]:
    """The strategy with the readings of every file in `readings_from` after its own, and what is wrong there.

    Files are read and their names left out; an address stays, since what it answers is known when it has been asked.
    """
    problems: list[Problem] = []
    objectives: list[ObjectiveEntry] = []
    for index, objective in enumerate(file.objectives):
        results: list[KeyResultEntry] = []
        for number, result in enumerate(objective.key_results):
            if result.readings_from is None:
                results.append(result)
                continue
            place = place_of(tree, ("objectives", index, "key_results", number, "readings_from"))
            if "://" in result.readings_from:
                problems += _address(result.readings_from, place)
                results.append(result)
                continue
            read, faults = _read(result.readings_from, place, folder)
            problems += faults
            results.append(_with(result, read))
        changed = {"key_results": tuple(results)} if results else {}
        objectives.append(objective.model_copy(update=changed))
    return file.model_copy(update={"objectives": tuple(objectives)} if objectives else {}), problems


def _with(result: KeyResultEntry, read: list[DatedReading]) -> KeyResultEntry:
    """The key result with readings in the place of the file that they came from."""
    said = result.model_dump(by_alias=True, exclude_unset=True, exclude={"readings_from"})
    return KeyResultEntry.model_validate({**said, "readings": (*result.readings, *read)})


def _address(url: str, place: Place) -> Iterator[Problem]:
    expected = "expected one such as https://kpi.example/checkout.csv"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        yield Problem(place, f"this is no address; {expected}")
        return
    if parts.scheme != "https" or not parts.hostname or port == 0:
        yield Problem(place, f"this address is not one of https; {expected}")
    elif parts.username is not None or parts.password is not None:
        yield Problem(place, f"a user or a password stands in this address, and this file is for everybody; {expected}")


def _read(name: str, place: Place, folder: Path) -> tuple[list[DatedReading], list[Problem]]:
    try:
        text = (folder / name).read_text(encoding="utf-8-sig")
    except (OSError, ValueError):
        sentence = (
            f"the file `{short(name)}` cannot be read; expected a CSV file in UTF-8, its path taken from the workspace"
        )
        return [], [Problem(place, sentence)]
    return parsed(text, name)


def parsed(text: str, name: str) -> tuple[list[DatedReading], list[Problem]]:
    """The readings in a CSV text with the columns `on` and `value`, and what is wrong with it.

    `name` is what problems call the text; a semicolon separates where the comma is the decimal sign.
    """
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
