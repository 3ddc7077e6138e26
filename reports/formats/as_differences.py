"""A comparison of reports as Markdown: figures side by side, then the largest differences, and the rest counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from zoneinfo import ZoneInfo

from domain.calendar import parse_instant
from reports.comparison import ComparisonData, FindingChange, ItemData, LateData, PartData, StepData, ViewData
from reports.formats.as_markdown import escaped, link
from reports.language import Language, language
from reports.vocabulary import call, causes, finding_name, revisions, severities, verdicts, views

MOST = 10  # rows of each kind that are told one by one


def render(data: ComparisonData) -> str:
    """Markdown that ends with one line feed; every foreign text is escaped."""
    words = language(data["language"])
    parts = [_table(data, words)]
    names = [_name(view, words) for view in data["views"]]
    for number, step in enumerate(data["steps"]):
        heading = words.text("From “{before}” to “{after}”", before=names[number], after=names[number + 1])
        parts.append([f"## {escaped(heading)}", "", *_told(step, data, words)])
    return "\n\n".join("\n".join(lines) for lines in parts) + "\n"


def _name(view: ViewData, words: Language) -> str:
    return views(words).get(view["name"], view["name"])


def _table(data: ComparisonData, words: Language) -> list[str]:
    """The figures side by side; shares that are the same everywhere are left out."""
    shown, zone = data["views"], ZoneInfo(data["timezone"])
    rows = [
        [words.text("Week"), *(view["window"] for view in shown)],
        [words.text("As of"), *(words.instant(parse_instant(view["as_of"]), zone) for view in shown)],
        [words.text("Verdict"), *(call(verdicts(words), view["verdict"]) for view in shown)],
        [words.text("Drift"), *(_percent(view["index"], words) for view in shown)],
        [words.text("By chance alone"), *(_percent(view["expected"], words) for view in shown)],
        [words.text("Unaligned work"), *(_percent(view["unaligned"], words) for view in shown)],
        [words.text("Delivered items"), *(words.number(view["items"]) for view in shown)],
    ]
    for row in data["shares"][:MOST]:
        if row["target"] == "unaligned":
            continue
        cells = [
            words.text(
                "{delivered} of {planned} planned", delivered=_percent(got, words), planned=_percent(plan, words)
            )
            for got, plan in zip(row["delivered"], row["planned"], strict=True)
        ]
        rows.append([f"{row['target']} {row['title']}", *cells])
    lines = ["| " + " | ".join(["", *(escaped(_name(view, words)) for view in shown)]) + " |"]
    lines.append("| --- |" + " --- |" * len(shown))
    return [*lines, *("| " + " | ".join(map(escaped, row)) + " |" for row in rows)]


def _told(step: StepData, data: ComparisonData, words: Language) -> list[str]:
    lines = [*_basis(step, words), *_late(step["late"], words)]
    lines += [f"- {line}" for line in _findings(step["findings"], words)]
    lines += [f"- {line}" for line in _items(step["items"], data, words)]
    return lines or [words.text("Nothing differs.")]


def _basis(step: StepData, words: Language) -> Iterator[str]:
    if step["revisions"]:
        named = [call(revisions(words), kind) for kind in step["revisions"]]
        yield "- " + words.text("Not the same any more: {revisions}.", revisions=words.joined(named))


def _late(late: Sequence[LateData], words: Language) -> Iterator[str]:
    if not late:
        return
    counting = sorted(late, key=lambda one: one["part"] is None)
    named = [escaped(one["key"]) for one in counting[:MOST]]
    told = words.count(
        "{n} item was read, or changed, only after the report had been made",
        "{n} items were read, or changed, only after the report had been made",
        len(late),
    )
    yield f"- {told}{words.text(': ')}{words.joined(named)}{'…' if len(late) > MOST else ''}"


def _findings(changes: Sequence[FindingChange], words: Language) -> Iterator[str]:
    for change in changes[:MOST]:
        name = f"**{change['code']}** {escaped(finding_name(words, change['name']))}"
        about = escaped(change["subject_title"] or change["subject"])
        levels = [call(severities(words), level) for level in change["severity"]]
        match change["change"]:
            case "appeared":
                told = words.text("{finding} appears ({subject})", finding=name, subject=about)
            case "gone":
                told = words.text("{finding} goes ({subject})", finding=name, subject=about)
            case "severity":
                told = words.text(
                    "{finding} is now {after} instead of {before} ({subject})",
                    finding=name,
                    before=levels[0],
                    after=levels[1],
                    subject=about,
                )
        yield f"{told}{words.text(': ')}{escaped(change['message'])}"
    more = len(changes) - MOST
    if more > 0:
        yield words.count("{n} more finding differs.", "{n} more findings differ.", more)


def _items(items: Sequence[ItemData], data: ComparisonData, words: Language) -> Iterator[str]:
    """The largest differences one by one, the rest (and what other weeks brought) by what happened and why."""
    zone = ZoneInfo(data["timezone"])
    told = [item for item in items if item["why"] != ["window"]][:MOST]
    for item in told:
        name = f"{link(item['key'], item['url'])} {escaped(item['title'])}"
        yield f"{name}{words.text(': ')}{escaped(_change(item, zone, words))}"
    rest = Counter((item["what"], tuple(item["why"])) for item in items[len(told) :])
    for (what, why), count in sorted(rest.items(), key=lambda pair: (-pair[1], pair[0])):
        yield f"{_counted(what, count, words)} ({_because(why, None, words)})"


def _change(item: ItemData, zone: ZoneInfo, words: Language) -> str:
    """What happened to an item's part in the horizon and why, in one clause."""
    before, after = item["before"], item["after"]
    on = None if item["on"] is None else date.fromisoformat(item["on"])
    because = _because(item["why"], on, words)
    if before is None or after is None:
        part = _serves(before or after, words)
        if before is None:
            return words.text("comes in for {part} ({because})", part=part, because=because)
        return words.text("goes, it counted for {part} ({because})", part=part, because=because)
    if item["what"] == "delivery":
        return words.text(
            "delivered {after} instead of {before} ({because})",
            before=_delivered(before, zone, words),
            after=_delivered(after, zone, words),
            because=because,
        )
    return words.text(
        "{after} instead of {before} ({because})",
        before=_serves(before, words),
        after=_serves(after, words),
        because=because,
    )


