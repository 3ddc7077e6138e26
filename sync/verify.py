"""Whether a JSON report can be made again byte for byte, and if not, which of its inputs is not as it was."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from config.revisions import digest_of, settings_from_revision, without_readings
from config.workspace import Revision, Workspace
from domain.calendar import parse_instant, parse_week
from reports.compute import METHOD, SCHEMA, compute
from reports.document import Document, EarlierReport, InputsData
from reports.formats.as_json import render
from reports.seal import seal_of
from store.kept import RevisionKind, StoredReport, StoredRevision
from store.open import Store
from store.queries import Reader
from sync.inputs import changed_heaps, findings_digest, heap_of
from sync.reporting import SERIES, Basis, Subject, facts_of

KINDS: tuple[RevisionKind, ...] = ("strategy", "mapping", "config")
SHOWN = 10  # keys of items in one sentence


@dataclass(frozen=True, slots=True)
class Changed:
    """An input that is not as it was: its name, a sentence, and the keys of items that may be meant."""

    input: str
    sentence: str
    items: Sequence[str] = ()


def verify(written: bytes, workspace: Workspace, store: Store) -> list[Changed]:
    """Make a report again from the manifest that stands in it; what is not as it was, nothing when all bytes agree.

    The strategy, mapping and configuration are those of the manifest, as the store keeps them, whatever the workspace
    says by now. Where the file itself was changed, or another version made it, nothing else is looked at.
    """
    try:
        said = json.loads(written)
        seal = seal_of(said)
    except (ValueError, LookupError, TypeError, RecursionError):
        return [Changed("file", "it is no whole JSON report any more.")]
    if seal != said["manifest"].get("document"):
        return [Changed("file", "it was changed after it was made: it does not have the digest that stands in it.")]
    if render(said) != written:
        return [Changed("file", "it holds the data that it was made with, but other bytes.")]
    if (said["schema"], said["method"]) != (SCHEMA, METHOD):
        made, now = f"schema {said['schema']}, method {said['method']}", f"schema {SCHEMA}, method {METHOD}"
        return [Changed("method", f"it was made by another version of Filrouge ({made}; this one has {now}).")]
    with store.reading() as reader:
        return list(_held_against(said, workspace, reader))


def _held_against(said: Document, workspace: Workspace, reader: Reader) -> Iterator[Changed]:
    manifest, as_of = said["manifest"], parse_instant(said["as_of"])
    inputs = manifest["inputs"]
    assert inputs is not None, "a report that was written has read something"
    known: dict[RevisionKind, StoredRevision] = {}
    doubted: set[str] = set()
    for kind in KINDS:
        stored = reader.revision_of(kind, manifest[kind], as_of)
        doubt = _doubt(kind, stored, inputs)
        if doubt is not None:
            doubted.add(kind)
            yield Changed(kind, doubt)
        # In the place of one that is gone the one in force shows whether anything else was changed as well.
        stored = stored or reader.revision_at(kind, as_of)
        if stored is None:
            return
        known[kind] = stored
    earlier, found = _earlier(inputs["earlier"], reader)
    if not found:
        doubted.add("earlier")
        yield Changed("earlier", f"the report of {_named(inputs['earlier'])} that it rests on is not in the store.")
    reached = {source: parse_instant(at) if at else None for source, at in manifest["data_as_of"].items()}
    try:
        then = _as_configured(workspace, known["config"])
        subject = Subject(parse_week(said["window"]["label"], then.zone), as_of)
        basis = Basis(known["strategy"], known["mapping"], earlier, reached)
        facts = facts_of(then, reader, subject, basis)
    except ValueError:
        return  # a text that was changed cannot be read any more, and has been named
    now = facts.manifest.inputs
    assert now is not None
    others = list(_other_inputs(inputs, now, doubted, reader, subject))
    yield from others
    if not others and not doubted:
        again = compute(facts)
        if render(again) != render(said):
            again["manifest"]["document"] = manifest["document"]
            yield Changed("method", f"no input was changed, but other figures come of them: {_difference(said, again)}")


def _doubt(kind: RevisionKind, stored: StoredRevision | None, inputs: InputsData) -> str | None:
    """What is wrong with a revision, as a sentence; of a strategy the readings are an input of their own."""
    if stored is None:
        return "the store has no revision of it with this digest any more."
    if digest_of(stored.text) == stored.digest or (kind == "strategy" and _only_readings(stored, inputs)):
        return None
    return "its text in the store does not have its digest any more."


def _only_readings(stored: StoredRevision, inputs: InputsData) -> bool:
    """Whether the rest of a strategy's text is what it was."""
    try:
        return digest_of(without_readings(stored.text)) == inputs["strategy"]
    except (ValueError, LookupError, TypeError, AttributeError):
        return False


