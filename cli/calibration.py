"""A calibration as a table for people."""

from __future__ import annotations

from collections.abc import Mapping
from math import sqrt

from rich.console import Console
from rich.table import Table

from reports.calibration import CalibrationData

VERDICTS = {
    "on_plan": "on plan",
    "no_signal": "no signal",
    "drifting": "drifting",
    "off_plan": "off plan",
    "not_enough_data": "not enough data",
}


def show(console: Console, found: CalibrationData) -> None:
    """Print what was drawn from, the table by horizon, and how to read it."""
    console.print(
        f"Quarters of 13 weekly reports: {found['runs']:,}, drawn from the {found['epics']:,} epics and "
        f"{found['singles']:,} single items of 26 weeks ({found['items']:,} items); what each serves is drawn from "
        f"the plan, and {found['unaligned']:.0%} of the work serves nothing.",
        markup=False,
    )
    table = Table(box=None, pad_edge=False)
    table.add_column("horizon in weeks")
    for horizon in found["horizons"]:
        own = " (yours)" if horizon["windows"] == found["horizon"] else ""
        table.add_column(f"{horizon['windows']}{own}", justify="right")
    shown = found["horizons"]
    table.add_row(
        "independent pieces of work (n_eff)", *(f"{one['clusters']:.0f} ({one['n_eff']:.0f})" for one in shown)
    )
    for verdict, words in VERDICTS.items():
        if any(one["verdicts"].get(verdict) for one in shown):
            table.add_row(f"weeks that are {words}", *(_share(one["verdicts"], verdict) for one in shown))
    for code in shown[0]["quarters"]:
        table.add_row(f"quarters with {code} by chance", *(_share(one["quarters"], code) for one in shown))
    smallest = ["over 60%" if one["least_seen"] is None else f"{one['least_seen']:.0%}" for one in shown]
    table.add_row("smallest shift seen 4 times in 5", *smallest)
    console.print(table)
    console.print(
        f"A05 by chance: {found['sustained']:.0%} of the quarters, whatever the horizon. "
        f"With {found['runs']:,} quarters a share of 5% is sure to about {2 * sqrt(0.05 * 0.95 / found['runs']):.0%}.",
        markup=False,
    )


def _share(shares: Mapping[str, float], name: str) -> str:
    return f"{shares.get(name, 0.0):.0%}"