def _counted(what: str, count: int, words: Language) -> str:
    match what:
        case "entered":
            return words.count("{n} item comes in", "{n} items come in", count)
        case "left":
            return words.count("{n} item goes", "{n} items go", count)
        case "target":
            return words.count("{n} item serves another target", "{n} items serve another target", count)
        case "delivery":
            return words.count(
                "{n} item was delivered at another instant",
                "{n} items were delivered at another instant",
                count,
            )
        case _:
            return words.count("{n} item weighs otherwise", "{n} items weigh otherwise", count)


def _because(why: Sequence[str], on: date | None, words: Language) -> str:
    told = [call(causes(words), cause) for cause in why]
    if on is not None:
        edited = call(causes(words), "edited")
        dated = words.text("edited on {day}", day=words.short_day(on))
        told = [dated if cause == edited else cause for cause in told]
    return words.joined(told)


def _serves(part: PartData | None, words: Language) -> str:
    """An item's effort with its targets: "1 of O1", "2.5 of O1 60% and O2 40%"."""
    if part is None:
        return words.text("nothing")
    shares: Mapping[str, float] = part["targets"]
    targets = [
        _target(target, words) if len(shares) == 1 else f"{_target(target, words)} {words.percent(share)}"
        for target, share in shares.items()
    ]
    return words.text("{effort} on {targets}", effort=words.number(part["effort"], 2), targets=words.joined(targets))


def _target(target: str, words: Language) -> str:
    return words.text("no target") if target == "unaligned" else target


def _delivered(part: PartData, zone: ZoneInfo, words: Language) -> str:
    at = part["delivered"]
    return words.text("never") if at is None else words.instant(parse_instant(at), zone)


def _percent(share: float | None, words: Language) -> str:
    return words.text("unknown") if share is None else words.percent(share)
