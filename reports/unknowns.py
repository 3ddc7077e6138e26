"""What a report could not judge, and why, in words: no null stays unexplained."""

from __future__ import annotations

from reports.document import Document
from reports.words import UNALIGNED, days_of, title_of, words_of


def unknowns(document: Document) -> list[str]:
    """One sentence for each thing that is not known, in the order of the page; empty when all is known."""
    return [*_basis(document), *_verdict(document), *_allocation(document), *_trend(document), *_outcome(document)]


def _basis(document: Document) -> list[str]:
    words, said = words_of(document), []
    unread = [source for source, instant in sorted(document["manifest"]["data_as_of"].items()) if instant is None]
    if unread:
        said.append(
            words.text(
                "Nothing is known of {sources}: it has not been read successfully yet.", sources=words.joined(unread)
            )
        )
    days = days_of(document, document["horizon"])
    if not any(row["planned"] for row in document["allocation"]):
        said.append(
            words.text(
                "Planned shares, gaps and drift are unknown, because no objective with a weight covers the period"
                " ({days}).",
                days=days,
            )
        )
    if not document["delivered"]["items"]:
        said.append(words.text("Delivered shares are unknown, because nothing was delivered ({days}).", days=days))
    if document["delivered"]["left_out"]:
        said.append(
            words.text(
                "{share} of the effort is left out: it was delivered on days that no objective covers.",
                share=words.percent(document["delivered"]["left_out"]),
            )
        )
    return said


def _verdict(document: Document) -> list[str]:
    words, drift, said = words_of(document), document["drift"]["horizon"], []
    clusters = document["delivered"]["clusters"]
    planned = any(row["planned"] for row in document["allocation"])
    if drift["verdict"] == "not_enough_data" and planned and document["delivered"]["items"]:
        said.append(
            words.count(
                "There is no verdict: {n} independent piece of work is fewer than five.",
                "There is no verdict: {n} independent pieces of work are fewer than five.",
                clusters,
            )
        )
    if drift["verdict"] == "no_signal" and drift["least_visible"] is not None:
        said.append(
            words.text(
                "Whether delivery follows the plan is open: only a shift of {least} points or more would have been"
                " seen.",
                least=words.number(100 * drift["least_visible"]),
            )
        )
    if drift["verdict"] != "not_enough_data" and drift["agreement"] is None:
        said.append(
            words.text("The verdict could not be checked against another measure of effort: none has enough data.")
        )
    if document["drift"]["week"]["index"] is None and drift["index"] is not None:
        said.append(words.text("The week alone has no drift: nothing was delivered in it, or no objective covers it."))
    return said


def _allocation(document: Document) -> list[str]:
    words, index = words_of(document), document["drift"]["horizon"]["index"]
    if index is None:
        return []
    rows = [
        title_of(document, row["target"])
        for row in document["allocation"]
        if row["chance"] is None and row["target"] != UNALIGNED
    ]
    if not rows:
        return []
    return [words.text("How often chance would do as much is unknown for {titles}.", titles=words.joined(rows))]


def _trend(document: Document) -> list[str]:
    words, said = words_of(document), []
    silent = sum(1 for point in document["trend"] if point["index"] is None)
    early = sum(1 for point in document["trend"] if point["index"] is not None and point["line"] is None)
    if document["trend"] and silent == len(document["trend"]):
        return [words.text("There is no trend: no week has both a plan and a delivery.")]
    if silent:
        said.append(
            words.count(
                "The trend keeps its level over {n} week without delivery or plan.",
                "The trend keeps its level over {n} weeks without delivery or plan.",
                silent,
            )
        )
    if early:
        said.append(
            words.count(
                "{n} week has no alarm line yet, for want of weeks before it.",
                "{n} weeks have no alarm line yet, for want of weeks before them.",
                early,
            )
        )
    return said


def _outcome(document: Document) -> list[str]:
    words = words_of(document)
    unread = [row["title"] or row["id"] for row in document["key_results"] if row["progress"] is None]
    if not unread:
        return []
    return [words.text("Progress is unknown for {titles}: there is no reading.", titles=words.joined(unread))]
