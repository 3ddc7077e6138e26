"""Reports held against each other: two files, or one week as reported, as known then and as known now."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from config.rules import MappingRules
from config.workspace import Workspace
from domain.calendar import parse_instant, parse_week
from domain.clock import Clock
from domain.errors import ConfigurationError
from domain.strategy import Strategy
from domain.tags import Assignment
from domain.work import ItemRef, WorkItem
from mapping.assign import assign
from mapping.heard import Lines, tags_said
from reports.changes import Why, Without
from reports.comparison import ComparisonData, View, comparison
from reports.compute import compute
from reports.document import Document
from reports.seal import seal_of
from store.kept import RevisionKind, StoredRevision
from store.open import Store
from store.queries import Reader
from sync.again import KINDS, Then, again, earlier_again, suspects
from sync.reporting import SERIES, Subject, basis_of, facts_of, rules_of
from sync.tagging import remember_revisions

REPORTED, THEN, NOW = "as_reported", "as_known_then", "as_known_now"


@dataclass(frozen=True)
class Seen:
    """A report to compare, with what its items were tagged by."""

    view: View
    rules: MappingRules
    lines: Lines

    @property
    def items(self) -> Mapping[ItemRef, WorkItem]:
        return self.view.facts.items

    @property
    def strategy(self) -> Strategy:
        return self.view.facts.strategy


def compare_files(files: Mapping[str, bytes], workspace: Workspace, store: Store) -> ComparisonData:
    """What the second of two JSON reports says differently than the first, by their names.

    ConfigurationError for a file that is no JSON report of this version, or whose strategy, mapping or configuration
    the store does not have.
    """
    with store.reading() as reader:
        seen = [_as_written(name, _read(name, written), workspace, reader) for name, written in files.items()]
    return _compared(seen, workspace)


def lenses_of(workspace: Workspace, store: Store, clock: Clock, week: str) -> ComparisonData:
    """A week that is over as it was first reported, as it was by what is known of that instant now, and as of now.

    ConfigurationError for a week that is not over, or that was never reported.
    """
    now = clock.now()
    try:
        window = parse_week(week, workspace.zone)
    except ValueError as error:
        raise ConfigurationError(f"--lenses: {error}") from None
    remember_revisions(workspace, store, clock)
    with store.reading() as reader:
        made = [one for one in reader.reports(SERIES, window.label) if one.as_of >= window.period.end]
        if not made:
            raise ConfigurationError(
                f"The store has no report of {window.label} that was made after its end; "
                f"`filrouge report --week {window.label}` makes one."
            )
        first: Document = json.loads(reader.document(made[0].number))
        reported = _as_written(REPORTED, first, workspace, reader)
        then = replace(reported, view=View(THEN, compute(reported.view.facts), reported.view.facts))
        subject = Subject(window, now)
        latest = _seen(NOW, None, Then(workspace, subject, basis_of(reader, subject)), reader)
    return _compared([reported, then, latest], workspace)


def _read(name: str, written: bytes) -> Document:
    try:
        said: Document = json.loads(written)
        if seal_of(said) == said["manifest"]["document"]:
            return said
    except (ValueError, LookupError, TypeError, RecursionError):
        pass
    raise ConfigurationError(
        f"{name} is no JSON report as this version of Filrouge writes it, or was changed since; expected a file that "
        "`filrouge report --format json` wrote."
    )


def _as_written(name: str, said: Document, workspace: Workspace, reader: Reader) -> Seen:
    """A report that was made, with the facts that its manifest gives today, and what came later."""
    known = {kind: _revision(name, kind, said, reader) for kind in KINDS}
    inputs = said["manifest"]["inputs"]
    earlier = earlier_again(inputs["earlier"], reader) if inputs else None
    seen = _seen(name, said, again(said, workspace, known, earlier), reader)
    now = seen.view.facts.manifest.inputs
    if inputs is None or now is None:
        return seen
    late = [
        one
        for source in sorted({*inputs["items"], *now["items"]})
        for one in suspects(
            reader, source, inputs["items"].get(source), now["items"].get(source), parse_instant(said["as_of"])
        )
    ]
    return replace(seen, view=replace(seen.view, late=late))


def _revision(name: str, kind: RevisionKind, said: Document, reader: Reader) -> StoredRevision:
    digest = said["manifest"][kind]
    stored = reader.revision_of(kind, digest, parse_instant(said["as_of"]))
    if stored is None:
        raise ConfigurationError(f"{name}: the store does not have the {kind} that this report rests on ({digest}).")
    return stored


def _seen(name: str, said: Document | None, then: Then, reader: Reader) -> Seen:
    facts = facts_of(then.workspace, reader, then.subject, then.basis)
    rules = rules_of(then.workspace, then.basis, then.subject.as_of)
    return Seen(View(name, said or compute(facts), facts), rules, reader.lines(then.subject.as_of))


def _compared(seen: Sequence[Seen], workspace: Workspace) -> ComparisonData:
    causes = [_without(before, after) for before, after in pairwise(seen)]
    return comparison([one.view for one in seen], causes, workspace.settings.language)


def _without(before: Seen, after: Seen) -> Without:
    """For each cause that differs, how the later items would be tagged with that of the earlier report."""

    def tagged(
        items: Seen = after, rules: Seen = after, strategy: Seen = after, lines: Seen = after
    ) -> Callable[[], Mapping[ItemRef, Assignment]]:
        said = tags_said(lines.lines, strategy.strategy)
        return lambda: assign(items.items, rules.rules, strategy.strategy, said)

    causes: dict[Why, Callable[[], Mapping[ItemRef, Assignment]]] = {}
    if before.items != after.items:
        causes["edited"] = tagged(items=before)
    if before.lines != after.lines:
        causes["command"] = tagged(lines=before)
    if before.rules != after.rules:
        causes["mapping"] = tagged(rules=before)
    if before.strategy != after.strategy:
        causes["strategy"] = tagged(strategy=before)
    return causes
