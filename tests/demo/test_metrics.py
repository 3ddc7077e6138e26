"""Metrics of a real store by Prometheus' conventions; dashboard and alerts ask for nothing that is not there."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families

from connectors.watch import WATCH
from sync.metrics import Metrics
from sync.wiring import open_house

OPS = Path(__file__).parents[2] / "ops"
DASHBOARD = OPS / "grafana" / "filrouge.json"
ALERTS = OPS / "prometheus" / "alerts.yaml"

BASE_UNITS = ("_seconds", "_bytes", "_ratio", "_info", "_total")
COUNTED = (
    "_items",
    "_writes",
    "_findings",
    "_comments",
    "_deliveries",
    "_requests",
    "_pauses",
)  # what is counted is no unit
STATES = ("_valid", "_generation", "_leader", "_reachable", "_running", "_outcome", "_held")
OTHER_UNITS = re.compile(r"_(milliseconds|ms|minutes|hours|days|percent|kilobytes|kib|mb)(_|$)")
OF_PROMETHEUS = {"instance", "job"}
WORDS = {"and", "or", "unless", "bool", "offset", "by", "on", "without", "ignoring", "group_left", "group_right"}


@pytest.fixture(scope="module")
def scrape(told: tuple[Path, object]) -> str:
    """What a process that has sent requests shows of the demo's store."""
    WATCH.answered("boutique", 200, 0.0)
    WATCH.paused("boutique")
    WATCH.waited("boutique", 1.5)
    with open_house(told[0], secrets=False, environ={}) as house:
        return generate_latest(Metrics(lambda: house).registry()).decode()


@pytest.fixture(scope="module")
def families(scrape: str) -> dict[str, Metric]:
    return {family.name: family for family in text_string_to_metric_families(scrape)}


@pytest.fixture(scope="module")
def labels(families: dict[str, Metric]) -> dict[str, set[str]]:
    """The labels of each name that a query may use."""
    known: dict[str, set[str]] = {}
    for family in families.values():
        known.setdefault(family.name + ("_total" if family.type == "counter" else ""), set())
        for sample in family.samples:
            known.setdefault(sample.name, set()).update(sample.labels)
    return known


def test_names_and_texts_follow_the_conventions(families: dict[str, Metric]) -> None:
    ours = {name: family for name, family in families.items() if not name.startswith("process_")}
    assert len(ours) > 20
    for name, family in ours.items():
        assert re.fullmatch(r"filrouge(_[a-z]+)+", name)
        assert not OTHER_UNITS.search(name), f"{name}: seconds, bytes and ratios are the base units"
        assert name.endswith(BASE_UNITS + COUNTED + STATES) or family.type == "counter", f"{name} tells no unit"
        assert family.type in ("counter", "gauge")
        assert len(family.documentation) > 15
        assert family.documentation.endswith("."), name
        for sample in family.samples:
            assert not OF_PROMETHEUS & sample.labels.keys(), f"{name}: Prometheus sets these labels itself"
            assert sample.name.endswith("_total") == (family.type == "counter")
            if name.endswith("_ratio"):
                assert 0 <= sample.value <= 1


def test_the_store_is_told(families: dict[str, Metric]) -> None:
    items = {sample.labels["source"]: sample.value for sample in families["filrouge_source_items"].samples}
    assert items == {"boutique": 998, "logistique": 474}
    assert {sample.labels["code"] for sample in families["filrouge_report_findings"].samples} >= {"A02", "W01"}
    assert families["filrouge_report_coverage_ratio"].samples
    assert families["filrouge_store_reachable"].samples[0].value == 1


def test_promtool_has_nothing_against_them(scrape: str) -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool is not on the PATH; the tests beside this one stand in for it")
    linted = subprocess.run([promtool, "check", "metrics"], input=scrape, capture_output=True, text=True, check=False)
    assert (linted.returncode, linted.stderr) == (0, "")
    rules = subprocess.run([promtool, "check", "rules", str(ALERTS)], capture_output=True, text=True, check=False)
    assert rules.returncode == 0, rules.stderr


