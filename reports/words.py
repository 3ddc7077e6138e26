"""The sentences of a report: verdict, news, how sure we are."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from domain.calendar import local_day, parse_instant
from domain.plain import plain
from reports.consequence import ranked
from reports.document import Document, FindingData, ReplyData, Span
from reports.language import Language, language
from reports.vocabulary import call, severities, verdicts

UNALIGNED = "unaligned"


def words_of(document: Document) -> Language:
    """The language that a document is written in."""
    return language(document["language"])


def days_of(document: Document, span: Span) -> str:
    """A period of the document in words, both days included, in the organisation's zone."""
    zone = ZoneInfo(document["timezone"])
    last = parse_instant(span["to"]) - timedelta(microseconds=1)
    return words_of(document).span(local_day(parse_instant(span["from"]), zone), local_day(last, zone))


def verdict(document: Document) -> str:
    """The verdict of the horizon in one sentence, never without its uncertainty."""
    words, drift = words_of(document), document["drift"]["horizon"]
    index, expected, least = drift["index"], drift["expected"], drift["least_visible"]
    if index is None or expected is None or drift["verdict"] == "not_enough_data":
        return _silence(document)
    basis = words.count(
        "{n} independent piece of work", "{n} independent pieces of work", document["delivered"]["clusters"]
    )
    figures = words.text(
        "drift {index}, where chance alone gives {expected} on average with {basis}",
        index=words.percent(index),
        expected=words.percent(expected),
        basis=basis,
    )
    shift = words.number(100 * (least or 0.0))
    match drift["verdict"]:
        case "no_signal":
            return words.text(
                "Nothing visible beyond chance: {figures}; a shift under {least} points would not show.",
                figures=figures,
                least=shift,
            )
        case "on_plan" if least is not None:
            return words.text(
                "Delivery follows the plan: {figures}; a shift of {least} points would most likely have been seen.",
                figures=figures,
                least=shift,
            )
        case "on_plan":
            return words.text("Delivery follows the plan: {figures}.", figures=figures)
        case "off_plan":
            return words.text("Delivery has left the plan: {figures}.", figures=figures)
        case _:
            return words.text("Delivery is moving away from the plan: {figures}.", figures=figures)


def small_streams(document: Document) -> str | None:
    """How many value streams are not shown apart; None where there is none."""
    if not document["small_value_streams"]:
        return None
    return words_of(document).count(
        "{n} value stream is not shown apart, since only few people work in it.",
        "{n} value streams are not shown apart, since only few people work in each.",
        document["small_value_streams"],
    )


def _silence(document: Document) -> str:
    words, delivered = words_of(document), document["delivered"]
    days = days_of(document, document["horizon"])
    if not any(row["planned"] for row in document["allocation"]):
        return words.text(
            "There is no plan to compare with: no objective with a weight covers the period ({days}).", days=days
        )
    if not delivered["items"]:
        return words.text("There is nothing to judge: nothing was delivered ({days}).", days=days)
    return words.count(
        "There is too little work to judge: {n} independent piece was delivered ({days}), and a verdict needs five.",
        "There is too little work to judge: {n} independent pieces were delivered ({days}), and a verdict needs five.",
        delivered["clusters"],
        days=days,
    )


def certainty(document: Document) -> list[str]:
    """How sure the verdict is: what chance does, what would have been seen, what other measures say."""
    words, drift, delivered = words_of(document), document["drift"]["horizon"], document["delivered"]
    said = []
    if delivered["items"]:
        said.append(
            words.count(
                "{n} item was delivered ({days}).",
                "{n} items were delivered ({days}).",
                delivered["items"],
                days=days_of(document, document["horizon"]),
            )
        )
    if document["window"]["in_progress"]:
        said.append(words.text("The week is still in progress: its figures end at the date of this report."))
    if drift["verdict"] == "not_enough_data" or drift["index"] is None:
        return said
    if drift["by_chance"] is not None:
        said.append(
            words.text(
                "Chance alone would exceed {by_chance} in one horizon out of twenty.",
                by_chance=words.percent(drift["by_chance"]),
            )
        )
    if drift["least_visible"] is not None and drift["verdict"] != "no_signal":
        said.append(
            words.text(
                "A shift of {least} points is seen about four times in five; a smaller one may go unseen.",
                least=words.number(100 * drift["least_visible"]),
            )
        )
    if drift["verdict"] in ("drifting", "off_plan") and drift["outside_band"]:
        said.append(
            words.text(
                "At least {share} of the work would have to move for every target to be back in its band.",
                share=words.percent(drift["outside_band"]),
            )
        )
    if drift["agreement"] == "robust":
        said.append(words.text("The other measures of effort give the same answer."))
    if drift["agreement"] == "depends_on_measure":
        said.append(words.text("Careful: another measure of effort gives another answer."))
    if delivered["imputed"]:
        said.append(words.text("{share} of the effort is estimated.", share=words.percent(delivered["imputed"])))
    return said


def news(document: Document) -> list[str]:
    """What changed since the report of the week before, from the horizon to the week itself."""
    return [*_movement(document), *_week(document)]


