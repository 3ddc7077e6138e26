"""What the running service answers over HTTP, and when it says that it cannot do its work."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from datetime import timedelta
from http.client import HTTPConnection
from pathlib import Path

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as open_metrics
from prometheus_client.parser import text_string_to_metric_families as text_metrics

from config.load import load
from domain.errors import ConfigurationError
from store.open import open_store
from sync.metrics import Metrics
from sync.web import serve
from sync.wiring import House
from tests.cli.conftest import Call
from tests.sync.conftest import NOW, StillClock

ANY = "127.0.0.1:0"
OPEN_METRICS = "application/openmetrics-text; version=1.0.0"


@pytest.fixture
def house(filrouge: Call, tmp_path: Path) -> Iterator[House]:
    assert filrouge("init", ".").returncode == 0
    workspace = load(tmp_path, {}, secrets=False)
    with closing(open_store(workspace.store_url)) as store:
        yield House(workspace, store, StillClock())


def get(address: tuple[str, int], path: str, **headers: str) -> tuple[int, str, str]:
    with closing(HTTPConnection(*address, timeout=30)) as connection:
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.headers["Content-Type"], answer.read().decode()


def told(text: str) -> Mapping[str, float]:
    """Samples by name and labels, as they stand in the text."""
    return {
        sample.name + "".join(f" {name}={value}" for name, value in sorted(sample.labels.items())): sample.value
        for family in text_metrics(text)
        for sample in family.samples
    }


def served(metrics: Metrics, path: str, ready: Callable[[], Sequence[str]] = lambda: ()) -> tuple[int, str, str]:
    with serve(ANY, metrics, ready) as address:
        assert address is not None
        return get(address, path)


def test_it_lives_and_is_ready_and_knows_nothing_else(house: House) -> None:
    with serve(ANY, Metrics(lambda: house)) as address:
        assert address is not None
        assert get(address, "/healthz")[::2] == (200, "ok\n")
        assert get(address, "/readyz?verbose")[::2] == (200, "ok\n")
        for path in ("/", "/config", "/../filrouge.yaml", "/healthz/x"):
            assert get(address, path)[0] == 404
    with pytest.raises(OSError, match=r"refused|reset"):  # the port is given back
        socket.create_connection(address, timeout=5)


def test_each_reason_for_not_being_ready_is_a_line(house: House) -> None:
    metrics = Metrics(lambda: house)
    metrics.set_config_valid(False)
    status, _, text = served(metrics, "/readyz", lambda: ["The schedule is not running."])
    assert status == 503
    first, second = text.splitlines()
    assert first == "The schedule is not running."
    assert "filrouge check" in second
    metrics.set_config_valid(True)
    assert served(metrics, "/readyz")[0] == 200


def test_a_store_that_is_gone_is_said_and_the_rest_told(house: House, tmp_path: Path) -> None:
    metrics = Metrics(lambda: house)
    house.store.close()
    (tmp_path / "filrouge.db").write_bytes(b"no database, and longer than the header of one" * 100)
    for left in ("filrouge.db-wal", "filrouge.db-shm"):
        (tmp_path / left).unlink(missing_ok=True)
    status, _, text = served(metrics, "/readyz")
    assert (status, "store" in text) == (503, True)
    assert served(metrics, "/healthz")[0] == 200
    status, _, text = served(metrics, "/metrics")
    assert status == 200
    samples = told(text)
    assert samples["filrouge_store_reachable"] == 0
    assert "filrouge_leader" in samples
    assert not any(name.startswith("filrouge_source") for name in samples)


def test_metrics_follow_the_store_and_the_process(house: House) -> None:
    metrics, clock = Metrics(lambda: house), house.clock
    assert isinstance(clock, StillClock)
    before = told(served(metrics, "/metrics")[2])
    assert before["filrouge_source_items source=example"] == 0
    assert "filrouge_source_lag_seconds source=example" not in before  # never read: there is no age to tell
    with house.store.writing() as unit:
        number = unit.start_run("sync", "example", NOW)
        unit.finish_run(number, NOW + timedelta(seconds=90), "partial", {})
        number = unit.start_run("sync", "example", NOW + timedelta(minutes=10))
        unit.finish_run(number, NOW + timedelta(minutes=11), "failed", {"problem": "secret"})
        unit.start_run("sync", "example", NOW + timedelta(minutes=20))
    clock.at = NOW + timedelta(hours=1)
    metrics.set_leader(True)
    metrics.set_config_valid(False)
    metrics.set_config_valid(True)
    text = served(metrics, "/metrics")[2]
    after = told(text)
    assert after["filrouge_source_lag_seconds source=example"] == 3600
    assert after["filrouge_run_last_duration_seconds kind=sync subject=example"] == 60
    assert after["filrouge_run_last_outcome kind=sync outcome=failed subject=example"] == 1
    assert after["filrouge_run_last_outcome kind=sync outcome=ok subject=example"] == 0
    assert after["filrouge_run_running kind=sync subject=example"] == 1  # and what ended before is still told
    success = after["filrouge_run_last_success_timestamp_seconds kind=sync subject=example"]
    assert success == (NOW + timedelta(seconds=90)).timestamp()
    assert (before["filrouge_leader"], after["filrouge_leader"]) == (0, 1)
    assert after["filrouge_config_generation"] == before["filrouge_config_generation"] + 1
    assert after["filrouge_config_valid"] == 1
    assert "secret" not in text


def test_open_metrics_for_whoever_asks(house: House) -> None:
    with serve(ANY, Metrics(lambda: house)) as address:
        assert address is not None
        _, kind, text = get(address, "/metrics", Accept=OPEN_METRICS)
    assert kind.startswith("application/openmetrics-text")
    names = {family.name for family in open_metrics(text)}  # type: ignore[no-untyped-call] # it has no types
    assert {"filrouge_build", "filrouge_leader"} <= names


def test_an_address_that_is_taken_is_said(house: House) -> None:
    metrics = Metrics(lambda: house)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        listen = f"127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(ConfigurationError, match=rf"service\.listen.*{listen}"), serve(listen, metrics):
            pass
    with serve("off", metrics) as address:
        assert address is None
