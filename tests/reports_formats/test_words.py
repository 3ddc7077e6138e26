"""The sentences: verdict with its uncertainty, news, what is not known, and the order of findings."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from reports.consequence import MOST, foremost, others, ranked
from reports.document import Document
from reports.unknowns import unknowns
from reports.words import certainty, headline, news, title_of, trend_sentence, verdict, words_of

Sample = Callable[[str], Document]
NARROW, NBSP = "\u202f", "\u00a0"


def test_drift_is_never_told_without_what_chance_does(document: Document) -> None:
    words, drift = words_of(document), document["drift"]["horizon"]
    if drift["index"] is None or drift["expected"] is None:
        pytest.skip("this document has no drift")
    index, expected = words.percent(drift["index"]), words.percent(drift["expected"])
    for sentence in (verdict(document), *news(document), headline(document)[0]):
        assert index not in sentence or expected in sentence


def test_a_drifting_horizon_says_so_with_chance_and_basis(sample: Sample) -> None:
    assert verdict(sample("drifting_fr")) == (
        f"La livraison s’écarte du plan{NBSP}: dérive de 28{NARROW}%, là où le hasard seul donne en moyenne 17{NARROW}%"
        " avec 31 lots de travail indépendants."
    )
    document = sample("eight_targets_fr")
    document["delivered"]["clusters"] = 1
    assert verdict(document).startswith("La livraison a quitté le plan")
    assert verdict(document).endswith("avec 1 lot de travail indépendant.")


def test_no_signal_says_what_would_not_show(sample: Sample) -> None:
    document = sample("no_signal_en")
    assert verdict(document) == (
        "Nothing visible beyond chance: drift 21%, where chance alone gives 24% on average with 9 independent pieces of"
        " work; a shift under 38 points would not show."
    )
    assert any("only a shift of 38 points or more" in sentence for sentence in unknowns(document))


def test_on_plan_says_what_would_have_been_seen(sample: Sample) -> None:
    document = sample("on_plan_en")
    assert "a shift of 19 points would most likely have been seen" in verdict(document)
    document["drift"]["horizon"]["least_visible"] = None
    assert verdict(document).endswith("with 74 independent pieces of work.")


@pytest.mark.parametrize(("clusters", "words"), [(1, "1 independent piece was"), (4, "4 independent pieces were")])
def test_too_little_work_is_said_with_its_number(sample: Sample, clusters: int, words: str) -> None:
    document = sample("no_signal_en")
    document["drift"]["horizon"]["verdict"] = "not_enough_data"
    document["delivered"]["clusters"] = clusters
    assert words in verdict(document)
    assert "21%" not in verdict(document)


def test_without_plan_or_delivery_the_reason_is_told(sample: Sample) -> None:
    assert "no objective with a weight covers" in verdict(sample("no_strategy_en"))
    assert "rien n’a été livré" in verdict(sample("nothing_delivered_fr"))


def test_certainty_tells_agreement_estimates_and_a_week_in_progress(sample: Sample) -> None:
    sure = " ".join(certainty(sample("drifting_fr")))
    assert "Les autres mesures de l’effort donnent la même réponse." in sure
    unsure = " ".join(certainty(sample("eight_targets_fr")))
    assert "une autre mesure de l’effort donne une autre réponse" in unsure
    assert f"23{NARROW}% de l’effort est estimé." in unsure
    assert "La semaine est en cours" in unsure
    assert certainty(sample("nothing_delivered_fr")) == []


def test_news_tells_where_the_horizon_came_from(sample: Sample) -> None:
    document = sample("drifting_fr")
    assert news(document)[0] == f"Le verdict passe de «{NBSP}pas de signal{NBSP}» à «{NBSP}dérive{NBSP}»."
    assert f"de 22{NARROW}% (hasard seul{NBSP}: 18{NARROW}%) à 28{NARROW}%" in news(document)[1]
    assert news(sample("on_plan_en"))[0] == "The verdict stays “on plan”."
    assert news(sample("no_signal_en"))[0] == "There is no earlier horizon to compare with."


def test_news_tells_the_weeks_own_work_first_by_its_largest_share(sample: Sample) -> None:
    document = sample("drifting_fr")
    assert news(document)[2].startswith(
        f"Le travail de la semaine est allé à{NBSP}: Rendre le paiement sans effort (35"
    )
    assert news(sample("nothing_delivered_fr"))[-1] == "Rien n’a été livré dans la semaine elle-même."


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda d: d["manifest"]["data_as_of"].update(late=None), "Nothing is known of late"),
        (lambda d: d["delivered"].update(left_out=0.25), "25% of the effort is left out"),
        (lambda d: d["drift"]["week"].update(index=None), "The week alone has no drift"),
        (lambda d: d["drift"]["horizon"].update(agreement=None), "could not be checked against another measure"),
        (lambda d: d["allocation"][0].update(chance=None), "unknown for Make checkout effortless"),
        (lambda d: d["trend"][4].update(index=None, line=None), "over 1 week without delivery"),
        (lambda d: d["trend"][4].update(line=None), "1 week has no alarm line"),
    ],
)
def test_each_null_is_explained(sample: Sample, change: Callable[[Document], None], expected: str) -> None:
    document = sample("on_plan_en")
    assert unknowns(document) == []
    change(document)
    assert [sentence for sentence in unknowns(document) if expected in sentence]


def test_a_key_result_without_reading_is_named(sample: Sample) -> None:
    told = " ".join(unknowns(sample("drifting_fr")))
    assert (
        f"Le progrès est inconnu pour Clients professionnels actifs chaque mois{NBSP}: il n’y a pas de relevé." in told
    )


def test_the_trend_is_told_with_the_week_in_which_it_began(sample: Sample) -> None:
    assert "depuis la semaine 44" in trend_sentence(sample("drifting_fr"))
    assert trend_sentence(sample("on_plan_en")) == "The trend is below its alarm line: no lasting drift shows."
    assert "too little work" in trend_sentence(sample("no_strategy_en"))


def test_findings_come_by_consequence(sample: Sample) -> None:
    document = sample("drifting_fr")
    assert [finding["code"] for finding in ranked(document)] == [
        *("A02", "A05", "A06", "A01", "A03", "W03", "W01", "W01"),
    ]
    assert [*foremost(document), *others(document)] == ranked(document)
    assert len(foremost(document)) == MOST


def test_many_findings_of_one_code_do_not_hide_another(sample: Sample) -> None:
    document = sample("drifting_fr")
    unmapped = [finding for finding in document["findings"] if finding["code"] == "W01"]
    tidy = [finding for finding in document["findings"] if finding["code"] == "W03"]
    document["findings"] = [*unmapped, *tidy]
    assert [finding["code"] for finding in ranked(document)] == ["W03", "W01", "W01"]


def test_of_two_starved_targets_the_larger_gap_comes_first(sample: Sample) -> None:
    document = sample("drifting_fr")
    starved = next(finding for finding in document["findings"] if finding["code"] == "A02")
    document["findings"] = [{**starved, "subject": subject} for subject in ("O1", "O2", "O3")]
    assert [finding["subject"] for finding in ranked(document)] == ["O2", "O1", "O3"]


def test_the_order_does_not_depend_on_the_order_given(document: Document) -> None:
    before = ranked(document)
    document["findings"].reverse()
    assert ranked(document) == before


def test_the_headline_is_the_verdict_and_at_most_three_findings(sample: Sample) -> None:
    lines = headline(sample("drifting_fr"))
    assert lines[0] == verdict(sample("drifting_fr"))
    assert [line[:14] for line in lines[1:]] == ["A02 (critique)", "A05 (critique)", "A06 (alerte) F"]
    assert headline(sample("on_plan_en")) == [verdict(sample("on_plan_en"))]


def test_the_headline_cannot_command_a_terminal(sample: Sample) -> None:
    document = sample("hostile_en")
    document["findings"][0]["message"] = "\x1b[31mred\nnew line\u202e"
    assert all(line.isprintable() for line in headline(document))


def test_unaligned_work_and_unknown_targets_have_a_title(sample: Sample) -> None:
    assert title_of(sample("drifting_fr"), "unaligned") == "Travail non rattaché"
    assert title_of(sample("drifting_fr"), "gone") == "gone"
