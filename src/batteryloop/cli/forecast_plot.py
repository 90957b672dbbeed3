"""The plot of a forecast as SVG: measured dots, the model dashed beyond now, its band around it."""

from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure

from batteryloop.cli.plots import ACCENT, FAINT, STYLE, WARM, drawing, saved
from batteryloop.health.lifetime.types import Forecast

# How far below the threshold the drawing reaches; a band that falls to nought hides the rest.
_BELOW_PERCENT = 20.0


def write_forecast(ahead: Forecast, folder: Path) -> Path | None:
    """Write the forecast's plot if there is one; return its path."""
    figure = forecast_figure(ahead)
    return None if figure is None else saved(figure, folder, ahead.battery_id, "forecast")


def forecast_figure(ahead: Forecast) -> Figure | None:
    """Return state of health over full cycles, or None where nothing could be told."""
    path = ahead.path
    if path.is_empty():
        return None
    sure = round(100 * ahead.confidence_frac)
    with mpl.rc_context(rc=STYLE):
        title = f"state of health ahead, {sure} % interval"
        figure, axes = drawing(ahead.battery_id, title, is_simulated=ahead.is_simulated)
        ages = path["age_efc"].to_numpy()
        low, middle, high = (
            path[name].to_numpy() * 100 for name in ("soh_low_frac", "soh_frac", "soh_high_frac")
        )
        axes.fill_between(ages, low, high, color=ACCENT, alpha=0.15, lw=0)
        axes.plot(ages, middle, color=ACCENT, lw=1.4, ls="--", label="forecast")
        seen = ahead.history
        measured = seen["soh_frac"].to_numpy() * 100
        axes.plot(seen["age_efc"].to_numpy(), measured, "o", ms=3, color=ACCENT, label="measured")
        threshold = 100 * ahead.threshold_frac
        axes.axhline(threshold, color=FAINT, lw=1, ls=":")
        axes.axvline(ages[0], color=FAINT, lw=0.8)
        axes.annotate(
            "now",
            (ages[0], 1),
            xycoords=("data", "axes fraction"),
            xytext=(3, -10),
            textcoords="offset points",
            fontsize=8,
            color=FAINT,
        )
        life = ahead.end_of_life_efc
        if life.low is not None and life.high is not None:
            axes.plot([life.low, life.high], [threshold] * 2, color=WARM, lw=2, label="end of life")
            axes.plot([life.value], [threshold], "D", ms=5, color=WARM)
        axes.set_xlim(0, ages[-1])
        axes.set_ylim(bottom=max(min(float(measured.min()), threshold) - _BELOW_PERCENT, 0.0))
        axes.legend(frameon=False, fontsize=8, loc="lower left")
        axes.set_xlabel("equivalent full cycles")
        axes.set_ylabel("state of health [%]")
    return figure
