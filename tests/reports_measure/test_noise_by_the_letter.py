"""Chance and trend, held against a slow transcription of their definitions."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from reports.facts import Facts
from reports.measure.clusters import Cluster, ClusterKey
from reports.measure.effort import sample
from reports.measure.ledger import Ledger
from reports.measure.noise import Noise, noise, uniform
from reports.measure.periods import Frame
from reports.measure.trend import trend_of

Build = Callable[[Mapping[str, Any]], Facts]
EPS = 1e-9


def slow_noise(clusters: list[tuple[Any, float]], q: dict[str, float], p: dict[str, float]) -> dict[str, Any]:
    """DRIFT 5, word for word, without any speed."""
    clusters = sorted(clusters)
    pot = {"unaligned"} | {t for t in q if p.get(t, 0) == 0}
    x = min(0.10, sum(q.get(t, 0) for t in pot))
    probabilities = [(t, (1 - x) * p[t]) for t in sorted(p) if p[t] > 0] + [("POT", x)]
    rng = np.random.Generator(np.random.PCG64(0))
    u = rng.random((2000, len(clusters)))
    total = sum(effort for _, effort in clusters)
    draws = []
    for b in range(2000):
        share = dict.fromkeys([t for t, _ in probabilities], 0.0)
        for j, (_, effort) in enumerate(clusters):
            cumulative = 0.0
            gone = probabilities[-1][0]
            for target, probability in probabilities:
                cumulative += probability
                if cumulative > u[b, j]:
                    gone = target
                    break
            share[gone] += effort / total
        draws.append(share)
    seen = {t: q.get(t, 0.0) for t in p if p[t] > 0} | {"POT": sum(q.get(t, 0.0) for t in pot)}
    targets = [t for t, probability in probabilities if t != "POT" or x > 0]
    columns = {t: np.array([draw[t] for draw in draws]) for t in targets}
    lowest = [
        min(
            min(int((columns[t] >= draw[t] - EPS).sum()), int((columns[t] <= draw[t] + EPS).sum())) / 2000
            for t in targets
        )
        for draw in draws
    ]
    chance = {}
    for t in targets:
        up = (1 + int((columns[t] >= seen[t] - EPS).sum())) / 2001
        down = (1 + int((columns[t] <= seen[t] + EPS).sum())) / 2001
        chance[t] = (1 + sum(1 for m in lowest if m <= min(up, down))) / 2001
    indexes = [0.5 * (sum(abs(draw[t] - p[t]) for t in draw if t != "POT") + draw["POT"]) for draw in draws]
    indexes.sort()
    place = 0.95 * 1999
    low = int(place)
    return {
        "chance": chance,
        "expected": sum(indexes) / 2000,
        "by_chance": indexes[low] + (place - low) * (indexes[low + 1] - indexes[low]),
    }


@pytest.mark.parametrize("seed", range(4))
def test_noise_is_what_the_definition_says(seed: int) -> None:
    rng = random.Random(seed)
    p = {"O2": 0.45, "O1": 0.3, "run": 0.25} if seed else {"O1": 0.5, "O2": 0.5}
    n = 9 + seed
    keys = [ClusterKey("shop", f"E-{j}", ((rng.choice(["O1", "O2", "run", "unaligned"]), 1.0),)) for j in range(n)]
    clusters = [Cluster(key, float(rng.randint(1, 5)), (key,)) for key in sorted(keys)]
    total = sum(cluster.effort for cluster in clusters)
    q: dict[str, float] = {}
    for cluster in clusters:
        q[cluster.key.shares[0][0]] = q.get(cluster.key.shares[0][0], 0.0) + cluster.effort / total
    fast: Noise = noise(clusters, q, p, 0.10)
    slow = slow_noise([(tuple(cluster.key), cluster.effort) for cluster in clusters], q, p)
    for target, chance in slow["chance"].items():
        assert fast.chance["unaligned" if target == "POT" else target] == pytest.approx(chance, abs=1e-12)
    assert fast.expected == pytest.approx(slow["expected"], abs=1e-12)
    assert fast.by_chance == pytest.approx(slow["by_chance"], abs=1e-12)
    assert fast.smallest == min(fast.chance.values())


def test_blocks_of_random_numbers_are_the_numbers_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = np.random.Generator(np.random.PCG64(0)).random((2000, 7))
    monkeypatch.setattr("reports.measure.noise.CELLS", 700)
    blocks = list(uniform(7))
    assert len(blocks) == 20
    assert np.array_equal(np.concatenate(blocks), whole)


def _weeks(rng: random.Random) -> list[dict[str, Any]]:
    """Work on a few long epics over the weeks before 2026-W47, some weeks empty; the last ones all on O2."""
    items: list[dict[str, Any]] = [{"key": f"E-{n}", "level": 1, "to": ["O1", "O2", None][n % 3]} for n in range(9)]
    for week in range(30, 48):
        if week in (33, 40):
            continue
        late = week >= 44
        for n in range(rng.randint(2, 6)):
            epic = 3 * rng.randint(0, 2) + 1 if late else rng.randint(0, 8)
            items.append(
                {
                    "key": f"S-{week}-{n}",
                    "parent": f"E-{epic}",
                    "to": ["O1", "O2", None][epic % 3],
                    "done": f"2026-W{week}-3T10:00",
                }
            )
    for item in items:
        if "done" in item:
            item["done"] = str(np.datetime64("2025-12-29") + 7 * (int(item["done"][6:8]) - 1) + 2) + "T10:00"
    return items


def test_trend_is_what_the_definition_says(facts_from: Build) -> None:
    case = {
        "strategy": {
            "cycles": {"2026": [np.datetime64("2026-01-01").item(), np.datetime64("2026-12-31").item()]},
            "objectives": {"O1": 60, "O2": 40},
        },
        "items": _weeks(random.Random(3)),
    }
    ledger = Ledger(facts_from(case))
    frame = Frame(ledger.facts.window, ledger.facts.as_of, 4)
    trend = trend_of(ledger, frame, "items")
    p = {"O1": 0.6, "O2": 0.4}

    windows: list[dict[tuple[Any, ...], float]] = []
    for _, period in frame.trend_windows():
        clusters: dict[tuple[Any, ...], float] = {}
        for work, amount in sample(ledger, period, "items").amounts:
            key = (work.root.source, work.root.key, work.shares)
            clusters[key] = clusters.get(key, 0.0) + amount
        windows.append(clusters)
    every = sorted({key for clusters in windows for key in clusters})
    u = np.random.Generator(np.random.PCG64(0)).random((2000, len(every)))
    z, zs = 0.0, np.zeros(2000)
    held: list[tuple[float | None, float | None, float, Any]] = []
    counted = 0
    for clusters in windows:
        if not clusters:
            held.append((None, None, z, None))
            continue
        counted += 1
        total = sum(clusters.values())
        q = {t: sum(e for k, e in clusters.items() if k[2][0][0] == t) / total for t in ("O1", "O2", "unaligned")}
        x = min(0.10, q["unaligned"])
        drawn = np.zeros((2000, 3))
        for key, effort in clusters.items():
            column = u[:, every.index(key)]
            first = column < (1 - x) * 0.6
            second = ~first & (column < (1 - x) * 0.6 + (1 - x) * 0.4)
            for place, mask in enumerate((first, second, ~first & ~second)):
                drawn[mask, place] += effort / total
        d = 0.5 * sum(abs(q[t] - p.get(t, 0.0)) for t in q)
        ds = 0.5 * (abs(drawn[:, 0] - 0.6) + abs(drawn[:, 1] - 0.4) + drawn[:, 2])
        mu, sigma = ds.mean(), max(ds.std(), 0.02)
        z = 0.3 * (d - mu) / sigma + 0.7 * z
        zs = 0.3 * (ds - mu) / sigma + 0.7 * zs
        held.append((d, mu, z, zs if counted > 3 else None))
    last = [h for h in held[-13:] if h[3] is not None]
    c = np.percentile(np.max([h[3] / h[3].std() for h in last], axis=0), 95)

    assert len(trend.windows) == 26
    assert len(trend.shown) == 13
    assert [w.label for w in trend.shown][-1] == "2026-W47"
    for window, (off, mean, level, drawn_z) in zip(trend.windows, held, strict=True):
        assert window.z == pytest.approx(level, abs=1e-9)
        if off is None:
            assert (window.index, window.expected, window.line) == (None, None, None)
            continue
        assert window.index == pytest.approx(off, abs=1e-9)
        assert window.expected == pytest.approx(mean, abs=1e-9)
        if drawn_z is None:
            assert window.line is None
        else:
            assert window.line == pytest.approx(c * drawn_z.std(), abs=1e-9)
    # The run: from the end backwards over delivering windows above their line.
    above = [(w.label, w.line is not None and w.z > w.line) for w in trend.windows if w.index is not None]
    assert above[-1][1], "the made-up drift is seen"
    expected = above[-1][0]
    for (before, is_above), _ in reversed(list(pairwise(above))):
        if not is_above:
            break
        expected = before
    assert trend.sustained_since == expected


def test_a_trend_of_one_target_has_no_line(facts_from: Build) -> None:
    case = {
        "strategy": {"objectives": {"O1": 1}},
        "items": [{"key": f"S-{n}", "to": "O1", "done": f"2026-11-{n:02d}T10:00"} for n in range(1, 21)],
    }
    ledger = Ledger(facts_from(case))
    trend = trend_of(ledger, Frame(ledger.facts.window, ledger.facts.as_of, 4), "items")
    assert [window.line for window in trend.windows] == [None] * 26
    assert not trend.can_alarm
    assert trend.sustained_since is None
