"""Typical comments: what each is made of, and its language."""

from __future__ import annotations

from datetime import date

from reports.ticket import Answer, Candidate, Goal, Reached, Reason, Reference, Standing, Ticket

CHECKOUT = Goal("O1", "Rendre l’achat sans effort", "objective")
REFUSED = Goal("KR1.2", "Paiements par carte refusés", "key_result", "O1", "Rendre l’achat sans effort")
BUYERS = Goal("KR1.1", "Visitors who end up buying", "key_result", "O1", "Make checkout effortless")
REVENUE = Goal("KR3.1", "Revenue from professional accounts", "key_result", "O3", "Win professional customers")
DEBT = Goal("debt", "Repay technical debt", "budget")
SUNDAY = date(2026, 11, 22)

SAMPLES: dict[str, tuple[Ticket, str]] = {
    "one_goal_fr": (
        Ticket(
            serves=[(REFUSED, 1.0)],
            reason=Reason("rule", rule="paiements", met=["component: Payments"]),
            standing=Standing("O1", 4, SUNDAY, 0.25, 0.35, "unclear"),
            reached=Reached("KR1.2", date(2026, 11, 17), 0.6),
            label="okr-KR2.1",
        ),
        "fr",
    ),
    "several_goals_en": (
        Ticket(
            serves=[(BUYERS, 0.6), (REVENUE, 0.4)],
            reason=Reason("rule", rule="shared-services", met=[r"area_path: Plateforme\Services communs\API"]),
            standing=Standing("O1", 4, SUNDAY, 0.12, 0.35, "less"),
            marks="tag",
            label="okr-KR2.1",
        ),
        "en",
    ),
    "candidates_fr": (
        Ticket(
            unserved="nothing",
            candidates=[
                Candidate(REFUSED, 16, ["siblings", "component"]),
                Candidate(CHECKOUT, 3, ["parent", "label"]),
                Candidate(Goal("run", "Faire tourner la boutique", "budget"), 1, ["children"]),
            ],
            label="okr-KR1.2",
        ),
        "fr",
    ),
    "pinned_above_en": (
        Ticket(
            serves=[(DEBT, 1.0)],
            reason=Reason(
                "pin",
                why="steering committee: [~ann] <b>and</b> @bob asked for {code}",
                on=date(2026, 11, 3),
                inherited=True,
                origin=Reference("SHOP-42", "https://acme.atlassian.net/browse/SHOP-42"),
            ),
            standing=Standing("debt", 4, SUNDAY, 0.09, 0.08, "as_planned"),
        ),
        "en",
    ),
    "conflict_fr": (
        Ticket(
            unserved="conflict",
            reason=Reason("rule", rule="tagged-by-the-team", met=["label: okr-KR1.1"]),
            candidates=[Candidate(REFUSED, 2, ["children"])],
        ),
        "fr",
    ),
    "said_by_the_team_fr": (
        Ticket(
            unserved="declared",
            reason=Reason("ticket", why="panne de dimanche, @bob", on=date(2026, 11, 24)),
            goals=["KR1.2", "O1"],
        ),
        "fr",
    ),
    "help_en": (Ticket(serves=[(BUYERS, 1.0)], goals=["KR3.1", "KR1.1"], answer=Answer("help")), "en"),
    "why_fr": (
        Ticket(
            serves=[(REFUSED, 1.0)],
            reason=Reason("rule", rule="tagged-by-the-team", met=["label: okr-KR1.2"]),
            goals=["KR1.1", "O1"],
            answer=Answer("why", tried=[("paiements", "component: Payments"), ("bogues", "type: Bug")]),
        ),
        "fr",
    ),
    "misunderstood_en": (
        Ticket(
            unserved="nothing",
            goals=["KR1.1", "O1"],
            answer=Answer("no such goal", said="/filrouge map", word="KR1.7<b>", near="KR1.1"),
        ),
        "en",
    ),
}
