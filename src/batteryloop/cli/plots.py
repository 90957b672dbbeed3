"""Plots of a health report as SVG: measured points are dots, estimates carry their interval."""

import re
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import polars as pl
from matplotlib.figure import Figure

from batteryloop.health import HealthReport

INK, FAINT, ACCENT, WARM = "#1b1f24", "#8a929c", "#2f6db5", "#b87a2a"
STYLE: Any = {
    "svg.fonttype": "none",
    "svg.hashsalt": "batteryloop",
    "font.family": "sans-serif",
    "font.size": 10,
    "axes.edgecolor": FAINT,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "date.converter": "concise",
    "grid.color": "#e6e8eb",
    "text.color": INK,
    "xtick.color": FAINT,
    "ytick.color": FAINT,
}
MOST_CURVES = 12


def write_plots(report: HealthReport, folder: Path) -> list[Path]:
    """Write the plots that the report has data for; return their paths.

    Capacity over cycles with its interval, voltage over charge taken, resistance over state of
    charge or time.
    """
    figures = {
        "capacity": capacity_figure(report),
        "voltage": voltage_figure(report),
        "resistance": resistance_figure(report),
    }
    return [
        saved(figure, folder, report.identity.battery_id, name)
        for name, figure in figures.items()
        if figure is not None
    ]


def saved(figure: Figure, folder: Path, battery_id: str, name: str) -> Path:
    """Write a figure as SVG, the folder made if need be; return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    stem = re.sub(r"[^A-Za-z0-9._-]+", "_", battery_id)
    path = folder / f"{stem}-{name}.svg"
    with mpl.rc_context(rc=STYLE):
        figure.savefig(path, metadata={"Date": None})
    return path


def _figure(report: HealthReport, title: str) -> tuple[Figure, Any]:
    return drawing(report.identity.battery_id, title, is_simulated=report.is_simulated)


def drawing(battery_id: str, title: str, *, is_simulated: bool) -> tuple[Figure, Any]:
    """Return an empty figure that says whose it is, and its axes; call it within `STYLE`."""
    figure = Figure(figsize=(7.2, 3.8), layout="constrained")
    axes = figure.add_subplot()
    mark = "   SIMULATED" if is_simulated else ""
    axes.set_title(f"{battery_id} · {title}{mark}", loc="left", fontsize=10)
    if is_simulated:
        figure.patches.append(
            mpl.patches.Rectangle(
                (0, 0),
                0.008,
                1,
                transform=figure.transFigure,
                hatch="////",
                facecolor="none",
                edgecolor=FAINT,
                linewidth=0,
            )
        )
    return figure, axes


def capacity_figure(report: HealthReport) -> Figure | None:
    """Return capacity over cycles: dots measured, bars and band the interval."""
    history = report.capacity_history.drop_nulls("capacity_ah")
    if history.is_empty():
        return None
    with mpl.rc_context(rc=STYLE):
        sure = round(100 * report.confidence_frac)
        figure, axes = _figure(report, f"capacity, {sure} % interval")
        has_cycles = history.get_column("cycle_count").null_count() == 0
        x = history.get_column("cycle_count" if has_cycles else "time").to_numpy()
        y = history.get_column("capacity_ah").to_numpy()
        low = history.get_column("capacity_low_ah").to_numpy()
        high = history.get_column("capacity_high_ah").to_numpy()
        bars = np.vstack([np.clip(y - low, 0, None), np.clip(high - y, 0, None)])
        axes.errorbar(
            x,
            y,
            yerr=np.nan_to_num(bars),
            fmt="o",
            ms=3,
            color=ACCENT,
            ecolor="#2f6db555",
            elinewidth=1,
        )
        now = report.capacity_ah
        if now.value is not None and now.low is not None and now.high is not None:
            axes.axhspan(now.low, now.high, color=ACCENT, alpha=0.12, lw=0)
            axes.axhline(now.value, color=ACCENT, lw=1)
        rated = report.identity.rated_capacity_ah
        if rated:
            axes.axhline(0.8 * rated, color=FAINT, lw=1, ls="--")
            axes.annotate(
                "80 % of rated",
                (1, 0.8 * rated),
                xycoords=("axes fraction", "data"),
                ha="right",
                va="bottom",
                fontsize=8,
                color=FAINT,
            )
        if has_cycles:
            axes.xaxis.get_major_locator().set_params(integer=True)
        axes.set_xlabel("cycle" if has_cycles else "")
        axes.set_ylabel("capacity [Ah]")
    return figure


def voltage_figure(report: HealthReport) -> Figure | None:
    """Return voltage over charge taken, first discharges pale and last ones dark."""
    curves = report.voltage_curves
    if curves.is_empty():
        return None
    with mpl.rc_context(rc=STYLE):
        figure, axes = _figure(report, "voltage over charge taken")
        names = curves.get_column("cycle_count").unique(maintain_order=True).to_list()
        shown = (
            names
            if len(names) <= MOST_CURVES
            else [names[k] for k in np.linspace(0, len(names) - 1, MOST_CURVES).astype(int)]
        )
        for k, name in enumerate(shown):
            curve = curves.filter(pl.col("cycle_count") == name)
            axes.plot(
                curve["discharged_ah"].to_numpy(),
                curve["voltage_v"].to_numpy(),
                color=ACCENT,
                alpha=0.25 + 0.75 * k / max(len(shown) - 1, 1),
                lw=1.2,
            )
        axes.set_xlabel("charge taken [Ah]")
        axes.set_ylabel("voltage [V]")
    return figure


def resistance_figure(report: HealthReport) -> Figure | None:
    """Return the resistance of each current step, over state of charge where it is known."""
    pulses = report.pulses.drop_nulls("resistance_ohm")
    if pulses.is_empty():
        return None
    with mpl.rc_context(rc=STYLE):
        sure = round(100 * report.confidence_frac)
        figure, axes = _figure(report, f"resistance of current steps, {sure} % interval")
        has_soc = pulses.get_column("soc_frac").null_count() == 0
        x = (pulses["soc_frac"] * 100 if has_soc else pulses["time"]).to_numpy()
        raw_mohm = pulses["resistance_ohm"].to_numpy() * 1e3
        axes.plot(x, raw_mohm, "o", ms=3, mfc="none", mec=FAINT, label="as measured")
        if pulses.get_column("resistance_normal_ohm").null_count() < pulses.height:
            normal_mohm = pulses["resistance_normal_ohm"].to_numpy() * 1e3
            axes.plot(x, normal_mohm, "o", ms=3, color=WARM, label="at 25 °C")
            axes.legend(frameon=False, fontsize=8)
        now = report.resistance_ohm
        if now.value is not None and now.low is not None and now.high is not None:
            axes.axhspan(now.low * 1e3, now.high * 1e3, color=WARM, alpha=0.15, lw=0)
            axes.axhline(now.value * 1e3, color=WARM, lw=1)
        axes.set_xlabel("state of charge [%]" if has_soc else "")
        axes.set_ylabel("resistance [mΩ]")
    return figure
