"""Whatever goes wrong on the way, the run says so in one sentence, is a good guest, and the next one goes on."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.client import HTTPConnection
from itertools import pairwise
from threading import Barrier, Event
from typing import Any
from urllib.parse import urlsplit

import pytest

from connectors.gate import Gate
from connectors.transport import Answer, call
from demo.trackers.faults import (
    Altered,
    Delay,
    DropAfter,
    DropBefore,
    ExtraHeaders,
    Html,
    Instead,
    TooManyRequests,
    Truncated,
    Unavailable,
)
from demo.trackers.http import Answer as Reply
from demo.trackers.http import Exchange, Fault, Request
from domain.errors import ConfigurationError, CredentialsError, ProtocolError, UnavailableError
from tests.contract.conftest import Open
from tests.contract.harness import HandClock, once
from tests.contract.world import World


def test_a_repeated_token_stops_within_two_requests(world: Open) -> None:
    here = world(pages=5)
    here.populate(40)
    kept: list[object] = []

    def first(answer: object) -> object:
        kept.append(here.harness.repeated(answer))
        return kept[0]

    def plan(request: Request, _count: int) -> Fault | None:
        if not here.harness.reads_pages(request):
            return None
        return Instead(Reply(body=kept[0])) if kept else Altered(first)

    with here.faults(plan):
        result = here.sync()
    assert isinstance(result.error, ProtocolError)
    assert "token twice" in str(result.problem)
    asked = [one for one in here.exchanges if here.harness.reads_pages(_as_request(one))]
    assert len(asked) == 2, "the page that gives the token first, and the one that gives it again"
    assert here.sync().outcome == "ok"
    here.check()


def test_a_token_that_expires_half_way_loses_nothing(world: Open) -> None:
    """Refused in the middle: the run fails with a sentence, what was read is kept, and the next one goes on."""
    here = world(pages=5)
    here.populate(40)
    spent = [0]

    def plan(request: Request, _count: int) -> Fault | None:
        fault = here.harness.spent(request)
        spent[0] += fault is not None
        return fault if spent[0] == 3 else None

    with here.faults(plan):
        result = here.sync()
    assert isinstance(result.error, ProtocolError)
    assert here.sync().outcome == "ok"
    here.check()


def test_an_unknown_project_is_a_configuration_error(world: Open, kind: str) -> None:
    here = world(keys={"projects": ["Shopp", "Pay"] if kind == "azure_devops" else ["SHOPP", "PAY"]})
    here.populate(6)
    result = here.sync()
    assert isinstance(result.error, ConfigurationError)
    assert here.harness.unknown_project() in str(result.problem)
    assert here.harness.projects[0] in str(result.problem), "the nearest name is told"
    assert here.items() == {}


def test_one_items_403_or_404_is_set_aside_and_the_run_goes_on(world: Open) -> None:
    """Counted, kept as it was known, tried again by the next run, and whole again as soon as it may be read."""
    here = world(pages=5)
    items = here.populate(20)
    here.sync()
    here.clock.tick(hours=3)
    late = here.harness.add(here.clock.tick(), "Came late", parent=items[0])
    here.harness.edit(items[7], here.clock.tick(), title="Another")
    with here.faults(here.harness.stumble(late, here.clock.tick())):
        first = here.sync()
        assert (first.outcome, first.set_aside) == ("partial", 1)
        here.check(unseen={late})
        second = here.sync()
        assert (second.outcome, second.set_aside) == ("partial", 1)
    with here.store.reading() as reader:
        (aside,) = reader.set_aside("here")
    assert aside.id == late
    assert here.sync().outcome == "ok"
    here.check()
    with here.store.reading() as reader:
        assert reader.set_aside("here") == []


def test_eight_workers_and_one_429_make_one_pause(kind: str, world: Open) -> None:
    """Eight threads behind one gate and a real server: after its 429 each sends at most the request it had begun."""
    here = world()
    log: list[tuple[float, int]] = []
    clock = HandClock()
    paused = Event()

    class Noted(Gate):
        def pause(self, seconds: float) -> None:
            super().pause(seconds)
            paused.set()

    gate = Noted("here", clock, per_second=1e6)
    here.harness.served.observers.append(lambda exchange: log.append((clock.monotonic(), exchange.status)))
    parts = urlsplit(here.url)
    together = Barrier(8)

    class Together:
        """Eight requests are under way when one is refused; the others are answered once that is known."""

        def __init__(self, count: int) -> None:
            self.count = count

        def answer(self, _request: Request, _handle: object) -> Reply:
            together.wait(30)
            if self.count == 11:
                return Reply(429, {"message": "slower"}, {"Retry-After": "30"})
            paused.wait(30)
            return Reply(body={})

    def work(_number: int) -> None:
        connection = HTTPConnection(parts.netloc, timeout=30)

        def send() -> Answer:
            connection.request("GET", f"{parts.path}/anything", headers={"Authorization": "Bearer contract-token"})
            response = connection.getresponse()
            return Answer(response.status, dict(response.getheaders()), response.read())

        for _ in range(12):
            call(send, gate, what="anything", accept=(404,))
        connection.close()

    with here.faults(lambda _, count: Together(count) if 9 <= count <= 16 else None), ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    refused = next(place for place, (_, status) in enumerate(log) if status == 429)
    begun = log[refused][0]
    after = [at for at, _ in log[refused + 1 :] if at < begun + 30]
    assert len(after) <= 7, "each of the other workers ends the request it had begun, and begins none"
    assert gate.pauses == 1
    assert len(log) == 8 * 12 + 1


def test_after_one_429_a_whole_pull_makes_one_pause(world: Open) -> None:
    here = world(pages=10)
    here.populate(60)
    instants: list[datetime] = []
    here.harness.served.observers.append(lambda _: instants.append(here.clock.at))
    with here.faults(once(TooManyRequests("40"), here.harness.reads_pages)):
        assert here.sync().outcome == "ok"
    gaps = [later - earlier for earlier, later in pairwise(instants)]
    assert [gap for gap in gaps if gap > timedelta(seconds=5)] == [
        gap for gap in gaps if timedelta(seconds=39) < gap < timedelta(seconds=42)
    ]
    assert sum(gap > timedelta(seconds=5) for gap in gaps) == 1
    here.check()


@pytest.mark.parametrize("count", [90, 250])
def test_requests_grow_with_pages_and_never_with_items(world: Open, count: int) -> None:
    here = world(pages=100, ids=5_000)
    here.populate(count)
    before = len(here.exchanges)
    assert here.sync().outcome == "ok"
    spent = here.spent(before)
    assert spent <= here.harness.cost(count, here.exchanges[before:]) + here.harness.handful
    here.check()


def test_when_nothing_changed_a_run_costs_a_handful(world: Open) -> None:
    here = world(checked=True)
    here.populate(150)
    here.sync()
    here.clock.tick(hours=2)
    before = len(here.exchanges)
    result = here.sync()
    assert here.spent(before) == result.requests <= here.harness.quiet
    assert (result.count.new, result.count.changed) == (0, 0)


def test_every_request_says_who_we_are(world: Open) -> None:
    """With the version, so that an admin who sees us knows whom to ask; on every single request."""
    here = world(pages=10)
    here.populate(30)
    here.sync()
    tracker = here.connect(here.workspace.settings.sources[0])
    tracker.access()
    tracker.close()
    agents = {one.request_headers.get("user-agent") for one in here.exchanges}
    assert len(agents) == 1
    (agent,) = agents
    assert agent is not None
    assert agent.startswith("filrouge/")
    assert agent.partition("/")[2][:1].isdigit()


def test_the_203_page_is_an_authentication_error(world: Open) -> None:
    here = world()
    here.populate(3)
    here.harness.served.tokens = {"another"}
    result = here.sync()
    assert isinstance(result.error, CredentialsError)
    assert 203 in {one.status for one in here.exchanges}
    assert here.items() == {}


def test_a_token_revoked_half_way_keeps_what_came_and_asks_for_another(world: Open) -> None:
    here = world(pages=5)
    here.populate(40)

    def revoke() -> None:
        here.harness.served.tokens = {"another"}

    with here.meanwhile(revoke, page=4):
        result = here.sync()
    assert isinstance(result.error, CredentialsError)
    here.harness.served.tokens = {"contract-token"}
    assert here.sync().outcome == "ok"
    here.check()


def in_thirty_seconds() -> Fault:
    """A 429 whose Retry-After is a date: the server's own clock is the machine's, and so is its Date header."""
    return TooManyRequests(format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True))


FAULTS: dict[str, tuple[Callable[[], Fault], int, tuple[float, float]]] = {
    # name: (the fault, how often in a row, the least and the most seconds that all waits together may take)
    "429 whole": (lambda: TooManyRequests("7"), 1, (7, 8)),
    "429 fractional": (lambda: TooManyRequests("0.5"), 1, (0.5, 1)),
    "429 date": (in_thirty_seconds, 1, (27, 31)),
    "429 zero": (lambda: TooManyRequests("0"), 1, (0, 1)),
    "429 zero, again and again": (lambda: TooManyRequests("0"), 3, (1, 10)),
    "429 without a word": (lambda: TooManyRequests(None), 2, (1, 10)),
    "429 as a page": (lambda: TooManyRequests("3", html=True), 1, (3, 4)),
    "limit told on a 200": (lambda: ExtraHeaders({"Retry-After": "9"}), 1, (9, 10)),
    "nothing remains": (
        lambda: ExtraHeaders({"X-RateLimit-Remaining": "0", "X-RateLimit-Interval-Seconds": "11"}),
        1,
        (11, 12),
    ),
    "503 burst": (lambda: Unavailable(503), 3, (1, 20)),
    "503 with a wait": (lambda: Unavailable(503, retry_after="5"), 1, (5, 6)),
    "500 once": (lambda: Unavailable(500), 1, (0, 5)),
    "502 as a page": (lambda: Unavailable(502, html=True), 2, (0, 10)),
    "dropped before": (DropBefore, 2, (0, 10)),
    "dropped after": (DropAfter, 2, (0, 10)),
    "broken JSON": (lambda: Truncated(0.7), 2, (0, 10)),
    "an answer that ends early": (lambda: Truncated(0.4, promised=True), 2, (0, 10)),
    "slow": (lambda: Delay(0.05), 2, (0, 1)),
}


class Pages:
    """Counts the requests for pages of items; from the `first` one on they have been reached."""

    def __init__(self, world: World, first: int) -> None:
        self._world, self._first, self.seen = world, first, 0

    def reached(self, request: Request) -> bool:
        is_page = self._world.harness.reads_pages(request)
        self.seen += is_page
        return is_page and self.seen >= self._first


def test_what_passes_is_waited_for(world: Open) -> None:
    """Each fault comes amid the pages of a load; the run waits as long as it was told and brings everything."""
    here = world(pages=10)
    items = here.populate(30)
    for number, (name, (make, times, (least, most))) in enumerate(FAULTS.items()):
        here.harness.edit(items[number], here.clock.tick(), title=f"Before {name}")
        here.clock.slept.clear()
        pages = Pages(here, 2)
        with here.faults(once(make(), pages.reached, times)):
            result = here.sync(full=True)
        assert result.outcome == "ok", f"{name}: {result.problem}"
        assert pages.seen == 1 + times, name
        # By this clock the threads that wait side by side wait one after another.
        assert least - 1e-6 <= sum(here.clock.slept) <= most * here.harness.threads, name
        here.check()


ENDS: dict[str, tuple[Fault, type[Exception]]] = {
    "a page in place of JSON": (Html(), CredentialsError),
    "a proxy's page": (Html(503), UnavailableError),
    "two hours": (TooManyRequests("7200"), UnavailableError),
    "down": (Unavailable(503), UnavailableError),
    "no connection": (DropBefore(), UnavailableError),
    "always cut": (Truncated(0.5), UnavailableError),
}


def test_what_does_not_pass_ends_the_run_with_a_sentence(world: Open) -> None:
    """What came before is kept, nothing is asked for ever, and the next run brings the rest."""
    here = world(pages=10)
    items = here.populate(60)
    for number, (name, (fault, error)) in enumerate(ENDS.items()):
        here.harness.edit(items[number], here.clock.tick(), title=f"Before {name}")
        here.clock.slept.clear()
        pages = Pages(here, 3)
        with here.faults(once(fault, pages.reached, times=1000)):
            result = here.sync(full=True)
        assert isinstance(result.error, error), f"{name}: {result.problem}"
        assert "\n" not in str(result.problem)
        assert pages.seen <= 3 + 10 * here.harness.threads, name
        assert sum(here.clock.slept) <= 150 * here.harness.threads, name
        here.clock.tick(hours=3)
        assert here.sync().outcome == "ok", name
        here.check()


def _as_request(exchange: Exchange) -> Any:
    return exchange
