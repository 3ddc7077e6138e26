"""What a changed mapping does, as Markdown for a terminal and for a pull request."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from domain.calendar import local_day, parse_instant
from mapping.trace import said_text
from reports.formats.as_markdown import escaped
from reports.language import language
from reports.vocabulary import call, finding_name, measures, verdicts

if TYPE_CHECKING:  # heavy, and needed for annotations alone
    from reports.comparison import FindingChange
    from sync.mapping_change import MappingChange, Side

MOST = 20  # rows of each kind: a comment in a pull request holds only so much
MANY = 3  # findings of one code; more of them are told together
VISIBLE = 0.0005  # shares that shift by less look the same
WORDS = language("en")


def render(found: MappingChange, zone: ZoneInfo, *, folded: bool) -> str:
    """Markdown that ends with one line feed; with `folded` details are shut until somebody opens them.

    Every foreign text is escaped. Items are named by their keys alone, and people not at all.
    """
    parts = [f"## Mapping against {escaped(found['against'])}", *_head(found, zone)]
    for title, lines in (
        (_moved(found), _groups(found)),
        ("Findings", _findings(found)),
        ("Comments", _comments(found)),
    ):
        told = "\n".join(_cut(lines))
        if told and folded:
            parts.append(f"<details>\n<summary>{title}</summary>\n\n{told}\n\n</details>")
        elif told:
            parts.append(f"### {title}\n\n{told}")
    return "\n\n".join(parts) + "\n"


def _head(found: MappingChange, zone: ZoneInfo) -> Iterator[str]:
    if found["same"]:
        yield "The mapping says the same on both sides."
    if not found["same_strategy"]:
        yield "The strategy differs as well; both sides are seen with that of the working files."
    if found["new_fields"]:
        fields = escaped(", ".join(found["new_fields"]))
        yield f"Rules look at fields that may not have been read yet ({fields}); `filrouge sync --full` reads them."
    first = local_day(parse_instant(found["since"]), zone)
    last = local_day(parse_instant(found["until"]) - timedelta(microseconds=1), zone)
    moving = _table(
        ("target", "planned", "before", "after", "shift in points"),
        (
            (
                f"{row['target']} {row['title']}",
                *map(_percent, (row["planned"], row["before"], row["after"])),
                _points(row["shift"]),
            )
            for row in found["shares"]
            if abs(row["shift"] or 0.0) >= VISIBLE
        ),
    )
    measure = call(measures(WORDS), found["measure"])
    yield f"Shares of the effort from {first} to {last} ({measure}):" + ("" if moving else " none moves.")
    if moving:
        yield "\n".join(moving)
    before, after = _side(found["before"]), _side(found["after"])
    yield f"Report of {found['week']}: {before}" + ("." if before == after else f" becomes {after}.")


def _side(side: Side) -> str:
    verdict = call(verdicts(WORDS), side["verdict"])
    return f"**{verdict}** (drift {_percent(side['index'])}, unaligned {_percent(side['unaligned'])})"


def _moved(found: MappingChange) -> str:
    tags = [f"{name} of {count:,}" for name, count in found["other_tags"].items() if count]
    also = f"; {', '.join(tags)}" if tags else ""
    return f"{found['items']:,} items serve something else (effort {found['effort']:,.4g}){also}"


def _groups(found: MappingChange) -> Sequence[str]:
    rows = (
        (
            _serves(group["before"], group["by_before"]),
            _serves(group["after"], group["by_after"]),
            f"{group['items']:,}",
            f"{group['effort']:,.4g}",
            ", ".join(group["examples"]) + (" …" if group["items"] > len(group["examples"]) else ""),
        )
        for group in found["groups"]
    )
    return _table(("from", "to", "items", "effort", "such as"), rows)


def _serves(shares: Mapping[str, float], by: str | None) -> str:
    return said_text(shares) + (f" by {by}" if by else "") if shares else "nothing"


def _findings(found: MappingChange) -> Sequence[str]:
    """One line each; what happens to many of one code, item by item, in one line together."""
    alike: dict[tuple[str, str], list[FindingChange]] = defaultdict(list)
    for one in found["findings"]:
        change = {"appeared": "appears", "gone": "goes", "severity": f"is {one['severity'][-1]} now"}[one["change"]]
        alike[one["code"], change].append(one)
    lines = []
    for (code, change), ones in alike.items():
        name = f"**{code}** {escaped(finding_name(WORDS, ones[0]['name']))}"
        if len(ones) > MANY:
            subjects = [escaped(one["subject"]) for one in ones[:MANY]]
            lines.append(f"- {name} {change} {len(ones):,} times: {', '.join(subjects)} …")
        else:
            lines += [f"- {name} {change} ({escaped(one['subject'])}): {escaped(one['message'])}" for one in ones]
    return lines


def _comments(found: MappingChange) -> Sequence[str]:
    comments = found["comments"]
    if comments is None or not comments["tickets"]:
        return []
    examples = [
        f"- {escaped(one['key'])}: {escaped(one['before'])}; then {escaped(one['after'])}"
        for one in comments["examples"]
    ]
    return [f"What stands in {comments['tickets']:,} tickets would change, such as:", "", *examples]


def _table(head: Sequence[str], rows: Iterator[Sequence[str]]) -> Sequence[str]:
    """The lines of a table; none where it has no row."""
    lines = ["| " + " | ".join(map(escaped, row)) + " |" for row in rows]
    return ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head), *lines] if lines else []


def _cut(lines: Sequence[str]) -> Sequence[str]:
    more = len(lines) - MOST
    return lines if more <= 0 else [*lines[:MOST], "", f"… and {more:,} more."]


def _percent(share: float | None) -> str:
    return "unknown" if share is None else f"{share:.1%}"


def _points(shift: float | None) -> str:
    return "unknown" if shift is None else f"{shift * 100:+.1f}"