def _movement(document: Document) -> list[str]:
    words, now, before = words_of(document), document["drift"]["horizon"], document["previous"]
    if before is None:
        return [words.text("There is no earlier horizon to compare with.")]
    names, said = verdicts(words), []
    if before["verdict"] != now["verdict"]:
        said.append(
            words.text(
                "The verdict goes from “{before}” to “{now}”.",
                before=call(names, before["verdict"]).lower(),
                now=call(names, now["verdict"]).lower(),
            )
        )
    else:
        said.append(words.text("The verdict stays “{now}”.", now=call(names, now["verdict"]).lower()))
    figures = (before["index"], before["expected"], now["index"], now["expected"])
    if None not in figures and "not_enough_data" not in (before["verdict"], now["verdict"]):
        was, was_chance, here, here_chance = (words.percent(figure or 0.0) for figure in figures)
        said.append(
            words.text(
                "Over the horizon, drift goes from {was} (chance alone: {was_chance}) to {here} (chance alone:"
                " {here_chance}).",
                was=was,
                was_chance=was_chance,
                here=here,
                here_chance=here_chance,
            )
        )
    return said


def _week(document: Document) -> list[str]:
    words, week = words_of(document), document["drift"]["week"]
    served = [row for row in document["allocation"] if row["week"]]
    if not served:
        return [words.text("Nothing was delivered in the week itself.")]
    said = []
    largest = sorted(served, key=lambda row: -(row["week"] or 0.0))[:3]
    parts = [
        words.text(
            "{title} ({share})", title=title_of(document, row["target"]), share=words.percent(row["week"] or 0.0)
        )
        for row in largest
    ]
    said.append(words.text("The week’s work went to {parts}.", parts=words.joined(parts)))
    if week["index"] is not None and week["expected"] is not None:
        said.append(
            words.text(
                "The week alone: drift {index}, where chance alone gives {expected} on average; a single week is news,"
                " not a verdict.",
                index=words.percent(week["index"]),
                expected=words.percent(week["expected"]),
            )
        )
    return said


def trend_sentence(document: Document) -> str:
    """What the trend says: whether it is above its alarm line, and since when."""
    words = words_of(document)
    if document["sustained_since"] is not None:
        return words.text(
            "The trend has been above its alarm line since {week}: this is a lasting drift.",
            week=words.week(document["sustained_since"]),
        )
    if all(point["line"] is None for point in document["trend"]):
        return words.text("There is too little work for an alarm line.")
    return words.text("The trend is below its alarm line: no lasting drift shows.")


def title_of(document: Document, target: str) -> str:
    """The title of a target; work that serves none is called so in the document's language."""
    if target == UNALIGNED:
        return words_of(document).text("Unaligned work")
    titles = {row["target"]: row["title"] for row in document["allocation"]}
    return titles.get(target) or target


def subject_of(document: Document, finding: FindingData) -> str:
    """What a finding speaks of: the subject's title, or what its id stands for (DRIFT 9), or the id."""
    words = words_of(document)
    known = {
        "organisation": words.text("The whole organisation"),
        "strategy": words.text("The strategy"),
        UNALIGNED: words.text("Unaligned work"),
    }
    return finding["subject_title"] or known.get(finding["subject"], finding["subject"])


def subject_line(document: Document) -> str:
    """For a mail: who, when and the verdict in short, on one line and never without what chance does."""
    words, drift = words_of(document), document["drift"]["horizon"]
    about = words.text(
        "{organisation}, {week}: {verdict}",
        organisation=document["organisation"],
        week=words.short_week(document["window"]["label"]),
        verdict=call(verdicts(words), drift["verdict"]).lower(),
    )
    if drift["index"] is None or drift["expected"] is None or drift["verdict"] == "not_enough_data":
        return plain(about)
    return plain(
        words.text(
            "{about} (drift {index}, chance alone {expected})",
            about=about,
            index=words.percent(drift["index"]),
            expected=words.percent(drift["expected"]),
        )
    )


def headline(document: Document) -> list[str]:
    """For the terminal, each a line of plain text: the verdict's sentence, then the three most important findings."""
    names = severities(words_of(document))
    return [
        plain(verdict(document)),
        *(
            plain(f"{finding['code']} ({call(names, finding['severity'])}) {finding['message']}")
            for finding in ranked(document)[:3]
        ),
    ]


def replied(document: Document, reply: ReplyData) -> str:
    """What a team said of an item, in one clause."""
    words = words_of(document)
    day = words.short_day(date.fromisoformat(reply["on"]))
    if not reply["targets"]:
        return words.text("serves no goal: “{reason}” ({day})", reason=plain(reply["reason"] or ""), day=day)
    shares = [
        plain(target) if len(reply["targets"]) == 1 else f"{plain(target)} {words.percent(share)}"
        for target, share in reply["targets"].items()
    ]
    return words.text("serves {targets} ({day})", targets=words.joined(shares), day=day)


def effect(document: Document) -> list[str]:
    """What came of the comments in tickets; nothing where there were none."""
    words, came = words_of(document), document["comments"]
    if came is None:
        return []
    told = [
        words.count(
            "In the last 13 weeks {n} ticket had a comment.",
            "In the last 13 weeks {n} tickets had a comment.",
            came["tickets"],
        )
    ]
    if came["asked"]:
        told.append(
            words.count(
                "{n} of them was asked which goal it serves: {mapped} had one within two weeks, {ignored} had none, "
                "{waiting} has time left.",
                "{n} of them were asked which goal they serve: {mapped} had one within two weeks, {ignored} had none, "
                "{waiting} have time left.",
                came["asked"],
                mapped=words.number(came["mapped"]),
                ignored=words.number(came["ignored"]),
                waiting=words.number(came["waiting"]),
            )
        )
    if came["muted"] or came["removed"] or came["edited"]:
        told.append(
            words.text(
                "People muted {muted}, removed {removed} and rewrote {edited} of them.",
                muted=words.number(came["muted"]),
                removed=words.number(came["removed"]),
                edited=words.number(came["edited"]),
            )
        )
    return told
