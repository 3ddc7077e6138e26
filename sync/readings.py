"""Readings of key results from https addresses: asked on a schedule, kept, and put beside those of the strategy."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from config.readings import parsed
from config.workspace import Workspace
from connectors.fetch import shown
from domain.clock import Clock
from domain.errors import FilrougeError, ProtocolError
from domain.strategy import DatedValue, Strategy
from store.open import Store
from store.queries import Reader

Fetch = Callable[[str], bytes]
READINGS = ("readings", "addresses")  # kind and subject of a run that asks addresses


@dataclass(frozen=True, slots=True)
class Asked:
    """What came of asking one address: how many readings stand there, how many were new to us, or the problem."""

    address: str
    key_results: tuple[str, ...]
    readings: int = 0
    new: int = 0
    error: FilrougeError | None = None

    def sentence(self) -> str:
        what = ", ".join(self.key_results)
        if self.error is not None:
            return f"{what}: {self.error}"
        return f"{what}: {self.readings:,} readings at {self.address}."

    def as_json(self) -> dict[str, object]:
        problem = str(self.error) if self.error else None
        return {
            "address": self.address,
            "key_results": list(self.key_results),
            "readings": self.readings,
            "new": self.new,
            "problem": problem,
        }


def addresses(strategy: Strategy) -> Mapping[str, tuple[str, ...]]:
    """Every address that readings come from, with the key results they are readings of."""
    found: dict[str, tuple[str, ...]] = {}
    for objective in strategy.objectives:
        for result in objective.key_results:
            if result.readings_from is not None:
                found[result.readings_from] = (*found.get(result.readings_from, ()), result.id)
    return found


def ask(strategy: Strategy, fetch: Fetch) -> Iterator[tuple[str, Asked, Sequence[DatedValue]]]:
    """Every address with what came of asking it; one that fails does not stop the others.

    An answer with one faulty line is refused whole.
    """
    for url, key_results in addresses(strategy).items():
        try:
            said = _read(url, fetch)
        except FilrougeError as error:
            yield url, Asked(shown(url), key_results, error=error), ()
        else:
            yield url, Asked(shown(url), key_results, len(said)), said


def read_addresses(workspace: Workspace, store: Store, clock: Clock, fetch: Fetch) -> list[Asked]:
    """Ask every address of the strategy and keep what is new; recorded as a run where there is an address."""
    started, done = clock.now(), []
    for url, asked, said in ask(workspace.strategy, fetch):
        with store.writing() as unit:
            new = sum(unit.keep_readings(result, url, said, clock.now()) for result in asked.key_results)
        done.append(replace(asked, new=new))
    if done:
        failed = " ".join(one.sentence() for one in done if one.error is not None)
        summary = {"addresses": len(done), "new": sum(one.new for one in done), "problem": failed or None}
        with store.writing() as unit:
            run = unit.start_run(*READINGS, started)
            unit.finish_run(run, clock.now(), "failed" if failed else "ok", summary)
    return done


def _read(url: str, fetch: Fetch) -> Sequence[DatedValue]:
    name = shown(url)
    try:
        text = fetch(url).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ProtocolError(
            f"{name}: this is no text in UTF-8; expected CSV with the columns `on` and `value`."
        ) from None
    said, problems = parsed(text, name)
    if problems:
        more = f" ({len(problems) - 1} more lines are faulty.)" if len(problems) > 1 else ""
        raise ProtocolError(f"{problems[0]}.{more}")
    return [DatedValue(one.on, one.value) for one in said]


def known_strategy(strategy: Strategy, reader: Reader, at: datetime) -> Strategy:
    """The strategy with what its addresses were known to say at an instant, after the readings of its own."""
    if not addresses(strategy):
        return strategy
    known = reader.readings(at)
    return replace(
        strategy,
        objectives=tuple(
            replace(
                objective,
                key_results=tuple(
                    replace(
                        result, readings=(*result.readings, *known.get((result.id, result.readings_from or ""), ()))
                    )
                    for result in objective.key_results
                ),
            )
            for objective in strategy.objectives
        ),
    )
