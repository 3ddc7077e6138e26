"""Comments on an older server, which knows HTML alone, whose they are, and who is in a team."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import SecretStr

from config.settings import AzureDevOpsAuth, AzureDevOpsSource
from connectors.azure_devops.tracker import connect
from connectors.port import Commentable, Commenter
from demo.trackers.azure_devops import comments
from demo.trackers.azure_devops.processes import AGILE
from demo.trackers.azure_devops.site import AzureDevOpsSite
from demo.trackers.faults import Altered, Instead
from demo.trackers.http import Answer, Fault, Request, serve
from domain.errors import ConfigurationError, ProtocolError, UnavailableError
from domain.message import Block, Message, Piece
from domain.work import State, WorkItem
from tests.connectors_azure_devops.organisation import START, TOKEN, HandClock

NIGHT = datetime(2026, 5, 1, tzinfo=UTC)
ITEM = WorkItem("here", "1", "1", "", "Epic", 1, "One", "New", State.TODO, "Shop", NIGHT, NIGHT)
ADA = {"displayName": "Ada Lovelace", "uniqueName": "ada@acme.example"}


def message(text: str) -> Message:
    return Message([Block([Piece("Serves "), Piece(text, strong=True)])])


def shop(**options: Any) -> AzureDevOpsSite:
    """An organisation with one work item, ITEM."""
    projects = [{"name": "Shop", "process": AGILE}]
    site = AzureDevOpsSite(now=lambda: START, projects=projects, token=TOKEN, **options)
    first = {"System.TeamProject": "Shop", "System.WorkItemType": "Epic", "System.State": "New", "System.Title": "One"}
    site.add({"revisions": [{**first, "System.ChangedDate": "2026-05-01T00:00:00Z"}]})
    return site


@contextmanager
def commenting(site: AzureDevOpsSite) -> Iterator[Commenter]:
    """What writes into the organisation while it is served."""
    with serve(site) as url:
        source = AzureDevOpsSource(
            id="here",
            kind="azure_devops",
            url=url,
            auth=AzureDevOpsAuth.model_construct(method="pat", token=SecretStr(TOKEN)),
            projects=("Shop",),
        )
        tracker = connect(
            source,
            folder=Path(),
            zone=ZoneInfo("UTC"),
            clock=HandClock(),
            dropped_resolutions=(),
            extra_fields=frozenset(),
            agent="tests",
        )
        with closing(tracker):
            assert isinstance(tracker, Commentable)
            yield tracker.commenter()


@pytest.mark.parametrize("version", ["7.1", "7.0"])
def test_a_comment_is_posted_found_and_edited_in_what_the_server_speaks(version: str) -> None:
    site = shop(version=version)
    with commenting(site) as commenter:
        assert list(commenter.look(ITEM)) == []
        posted = commenter.post(ITEM, message("O1"), marker="0a1b", digest="d")
        assert list(commenter.look(ITEM)) == [posted]
        assert (posted.marker, posted.last_by_us) == ("0a1b", True)
        edited = commenter.edit(ITEM, posted.comment, message("O2"), marker="0a1b", digest="d")
        assert edited.stamp != posted.stamp
        assert commenter.read(ITEM, posted.comment) == edited
        commenter.remove(ITEM, posted.comment)
        commenter.remove(ITEM, posted.comment)
        assert commenter.read(ITEM, posted.comment) is None
    (kept,) = site.items[1].comments
    end = "\n\n`filrouge:0a1b`" if version == "7.1" else "<p><code>filrouge:0a1b</code></p>"
    assert kept["text"].endswith(end)
    assert ("<" in kept["text"]) == (version == "7.0")


@pytest.mark.parametrize("told", [{}, {"format": None}, {"format": "markdown", "text": "`/filrouge why`"}])
def test_a_command_is_read_in_whichever_form_the_server_tells_it(told: dict[str, Any]) -> None:
    site = shop()
    entry = comments.say(site, site.items[1], ADA, "<div>/filrouge&nbsp;why<br></div>", START)
    site.items[1].comments = [{**entry, **told}]
    site.observers.clear()
    with commenting(site) as commenter:
        (one,) = commenter.remarks(ITEM)
    assert (one.said, one.at) == ("/filrouge why", START)
    assert (one.author, one.names[1:]) == (one.names[0], ("ada@acme.example",))
    assert "Lovelace" not in repr(one)


def altered(site: AzureDevOpsSite, **keys: Any) -> None:
    """The server tells each comment with these keys instead of its own."""

    def change(answer: Any) -> Any:
        return {**answer, "comments": [{**one, **keys} for one in answer["comments"]]}

    def plan(request: Request, _count: int) -> Fault | None:
        return Altered(change) if request.path.endswith("/comments") else None

    site.faults = plan


def test_of_somebody_who_is_gone_nobody_is_told_and_the_day_of_writing_stands_in() -> None:
    site = shop()
    comments.say(site, site.items[1], ADA, "/filrouge why", START)
    altered(site, createdBy=None, modifiedBy=None, modifiedDate=None)
    with commenting(site) as commenter:
        (one,) = commenter.remarks(ITEM)
        assert (one.author, one.names, one.at) == (None, (), START)
        altered(site, createdDate="soon", modifiedDate=None)
        with pytest.raises(UnavailableError, match="a comment on 1 makes no sense"):
            commenter.remarks(ITEM)


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        (Answer(403, {"message": "Not for you."}), ConfigurationError, r"team Leads of project Shop .* scope"),
        (
            Answer(200, {"count": 1, "value": [{"isTeamAdmin": True}]}),
            ProtocolError,
            "the teams of Shop makes no sense",
        ),
        (Answer(200, {"count": 1, "value": 7}), ProtocolError, "the teams of Shop makes no sense"),
    ],
)
def test_members_that_are_refused_or_make_no_sense_are_an_error(
    answer: Answer, error: type[Exception], words: str
) -> None:
    site = shop()
    site.join("Shop", "Leads", ADA)
    site.observers.clear()
    site.faults = lambda request, _: Instead(answer) if request.path.endswith("/members") else None
    with commenting(site) as commenter:
        assert not commenter.holds(ITEM, "somebody", ["Astronauts"])
        with pytest.raises(error, match=words):
            commenter.holds(ITEM, "somebody", ["Leads"])
