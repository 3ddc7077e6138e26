"""What a finding's file offers: the port behind which every rule stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from domain.findings import Finding, Severity
from reports.facts import Facts
from reports.language import Language
from reports.measure.figures import Figures

Options = Mapping[str, float]  # a rule's own options by name, as the admin tuned them


@dataclass(frozen=True, slots=True)
class Sight:
    """What a rule looks at: figures, the facts behind them, its own options, and the language to speak."""

    figures: Figures
    facts: Facts
    options: Options
    say: Language


class Rule(Protocol):
    """A module: its docstring is the manual page, with the headings What it finds, Why it matters, What to do and
    Ask the team (two questions); `….cases.yaml` beside it holds cases that speak, are silent and cannot tell.

    `severity` is the usual one, `options` the options that `drift.rules` may tune with their defaults.
    """

    @property
    def code(self) -> str: ...

    @property
    def name(self) -> str: ...

    @property
    def severity(self) -> Severity: ...

    @property
    def options(self) -> Options: ...

    def check(self, sight: Sight) -> Iterable[Finding] | None:
        """The findings in a report's figures; None when what the rule asks cannot be told from them."""
