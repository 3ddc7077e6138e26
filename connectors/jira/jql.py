"""The queries we ask, in Jira's query language."""

from __future__ import annotations

from collections.abc import Sequence


def quoted(word: str) -> str:
    """A word as a JQL string: unquoted, a project called TO or AND would be a reserved word."""
    escaped = word.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def scope(projects: Sequence[str], since: int | None, jql: str | None) -> str:
    """The part that stays the same from run to run: projects, how far back, and the admin's own condition.

    `since` is in epoch milliseconds. The admin's part is put in parentheses, so that an OR stays within it.
    """
    parts = [f"project in ({', '.join(quoted(project) for project in projects)})"]
    if since is not None:
        parts.append(f"updated >= {since}")
    if jql is not None and jql.strip():
        parts.append(f"({jql.strip()})")
    return " AND ".join(parts)


def oldest_first(part: str, floor: int | None, created: int | None, *, after: int | None = None) -> str:
    """What changed from `floor` on, or strictly later than `after`, in the order of creation, beginning with what was
    created at `created` (all in epoch milliseconds).

    A text literal would be read in the account's zone, to the minute (API_FACTS). There is never an upper bound: an
    issue that changes more often than we look would never be read.
    Data Center reads a number as an exact instant but compares whole seconds. It has no order by id: `id > 10500` means
    "in the project of issue 10500, with a higher number in its key", and nothing at all when that issue is gone
    (IssueIdClauseQueryFactory in Jira's source), so ids cannot part slices without losing projects in silence.
    """
    parts = [part]
    if floor is not None:
        parts.append(f"updated >= {floor}")
    if after is not None:
        parts.append(f"updated > {after}")
    if created is not None:
        parts.append(f"created >= {created}")
    return " AND ".join(parts) + " ORDER BY created ASC, key ASC"
