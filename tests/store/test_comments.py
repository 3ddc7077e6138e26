"""The outbox and the comments that stand, on both databases, and a store of the first schema that has some."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, text

import store.migrations
from domain.errors import LeaseError
from domain.lines import Line
from domain.work import ItemRef
from store.kept import Fence, StoredComment, WriteState
from store.open import Store, open_store

ITEM = ItemRef("shop", "1")


def begin(store: Store, board: Any, marker: str, *, hours: float = 1, **said: Any) -> int:
    """A write that is sent next, in a lease of ours."""
    with store.writing() as unit:
        fence = unit.take_lease("comments:shop", marker, board.at(hours), 60)
        assert fence is not None
        text_of = {"body": "Serves O1\x00", "digest": "d1", "why": "rule first", "purpose": "tells", **said}
        number = unit.begin_write(
            ITEM, text_of.pop("action", "post"), fence, marker=marker, at=board.at(hours), **text_of
        )
        unit.release_lease(fence)
    return number


def standing(board: Any, **values: Any) -> StoredComment:
    plain = StoredComment(ITEM, "77", "aa", "d1", "standing", board.at(1), None, "3", "Serves O1")
    return replace(plain, **values)


def test_a_write_is_there_before_it_is_sent_and_says_what_became_of_it(store: Store, board: Any) -> None:
    board.save(store, board.record(1))
    number = begin(store, board, "aa")
    with store.reading() as reader:
        (write,) = reader.writes(["trying"])
    assert (write.number, write.ref, write.action, write.state) == (number, ITEM, "post", "trying")
    assert (write.marker, write.body, write.tried_at, write.sent_at) == ("aa", "Serves O1�", board.at(1), None)
    with store.writing() as unit:
        unit.end_write(number, "unclear", board.at(2), "no answer")
    with store.reading() as reader:
        assert reader.writes(["trying"]) == []
        assert [one.problem for one in reader.writes(["unclear", "trying"], source="shop")] == ["no answer"]
        assert reader.writes(["unclear"], source="other") == []
    with store.writing() as unit:
        unit.end_write(number, "sent", board.at(3))
    with store.reading() as reader:
        (write,) = reader.writes(["sent"], since=board.at(1))
        assert (write.problem, write.sent_at) == (None, board.at(3))
        assert reader.writes(["sent"], since=board.at(1.1)) == []


def test_a_write_of_a_lease_that_is_lost_is_not_begun(store: Store, board: Any) -> None:
    board.save(store, board.record(1))
    begin(store, board, "aa")
    old = Fence("comments:shop", 99)
    with pytest.raises(LeaseError), store.writing() as unit:
        unit.begin_write(ITEM, "post", old, marker="bb", body="", digest="", why="", purpose="asks", at=board.at(2))
    with store.reading() as reader:
        assert [one.marker for one in reader.writes(["trying"])] == ["aa"]


def test_what_an_item_got_since_an_instant_counts_what_may_have_arrived(store: Store, board: Any) -> None:
    board.save(store, board.record(1), board.record(2))
    states: list[WriteState] = ["sent", "unclear", "trying", "refused", "void"]
    for number, state in enumerate(states):
        row = begin(store, board, f"a{number}", hours=number + 1)
        with store.writing() as unit:
            unit.end_write(row, state, board.at(number + 1))
    begin(store, board, "ff", hours=9, action="remove")
    with store.reading() as reader:
        assert reader.writes_since(board.at(0)) == {ITEM: 3}
        assert reader.writes_since(board.at(2)) == {ITEM: 2}
        assert reader.writes_since(board.at(8)) == {}


def test_a_comment_is_kept_once_and_a_project_counts_until_it_is_withdrawn(store: Store, board: Any) -> None:
    board.save(store, board.record(1), board.record(2, project="PAY"))
    with store.writing() as unit:
        unit.keep_comment(standing(board))
        unit.keep_comment(standing(board, digest="d2", edited_at=board.at(5), stamp="4", body=None))
        unit.keep_comment(standing(board, ref=ItemRef("shop", "2"), state="edited"))
    with store.reading() as reader:
        kept = reader.comments()
        assert kept[ITEM] == standing(board, digest="d2", edited_at=board.at(5), stamp="4", body=None)
        assert list(reader.comments("other")) == []
        assert reader.written_projects() == {("shop", "SHOP"), ("shop", "PAY")}
    with store.writing() as unit:
        unit.keep_comment(standing(board, state="withdrawn"))
    with store.reading() as reader:
        assert reader.written_projects() == {("shop", "PAY")}


def test_a_moved_item_keeps_its_comment(store: Store, board: Any) -> None:
    board.save(store, board.record(1))
    with store.writing() as unit:
        unit.keep_comment(standing(board))
    later = board.at(4)
    board.save(store, board.record(1, key="PAY-9", project="PAY", updated_at=later), hours=5)
    with store.reading() as reader:
        assert reader.comments()[ITEM] == standing(board)
        assert reader.written_projects() == {("shop", "PAY")}


def test_a_store_of_the_first_schema_keeps_its_comments_and_writes(database_url: str, board: Any) -> None:
    engine = create_engine(database_url)
    config = Config()
    config.set_main_option("script_location", str(Path(next(iter(store.migrations.__path__)))).replace("%", "%%"))
    at = "1000" if engine.dialect.name == "sqlite" else "'1970-01-01T00:00:00.001Z'"
    item = {"source": "shop", "id": "1", "key": "SHOP-1", "url": "u", "type": "Story", "level": 0, "title": "Basket"}
    item |= {"status": "Open", "state": "todo", "project": "SHOP", "labels": "[]", "components": "[]"}
    item |= {"fix_versions": "[]", "fields": "{}", "digest": b"d"}
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        names = ", ".join(item)
        values = ", ".join(f":{name}" for name in item)
        connection.execute(
            text(
                f"INSERT INTO work_item ({names}, created_at, updated_at, seen_at) "  # noqa: S608 # our own names
                f"VALUES ({values}, {at}, {at}, {at})"
            ),
            item,
        )
        connection.execute(
            text(
                "INSERT INTO comment (source, id, comment, marker, digest, state, posted_at) "
                "SELECT source, id, '77', 'aa', 'd1', 'standing', created_at FROM work_item"
            )
        )
    engine.dispose()
    opened = open_store(database_url)
    with opened.reading() as reader:
        kept = reader.comments()[ITEM]
        assert (kept.comment, kept.marker, kept.state, kept.stamp, kept.body) == ("77", "aa", "standing", None, None)
        assert kept.posted_at.timestamp() == pytest.approx(timedelta(milliseconds=1).total_seconds())
        assert [one.key for one in reader.items()] == ["SHOP-1"]
    with opened.writing() as unit:
        unit.keep_comment(replace(kept, stamp="5", body="Serves O1"))
    with opened.reading() as reader:
        assert reader.comments()[ITEM].body == "Serves O1"
    opened.close()


def test_what_stands_in_a_ticket_is_known_line_by_line_and_as_of_an_instant(store: Store, board: Any) -> None:
    board.save(store, board.record(1), board.record(2))

    def line(comment: str, said: str, hours: float) -> Line:
        return Line(ITEM, comment, said, "someone", True, board.at(hours), board.at(hours))

    first, second = line("7", "/filrouge map KR1", 1), line("8", "/filrouge mute", 2)
    edited = line("8", "/filrouge why \0", 4)
    heard = [([first], 1), ([first, second], 2), ([first, second], 3), ([edited], 4)]
    with store.writing() as unit:
        new = [unit.keep_lines(ITEM, lines, board.at(hours), board.at(hours)) for lines, hours in heard]
    assert new == [1, 1, 0, 1]
    told = {}
    with store.reading() as reader:
        for hours in (0.5, 1, 2, 3.9, 4, None):
            at = None if hours is None else board.at(hours)
            told[hours] = [one.said.split()[1] for one in reader.lines(at).get(ITEM, [])]
    assert told == {0.5: [], 1: ["map"], 2: ["map", "mute"], 3.9: ["map", "mute"], 4: ["why"], None: ["why"]}
