"""Comments on an older server, which knows HTML alone, and ours among many others."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from pydantic import SecretStr

from config.settings import AzureDevOpsAuth, AzureDevOpsSource
from connectors.azure_devops.tracker import connect
from connectors.port import Commentable
from demo.trackers.azure_devops.processes import AGILE
from demo.trackers.azure_devops.site import AzureDevOpsSite
from demo.trackers.http import serve
from domain.message import Block, Message, Piece
from domain.work import State, WorkItem
from tests.connectors_azure_devops.conftest import START, TOKEN, HandClock

NIGHT = datetime(2026, 5, 1, tzinfo=UTC)


def message(text: str) -> Message:
    return Message([Block([Piece("Serves "), Piece(text, strong=True)])])


@pytest.mark.parametrize("version", ["7.1", "7.0"])
def test_a_comment_is_posted_found_and_edited_in_what_the_server_speaks(version: str, tmp_path: Path) -> None:
    site = AzureDevOpsSite(
        now=lambda: START, projects=[{"name": "Shop", "process": AGILE}], token=TOKEN, version=version
    )
    first = {"System.TeamProject": "Shop", "System.WorkItemType": "Epic", "System.State": "New", "System.Title": "One"}
    number = site.add({"revisions": [{**first, "System.ChangedDate": "2026-05-01T00:00:00Z"}]})
    item = WorkItem("here", str(number), str(number), "", "Epic", 1, "One", "New", State.TODO, "Shop", NIGHT, NIGHT)
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
            folder=tmp_path,
            zone=ZoneInfo("UTC"),
            clock=HandClock(),
            dropped_resolutions=(),
            extra_fields=frozenset(),
            agent="tests",
        )
        with closing(tracker):
            assert isinstance(tracker, Commentable)
            commenter = tracker.commenter()
            assert list(commenter.look(item)) == []
            posted = commenter.post(item, message("O1"), marker="0a1b", digest="d")
            assert list(commenter.look(item)) == [posted]
            assert (posted.marker, posted.last_by_us) == ("0a1b", True)
            edited = commenter.edit(item, posted.comment, message("O2"), marker="0a1b", digest="d")
            assert edited.stamp != posted.stamp
            assert commenter.read(item, posted.comment) == edited
            commenter.remove(item, posted.comment)
            commenter.remove(item, posted.comment)
            assert commenter.read(item, posted.comment) is None
    (kept,) = site.items[number].comments
    end = "\n\n`filrouge:0a1b`" if version == "7.1" else "<p><code>filrouge:0a1b</code></p>"
    assert kept["text"].endswith(end)
    assert ("<" in kept["text"]) == (version == "7.0")