def _earlier(named: EarlierReport | None, reader: Reader) -> tuple[StoredReport | None, bool]:
    """The report that findings were known from, and whether it is as it was."""
    if named is None:
        return None, True
    for report in reader.reports(SERIES, named["window"], parse_instant(named["as_of"])):
        if findings_digest(reader.sightings(report.number)) == named["findings"]:
            return report, True
    return None, False


def _named(earlier: EarlierReport | None) -> str:
    return f"{earlier['window']} as of {earlier['as_of']}" if earlier else "no week"


def _as_configured(workspace: Workspace, config: StoredRevision) -> Workspace:
    """The workspace with the settings of a revision; ValueError when its text states none."""
    return replace(
        workspace,
        settings=settings_from_revision(config.text),
        config_revision=Revision(config.text, config.digest),
    )


def _other_inputs(
    inputs: InputsData, now: InputsData, doubted: set[str], reader: Reader, subject: Subject
) -> Iterator[Changed]:
    """The inputs besides revisions; one that cannot be told without a doubted one is passed over."""
    for source in sorted({*inputs["items"], *now["items"]}):
        before, after = inputs["items"].get(source), now["items"].get(source)
        if before != after:
            heaps = changed_heaps(before["heaps"] if before else "", after["heaps"] if after else "")
            keys = _suspects(reader, source, heaps, subject)
            yield Changed("items", f"items of {source} are not as they were: {_listed(keys)}.", keys)
    if "strategy" not in doubted and now["readings"] != inputs["readings"]:
        yield Changed("readings", "the readings of key results are not as they were.")
    if now["commands"] != inputs["commands"]:
        yield Changed("commands", "what people wrote to Filrouge in tickets is not as it was.")
    if now["comments"] != inputs["comments"]:
        yield Changed("comments", "what came of the comments in tickets is not as it was.")
    if "config" not in doubted and now["sources"] != inputs["sources"]:
        yield Changed("sources", "what is known of the runs that read the sources is not as it was.")


def _suspects(reader: Reader, source: str, heaps: set[int], subject: Subject) -> list[str]:
    """The keys of the items that may have changed: those kept anew since as_of, if any was."""
    found = [(key, anew) for item, key, anew in reader.written_since(source, subject.as_of) if heap_of(item) in heaps]
    return [key for key, anew in found if anew] or [key for key, _ in found]


def _listed(keys: Sequence[str]) -> str:
    if not keys:
        return "what is missing is not in the store any more"
    if len(keys) == 1:
        return keys[0]
    more = len(keys) - SHOWN
    return f"some of {', '.join(keys[:SHOWN])}" + (f" and {more} more" if more > 0 else "")


def _difference(one: Any, other: Any, path: str = "") -> str:
    """Where two values that differ do so first, with both."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        for name in {**one, **other}:
            if one.get(name) != other.get(name):
                return _difference(one.get(name), other.get(name), f"{path}.{name}" if path else name)
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for index, (left, right) in enumerate(zip(one, other, strict=True)):
            if left != right:
                return _difference(left, right, f"{path}[{index}]")
    return f"{path} was {_short(one)} and is {_short(other)}."


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else text[:59] + "…"
