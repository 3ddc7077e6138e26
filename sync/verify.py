"""Whether a JSON report can be made again byte for byte, and if not, which of its inputs is not as it was."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from config.revisions import digest_of, without_readings
from config.workspace import Workspace
from domain.calendar import parse_instant
from reports.compute import METHOD, SCHEMA, compute
from reports.document import Document, EarlierReport, InputsData
from reports.formats.as_json import render
from reports.seal import seal_of
from store.kept import RevisionKind, StoredRevision
from store.open import Store
from store.queries import Reader
from sync.again import KINDS, again, earlier_again, suspects
from sync.reporting import facts_of

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
    earlier = earlier_again(inputs["earlier"], reader)
    if inputs["earlier"] is not None and earlier is None:
        doubted.add("earlier")
        yield Changed("earlier", f"the report of {_named(inputs['earlier'])} that it rests on is not in the store.")
    try:
        then = again(said, workspace, known, earlier)
        facts = facts_of(then.workspace, reader, then.subject, then.basis)
    except ValueError:
        return  # a text that was changed cannot be read any more, and has been named
    now = facts.manifest.inputs
    assert now is not None
    others = list(_other_inputs(inputs, now, doubted, reader, as_of))
    yield from others
    if not others and not doubted:
        now_said = compute(facts)
        if render(now_said) != render(said):
            now_said["manifest"]["document"] = manifest["document"]
            place = _difference(said, now_said)
            yield Changed("method", f"no input was changed, but other figures come of them: {place}")


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


def _named(earlier: EarlierReport | None) -> str:
    return f"{earlier['window']} as of {earlier['as_of']}" if earlier else "no week"


def _other_inputs(
    inputs: InputsData, now: InputsData, doubted: set[str], reader: Reader, as_of: datetime
) -> Iterator[Changed]:
    """The inputs besides revisions; one that cannot be told without a doubted one is passed over."""
    for source in sorted({*inputs["items"], *now["items"]}):
        before, after = inputs["items"].get(source), now["items"].get(source)
        if before != after:
            keys = [key for _, key in suspects(reader, source, before, after, as_of)]
            yield Changed("items", f"items of {source} are not as they were: {_listed(keys)}.", keys)
    if "strategy" not in doubted and now["readings"] != inputs["readings"]:
        yield Changed("readings", "the readings of key results are not as they were.")
    if now["commands"] != inputs["commands"]:
        yield Changed("commands", "what people wrote to Filrouge in tickets is not as it was.")
    if now["comments"] != inputs["comments"]:
        yield Changed("comments", "what came of the comments in tickets is not as it was.")
    if "mapping" not in doubted and now["words"] != inputs["words"]:
        yield Changed("words", "the labels, components and other words that items ever had are not as they were.")
    if "config" not in doubted and now["sources"] != inputs["sources"]:
        yield Changed("sources", "what is known of the runs that read the sources is not as it was.")


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
