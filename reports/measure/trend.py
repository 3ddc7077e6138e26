"""Whether week after week lies further from the plan than chance would put it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from reports.measure.allocation import delivered_shares, drift_index
from reports.measure.clusters import ClusterKey, split_by_root
from reports.measure.effort import Sample, sample
from reports.measure.ledger import Ledger
from reports.measure.noise import Floats, Lottery, lottery, uniform
from reports.measure.periods import SHOWN, Frame

MEMORY = 0.7  # how much of z a week inherits from the one before
LEAST_SPREAD = 0.02  # a week whose index hardly varies by chance is no louder than this
UNLINED = 3  # the first windows with delivery have no line: z has not yet found its level
STILL = 1e-9


@dataclass(frozen=True, slots=True)
class TrendWindow:
    """`index`, `expected` and `line` are None for a window without delivery or plan; its `z` is the one before."""

    label: str
    sample: Sample
    index: float | None = None
    expected: float | None = None
    z: float = 0.0
    line: float | None = None


@dataclass(frozen=True, slots=True)
class Trend:
    """26 windows, oldest first; `sustained_since` is the label of the first window of a run that still lasts."""

    windows: Sequence[TrendWindow]
    sustained_since: str | None

    @property
    def shown(self) -> Sequence[TrendWindow]:
        return self.windows[-SHOWN:]

    @property
    def can_alarm(self) -> bool:
        """Whether the last delivering window has a line at all."""
        last = next((window for window in reversed(self.windows) if window.index is not None), None)
        return last is not None and last.line is not None


@dataclass(frozen=True, slots=True)
class _Delivering:
    """One window that counts: where it stands, its plan as a lottery, its clusters' columns and efforts."""

    place: int
    index: float
    game: Lottery
    columns: Sequence[int]
    efforts: Floats


def trend_of(ledger: Ledger, frame: Frame, measure: str) -> Trend:
    """The trend that ends with the frame's window (DRIFT 6)."""
    periods = frame.trend_windows()
    bare = [TrendWindow(label, sample(ledger, period, measure)) for label, period in periods]
    plans = [ledger.plan.over(period) for _, period in periods]
    splits = [split_by_root(window.sample.amounts) for window in bare]
    counts = [bool(split) and plan.planned is not None for split, plan in zip(splits, plans, strict=True)]
    every = sorted({key for split, counted in zip(splits, counts, strict=True) if counted for key in split})
    column: dict[ClusterKey, int] = {key: place for place, key in enumerate(every)}
    delivering = []
    for place, (window, plan, split) in enumerate(zip(bare, plans, splits, strict=True)):
        q = delivered_shares(window.sample.amounts)
        if not counts[place] or q is None or plan.planned is None:
            continue
        delivering.append(
            _Delivering(
                place=place,
                index=drift_index(q, plan.planned),
                game=lottery(q, plan.planned, ledger.facts.options.thresholds.unaligned),
                columns=[column[key] for key in split],
                efforts=np.array([effort for _, effort in split.values()], dtype=np.float64),
            )
        )
    if not delivering:
        return Trend(bare, None)
    return _judged(bare, delivering, len(every))


def _judged(bare: Sequence[TrendWindow], delivering: Sequence[_Delivering], columns: int) -> Trend:
    drawn = _drawn_indexes(delivering, columns)
    mean, spread = drawn.mean(axis=0), np.maximum(drawn.std(axis=0), LEAST_SPREAD)
    observed = np.array([window.index for window in delivering])
    z = _smoothed(((observed - mean) / spread)[None, :])[0]
    z_drawn = _smoothed((drawn - mean) / spread)
    lines = _lines(z_drawn, [window.place for window in delivering], len(bare))
    windows = list(bare)
    held = 0.0
    by_place = {window.place: number for number, window in enumerate(delivering)}
    for place, window in enumerate(bare):
        number = by_place.get(place)
        if number is None:
            windows[place] = replace(window, z=held)
            continue
        held = float(z[number])
        windows[place] = replace(
            window, index=float(observed[number]), expected=float(mean[number]), z=held, line=lines[number]
        )
    return Trend(windows, _sustained(windows))


def _drawn_indexes(delivering: Sequence[_Delivering], columns: int) -> Floats:
    """D of each draw in each delivering window (draws x windows); a cluster goes to one target throughout."""
    return np.concatenate([_indexes(delivering, u) for u in uniform(columns)])


def _indexes(delivering: Sequence[_Delivering], u: Floats) -> Floats:
    drawn = [window.game.index(window.game.shares(u[:, window.columns], window.efforts)) for window in delivering]
    return np.stack(drawn, axis=1)


def _smoothed(s: Floats) -> Floats:
    """`z(k) = 0.3·s(k) + 0.7·z(k-1)` from 0, along the windows."""
    z = np.empty_like(s)
    before = np.zeros(len(s))
    for place in range(s.shape[1]):
        before = (1 - MEMORY) * s[:, place] + MEMORY * before
        z[:, place] = before
    return z


def _lines(z_drawn: Floats, places: Sequence[int], total: int) -> list[float | None]:
    """The alarm line of each delivering window: `c·sd(z*)`; None where there is none."""
    spread = z_drawn.std(axis=0)
    lined = [number for number in range(len(places)) if number >= UNLINED and spread[number] > STILL]
    recent = [number for number in lined if places[number] >= total - SHOWN]
    if not recent:
        return [None] * len(places)
    c = float(np.percentile((z_drawn[:, recent] / spread[recent]).max(axis=1), 95))
    return [c * float(spread[number]) if number in lined else None for number in range(len(places))]


def _sustained(windows: Sequence[TrendWindow]) -> str | None:
    since = None
    for window in reversed(windows):
        if window.index is None:
            continue
        if window.line is None or window.z <= window.line:
            break
        since = window.label
    return since
