"""The words that items of a source ever had, each since the first instant at which one is known to have had it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import Connection, select

from domain.vocabulary import KINDS, Vocabulary, first_sights, with_nodes
from domain.work import Record
from store.bulk import insert_rows
from store.columns import clean
from store.tables import word

SOME = 1_000  # words of one IN

Sights = dict[tuple[str, str, str], datetime]  # by source, kind and word


def sights_of(records: Iterable[Record]) -> Sights:
    """The words of records, each with the first instant at which one of them has it."""
    found: Sights = {}
    for record in records:
        source = clean(record.item.source)
        for kind, text, at in first_sights(record):
            key = (source, kind, text)
            known = found.get(key)
            if known is None or at < known:
                found[key] = at
    return found


def keep(connection: Connection, sights: Sights) -> None:
    """Keep words that are new, and earlier first sights of those that are known."""
    new = {(source, kind, clean(text)): at for (source, kind, text), at in sights.items()}
    by_source: dict[str, set[str]] = defaultdict(set)
    for source, _, text in new:
        by_source[source].add(text)
    for source, texts in by_source.items():
        ordered = sorted(texts)
        for start in range(0, len(ordered), SOME):
            query = select(word).where(
                word.c.source == source, word.c.kind.in_(KINDS), word.c.word.in_(ordered[start : start + SOME])
            )
            for *key, at in connection.execute(query):
                if (here := (key[0], key[1], key[2])) in new and new[here] >= at:
                    del new[here]
    insert_rows(connection, word, [(*key, at) for key, at in sorted(new.items())], replace=True)


def seen_by(connection: Connection, at: datetime, kinds: Collection[str]) -> Vocabulary:
    """The words of these kinds that some item had at or before an instant."""
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    query = select(word.c.source, word.c.kind, word.c.word).where(word.c.kind.in_(kinds), word.c.first_at <= at)
    for source, kind, text in connection.execute(query):
        found[source, kind].add(text)
    return {key: with_nodes(key[1], texts) for key, texts in found.items()}
