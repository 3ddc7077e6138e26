"""Commands in comments that are seen by few, by nobody that is known, or at no time that makes sense."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.jira.tracker import JiraTracker
from demo.trackers.http import Exchange
from demo.trackers.jira import comments
from demo.trackers.jira.site import JiraSite
from demo.trackers.jira.text import document
from domain.errors import UnavailableError
from domain.work import State, WorkItem

NIGHT = datetime(2026, 5, 1, tzinfo=UTC)
ADA = {"accountId": "a-1", "displayName": "Ada Lovelace", "emailAddress": "ada@acme.example", "active": True}
GONE = {"accountId": "unknown", "displayName": "Former user", "active": False}

Site = Callable[..., tuple[JiraSite, str, list[Exchange]]]
Connect = Callable[..., JiraTracker]


@pytest.fixture
def said(site: Site, tracker: Connect, issue: Callable[..., dict[str, Any]]) -> Callable[..., list[Any]]:
    """`said(its author, **keys that are told instead)`: what is found of one comment that says `/filrouge why`."""

    def find(person: dict[str, Any], **keys: Any) -> list[Any]:
        served, url, _ = site(issues=[issue(1)], checked=not keys.keys() & {"author", "created"})
        (one,) = served.issues()
        entry = comments.say(served, one, person, document("/filrouge why"), served.now())
        one.comments = [{**entry, **keys}]
        item = WorkItem("shop", str(one.id), one.key, "", "Epic", 1, "One", "New", State.TODO, "SHOP", NIGHT, NIGHT)
        return list(tracker(url).commenter().remarks(item))

    return find


@pytest.mark.parametrize("keys", [{}, {"visibility": {"type": "role", "value": "Leads"}}, {"jsdPublic": False}])
def test_one_that_only_some_may_see_counts_like_any_other(said: Callable[..., list[Any]], keys: Any) -> None:
    (one,) = said(ADA, **keys)
    assert (one.author, list(one.names)) == ("a-1", ["a-1", "ada@acme.example"])
    assert "Lovelace" not in repr(one)


@pytest.mark.parametrize("keys", [{}, {"author": None, "updateAuthor": None}, {"author": {}, "updateAuthor": {}}])
def test_of_somebody_who_is_gone_or_hidden_nobody_is_told(said: Callable[..., list[Any]], keys: Any) -> None:
    (one,) = said(GONE, **keys)
    assert (one.author, list(one.names), one.said) == (None, [], "/filrouge why")


def test_a_comment_without_an_instant_is_an_answer_that_makes_no_sense(said: Callable[..., list[Any]]) -> None:
    with pytest.raises(UnavailableError, match="a comment on SHOP-1 makes no sense"):
        said(ADA, created="soon", updated=None)
