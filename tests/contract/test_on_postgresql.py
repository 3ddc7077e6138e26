"""The same sync into the shared store."""

from __future__ import annotations

from tests.contract.conftest import Open
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