def rules() -> list[dict[str, Any]]:
    return [rule for group in yaml.safe_load(ALERTS.read_text("utf-8"))["groups"] for rule in group["rules"]]


def expressions() -> Iterator[str]:
    """Every PromQL expression that ships."""
    yield from (rule["expr"] for rule in rules())
    for panel in json.loads(DASHBOARD.read_text("utf-8"))["panels"]:
        yield from (target["expr"] for target in panel.get("targets", ()))


def asked(expression: str) -> tuple[dict[str, set[str]], set[str]]:
    """The metrics of an expression with the labels that select among them, and the labels that it groups by."""
    bare = re.sub(r'"[^"]*"', '""', expression)
    grouped = {
        label
        for names in re.findall(r"\b(?:by|on|without|ignoring)\s*\(([^)]*)\)", bare)
        for label in re.findall(r"\w+", names)
    }
    bare = re.sub(r"\b(?:by|on|without|ignoring|group_left|group_right)\s*\([^)]*\)|\[[^]]*\]", " ", bare)
    metrics: dict[str, set[str]] = {}
    for name, selectors in re.findall(
        r"\b([a-zA-Z_:][\w:]*)\b(?!\s*\()(?:\{([^}]*)\})?", re.sub(r"(?<=\{)\s+", "", bare)
    ):
        metrics.setdefault(name, set()).update(re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", selectors))
    inside = {label for names in metrics.values() for label in names}
    return {name: found for name, found in metrics.items() if name not in WORDS | inside}, grouped


def test_the_reader_of_expressions_sees_what_is_not_there() -> None:
    assert asked('sum by (a, b) (rate(x_total{c="d", e=~"f"}[5m])) > 3 * max(y) and on (z) w') == (
        {"x_total": {"c", "e"}, "y": set(), "w": set()},
        {"a", "b", "z"},
    )


def test_every_query_asks_for_what_there_is(labels: dict[str, set[str]]) -> None:
    used: set[str] = set()
    for expression in expressions():
        metrics, grouped = asked(expression)
        assert metrics, expression
        assert expression.count("(") == expression.count(")"), expression
        for name, selected in metrics.items():
            assert name in labels, f"{expression}: there is no {name}"
            missing = (selected | grouped) - labels[name] - OF_PROMETHEUS
            assert not missing, f"{expression}: {name} has no label {missing}"
        used |= metrics.keys()
    shown = {name for name in labels if name.startswith("filrouge_")}
    assert shown - used <= UNSHOWN, "a metric that nobody looks at"


# For whoever asks by hand: nothing that a person should look at every day, or be woken for.
UNSHOWN = {
    "filrouge_config_generation",
    "filrouge_lease_held",
    "filrouge_run_last_start_timestamp_seconds",
    "filrouge_http_clock_skew_seconds",
}


def test_alerts_say_what_happened_and_what_to_do(labels: dict[str, set[str]]) -> None:
    names = [rule["alert"] for rule in rules()]
    assert len(set(names)) == len(names) >= 6
    documented = (OPS.parent / "docs" / "observability.md").read_text("utf-8")
    for rule in rules():
        grouped = asked(rule["expr"])[1]
        texts = " ".join(rule["annotations"].values())
        assert set(re.findall(r"\$labels\.(\w+)", texts)) <= grouped, rule["alert"]
        assert rule["labels"]["severity"] in ("warning", "critical")
        assert {"summary", "description"} == rule["annotations"].keys()
        assert rule["alert"] in documented, f"{rule['alert']} is not in docs/observability.md"


def test_every_metric_is_documented(labels: dict[str, set[str]]) -> None:
    documented = (OPS.parent / "docs" / "observability.md").read_text("utf-8")
    assert not [name for name in labels if name.startswith("filrouge_") and f"`{name}`" not in documented]


def test_panels_do_not_overlap() -> None:
    taken: set[tuple[int, int]] = set()
    panels = json.loads(DASHBOARD.read_text("utf-8"))["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    for panel in panels:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken, panel["title"]
        assert all(x < 24 for x, _ in cells)
        taken |= cells
