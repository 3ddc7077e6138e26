"""The same sync into the shared store."""

from __future__ import annotations

from demo.trackers.faults import DropAfter
from tests.contract.comment_desk import Desk
from tests.contract.conftest import Open
from tests.contract.harness import once
from tests.databases import PostgresServer


def test_a_load_and_what_changes_amid_the_next_one_on_postgresql(world: Open, postgres_server: PostgresServer) -> None:
    with postgres_server.database() as url:
        here = world(store_url=url, pages=7, zone="Asia/Riyadh")
        items = here.populate(40)
        assert here.sync().outcome == "ok"
        here.check()
        turn = iter(range(100))

        def act() -> None:
            number, at = next(turn), here.clock.tick(seconds=1)
            here.harness.edit(items[number], at, title=f"Amid {number}", labels=None, points=2.0, parent=None)

        with here.meanwhile(act):
            for item in items[20:30]:
                here.harness.edit(item, here.clock.tick(), status=2)
            here.harness.move(items[30], here.clock.tick(), 1)
            assert here.sync().outcome == "ok"
        here.clock.tick(minutes=20)
        assert here.sync().outcome == "ok"
        here.check()
        here.store.close()


def test_comments_are_posted_adopted_edited_and_taken_back_on_postgresql(
    world: Open, postgres_server: PostgresServer
) -> None:
    with postgres_server.database() as url:
        here = world(store_url=url)
        items = here.populate(3)
        here.sync()
        desk = Desk(here, {one: f"Serves objective {number}" for number, one in enumerate(items)})
        with here.faults(once(DropAfter(), lambda one: one.method == "POST" and "/comment" in one.path.lower())):
            desk.post()
        desk.post()
        desk.check()
        desk.texts = {one: f"{text} and more" for one, text in desk.texts.items()}
        here.clock.tick()
        desk.post()
        desk.check()
        assert desk.post() is None
        desk.withdraw()
        assert all(texts == [] for texts in desk.said().values())
        here.store.close()
