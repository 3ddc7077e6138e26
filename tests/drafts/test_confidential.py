"""Nothing of a confidential project stands in another project's ticket."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.settings import Comments
from domain.work import WorkItem
from sync.confidential import Discretion
from tests.drafts.conftest import Desk

Make = Callable[..., WorkItem]
SECRET = "{projects: [SHOP, PAY, LUNE, Platform], confidential: [lune]}"
PIN = '[{item: LUNE-1, set: {contributes_to: O2}, by: A. Martin, on: 2026-11-03, why: "WHY"}]'


def test_its_items_are_no_candidates_elsewhere_but_at_home(desk: Desk, make_item: Make) -> None:
    hidden = make_item("LUNE-2", labels=("okr-o2", "web"))
    open_ = make_item("SHOP-2", labels=("okr-kr1.1", "web"))
    ours, theirs = make_item("SHOP-1", labels=("web",)), make_item("LUNE-3", labels=("web",))
    said = {
        draft.item.key: draft.message.plain()
        for draft in desk.with_(comments=SECRET).drafts(ours, theirs, hidden, open_)
    }
    assert "KR1.1): 1 item (same label)" in said["SHOP-1"]
    assert "O2)" not in said["SHOP-1"]
    assert "O2): 1 item (same label)" in said["LUNE-3"]
    assert "O2): 1 item (same label)" in desk.says(ours), "without the setting it is a candidate"


@pytest.mark.parametrize("why", ["as for LUNE-1", "lune goes first", "see title of  lune-1"])
def test_what_is_inherited_from_it_names_neither_key_nor_reason(desk: Desk, make_item: Make, why: str) -> None:
    parent, child = make_item("LUNE-1", level=2), make_item("SHOP-1", parent="id-LUNE-1")
    said = desk.with_(comments=SECRET, pins=PIN.replace("WHY", why)).says(child, parent)
    assert "Why: inherited from above: decided by hand on 3 November 2026.\n" in said
    assert "lune" not in said.casefold()
    assert "LUNE-1" in desk.with_(pins=PIN.replace("WHY", why)).says(child), "without the setting it is named"


def test_a_rule_that_met_its_item_is_told_without_what_it_met(desk: Desk, make_item: Make) -> None:
    parent, child = make_item("LUNE-1", level=2, components=("Pay rocket",)), make_item("SHOP-1", parent="id-LUNE-1")
    said = desk.with_(comments=SECRET).says(child, parent)
    assert "Why: inherited from above: the rule payments.\n" in said
    assert "rocket" not in said


def test_a_name_of_its_that_stands_in_our_own_words_is_left_out(desk: Desk, make_item: Make) -> None:
    said = desk.with_(comments=SECRET).says(make_item("SHOP-1", components=("Pay for Lune",)), make_item("LUNE-1"))
    assert "Why: the rule payments.\n" in said


@settings(
    derandomize=True, max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(before=st.text(max_size=10), after=st.text(max_size=10), title=st.text("Apollo éßİ", min_size=1, max_size=12))
def test_no_text_with_a_title_of_its_may_be_said(make_item: Make, before: str, after: str, title: str) -> None:
    secret, ours = make_item("LUNE-1", title=title), make_item("SHOP-1")
    discretion = Discretion(Comments(confidential=("LUNE",)), {secret.ref: secret, ours.ref: ours})
    if title.strip():
        assert not discretion.may_say(f"{before} {title} {after}", ours)
        assert discretion.may_say(f"{before} {title} {after}", secret)
    assert not discretion.may_say(f"{before} LUNE-1 {after}", ours)
    assert discretion.may_say("clair de lunette", ours)
