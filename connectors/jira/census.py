"""What is in scope now, by ids alone, and what became of issues that are not among them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any
from urllib.parse import quote

from connectors.jira import changelog, jql
from connectors.jira.cloud import LISTED, READ, search_ids
from connectors.jira.payload import history
from connectors.jira.run import Run
from connectors.port import Confirmed, SetAside
from domain.errors import ItemError

BUFFER = 1_000  # issues whose change logs are read together
GONE = (404, 410)

Pair = tuple[Any, list[dict[str, Any]]]


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
    for start in range(0, len(ids), BUFFER):
        part = ids[start : start + BUFFER]
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
        body = {"issueIdsOrKeys": part, "fields": run.fields.wanted}
        told = run.found(run.client.ask("issue/bulkfetch", 3, body, what="issues"))
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
        query: dict[str, str | int] = {"fields": "created"} if run.site.cloud else _whole(run)
        path = f"issue/{quote(one, safe='')}"
        try:
            answer = run.client.get(
                path, run.site.version, what="one issue", query=query, accept=GONE, absent=ItemError
            )
        except ItemError as error:
            run.aside[one] = str(error)
            continue
        issue = None if answer.status in GONE else answer.json()
        if issue is None and answer.is_page:
            run.aside[one] = "a web page came in place of Jira's answer"  # a proxy's "not found" tells nothing of it
        elif issue is None:
            gone.append(one)
        elif run.site.cloud:
            pair = run.issue(one)
            pairs += [] if pair is None else [(pair[0], pair[1])]
        else:
            pairs.append((issue, [history(entry) for entry in (issue.get("changelog") or {}).get("histories") or ()]))
    return pairs


def _whole(run: Run) -> dict[str, str | int]:
    return {"fields": ",".join(run.fields.wanted), "expand": "changelog"}
