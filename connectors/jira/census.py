"""What is in scope now, by ids alone, and what became of issues that are not among them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from connectors.jira import changelog, jql
from connectors.jira.cloud import LISTED, LOT, READ, in_bulk, search_ids
from connectors.jira.run import Run
from connectors.port import Confirmed, SetAside

Pair = tuple[Mapping[str, Any], list[dict[str, Any]]]


def listed(run: Run) -> Iterator[Sequence[str]]:
    """The ids of every issue in scope on Cloud, five thousand a request."""
    # Ordered by what never changes: an issue that is edited meanwhile does not move from page to page.
    ids = search_ids(run, jql.oldest_first(run.part, None, None))
    while some := list(islice(ids, LISTED)):
        yield some


def confirm(run: Run, ids: Sequence[str]) -> Iterator[Confirmed]:
    """What became of these issues: an id leads to its issue whatever project it moved to.

    Jira says of an issue that was deleted and of one that this account may not see the same: it does not exist, or
    you do not have permission. Only a refusal (403) of a single issue says that it is there.
    """
    for start in range(0, len(ids), LOT):
        part = ids[start : start + LOT]
        run.aside.clear()
        gone: list[str] = []
        pairs = _in_bulk(run, part, gone) if run.site.cloud else _one_by_one(run, part, gone)
        records = run.records(pairs)
        yield Confirmed(
            run.context,
            records=records,
            gone=gone,
            set_aside=[SetAside(one, reason) for one, reason in sorted(run.aside.items())],
        )


def _in_bulk(run: Run, ids: Sequence[str], gone: list[str]) -> list[Pair]:
    issues: dict[str, Any] = {}
    numbers = [one for one in ids if one.isdecimal()]
    gone += [one for one in ids if not one.isdecimal()]
    unsaid: list[str] = []
    for start in range(0, len(numbers), READ):
        part = numbers[start : start + READ]
        told = in_bulk(run, part)
        issues |= {str(issue["id"]): issue for issue in told["issues"]}
        missing = {str(error.get("id")) for error in told.get("issueErrors") or () if isinstance(error, dict)}
        gone += [one for one in part if one in missing and one not in issues]
        unsaid += [one for one in part if one not in missing and one not in issues]
    # What the answer passes over in silence is asked for by itself: silence is no proof that it is gone.
    pairs = _one_by_one(run, unsaid, gone)
    logs = changelog.fetch(run, list(issues))
    run.aside |= logs.refused
    return [*pairs, *((issues[one], histories) for one, histories in logs.histories.items())]


def _one_by_one(run: Run, ids: Sequence[str], gone: list[str]) -> list[Pair]:
    pairs: list[Pair] = []
    for one in ids:
        pair = run.issue(one)
        if pair is not None:
            pairs.append(pair)
        elif one in run.absent:
            del run.aside[one]
            gone.append(one)
    return pairs
