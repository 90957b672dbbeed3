"""Plots of a deeper report as SVG: dQ/dV over life with its peaks, losses with their intervals."""

from pathlib import Path

import matplotlib as mpl
import numpy as np
import polars as pl
from matplotlib.figure import Figure

from batteryloop.cli.plots import ACCENT, FAINT, STYLE, WARM, drawing, saved
from batteryloop.health.shape import DeeperReport

MOST_CURVES = 12
_MODES = (
    ("lithium_loss_frac", "lithium"),
    ("negative_loss_frac", "negative electrode"),
    ("positive_loss_frac", "positive electrode"),
)


def write_shape_plots(report: DeeperReport, folder: Path) -> list[Path]:
    """Write the plots that the report has data for; return their paths.

    dQ/dV over voltage with its peaks, dV/dQ over charge, losses with intervals, resistance in
    use over time.
    """
    figures = {
        "incremental-capacity": incremental_figure(report),
        "differential-voltage": differential_figure(report),
        "degradation-modes": modes_figure(report),
        "field-resistance": resistance_figure(report),
    }
    return [
        saved(figure, folder, report.identity.battery_id, name)
        for name, figure in figures.items()
        if figure is not None
    ]


def _shown(report: DeeperReport) -> list[tuple[float, pl.DataFrame]]:
    """Return some curves, first and last among them, each with how dark to draw it."""
    names = report.curves.get_column("curve").unique().sort().to_list()
    chosen = np.unique(np.linspace(0, len(names) - 1, MOST_CURVES).round().astype(int))
    return [
        (
            0.25 + 0.75 * k / max(len(names) - 1, 1),
            report.curves.filter(pl.col("curve") == names[k]),
        )
        for k in (chosen.tolist() if names else [])
    ]


def incremental_figure(report: DeeperReport) -> Figure | None:
    """Return dQ/dV over voltage, first curves pale and last ones dark, peaks as dots."""
    if report.curves.is_empty():
        return None
    with mpl.rc_context(rc=STYLE):
        smoothed = f"dQ/dV, {report.conditions}, smoothed by {report.smoothing_v * 1e3:.0f} mV"
        figure, axes = drawing(
            report.identity.battery_id, smoothed, is_simulated=report.is_simulated
        )
        for dark, curve in _shown(report):
            volts = curve["voltage_v"].to_numpy()
            height, sd = curve["charge_per_v_ah"].to_numpy(), curve["charge_per_v_sd_ah"].to_numpy()
            axes.fill_between(volts, height - sd, height + sd, color=ACCENT, alpha=0.12, lw=0)
            axes.plot(volts, height, color=ACCENT, alpha=dark, lw=1.2)
        if not report.peaks.is_empty():
            axes.plot(
                report.peaks["position_v"].to_numpy(),
                report.peaks["height_ah_per_v"].to_numpy(),
                "o",
                ms=2.5,
                color=WARM,
                label="peaks followed",
            )
            axes.legend(frameon=False, fontsize=8)
        axes.set_xlabel("voltage of the mean cell [V]")
        axes.set_ylabel("dQ/dV [Ah/V]")
    return figure


def differential_figure(report: DeeperReport) -> Figure | None:
    """Return dV/dQ over the charge moved, first curves pale and last ones dark."""
    if report.curves.is_empty():
        return None
    with mpl.rc_context(rc=STYLE):
        figure, axes = drawing(
            report.identity.battery_id,
            f"dV/dQ, {report.conditions}",
            is_simulated=report.is_simulated,
        )
        for dark, curve in _shown(report):
            axes.plot(
                curve["charge_ah"].to_numpy(),
                curve["voltage_per_ah_v"].to_numpy(),
                color=ACCENT,
                alpha=dark,
                lw=1.2,
            )
        usual = float(report.curves["voltage_per_ah_v"].median() or 1.0)  # type: ignore[arg-type]
        axes.set_ylim(0, 5 * usual)
        axes.set_xlabel("charge moved [Ah]")
        axes.set_ylabel("dV/dQ [V/Ah]")
    return figure


def modes_figure(report: DeeperReport) -> Figure | None:
    """Return the losses as bars with their intervals; what is not known says so in its place."""
    estimates = [report.estimates[name] for name, _ in _MODES]
    if not any(e.is_known for e in estimates):
        return None
    with mpl.rc_context(rc=STYLE):
        sure = round(100 * report.confidence_frac)
        figure, axes = drawing(
            report.identity.battery_id,
            f"lost since the record began, {sure} % interval",
            is_simulated=report.is_simulated,
        )
        for k, estimate in enumerate(estimates):
            if estimate.value is None or estimate.low is None or estimate.high is None:
                axes.annotate("not known", (0.5, k), color=FAINT, va="center", fontsize=9)
                continue
            value, low, high = (100 * x for x in (estimate.value, estimate.low, estimate.high))
            axes.barh(k, value, height=0.5, color=ACCENT, alpha=0.45, lw=0)
            axes.plot([low, high], [k, k], color=ACCENT, lw=2, solid_capstyle="butt")
            axes.plot([value], [k], "|", color=ACCENT, ms=12, mew=2)
        axes.axvline(0, color=FAINT, lw=1)
        axes.set_yticks(range(len(_MODES)), [words for _, words in _MODES])
        axes.set_ylim(len(_MODES) - 0.5, -0.5)
        axes.grid(axis="y", visible=False)
        axes.set_xlabel("lost [%]")
    return figure


def resistance_figure(report: DeeperReport) -> Figure | None:
    """Return each reading of the resistance in use over time, and where it stands now at 25 °C."""
    readings = report.resistance.readings
    if readings.is_empty():
        return None
    with mpl.rc_context(rc=STYLE):
        sure = round(100 * report.confidence_frac)
        figure, axes = drawing(
            report.identity.battery_id,
            f"resistance in use after 10 s, {sure} % interval",
            is_simulated=report.is_simulated,
        )
        axes.errorbar(
            readings["time"].to_numpy(),
            readings["resistance_10s_ohm"].to_numpy() * 1e3,
            yerr=readings["resistance_10s_sd_ohm"].to_numpy() * 1e3,
            fmt="o",
            ms=3,
            mfc="none",
            color=FAINT,
            elinewidth=0.8,
            label="as used, at any temperature",
        )
        now = report.resistance.resistance_10s_ohm
        if now.value is not None and now.low is not None and now.high is not None:
            axes.axhspan(now.low * 1e3, now.high * 1e3, color=WARM, alpha=0.15, lw=0)
            axes.axhline(now.value * 1e3, color=WARM, lw=1, label="now, at 25 °C and half charge")
        axes.legend(frameon=False, fontsize=8)
        axes.set_ylabel("resistance [mΩ]")
    return figure
